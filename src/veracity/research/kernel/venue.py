# mypy: disable-error-code="no-any-return"
"""The exchange in a box, compiled: `simulator.exchange`, and when what it reports is known.

The models (latency, slippage, partial fills, queues, fees) are the simulator's own functions.
"""

from typing import Any

from veracity.domain.amounts import fee_ceil
from veracity.domain.time import TS_NEVER
from veracity.research.kernel.books import book
from veracity.research.kernel.native import (
    bar_at,
    costs_at,
    leg_at,
    load,
    order_at,
    store,
    task_at,
    tier_at,
    turnover_at,
)
from veracity.research.kernel.needs import ACKS, DELAYS, LIMITS, TIERS
from veracity.research.kernel.records import (
    ACCEPTED,
    ARRIVE,
    CANCEL,
    CANCEL_REJECTED,
    CANCELLED,
    DONE,
    EXPIRE,
    EXPIRED,
    FILLED,
    FIRST,
    HEARS,
    LAST,
    LATE,
    LATE_HEARS,
    MADE,
    MARKET,
    MATCH,
    NONE,
    NORMAL,
    OWN,
    POST_ONLY,
    REJECTED,
    REST,
    TASK_WIDTH,
    TELL,
    TIERS_MAX,
    TOLD_WIDTH,
)
from veracity.research.kernel.reports import hear, hear_of
from veracity.simulator import fees, passive_fills
from veracity.simulator.costs import FeeTier
from veracity.simulator.partial_fills import fillable
from veracity.simulator.slippage import Execution, arrival_price, execute


def drain(world: Any, until: int) -> int:
    """Do the venue's work up to `until`, and book what it reports."""
    while world.due <= until:
        stopped = work(world)
        if stopped != DONE:
            return stopped
    return DONE


def work(world: Any) -> int:
    """Do the piece that is due next."""
    take_next(world)
    task = task_at(world.told, 0)
    if ACKS and task.kind == TELL:
        return tell(world, task)
    ts, order, intent = task.ts, task.order, task.intent
    slot = slot_of(world, order)
    if ACKS and slot >= 0 and order_at(world.order, slot).gone != 0:
        slot = -1  # the venue is done with it, which is not known yet
    if task.kind == CANCEL:
        end(world, ts, CANCEL_REJECTED if slot < 0 else CANCELLED, slot)
        return DONE
    if slot < 0:
        return DONE  # cancelled in the meantime
    if LIMITS and task.kind == REST:
        return match_resting(world, ts, slot)
    if LIMITS and task.kind == EXPIRE:
        end(world, ts, EXPIRED, slot)
        return DONE
    if task.kind == ARRIVE:
        arrive(world, ts, slot, order, intent)
        return DONE
    here = leg_at(world.leg, order_at(world.order, slot).leg)
    return match(world, ts, slot, row_at(world, here, ts))


def take_next(world: Any) -> None:
    """Take the piece that is due next out of the work, into `told`."""
    number = 0
    for other in range(1, world.tasks):
        if before(task_at(world.task, other), task_at(world.task, number)):
            number = other
    width = TOLD_WIDTH if ACKS else TASK_WIDTH
    move(world.told, 0, world.task, number, width)
    world.tasks -= 1
    if number != world.tasks:
        move(world.task, number, world.task, world.tasks, width)
    world.due = TS_NEVER
    for other in range(world.tasks):
        world.due = min(world.due, task_at(world.task, other).ts)


def end(world: Any, ts: int, what: int, slot: int) -> None:
    """The order of the piece in hand is done at the venue, or was before."""
    task = task_at(world.told, 0)
    if (ACKS or LIMITS) and slot >= 0:
        order_at(world.order, slot).gone = 1
    say(world, ts, what, slot, task.order, task.intent, task.closed)


