"""After a restart, before anything is sent: each open order is asked for by its client order id (S-013).

What the venue answers is heard like any report, so it is journaled and changes the order by its table. No answer makes
the outcome unknown. Nothing here sends an order, whatever the answer is.
"""

from collections.abc import Sequence
from typing import Final, Protocol

from veracity.domain.errors import VenueFault
from veracity.domain.events import OrderExpiryReported, OutcomeUnknownReported, VenueReport
from veracity.domain.ids import event_seq
from veracity.domain.orders import State
from veracity.domain.time import NS_PER_MS
from veracity.runtime.loop import Loop

ABSENCES: Final = 3
"""Answers "does not exist" that prove, in a row and late enough, that an order never arrived."""
ABSENT_AFTER_NS: Final = 6_000 * NS_PER_MS
"""How long after it was sent an order may still arrive: recvWindow of 5,000 ms plus 1,000 ms."""
EXPIRED_UNSENT: Final = "expired_unsent"

_CAN_BE_LOST: Final = (State.SUBMITTED, State.CANCEL_PENDING)


class OrderQuery(Protocol):
    """Where the fate of an order can be asked for."""

    def ask(self, order_id: str) -> Sequence[VenueReport] | None:
        """What has become of the order, as reports: empty where the book knows all of it; None where the venue has no
        such order. Raises VenueFault where there is no answer that can be believed."""

    def now_ns(self) -> int:
        """Time of the last answer."""


def settle(loop: Loop, query: OrderQuery) -> None:
    """Ask for every open order of the recovered book, oldest first, and hear the answers."""
    for order_id in sorted(loop.state.orders, key=event_seq):
        _settle(loop, query, order_id)


def _settle(loop: Loop, query: OrderQuery, order_id: str) -> None:
    absences = 0
    while True:
        try:
            answer = query.ask(order_id)
        except VenueFault as fault:
            _lose(loop, query, order_id, str(fault))
            return
        if answer is not None:
            for report in answer:
                loop.hear(report)
            return
        absences += 1
        late = query.now_ns() - loop.state.orders[order_id].submitted_ts >= ABSENT_AFTER_NS
        if absences >= ABSENCES and late:
            detail = f"{EXPIRED_UNSENT}: the venue has no such order"
            loop.hear(OrderExpiryReported(query.now_ns(), order_id, detail))
            return
        if absences >= ABSENCES:
            _lose(loop, query, order_id, "the venue has no such order yet")
            return


def _lose(loop: Loop, query: OrderQuery, order_id: str, why: str) -> None:
    """An order that the venue once acknowledged keeps its state: it is at the venue, whatever that says now."""
    if loop.state.orders[order_id].state in _CAN_BE_LOST:
        loop.hear(OutcomeUnknownReported(query.now_ns(), order_id, why))
