"""From the journal of a process that was killed back to where it was, so that it goes on as if it had never stopped.

The journal is cut where an input may have been taken only in part: before its last market fact. Records up to the cut are
folded, and the simulated venue is made again from what was sent to it. The rest is taken once more by the engine itself,
what operators said included, and must come out as it was journaled: so a step of which half was written is finished, no
order gets a second record, and other code is found out.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    AuxUpdated,
    BarClosed,
    CancelRejected,
    CancelRequested,
    CommandReceived,
    Event,
    FillDropped,
    FillQuarantined,
    FundingRatePublished,
    KillFileSeen,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    ReportRefused,
    decode_event,
)
from veracity.engine import modes
from veracity.engine.commands import given_again
from veracity.engine.draft import Step
from veracity.engine.effects import CancelOrder, SubmitOrder
from veracity.engine.margin import LIQUIDATED
from veracity.runtime.loop import Journal, Outside, Said, Venue
from veracity.runtime.replay import SeqPayload, follow
from veracity.state import snapshot as state_snapshot
from veracity.state.model import EngineState

_FACTS: Final = (BarClosed, FundingRatePublished, AuxUpdated)
_FACT_STARTS: Final = tuple(b'{"kind":"%b"' % str(kind.__struct_config__.tag).encode() for kind in _FACTS)
REPORTED: Final = (
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


class Resumed(NamedTuple):
    """Where the run goes on."""

    state: EngineState
    facts: int  # of the feed, that were taken before the cut
    rest: Sequence[SeqPayload]  # records behind the cut, which the engine must write again
    venue: Venue  # that has heard and said what the journal says up to the cut


class Rebuilding:
    """A fold that a venue, or who remembers for it, hears too, one pass over the journal: `resumed` is where the run goes on."""

    def __init__(self, hear: Callable[[Event], None]) -> None:
        """`hear` is given each record before the cut; for a simulated venue it is `again`."""
        self._hear: Final = hear
        self._facts = 0
        self._rest: list[SeqPayload] = []
        self._at_cut: bytes | None = None  # the state there, once it was folded on

    def to_the_cut(self, state: EngineState, records: Iterable[SeqPayload]) -> Iterator[Event]:
        """Fold into the new `state` what comes before the last fact; what was taken since is taken once more.

        Raises OperatorFault (exit code 5) where a record does not fold or the venue does not say what was journaled.
        """
        for event in follow(state, self._settled(records)):
            self._hear(event)
            self._facts += isinstance(event, _FACTS)
            yield event

    def follow(self, state: EngineState, records: Iterable[SeqPayload]) -> Iterator[Event]:
        """Fold all `records` into the new `state`, as a recovery does that proves them. Raises as `to_the_cut`."""
        yield from self.to_the_cut(state, records)
        self._at_cut = state_snapshot.take(state)
        yield from follow(state, self._rest)

    def at_cut(self, state: EngineState) -> EngineState:
        """The state at the cut, when `state` was folded."""
        return state if self._at_cut is None else state_snapshot.restore(self._at_cut)

    @property
    def rest(self) -> Sequence[SeqPayload]:
        """Records behind the cut."""
        return self._rest

    def resumed(self, at_cut: EngineState, venue: Venue) -> Resumed:
        """Where the run goes on with `venue`, which knows all up to the cut."""
        return Resumed(at_cut, self._facts, self._rest, venue)

    def _settled(self, records: Iterable[SeqPayload]) -> Iterator[SeqPayload]:
        """The records before the last fact; the others stay in the rest."""
        for record in records:
            if record.payload.startswith(_FACT_STARTS) and self._rest:
                yield from self._rest
                self._rest = []
            self._rest.append(record)


def resume(records: Iterable[SeqPayload], venue: Venue) -> Resumed:
    """Where a run goes on that wrote `records`. Raises as `Rebuilding.to_the_cut`."""
    rebuilding, state = Rebuilding(partial(again, venue)), EngineState()
    for _ in rebuilding.to_the_cut(state, records):
        pass
    return rebuilding.resumed(state, venue)


def said_by(event: Event) -> Said | None:
    """What was said outside that `event` is the first record of; None where it is of something else."""
    match event:
        case CommandReceived():
            return given_again(event)
        case ModeChanged(reason=modes.KILL_FILE):
            return KillFileSeen(event.ts, event.detail)
        case _:
            return None


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
    elif isinstance(event, REPORTED):
        report = venue.next_report(event.ts)
        if report is None or report.order_id != event.order_id:
            raise _differs(event, f"the venue reports {report!r} instead")


class Following:
    """A journal that is being written again: while old records are left each new one must be equal to the next of them,
    then all go to `journal`."""

    def __init__(self, rest: Sequence[SeqPayload], journal: Journal) -> None:
        self._rest: Final = deque(rest)
        self._journal: Final = journal

    @property
    def next(self) -> Event | None:
        """The old record that must come next; None where all are written again."""
        return decode_event(self._rest[0].payload) if self._rest else None

    def append(self, seq: int, payload: bytes) -> None:
        """Raises OperatorFault (exit code 5) where the old journal says something else in this place."""
        if not self._rest:
            self._journal.append(seq, payload)
            return
        record = self._rest.popleft()
        if (record.seq, record.payload) != (seq, payload):
            raise _differs(decode_event(record.payload), f"the engine says {payload.decode()} in its place")

    def barrier(self) -> None:
        """Everything appended is durable, the old records too."""
        self._journal.barrier()


class Ahead(Protocol):
    """Old records that are being written again."""

    @property
    def next(self) -> Event | None:
        """The one that must come next; None where all are written."""


class Recalled:
    """The world outside of a run that is gone on with: what it said before is said again where it stands in the journal;
    `outside` is heard when that is done."""

    def __init__(self, following: Ahead, outside: Outside | None) -> None:
        self._following: Final = following
        self._outside: Final = outside

    def inputs(self, state: EngineState) -> Iterator[Said]:
        """What was said here, one by one."""
        while (event := self._following.next) is not None:
            said = said_by(event)
            if said is None:
                return
            yield said
        if self._outside is not None:
            yield from self._outside.inputs(state)

    def heard(self, said: Said, step: Step) -> None:
        """The process before may not have come to answer."""
        if self._outside is not None:
            self._outside.heard(said, step)

    def is_over(self) -> bool:
        """Not before all old records are written again."""
        return self._outside is not None and self._following.next is None and self._outside.is_over()


def _differs(event: Event, why: str) -> OperatorFault:
    return OperatorFault(
        f"the run cannot go on from the journal at seq {event.seq}",
        why=f"the journal has {type(event).__name__}, {why}",
        hint="go on with the code, config and data that began the run; the journal is unchanged",
        exit_code=ExitCode.FINDING,
    )