def arrive(world: Any, ts: int, slot: int, order: int, intent: int) -> None:
    """An order is at the venue: it trades, or waits, or is refused."""
    sent = order_at(world.order, slot)
    if LIMITS and sent.kind != MARKET:
        if not meets(world, ts, slot):
            rest(world, ts, slot)
        elif sent.kind == POST_ONLY:
            end(world, ts, REJECTED, slot)
            return
        else:
            plan(world, ts, MATCH, NORMAL, order, intent)
        ttl = costs_at(world.costs, 0).limit_ttl_ns
        if ttl != 0:
            plan(world, ts + ttl, EXPIRE, NORMAL, order, intent)
    else:
        late = 0
        if DELAYS and sent.after_tape == 0:
            late = costs_at(world.costs, 0).fills_late_bars * leg_at(world.leg, sent.leg).interval_ns
        plan(world, ts + late, MATCH, NORMAL, order, intent)
    say(world, ts, ACCEPTED, slot, order, intent, NONE)


def say(world: Any, ts: int, what: int, slot: int, order: int, intent: int, closed: int) -> None:
    """The venue reports what is no fill: heard at once, or when it is known."""
    if ACKS and costs_at(world.costs, 0).latency_ack_ns != 0:
        piece = world.pieces
        told = task_at(world.task, announce(world, ts, slot, order, intent))
        told.what, told.number, told.closed = what, piece, closed
    else:
        world.ts = max(world.ts, ts)
        hear(world, what, order, intent, closed, world.pieces)


def announce(world: Any, ts: int, slot: int, order: int, intent: int) -> int:
    """Plan to tell a report of `ts` when it is known; reports about one order keep their order. Answers its place."""
    known = ts + costs_at(world.costs, 0).latency_ack_ns
    if slot >= 0:
        one = order_at(world.order, slot)
        one.told = known = max(known + added_delay(world, HEARS), one.told)
    else:
        known += added_delay(world, LATE_HEARS)
    plan(world, known, TELL, FIRST, order, intent)
    return world.tasks - 1


def tell(world: Any, told: Any) -> int:
    """A report is known now."""
    world.ts = max(world.ts, told.ts)
    if told.what != FILLED and told.what != MADE:
        hear(world, told.what, told.order, told.intent, told.closed, told.number)
        return DONE
    executed = Execution(told.price, 0, told.spread, told.impact, told.rounding)
    slot = slot_of(world, told.order)
    return book(world, slot, told.what, told.number, told.qty, executed, told.late, told.fee, told.rate)


def before(one: Any, other: Any) -> bool:
    """Whether a piece of work comes first: by time, then by rank (a cancel last), then by number."""
    if one.ts != other.ts:
        return one.ts < other.ts
    if one.rank != other.rank:
        return one.rank < other.rank
    return one.piece < other.piece


def move(to: int, place: int, source: int, number: int, width: int) -> None:
    """Copy a piece of work from one column of them to another."""
    for word in range(width):
        store(to, TOLD_WIDTH * place + word, load(source, TOLD_WIDTH * number + word))


def plan(world: Any, ts: int, kind: int, rank: int, order: int, intent: int) -> None:
    """Remember a piece of work; the loop has seen to the room."""
    world.pieces += 1
    task = task_at(world.task, world.tasks)
    task.ts, task.rank, task.piece, task.kind = ts, rank, world.pieces, kind
    task.order, task.intent, task.closed = order, intent, NONE
    world.tasks += 1
    world.due = min(world.due, ts)


def slot_of(world: Any, order: int) -> int:
    """Where the open order of that seq is, or -1."""
    for slot in range(world.orders):
        if order_at(world.order, slot).seq == order:
            return slot
    return -1


def added_delay(world: Any, stream: int) -> int:
    """What chance adds to the next message's delay, drawn before the run by the simulator's own model."""
    if world.draw_count == 0:
        return 0
    number = load(world.sent, stream)
    store(world.sent, stream, number + 1)
    return load(world.draws, world.draw_count * stream + number)


def submit(world: Any, slot: int) -> None:
    """Send an order."""
    order = order_at(world.order, slot)
    leave(world, order)
    plan(world, order.arrival, ARRIVE, NORMAL, order.seq, order.intent)


def leave(world: Any, order: Any) -> int:
    """The order is under way: what the market is at, and when it will be there. Answers the row of the bar that is next."""
    here = leg_at(world.leg, order.leg)
    index = row_at(world, here, world.ts)
    order.reference = NONE if index < 0 else bar_at(world.bar, index).open
    order.after_tape = world.tape_over
    order.arrival = world.ts
    if DELAYS:
        order.arrival += costs_at(world.costs, 0).latency_submit_ns + added_delay(world, OWN)
    return index


