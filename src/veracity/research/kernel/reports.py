"""What the engine makes of the venue's reports (`engine.reports`, `state.order_book`), fills aside. Compiled."""

from typing import Any

from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import load, order_at, store, task_at
from veracity.research.kernel.needs import ACKS
from veracity.research.kernel.records import (
    ACCEPTED,
    CANCEL_REJECTED,
    NONE,
    ORDER_WIDTH,
    REJECTED,
    REPORT_REFUSED,
)
from veracity.state.model import CLOSED_ORDERS_MAX


def hear(world: Any, what: int, order: int, intent: int, closed: int, piece: int) -> None:
    """Book a report that is no fill; `closed` says how many orders were closed when this one was, if it was."""
    slot = -1
    for number in range(world.orders):
        if order_at(world.order, number).seq == order:
            slot = number
    if slot < 0:  # only a refused cancel comes so late; an order that is forgotten is nobody's
        kind = REPORT_REFUSED if world.closes - closed >= CLOSED_ORDERS_MAX else CANCEL_REJECTED
        emit(world, kind, order, intent, NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
        return
    hear_of(world, what, slot, piece)


def hear_of(world: Any, what: int, slot: int, piece: int) -> None:
    """Book a report about an open order that is no fill."""
    one = order_at(world.order, slot)
    if what == CANCEL_REJECTED:
        one.cancelling = 0
    if ACKS:
        if (what in (ACCEPTED, REJECTED)) and one.accepted != 0 and one.cancelling == 0:
            emit(world, REPORT_REFUSED, one.seq, one.intent, what, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
            return  # a refused cancel was known before, which says that it is at the venue
        if what in (ACCEPTED, CANCEL_REJECTED):
            one.accepted = 1
    emit(world, what, one.seq, one.intent, piece, NONE, NONE, NONE, NONE, NONE, NONE, NONE)
    if what != ACCEPTED and what != CANCEL_REJECTED:
        close_order(world, slot)


def close_order(world: Any, slot: int) -> None:
    """An order is done: a cancel that is still on its way finds it among the closed ones."""
    world.closes += 1
    done = order_at(world.order, slot).seq
    for number in range(world.tasks):
        if task_at(world.task, number).order == done:
            task_at(world.task, number).closed = world.closes
    world.orders -= 1
    for number in range(slot, world.orders):
        for word in range(ORDER_WIDTH):
            store(
                world.order, ORDER_WIDTH * number + word, load(world.order, ORDER_WIDTH * (number + 1) + word)
            )
