"""From the journal of a process that was killed back to where it was, so that it goes on as if it had never stopped.

The journal is cut where an input may have been taken only in part: before its last market fact, or behind the last thing
that an operator or the world outside said after that. Records up to the cut are folded, and the simulated venue is made
again from what was sent to it. The rest is taken once more by the engine itself, and must come out as it was journaled:
so a step of which half was written is finished, no order gets a second record, and other code is found out.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    AuxUpdated,
    BarClosed,
    CancelRejected,
    CancelRequested,
    ClockChecked,
    CommandRefused,
    DriftCleared,
    DriftFound,
    Event,
    ExitBegun,
    FillAdopted,
    FillDiscarded,
    FillDropped,
    FillQuarantined,
    FundingRatePublished,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    ReportRefused,
    VenueCalled,
    decode_event,
)
from veracity.engine.effects import CancelOrder, SubmitOrder
from veracity.engine.margin import LIQUIDATED
from veracity.runtime.loop import Journal, Venue
from veracity.runtime.replay import SeqPayload, follow
from veracity.state.model import EngineState

OPERATOR: Final = "operator"
"""Reason code of every command of an operator."""

_FACTS: Final = (BarClosed, FundingRatePublished, AuxUpdated)
_REPORTED: Final = (
    OrderAccepted,
    OrderRejected,
    OrderFilled,
    FillDropped,
    FillQuarantined,
    OrderCancelled,
    CancelRejected,
    OrderExpired,
    OrderOutcomeUnknown,
    ReportRefused,
)
"""Each is the first event of one report of the venue."""
_OUTSIDE: Final = (
    CommandRefused,
    DriftFound,
    DriftCleared,
    ClockChecked,
    VenueCalled,
    FillAdopted,
    FillDiscarded,
)
"""Kinds that only the world outside leads to: nothing in the recorded inputs brings them about again."""
_OF_THE_RUN: Final = ("run_started", "end_of_data")


class Resumed(NamedTuple):
    """Where the run goes on."""

    state: EngineState
    facts: int  # of the feed, that were taken before the cut
    rest: Sequence[SeqPayload]  # records behind the cut, which the engine must write again


def resume(records: Iterable[SeqPayload], venue: Callable[[], Venue]) -> tuple[Resumed, Venue]:
    """The state at the cut, and a venue that has heard and said what the journal says up to there.

    Raises OperatorFault (exit code 5) where a record does not fold or the venue does not say what was journaled.
    """
    kept = list(records)
    events = [decode_event(record.payload) for record in kept]
    cut = cut_of(events)
    state, made, facts = EngineState(), venue(), 0
    for event in follow(state, kept[:cut]):
        again(made, event)
        facts += isinstance(event, _FACTS)
    return Resumed(state, facts, kept[cut:]), made


def cut_of(events: Sequence[Event]) -> int:
    """How many of the records are folded: all before the last fact, or, where something from outside was said after it,
    all up to the end of what that led to."""
    last = next((at for at in range(len(events) - 1, -1, -1) if isinstance(events[at], _FACTS)), None)
    if last is None:
        return 0
    outside = [at for at in range(last + 1, len(events)) if is_outside(events[at])]
    if not outside:
        return last
    end = outside[-1] + 1
    while end < len(events) and not isinstance(events[end], _REPORTED):
        end += 1
    return end


def is_outside(event: Event) -> bool:
    """Whether nothing in the recorded inputs leads to `event`: an operator, a kill file or a check said it."""
    match event:
        case ModeChanged(reason=reason):
            return reason not in _OF_THE_RUN
        case CancelRequested(reason=reason) | ExitBegun(reason=reason):
            return reason == OPERATOR
        case _:
            return isinstance(event, _OUTSIDE)


def again(venue: Venue, event: Event) -> None:
    """Let the venue do again what it did when `event` was journaled.

    Raises OperatorFault (exit code 5) where it says something else now.
    """
    if isinstance(event, _FACTS):
        report = venue.next_report(event.ts if isinstance(event, BarClosed) else event.ts - 1)
        if report is not None:
            raise _differs(event, f"the venue reports {report!r} before it")
    elif isinstance(event, OrderSubmitted):
        venue.perform(SubmitOrder(event), event.ts)
    elif isinstance(event, CancelRequested):
        venue.perform(CancelOrder(event.order_id, by_venue=event.reason == LIQUIDATED), event.ts)
    elif isinstance(event, _REPORTED):
        report = venue.next_report(event.ts)
        if report is None or report.order_id != event.order_id:
            raise _differs(event, f"the venue reports {report!r} instead")


class Following:
    """A journal that is being written again: while old records are left each new one must be equal to the next of them,
    then all go to `journal`."""

    def __init__(self, rest: Sequence[SeqPayload], journal: Journal) -> None:
        self._rest: Final[Iterator[SeqPayload]] = iter(rest)
        self._journal: Final = journal

    def append(self, seq: int, payload: bytes) -> None:
        """Raises OperatorFault (exit code 5) where the old journal says something else in this place."""
        record = next(self._rest, None)
        if record is None:
            self._journal.append(seq, payload)
        elif (record.seq, record.payload) != (seq, payload):
            raise _differs(decode_event(record.payload), f"the engine says {payload.decode()} in its place")

    def barrier(self) -> None:
        """Everything appended is durable, the old records too."""
        self._journal.barrier()


def _differs(event: Event, why: str) -> OperatorFault:
    return OperatorFault(
        f"the run cannot go on from the journal at seq {event.seq}",
        why=f"the journal has {type(event).__name__}, {why}",
        hint="go on with the code, config and data that began the run; the journal is unchanged",
        exit_code=ExitCode.FINDING,
    )
