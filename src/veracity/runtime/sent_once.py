"""A venue that outlives the process that trades on it: what a journal has already is asked for by its id, never sent again.

Behind a restart the engine takes the last fact once more, and asks again for the effects that it led to. An order among them
may have left before the kill or not. The venue knows: where it has the order there is nothing to do; where it says that there
is none, the order is unknown at first, and `expired_unsent` when it can no longer come (S-013). What was told and not
journaled is told again. Nothing here decides by time of arrival, so the run that goes on is as deterministic as the venue.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    CancelRejected,
    CancelRequested,
    Event,
    OrderAccepted,
    OrderExpired,
    OrderExpiryReported,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderSubmitted,
    OutcomeUnknownReported,
    VenueReport,
)
from veracity.engine.effects import CancelOrder, Effect, SubmitOrder
from veracity.runtime.loop import Venue
from veracity.runtime.resume import REPORTED
from veracity.runtime.settle import ABSENCES, ABSENT_AFTER_NS, EXPIRED_UNSENT, refuse_lost_records
from veracity.state.model import EngineState

ABSENT: Final = "the venue has no such order"


class LastingVenue(Venue, Protocol):
    """A venue that knows what came before this process."""

    def hear_from(self, heard: int, sent: int) -> None:
        """Go on behind the first `heard` reports that it told and the first `sent` messages that it took."""

    def has_message(self) -> None:
        """Know of one message more that it took from a process before: what that led to can be told."""

    def order_ids(self) -> Sequence[str]:
        """Client order ids of all that ever came."""

    def standing(self, order_id: str) -> tuple[bool, int]:
        """Whether the order ever came, and how often its cancel did."""


class Journaled:
    """The one account of what was sent to the venue and heard from it: before the place where the run goes on for certain,
    behind it maybe."""

    def __init__(self) -> None:
        self.heard = 0  # reports of the venue
        self.orders: list[str] = []
        self.reported: set[str] = set()  # orders that it reported on, so it has them
        self.cancels: Counter[str] = Counter()  # asked for, of each order
        self._in_doubt: Counter[tuple[type[Event], str]] = Counter()

    def take(self, event: Event) -> None:
        """Hear of the next record before the place where the run goes on."""
        if isinstance(event, OrderSubmitted):
            self.orders.append(event.order_id)
        elif isinstance(event, CancelRequested):
            self.cancels[event.order_id] += 1
        elif isinstance(event, REPORTED) and not _is_ours(event):
            self.heard += 1
            if isinstance(event, OrderAccepted | OrderFilled | CancelRejected):
                self.reported.add(event.order_id)

    def doubt(self, event: Event) -> None:
        """Hear of a record that the engine will take once more: what it led to may have left or not."""
        if isinstance(event, OrderSubmitted | CancelRequested):
            self._in_doubt[type(event), event.order_id] += 1

    def was_in_doubt(self, kind: type[OrderSubmitted | CancelRequested], order_id: str) -> bool:
        """Whether a record of this kind was taken once more; each is answered for once."""
        found = self._in_doubt[kind, order_id] > 0
        self._in_doubt[kind, order_id] -= found
        return found


def _is_ours(event: Event) -> bool:
    """Whether the report was made here: a venue does not say that it does not know."""
    return isinstance(event, OrderOutcomeUnknown) or (
        isinstance(event, OrderExpired) and event.detail.startswith(EXPIRED_UNSENT)
    )


class SentOnce:
    """Stands between the loop and a lasting venue."""

    def __init__(
        self, run_id: str, venue: LastingVenue, before: Journaled, at_cut: EngineState, rest: Iterable[Event]
    ) -> None:
        """Go on behind what is `before` the cut, which becomes the account of this venue, with the state there; `rest` is what the
        engine takes once more.

        Raises OperatorFault (exit code 7) where the venue has an order of this run that the journal does not reach, or does
        not have one that it reported on; VenueFault where it does not answer.
        """
        head = at_cut.seq
        for event in rest:
            before.doubt(event)
            head = event.seq
        known = set(venue.order_ids())
        refuse_lost_records(run_id, head, known)
        _refuse_another_venue(before.reported.difference(known))
        venue.hear_from(before.heard, len(known.intersection(before.orders)) + before.cancels.total())
        self._venue: Final = venue
        self._account: Final = before
        self._own: list[VenueReport] = []  # reports that are made here, by time
        for order_id, order in at_cut.orders.items():
            if order_id not in known:
                self._expect_expiry(order_id, order.submitted_ts)

    @property
    def due(self) -> int:
        """Time of the next report."""
        return min(self._venue.due, self._own[0].ts) if self._own else self._venue.due

    def perform(self, effect: Effect, now: int) -> None:
        """Send what was never sent."""
        if isinstance(effect, CancelOrder):
            self._cancel(effect, now)
        elif self._account.was_in_doubt(OrderSubmitted, effect.order.order_id):
            self._ask_for(effect, now)
        else:
            self._venue.perform(effect, now)

    def _ask_for(self, effect: SubmitOrder, now: int) -> None:
        order_id = effect.order.order_id
        if self._is_absent(order_id):
            self._say(OutcomeUnknownReported(now, order_id, f"{ABSENT} yet"))
            self._expect_expiry(order_id, effect.order.ts)
        else:
            self._venue.has_message()

    def _cancel(self, effect: CancelOrder, now: int) -> None:
        """A cancel that the venue does not have is sent: it cannot do what another one did not want."""
        order_id, cancels = effect.order_id, self._account.cancels
        cancels[order_id] += 1
        if (
            self._account.was_in_doubt(CancelRequested, order_id)
            and self._venue.standing(order_id)[1] >= cancels[order_id]
        ):
            self._venue.has_message()
        else:
            self._venue.perform(effect, now)

    def next_report(self, until: int) -> VenueReport | None:
        """The next report at or before `until`; one that is made here comes before the venue's of the same time."""
        if not self._own or self._own[0].ts > min(until, self._venue.due):
            return self._venue.next_report(until)
        report = self._own.pop(0)
        if isinstance(report, OrderExpiryReported) and not self._is_absent(report.order_id):
            return self.next_report(until)  # it came late, and the venue tells of it
        return report

    def end_tape(self) -> None:
        """No more market data will come."""
        self._venue.end_tape()

    def _is_absent(self, order_id: str) -> bool:
        return not any(self._venue.standing(order_id)[0] for _ in range(ABSENCES))

    def _expect_expiry(self, order_id: str, sent_ts: int) -> None:
        self._say(OrderExpiryReported(sent_ts + ABSENT_AFTER_NS, order_id, f"{EXPIRED_UNSENT}: {ABSENT}"))

    def _say(self, report: VenueReport) -> None:
        self._own.append(report)
        self._own.sort(key=lambda one: one.ts)


def _refuse_another_venue(denied: set[str]) -> None:
    if denied:
        raise OperatorFault(
            f"the venue does not know orders that it reported on: {', '.join(sorted(denied))}",
            why="it is not the venue that this run traded at, or it lost its memory",
            hint="start the venue with the memory that belongs to this run, or begin a new run",
            exit_code=ExitCode.UNSAFE,
        )