def trade_at_once(world: Any, slot: int) -> int:
    """`submit`, `arrive` and `match` in one, of an order that is there when it leaves, while the venue has nothing else to do
    and the next fact is the bar that it trades in. Whatever of it has to wait goes the way of all (`work`)."""
    order = order_at(world.order, slot)
    index = leave(world, order)
    world.pieces += 2  # its arrival and its match
    hear_of(world, ACCEPTED, slot, world.pieces)
    return match(world, world.ts, slot, index)


def send_cancel(world: Any, order: Any) -> None:
    """Send a cancel; it never overtakes its own submit."""
    leaves = world.ts + costs_at(world.costs, 0).latency_cancel_ns
    if ACKS and order.gone != 0:
        arrival = leaves + added_delay(world, LATE)
    else:
        arrival = max(leaves + added_delay(world, OWN), order.arrival)
    plan(world, arrival, CANCEL, LAST, order.seq, order.intent)


def row_at(world: Any, here: Any, ts: int) -> int:
    """Row of the first bar of a leg's instrument that is not over at `ts`, or -1 where its tape is.

    Nearly always it is the one behind the last that was told.
    """
    first, count = load(world.first, here.instrument), load(world.bars, here.instrument)
    low, high = max(first, here.row), first + count
    if low + 1 < high and bar_at(world.bar, low).end_ts <= ts < bar_at(world.bar, low + 1).end_ts:
        return low + 1
    while low < high:
        middle = (low + high) >> 1
        if bar_at(world.bar, middle).end_ts <= ts:
            low = middle + 1
        else:
            high = middle
    return low if low < first + count else -1


def match(world: Any, ts: int, slot: int, index: int) -> int:
    """Trade what the bar of `ts`, in that row, lets through as a taker; plan what becomes of the rest."""
    order = order_at(world.order, slot)
    here = leg_at(world.leg, order.leg)
    leaves = order.leaves
    if order.after_tape:
        end = load(world.first, here.instrument) + load(world.bars, here.instrument)
        bar = bar_at(world.bar, end - 1)
        executed = executed_in(world, slot, leaves, bar.close, bar)
        return fill(world, ts, slot, leaves, executed, bar, "taker")
    if index < 0:
        return DONE  # waits for a cancel
    bar = bar_at(world.bar, index)
    if ts < bar.ts:
        plan(world, bar.ts, MATCH, NORMAL, order.seq, order.intent)
        return DONE
    taken = here.taken if here.taken_ts == bar.ts else 0
    qty = fillable(leaves, bar.volume, taken, costs_at(world.costs, 0).participation_max, here.lot)
    base = arrival_price(bar, ts, order.sign)
    if LIMITS and order.kind != MARKET:
        executed = executed_in(world, slot, qty, base, bar)
        if order.sign * (executed.price - order.limit) > 0:
            qty = 0  # with its own impact it would trade beyond its limit
        if qty < leaves:
            rest(world, ts + 1, slot)
    elif qty < leaves:
        plan(world, bar.end_ts, MATCH, NORMAL, order.seq, order.intent)
    if qty == 0:
        return DONE
    return fill(world, ts, slot, qty, executed_in(world, slot, qty, base, bar), bar, "taker")


def executed_in(world: Any, slot: int, qty: int, base: int, bar: Any) -> Execution:
    """What an order that takes `qty` in a bar pays, with what its strategy traded there before."""
    order = order_at(world.order, slot)
    here = leg_at(world.leg, order.leg)
    traded = qty + (here.taken if here.taken_ts == bar.ts else 0)
    return execute(base, order.sign, traded, bar, here.tick, costs_at(world.costs, 0))


def meets(world: Any, ts: int, slot: int) -> bool:
    """Whether the market, with half its spread, is at the limit or better when the order arrives."""
    order = order_at(world.order, slot)
    index = row_at(world, leg_at(world.leg, order.leg), ts)
    if index < 0 or ts < bar_at(world.bar, index).ts:
        return False
    base = arrival_price(bar_at(world.bar, index), ts, order.sign)
    return passive_fills.meets(base, order.limit, order.sign, costs_at(world.costs, 0))


