# mypy: disable-error-code="no-any-return"
"""From a decision to orders: `engine.decisions`, `engine.gate` and `engine.ruin` in numbers. Compiled.

A step is judged on the state before it: what it sends is staged, and joins the open orders when the step is done.
"""

from typing import Any

from veracity.domain.amounts import rate_floor
from veracity.engine.decisions import limit_beside
from veracity.research.kernel.gate import judge, remember_time, view_of
from veracity.research.kernel.journal import emit, next_seq, rewind
from veracity.research.kernel.native import (
    account_at,
    leg_at,
    limits_at,
    load,
    order_at,
    position_at,
    staged_at,
    store,
)
from veracity.research.kernel.needs import ACKS, CLOSES, DELAYS, HEDGE, LIMITS, REHEARSES, SLIPS
from veracity.research.kernel.records import (
    CANCEL_REQUESTED,
    CLOSE,
    DEMANDED,
    DENIED,
    DONE,
    FORCED_CLOSE,
    INCREASE,
    INTENT,
    MARKET,
    MEMO,
    MODE_RULE,
    NONE,
    OF_RULE,
    OPEN,
    REDUCE,
    REHEARSED,
    RULES_MAX,
    SAID,
    STOPPED,
    SUBMITTED,
    TOO_LARGE,
)
from veracity.research.kernel.venue import send_cancel, submit
from veracity.state.model import DENIALS_MAX


def act(world: Any, row: int, follows: int) -> int:
    """What the strategy's decision leads to; `follows` says whether the next fact is the next bar of the same stretch."""
    new = False
    for number in range(world.memo):
        if load(world.memory, number) != load(world.decision, 2 + number):
            new = True
        store(world.memory, number, load(world.decision, 2 + number))
    if new:
        emit(
            world,
            MEMO,
            load(world.memory, 0),
            load(world.memory, 1),
            load(world.memory, 2),
            load(world.memory, 3),
            load(world.memory, 4),
            load(world.memory, 5),
            load(world.memory, 6),
            load(world.memory, 7),
            NONE,
            NONE,
        )
    world.refused = 0
    stopped = pursue(world, row)
    if world.refused != 0:
        stop_if_ruined(world)
    send(world, follows)
    return stopped


def close_all(world: Any) -> int:
    """Close every position, each leg by itself; nothing works any more."""
    world.staged = 0
    for leg in range(world.legs):
        held = position_at(world.positions, leg).qty
        if held != 0:
            intend(world, leg, -held, CLOSE, 0, -1, FORCED_CLOSE)
            if world.legs > 1:
                settle_alone(world)
    send(world, 0)
    return DONE


def cancel_all(world: Any) -> None:
    """Ask to cancel every open order, oldest first; the reason is that the data ended."""
    for slot in range(world.orders):
        cancel(world, slot, NONE)


def pursue(world: Any, row: int) -> int:
    """Stage what brings every leg to its share of the target."""
    world.staged = 0
    due = 0  # legs with something to trade, one bit each
    for leg in range(world.legs):
        held = position_at(world.positions, leg).qty
        wanted = load(world.decision, 0) * leg_at(world.leg, leg).weight
        if abs(wanted) > world.qty_max:
            return TOO_LARGE
        working, open_orders = 0, 0
        for slot in range(world.orders):
            order = order_at(world.order, slot)
            if order.leg == leg:
                working += order.sign * (order.qty - order.filled)
                open_orders += 1
        if held + working == wanted:
            continue
        if open_orders > 0:
            make_way(world, leg, held, wanted)
        else:
            due |= 1 << leg
    for leg in range(world.legs):  # behind every cancel, as the engine says them
        if due & (1 << leg):
            wanted = load(world.decision, 0) * leg_at(world.leg, leg).weight
            wish(world, leg, position_at(world.positions, leg).qty, wanted, row)
    if HEDGE and world.legs > 1 and world.staged > 0:
        settle_together(world)
    return DONE


def make_way(world: Any, leg: int, held: int, wanted: int) -> None:
    """Cancel what works on a leg, unless it is a close that a rule insists on."""
    if CLOSES and forced_out(world, leg, held, wanted):
        return
    for slot in range(world.orders):
        if order_at(world.order, slot).leg == leg:
            cancel(world, slot, load(world.decision, 1))


def wish(world: Any, leg: int, held: int, wanted: int, row: int) -> None:
    """Stage the trades from a position of `held` to `wanted`, which differ (`engine.decisions.wishes`)."""
    reason = load(world.decision, 1)
    delta, purpose = wanted - held, OPEN
    if held != 0 and (wanted == 0 or (held > 0) != (wanted > 0)):
        delta, purpose = -held, CLOSE
    elif held != 0:
        purpose = INCREASE if abs(wanted) > abs(held) else REDUCE
    intend(world, leg, delta, purpose, wanted, row, reason)
    if purpose == CLOSE and wanted != 0:
        intend(world, leg, wanted, OPEN, wanted, row, reason)


