# mypy: disable-error-code="no-any-return"
"""The exchange in a box, compiled: `simulator.exchange` and what the engine makes of its reports, in one step.

The models (latency, slippage, partial fills, fees) and the books are the simulator's and the state's own functions.
"""

from typing import Any

from veracity.domain.time import TS_NEVER
from veracity.research.kernel.books import book
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import bar_at, costs_at, leg_at, load, order_at, task_at
from veracity.research.kernel.records import (
    ACCEPTED,
    ARRIVE,
    CANCEL,
    CANCEL_REJECTED,
    CANCELLED,
    DONE,
    MATCH,
    NONE,
    REPORT_REFUSED,
)
from veracity.simulator.partial_fills import fillable
from veracity.simulator.slippage import arrival_price, execute
from veracity.state.model import CLOSED_ORDERS_MAX


def drain(world: Any, until: int) -> int:
    """Do the venue's work up to `until`, and book what it reports."""
    while world.due <= until:
        stopped = work(world)
        if stopped != DONE:
            return stopped
    return DONE


def work(world: Any) -> int:
    """Do the piece that is due next."""
    number = 0
    for other in range(1, world.tasks):
        if before(task_at(world.task, other), task_at(world.task, number)):
            number = other
    task = task_at(world.task, number)
    ts, kind, order, intent, closed = task.ts, task.kind, task.order, task.intent, task.closed
    world.tasks -= 1
    if number != world.tasks:
        moved = task_at(world.task, world.tasks)
        task.ts, task.rank, task.piece, task.kind = moved.ts, moved.rank, moved.piece, moved.kind
        task.order, task.intent, task.closed = moved.order, moved.intent, moved.closed
    world.due = TS_NEVER
    for other in range(world.tasks):
        world.due = min(world.due, task_at(world.task, other).ts)
    slot = slot_of(world, order)
    if kind == CANCEL:
        world.ts = max(world.ts, ts)
        cancel_at_venue(world, slot, order, intent, closed)
        return DONE
    if slot < 0:
        return DONE  # cancelled in the meantime
    if kind == ARRIVE:
        sent = order_at(world.order, slot)
        late = 0
        if sent.after_tape == 0:
            late = costs_at(world.costs, 0).fills_late_bars * leg_at(world.leg, sent.leg).interval_ns
        plan(world, ts + late, MATCH, order, intent)
        world.ts = max(world.ts, ts)
        emit(world, ACCEPTED, order, intent, world.pieces, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
        return DONE
    return match(world, ts, slot)


def before(one: Any, other: Any) -> bool:
    """Whether a piece of work comes first: by time, then by rank (a cancel last), then by number."""
    if one.ts != other.ts:
        return one.ts < other.ts
    if one.rank != other.rank:
        return one.rank < other.rank
    return one.piece < other.piece


def plan(world: Any, ts: int, kind: int, order: int, intent: int) -> None:
    """Remember a piece of work; the loop has seen to the room."""
    world.pieces += 1
    task = task_at(world.task, world.tasks)
    task.ts, task.rank, task.piece, task.kind = ts, 1 if kind == CANCEL else 0, world.pieces, kind
    task.order, task.intent, task.closed = order, intent, NONE
    world.tasks += 1
    world.due = min(world.due, ts)


def slot_of(world: Any, order: int) -> int:
    """Where the open order of that seq is, or -1."""
    for slot in range(world.orders):
        if order_at(world.order, slot).seq == order:
            return slot
    return -1


def added_delay(world: Any) -> int:
    """What chance adds to the next message's delay, drawn before the run by the simulator's own model."""
    if world.draw_count == 0:
        return 0
    world.messages += 1
    return load(world.draws, world.messages - 1)


def submit(world: Any, slot: int) -> None:
    """Send an order."""
    order = order_at(world.order, slot)
    here = leg_at(world.leg, order.leg)
    index = row_at(world, here, world.ts)
    order.reference = NONE if index < 0 else bar_at(world.bar, index).open
    order.after_tape = world.tape_over
    order.arrival = world.ts + costs_at(world.costs, 0).latency_submit_ns + added_delay(world)
    plan(world, order.arrival, ARRIVE, order.seq, order.intent)


def send_cancel(world: Any, order: Any) -> None:
    """Send a cancel; it never overtakes its own submit."""
    arrival = world.ts + costs_at(world.costs, 0).latency_cancel_ns + added_delay(world)
    plan(world, max(arrival, order.arrival), CANCEL, order.seq, order.intent)


def cancel_at_venue(world: Any, slot: int, order: int, intent: int, closed: int) -> None:
    """A cancel arrives: the order is gone, or was done before; an order that is forgotten is nobody's."""
    if slot >= 0:
        emit(world, CANCELLED, order, intent, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
        close_order(world, slot)
    elif world.closes - closed >= CLOSED_ORDERS_MAX:
        emit(world, REPORT_REFUSED, order, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
    else:
        emit(world, CANCEL_REJECTED, order, intent, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)


def close_order(world: Any, slot: int) -> None:
    """An order is done: a cancel that is still on its way finds it among the closed ones."""
    world.closes += 1
    done = order_at(world.order, slot).seq
    for number in range(world.tasks):
        if task_at(world.task, number).order == done:
            task_at(world.task, number).closed = world.closes
    world.orders -= 1
    for number in range(slot, world.orders):
        one, after = order_at(world.order, number), order_at(world.order, number + 1)
        one.seq, one.intent, one.leg, one.sign = after.seq, after.intent, after.leg, after.sign
        one.qty, one.filled, one.purpose = after.qty, after.filled, after.purpose
        one.cancelling, one.reference, one.after_tape = after.cancelling, after.reference, after.after_tape
        one.arrival, one.decided = after.arrival, after.decided


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


def match(world: Any, ts: int, slot: int) -> int:
    """Trade what the bar of `ts` lets through; plan the next bar for what is left."""
    order = order_at(world.order, slot)
    here = leg_at(world.leg, order.leg)
    leaves = order.qty - order.filled
    if order.after_tape:
        end = load(world.first, here.instrument) + load(world.bars, here.instrument)
        bar = bar_at(world.bar, end - 1)
        return fill(world, ts, slot, leaves, bar.close, bar)
    index = row_at(world, here, ts)
    if index < 0:
        return DONE  # waits for a cancel
    bar = bar_at(world.bar, index)
    if ts < bar.ts:
        plan(world, bar.ts, MATCH, order.seq, order.intent)
        return DONE
    taken = here.taken if here.taken_ts == bar.ts else 0
    qty = fillable(leaves, bar.volume, taken, costs_at(world.costs, 0).participation_max, here.lot)
    if qty < leaves:
        plan(world, bar.end_ts, MATCH, order.seq, order.intent)
    if qty == 0:
        return DONE
    return fill(world, ts, slot, qty, arrival_price(bar, ts, order.sign), bar)


def fill(world: Any, ts: int, slot: int, qty: int, base: int, bar: Any) -> int:
    """Trade `qty` and book it; the order is done where nothing is left."""
    order = order_at(world.order, slot)
    here = leg_at(world.leg, order.leg)
    traded = qty + (here.taken if here.taken_ts == bar.ts else 0)
    here.taken_ts, here.taken = bar.ts, traded
    executed = execute(base, order.sign, traded, bar, here.tick, costs_at(world.costs, 0))
    world.ts = max(world.ts, ts)
    reference = base if order.reference == NONE else order.reference
    stopped = book(world, order, qty, executed, base - reference)
    if order.filled == order.qty:
        close_order(world, slot)
    return stopped