def rest(world: Any, ts: int, slot: int) -> None:
    """Put the order into the book; the bar in which that is, unless it begins then, does nothing for it."""
    order = order_at(world.order, slot)
    index = row_at(world, leg_at(world.leg, order.leg), ts)
    if index < 0:
        return  # waits for a cancel
    bar = bar_at(world.bar, index)
    order.queue = passive_fills.queue_at(bar, costs_at(world.costs, 0))
    wait(world, slot, index if ts <= bar.ts else index + 1)


def wait(world: Any, slot: int, start: int) -> None:
    """Plan the first bar from row `start` on in which the resting order may trade."""
    order, costs = order_at(world.order, slot), costs_at(world.costs, 0)
    here = leg_at(world.leg, order.leg)
    least = 0 if costs.touch_share > 0 else 1
    for index in range(start, load(world.first, here.instrument) + load(world.bars, here.instrument)):
        bar = bar_at(world.bar, index)
        if passive_fills.reached(bar, order.limit, order.sign) >= least and bar.volume > 0:
            order.bar = index
            plan(world, bar.end_ts, REST, FIRST, order.seq, order.intent)
            return


def match_resting(world: Any, ts: int, slot: int) -> int:
    """Trade what the bar that ends at `ts` lets a resting order have, at its limit and never better."""
    order, costs = order_at(world.order, slot), costs_at(world.costs, 0)
    here = leg_at(world.leg, order.leg)
    bar = bar_at(world.bar, order.bar)
    found = passive_fills.turn(bar, order.limit, order.sign, order.queue, here.lot, costs)
    order.queue = found.queue
    taken = here.taken if here.taken_ts == bar.ts else 0
    qty = min(found.qty, fillable(order.leaves, bar.volume, taken, costs.participation_max, here.lot))
    if qty < order.leaves:
        wait(world, slot, order.bar + 1)
    if qty == 0:
        return DONE
    return fill(world, ts, slot, qty, Execution(order.limit, order.limit, 0, 0, 0), bar, "maker")


def fill(world: Any, ts: int, slot: int, qty: int, executed: Execution, bar: Any, liquidity: Any) -> int:
    """Trade `qty`, and report it with its fee; the venue is done with the order where nothing is left."""
    order = order_at(world.order, slot)
    here = leg_at(world.leg, order.leg)
    here.taken_ts, here.taken = bar.ts, qty + (here.taken if here.taken_ts == bar.ts else 0)
    late = executed.base - (executed.base if order.reference == NONE else order.reference)
    fee, rate = commission(world, ts, order.leg, liquidity, executed.price * qty * here.factor)
    world.trades += 1
    order.leaves -= qty
    what = MADE if liquidity == "maker" else FILLED
    if ACKS and costs_at(world.costs, 0).latency_ack_ns != 0:
        if order.leaves == 0:
            order.gone = 1
        told = task_at(world.task, announce(world, ts, slot, order.seq, order.intent))
        told.what, told.number, told.qty, told.price = what, world.trades, qty, executed.price
        told.spread, told.impact, told.rounding = executed.spread, executed.impact, executed.rounding
        told.late, told.fee, told.rate = late, fee, rate
        return DONE
    world.ts = max(world.ts, ts)
    return book(world, slot, what, world.trades, qty, executed, late, fee, rate)


def commission(world: Any, ts: int, leg: int, liquidity: Any, notional: int) -> tuple[int, int]:
    """Fee and rate of a fill, which counts for the tiers of the days to come."""
    costs = costs_at(world.costs, 0)
    if TIERS and tier_at(world.tier, leg).volume_min[TIERS_MAX - 1] != 0:
        tier, turnover = tier_at(world.tier, leg), turnover_at(world.turnover, 0)
        number = fees.tier_at(tier.volume_min, fees.traded_before(turnover, ts))
        fees.note_traded(turnover, ts, notional)
        rate = fees.tiered_rate(liquidity, FeeTier(NONE, 0, tier.maker[number], tier.taker[number]))  # type: ignore[arg-type]
        return fee_ceil(notional, rate), rate
    return fees.commission(notional, liquidity, costs), fees.rate_of(liquidity, costs)