def intend(world: Any, leg: int, delta: int, purpose: int, target: int, row: int, reason: int) -> None:
    """Stage the intent to trade `delta`; on one leg it is judged at once."""
    put(world, leg, delta, purpose, target, row, reason)
    if world.legs == 1:
        settle_alone(world)


def put(world: Any, leg: int, delta: int, purpose: int, target: int, row: int, reason: int) -> None:
    """Say the intent, and stage it."""
    staged = staged_at(world.stage, world.staged)
    staged.intent = next_seq(world)
    staged.leg, staged.sign, staged.qty, staged.purpose = leg, 1 if delta > 0 else -1, abs(delta), purpose
    kind, limit = MARKET, NONE
    if LIMITS and reason >= 0:
        last = leg_at(world.leg, leg).last
        kind = world.entry if purpose in (OPEN, INCREASE) else world.leave
        if last == NONE:
            kind = MARKET  # without a price nobody can name a limit
        elif kind != MARKET:
            limit = limit_beside(last, staged.sign, leg_at(world.leg, leg).tick, world.offset_ticks)
    if LIMITS:
        staged.kind, staged.limit = kind, limit
    emit(world, INTENT, leg, delta, purpose, target, reason, row, kind, limit, NONE, NONE)
    if CLOSES:
        staged.row = row
    if REHEARSES:
        staged.rehearsed = 0
    world.staged += 1


def judge_staged(world: Any, number: int) -> None:
    """Judge a staged intent: the quantity that passes (-1: none), and the rule that refused or clamped it."""
    staged = staged_at(world.stage, number)
    if SLIPS and world.halted != 0 and staged.purpose != CLOSE:
        staged.allowed, staged.rule = -1, MODE_RULE
    elif staged.purpose == OPEN or staged.purpose == INCREASE:
        view = view_of(world, staged, number if world.legs > 1 else 0)
        sent = load(world.times, 0)
        for _ in range(view.entries_today - account_at(world.account, 0).entries):  # approved in this step
            remember_time(world)
        limit = staged.limit if LIMITS else NONE
        allowed, rule, rehearsed = judge(staged.leg, staged.qty, limit, 0, view, limits_at(world.limits, 0))
        staged.allowed, staged.rule = allowed, rule
        if REHEARSES:
            staged.rehearsed = rehearsed
        store(world.times, 0, sent)
    else:
        staged.allowed, staged.rule = staged.qty, NONE  # leaving needs no permission
    if CLOSES:
        staged.own, staged.own_rule = staged.allowed, staged.rule


def settle_alone(world: Any) -> None:
    """Judge the intent that was staged last, and say it, unless its refusal was said often enough."""
    number = world.staged - 1
    judge_staged(world, number)
    if was_said(world, number):
        rewind(world, staged_at(world.stage, number).intent)
        staged_at(world.stage, number).allowed = SAID
    else:
        settle(world, number)
        if CLOSES:
            close_where_demanded(world, number)


def was_said(world: Any, number: int) -> bool:
    """Whether a refusal lasts for so long that another record of it would say nothing."""
    staged = staged_at(world.stage, number)
    if staged.allowed >= 0:
        return False
    if CLOSES and staged.allowed == DEMANDED and position_at(world.positions, staged.leg).qty != 0:
        return False  # what it demands is not done yet
    return load(world.refusals, RULES_MAX * staged.leg + staged.rule) >= DENIALS_MAX


def settle_together(world: Any) -> None:
    """The legs of a hedge pass whole, or none that opens passes."""
    for number in range(world.staged):
        judge_staged(world, number)
    broken, verdict = NONE, -1
    for number in range(world.staged):
        staged = staged_at(world.stage, number)
        if broken == NONE and (staged.purpose == OPEN or staged.purpose == INCREASE):
            broken, verdict = staged.rule, min(staged.allowed, -1)
    for number in range(world.staged):
        staged = staged_at(world.stage, number)
        if broken != NONE and (staged.purpose == OPEN or staged.purpose == INCREASE):
            staged.allowed, staged.rule = verdict, broken
    said = True
    for number in range(world.staged):
        said = said and was_said(world, number)
    if said:
        rewind(world, staged_at(world.stage, 0).intent)
        world.staged = 0
    count = world.staged
    for number in range(count):
        settle(world, number)
    if CLOSES:
        for number in range(count):
            close_where_demanded(world, number)


def close_where_demanded(world: Any, number: int) -> None:
    """Close what is held where the rule that refused an intent demands it: once in a step (`engine.decisions`)."""
    staged = staged_at(world.stage, number)
    held = position_at(world.positions, staged.leg).qty
    if staged.own != DEMANDED or held == 0:
        return
    for other in range(world.staged):
        beside = staged_at(world.stage, other)
        if beside.leg == staged.leg and beside.purpose == CLOSE and beside.allowed > 0:
            return
    put(world, staged.leg, -held, CLOSE, 0, staged.row, OF_RULE - staged.own_rule)
    judge_staged(world, world.staged - 1)
    settle(world, world.staged - 1)


