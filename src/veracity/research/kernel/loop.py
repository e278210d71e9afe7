# mypy: disable-error-code="no-any-return"
"""The loop: facts in order, reports before them, the strategy's turn after them, as in `runtime.loop` and `fast_forward`.

Everything here is compiled (`assembly`), and stays in what Numba knows. It stops with a reason of `records` and can go on
where it was: all that it knows is in the world's records.
"""

from typing import Any

from veracity.domain.amounts import INT64_MAX
from veracity.domain.time import NS_PER_DAY, TS_NEVER
from veracity.research.kernel.borrow import charge_hours, next_hour
from veracity.research.kernel.desk import act, cancel_all, close_all
from veracity.research.kernel.facts import hear_value, room, settle
from veracity.research.kernel.freshness import say_stale, stale_from
from veracity.research.kernel.journal import emit
from veracity.research.kernel.labels import next_label, relabel
from veracity.research.kernel.layout import BLOCK_BYTES
from veracity.research.kernel.liquidation import first_short, liquidate
from veracity.research.kernel.native import (
    account_at,
    ask,
    bar_at,
    fetch,
    leg_at,
    load,
    order_at,
    position_at,
    store,
    world_at,
)
from veracity.research.kernel.needs import AUX, HEDGE, INTEREST, LIQUIDATION, REGIME
from veracity.research.kernel.records import (
    BAD_REASON,
    BAR_BYTES,
    BARS,
    BYTES,
    CHANGE_WIDTH,
    CHECKPOINT,
    DAY,
    DONE,
    FINISHED,
    FORCED_CLOSE,
    GAP,
    GOES_ON,
    MISSES,
    NO_END,
    NONE,
    PAUSED,
    ROLLS,
    RULES_MAX,
    SAMPLES,
    SEGMENT_WIDTH,
    STOP,
    VALUE,
)
from veracity.research.kernel.venue import drain, trade_at_once
from veracity.research.kernel.worth import mark_peak, worth
from veracity.state.model import DENIALS_MAX

END_ROUNDS_MAX = 16
FACTS_A_TURN = (
    4_096  # of each run before the next one's turn: their bars, 64 bytes each, fill half the second cache
)


def run(first: int, count: int) -> int:
    """Go on with so many runs whose blocks lie one behind the other, each to its end or to where more room is needed
    (`world.stopped`).

    All of them go through a stretch of the tape before one goes on to the next, so its bars stay in the processor's cache.
    """
    until, going = 0, count
    while going > 0:
        until += FACTS_A_TURN
        going = 0
        for number in range(count):
            world = world_at(first + BLOCK_BYTES * number, 0)
            if world.stopped == GOES_ON:
                world.stopped = NONE  # so it stays where something raises
                world.stopped = go_on(world, until)
                if world.stopped == GOES_ON:
                    going += 1
    return DONE


def go_on(world: Any, until: int) -> int:
    """Go on with one run up to about the fact of that number; answers why it stopped."""
    if world.phase == 0:
        while world.segment < world.segment_count:
            segment = world.segments + BYTES * SEGMENT_WIDTH * world.segment
            if load(segment, 4) >= until:
                return GOES_ON
            kind = load(segment, 0)
            if kind == BARS:
                stopped = take_bars(world)
            elif kind == VALUE:
                stopped = hear_value(world)
            else:
                stopped = settle(world)
            if stopped != DONE:
                return stopped
            world.segment += 1
            world.at = 0
        world.phase = 1
    return finish(world)


