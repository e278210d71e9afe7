"""After a restart, before anything is sent: each open order is asked for by its client order id (S-013).

What the venue answers is heard like any report, so it is journaled and changes the order by its table. No answer makes
the outcome unknown. Nothing here sends an order, whatever the answer is.
"""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from veracity.domain.errors import ExitCode, OperatorFault, VenueFault
from veracity.domain.events import OrderExpiryReported, OutcomeUnknownReported, VenueReport
from veracity.domain.ids import RUN_PREFIX_DIGITS, event_seq
from veracity.domain.machines import RecoveryOn
from veracity.domain.orders import State
from veracity.domain.time import NS_PER_MS
from veracity.runtime.loop import Loop
from veracity.runtime.recovery import Start

ABSENCES: Final = 3
"""Answers "does not exist" that prove, in a row and late enough, that an order never arrived."""
ABSENT_AFTER_NS: Final = 6_000 * NS_PER_MS
"""How long after it was sent an order may still arrive: recvWindow of 5,000 ms plus 1,000 ms."""
EXPIRED_UNSENT: Final = "expired_unsent"

_CAN_BE_LOST: Final = (State.SUBMITTED, State.CANCEL_PENDING)


class OrderQuery(Protocol):
    """Where the fate of an order can be asked for."""

    def listed(self) -> Sequence[str]:
        """Client order ids of all that the venue lists as open or newly done, whoever placed it."""

    def ask(self, order_id: str) -> Sequence[VenueReport] | None:
        """What has become of the order, as reports: empty where the book knows all of it; None where the venue has no
        such order. Raises VenueFault where there is no answer that can be believed."""

    def now_ns(self) -> int:
        """Time of the last answer."""


def settle(loop: Loop, query: OrderQuery, start: Start) -> None:
    """Ask for every open order of the recovered book, oldest first, and hear the answers; then trading may begin.

    Raises OperatorFault (exit code 7) where the venue has an order of this run that the journal does not reach.
    """
    with start.refusing():
        refuse_lost_records(loop.state.run_id, loop.state.seq, query.listed())
        for order_id in sorted(loop.state.orders, key=event_seq):
            _settle(loop, query, order_id)
        start.to(RecoveryOn.ANSWER)


def refuse_lost_records(run_id: str, head: int, listed: Iterable[str]) -> None:
    """An order goes out when its record is durable: one behind the journal's head proves that records were lost since.

    `listed` are client order ids of all that the venue has. Raises OperatorFault (exit code 7).
    """
    run = run_id[:RUN_PREFIX_DIGITS]
    lost = [one for one in sorted(listed) if one.startswith(f"{run}-") and _is_behind(one, head)]
    if lost:
        raise OperatorFault(
            f"the venue has orders of this run that the journal does not know: {', '.join(lost)}",
            why=f"the journal ends with seq {head}, so records that were durable are missing",
            hint="restore the journal from a backup, or cancel these orders by hand and begin a new run",
            exit_code=ExitCode.UNSAFE,
        )


def _is_behind(order_id: str, head: int) -> bool:
    try:
        return event_seq(order_id) > head
    except ValueError:  # it only begins like one of ours: foreign, and touched by nobody
        return False


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