def forced_out(world: Any, leg: int, held: int, wanted: int) -> bool:
    """Whether a close works that a rule demands, and all that the strategy wants is to hold more (`engine.decisions`)."""
    more = wanted - held if (held > 0) == (wanted > 0) else wanted
    if held == 0 or wanted == 0 or more == 0 or (more > 0) != (wanted > 0):
        return False
    for slot in range(world.orders):
        order = order_at(world.order, slot)
        if order.leg == leg and order.purpose != CLOSE:
            return False
    asked = staged_at(world.stage, world.staged)  # behind those that are staged
    asked.leg, asked.sign = leg, 1 if more > 0 else -1
    view = view_of(world, asked, 0)
    return judge(leg, abs(more), NONE, 1, view, limits_at(world.limits, 0))[0] == DEMANDED


def settle(world: Any, number: int) -> None:
    """Say what became of a staged intent."""
    staged = staged_at(world.stage, number)
    intent, leg = staged.intent, staged.leg
    if REHEARSES:
        for rule in range(RULES_MAX):
            if (staged.rehearsed >> rule) & 1:
                emit(world, REHEARSED, intent, leg, rule, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
    if staged.allowed < 0:
        emit(world, DENIED, staged.intent, staged.leg, staged.rule, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
        world.refused = 1
        return
    world.refused = 0
    staged.seq = emit(
        world,
        SUBMITTED,
        staged.intent,
        staged.leg,
        staged.sign * staged.allowed,
        staged.purpose,
        staged.rule,
        staged.kind if LIMITS else MARKET,
        staged.limit if LIMITS else NONE,
        NONE,
        NONE,
        NONE,
    )


def cancel(world: Any, slot: int, reason: int) -> None:
    """Ask to cancel an open order, unless that was asked before. The message leaves at once: no order of the same step
    leaves before a cancel."""
    order = order_at(world.order, slot)
    if order.cancelling == 0:
        emit(
            world, CANCEL_REQUESTED, order.seq, order.intent, reason, NONE, NONE, NONE, NONE, NONE, NONE, NONE
        )
        order.cancelling = 1
        world.refused = 0
        send_cancel(world, order)


def send(world: Any, follows: int) -> None:
    """Send the staged orders that passed, and count the refusals, as `apply` does with the step's events; `follows` says
    whether the next fact is the next bar of the same stretch. One that is to trade `at_once` is left to the loop."""
    if not (DELAYS or ACKS or LIMITS or HEDGE) and follows != 0 and is_alone(world):
        launch(world, 0, 0)
        world.at_once = 1
        return
    for number in range(world.staged):
        staged = staged_at(world.stage, number)
        if staged.allowed > 0:
            slot = world.orders
            launch(world, number, slot)
            submit(world, slot)
        elif staged.allowed != SAID:
            place = RULES_MAX * staged.leg + staged.rule
            store(world.refusals, place, load(world.refusals, place) + 1)
            leg_at(world.leg, staged.leg).refused = 1


def is_alone(world: Any) -> bool:
    """Whether one order is all that is sent, and all that the venue will have to do."""
    if world.staged != 1 or world.orders != 0 or world.tasks != 0:
        return False
    return staged_at(world.stage, 0).allowed > 0


def launch(world: Any, number: int, slot: int) -> None:
    """A staged intent that passed is an order now."""
    staged, order = staged_at(world.stage, number), order_at(world.order, slot)
    order.seq, order.intent, order.leg, order.sign = staged.seq, staged.intent, staged.leg, staged.sign
    order.qty, order.filled, order.purpose = staged.allowed, 0, staged.purpose
    order.leaves, order.cancelling, order.decided = staged.allowed, 0, leg_at(world.leg, order.leg).last
    if ACKS or LIMITS:
        order.gone = order.told = order.accepted = 0
    if LIMITS:
        order.kind, order.limit = staged.kind, staged.limit
    world.orders += 1
    if order.purpose == OPEN or order.purpose == INCREASE:
        account_at(world.account, 0).entries += 1
        remember_time(world)
    forget_refusals(world, order.leg)


def forget_refusals(world: Any, leg: int) -> None:
    """An order of this leg was sent, so its refusals are counted from none again."""
    if leg_at(world.leg, leg).refused != 0:
        for rule in range(RULES_MAX):
            store(world.refusals, RULES_MAX * leg + rule, 0)
        leg_at(world.leg, leg).refused = 0


def stop_if_ruined(world: Any) -> None:
    """A flat account that cannot pay for the smallest order is asked no more."""
    if limits_at(world.limits, 0).leverage_max == NONE or world.orders > 0:
        return
    for leg in range(world.legs):
        if position_at(world.positions, leg).qty != 0:
            return
    room = rate_floor(account_at(world.account, 0).cash, limits_at(world.limits, 0).leverage_max)
    for leg in range(world.legs):
        here = leg_at(world.leg, leg)
        if here.last != NONE:
            least = max(here.last * here.lot * here.factor, here.notional_min)
            if room < least:
                account_at(world.account, 0).stopped = 1
                emit(world, STOPPED, leg, room, least, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
                return