def take_bars(world: Any) -> int:
    """A stretch of one instrument's bars; only on its first one the day may roll or a sample be due."""
    segment = world.segments + BYTES * SEGMENT_WIDTH * world.segment
    number, first, count, bits = load(segment, 1), load(segment, 2), load(segment, 3), load(segment, 6)
    missing = load(segment, 7)
    begin, interval = load(world.first, number) + first, load(world.interval, number)
    turns = number == world.trigger and account_at(world.account, 0).stopped == 0
    last = bar_at(world.bar, begin + count - 1).end_ts
    world.ahead = -1
    while world.at < count:
        stopped = room(world)
        if stopped != DONE:
            return stopped
        at = world.at
        if world.due <= last:
            stopped = drain(world, bar_at(world.bar, begin + at).end_ts)
            if stopped != DONE:
                return stopped
        quiet = quiet_until(world, number, begin, at, count, interval, bits)
        stop = quiet
        if turns:
            look(world, first, at, count)
            stop = min(stop, world.ahead)
        if LIQUIDATION:
            stop = first_short(world, number, begin + at, begin + stop) - begin
        full = stop < count
        if not full:
            stop = count - 1
        stopped = pass_over(world, number, begin + at, begin + stop)
        if stopped != DONE:
            return stopped
        if fold_bar(world, number, begin + stop, bits if stop == 0 else 0, missing):
            full = True
        if turns and full:
            stopped = turn(world, first, stop, count)
            if stopped != DONE:
                return stopped
            turns = account_at(world.account, 0).stopped == 0
        world.at = stop + 1
    return DONE


def quiet_until(world: Any, number: int, begin: int, at: int, count: int, interval: int, bits: int) -> int:
    """The first bar of the stretch from `at` on that may lead to something by itself; `count` where none does."""
    if at == 0 and bits != 0:
        return at
    quiet = min(
        first_due(world, begin, at, count, world.due - interval),
        next_change(world, number, begin + at) - begin,
    )
    if INTEREST:
        quiet = min(quiet, first_due(world, begin, at, count, next_hour(world) - interval))
    if AUX:
        quiet = min(
            quiet, first_due(world, begin, at, count, stale_from(world, number, begin + at) - interval)
        )
    return quiet


def look(world: Any, first: int, start: int, stop: int) -> None:
    """Ask where in start..stop the strategy acts next, unless that is known: it stays so as long as it expects to hold the
    same. The bar that it acts on, and the one that it trades on, are wanted soon."""
    held = expected(world)
    if held != world.asked or world.ahead < start:
        world.asked, world.ahead = held, next_act(world, first, start, stop, held)
        place = world.bar + BAR_BYTES * (load(world.first, world.trigger) + first + world.ahead)
        fetch(place)
        fetch(place + BAR_BYTES)


def turn(world: Any, first: int, index: int, count: int) -> int:
    """The strategy's turn on a bar that is folded."""
    look(world, first, index, count)
    if world.ahead != index:
        return DONE
    if not 0 <= load(world.decision, 1) < world.reasons:
        return BAD_REASON
    stopped = act(world, row_of(world, first + index), 1 if index + 1 < count else 0)
    if stopped == DONE and account_at(world.account, 0).stopped == 0:
        world.ahead = -1  # it may remember something else now
        look(world, first, index + 1, count)
    if world.at_once != 0:  # after the look ahead, whose bars are on their way meanwhile
        world.at_once = 0
        return trade_at_once(world, 0)
    return stopped


def first_due(world: Any, begin: int, at: int, count: int, until: int) -> int:
    """The first bar at or after `at` that opens at or after `until`; `count` where all open before."""
    if load(world.bar_ts, begin + count - 1) < until:
        return count
    low, high = at, count
    while low < high:
        middle = (low + high) >> 1
        if load(world.bar_ts, begin + middle) < until:
            low = middle + 1
        else:
            high = middle
    return low


def row_of(world: Any, index: int) -> int:
    """The feature row of a bar of the triggering instrument, or -1: no turn."""
    if HEDGE and world.rows != 0:
        return load(world.rows, index)
    return index if index >= world.warmup - 1 else -1


def expected(world: Any) -> int:
    """What the leading leg holds when all open orders are filled."""
    held = position_at(world.positions, 0).qty
    for number in range(world.orders):
        order = order_at(world.order, number)
        if order.leg == 0:
            held += order.sign * (order.qty - order.filled)
    return held


def next_act(world: Any, first: int, start: int, stop: int, held: int) -> int:
    """The first bar in start..stop on which the strategy acts as long as it expects to hold that, or `stop`."""
    if HEDGE and world.rows != 0:
        for index in range(start, stop):  # a hedge has its legs looked at on every turn
            row = load(world.rows, first + index)
            if row >= 0:
                ask(world.scan, world.params, world.columns, row, row + 1, held, world.memory, world.decision)
                return index
        return stop
    begin, end = max(first + start, world.warmup - 1), first + stop
    if begin >= end:
        return stop
    return (
        ask(world.scan, world.params, world.columns, begin, end, held, world.memory, world.decision) - first
    )


def fold_bar(world: Any, number: int, index: int, bits: int, missing: int) -> bool:
    """Take one bar: its price and time, and what it leads to by itself; whether the venue closes the account."""
    world.facts += 1
    bar = bar_at(world.bar, index)
    world.ts = bar.end_ts
    for leg in range(world.legs):
        here = leg_at(world.leg, leg)
        if here.instrument == number:
            here.last = bar.close
            here.last_ts = world.ts
            here.row = index
    mark_peak(world, number, index, index + 1)
    if bits & MISSES:
        emit(world, GAP, number, missing, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
    if AUX:
        say_stale(world, number, index)
    if bits & ROLLS:
        for place in range(RULES_MAX * world.legs):
            store(world.refusals, place, min(load(world.refusals, place), DENIALS_MAX - 1))
        world.day = world.ts // NS_PER_DAY
        account = account_at(world.account, 0)
        account.entries = 0
        account.equity_start = worth(world)
        emit(world, DAY, world.day, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
    if REGIME and next_label(world, number) == index:
        relabel(world)
    for leg in range(world.legs):
        here = leg_at(world.leg, leg)
        if here.instrument == number and here.change != 0 and load(here.change, 0) == index:
            here.paused = load(here.change, 1)
            emit(
                world,
                PAUSED,
                leg,
                here.paused,
                load(here.change, 2),
                NONE,
                NONE,
                NONE,
                NONE,
                NONE,
                NONE,
                NONE,
            )
            here.change += BYTES * CHANGE_WIDTH
    if bits & SAMPLES:  # as a report has it: what the bar leads to is of the next row
        store(world.samples, world.sample_count, worth(world))
        world.sample_count += 1
    if INTEREST:
        charge_hours(world)
    return liquidate(world, number, index) if LIQUIDATION else False


def pass_over(world: Any, number: int, first: int, stop: int) -> int:
    """Pass over the bars of these rows, on which nothing happens, and hear what is due before the next one."""
    if first == stop:
        return DONE
    world.facts += stop - first
    mark_peak(world, number, first, stop)
    if INTEREST or LIQUIDATION:
        for leg in range(world.legs):
            if leg_at(world.leg, leg).instrument == number:
                leg_at(world.leg, leg).last = load(world.close, stop - 1)
    return drain(world, bar_at(world.bar, stop).end_ts)


def next_change(world: Any, number: int, row: int) -> int:
    """The first bar of the instrument from `row` on with which a volatility pause of a leg begins or ends, or the
    regime changes."""
    found = next_label(world, number) if REGIME else INT64_MAX
    for leg in range(world.legs):
        here = leg_at(world.leg, leg)
        if here.instrument == number and here.change != 0:
            found = min(found, load(here.change, 0))
    return found


def finish(world: Any) -> int:
    """Cancel, close, stop, as `runtime.loop` and `engine.exits` do."""
    if world.phase == 1:
        stopped = drain(world, world.ts)
        if stopped != DONE:
            return stopped
        world.tape_over = 1
        world.phase = 2
    while world.phase == 2:
        stopped = room(world)
        if stopped != DONE:
            return stopped
        if world.rounds == END_ROUNDS_MAX:
            return NO_END
        world.rounds += 1
        held = False
        for leg in range(world.legs):
            held = held or position_at(world.positions, leg).qty != 0
        if world.orders > 0:
            cancel_all(world)
        elif held and world.close_at_end != 0:
            store(world.decision, 0, 0)
            store(world.decision, 1, FORCED_CLOSE)
            close_all(world)
        else:
            emit(world, STOP, world.halted, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
            emit(world, FINISHED, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
            world.phase = 3
        stopped = drain(world, TS_NEVER - 1)
        if stopped != DONE:
            return stopped
    emit(world, CHECKPOINT, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
    return DONE
