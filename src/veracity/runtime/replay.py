"""From a journal back to the state: fold the records, and fill each gap in seq with the dataset's facts."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Protocol

import msgspec

from veracity.domain.errors import EngineFault, ExitCode, OperatorFault
from veracity.domain.events import CheckpointMarked, Event, decode_event, decode_events
from veracity.domain.machines import Mode
from veracity.runtime.feed import Arrival
from veracity.state.apply import apply
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

AHEAD: Final = 256
"""Records that are decoded together, at most; fewer where they are so large that they fill AHEAD_BYTES."""
AHEAD_BYTES: Final = 1 << 20


class SeqPayload(Protocol):
    """A journal record, as far as a fold needs it."""

    @property
    def seq(self) -> int:
        """Number of the event."""

    @property
    def payload(self) -> bytes:
        """The event's bytes."""


def fold(
    records: Iterable[SeqPayload], facts: Iterable[Arrival], on_event: Callable[[Event], None] | None = None
) -> EngineState:
    """The state that the journal describes; no strategy, guard or simulator runs.

    Raises OperatorFault (exit code 5) where a record is not an event, does not follow, or a checkpoint's hash
    differs, and (exit code 4) where the dataset has fewer facts than the journal counted, or more than a journal
    counted that came to its end.
    """
    state = EngineState()
    for event in follow(state, records, facts):
        if on_event is not None:
            on_event(event)
    return state


def follow(
    state: EngineState, records: Iterable[SeqPayload], facts: Iterable[Arrival] = ()
) -> Iterator[Event]:
    """Fold `records` and the `facts` between them into `state`, new or restored; yields each record's event when it is in.

    Records are taken from their source many at a time, facts when their turn comes. Raises as `fold` does.
    """
    source = iter(facts)
    for event in _events(records):  # one screen and no helper: this is the inner loop of every restart
        seq = event.seq
        if state.seq + 1 < seq:
            fill_gap(state, seq, source)
        if type(event) is CheckpointMarked:
            _check(state, event)
        try:
            apply(state, event)
        except (
            EngineFault,
            LookupError,
        ) as error:  # a lookup fails where it names a strategy or instrument that is not there
            raise _record(seq, f"{type(error).__name__}: {error}") from error
        yield event
    # The journal of a run that was killed never counted the rest.
    if state.mode is Mode.STOPPED and next(source, None) is not None:
        raise _facts("has more facts than the journal counted", state.seq)


def _events(records: Iterable[SeqPayload]) -> Iterator[Event]:
    """The event of each record; what is wrong with a record is said when all before it were told."""
    for some in _ahead(records):
        try:
            events = decode_events([record.payload for record in some])
        except msgspec.MsgspecError:
            events = []
        if [event.seq for event in events] == [record.seq for record in some]:
            yield from events
        else:
            yield from map(_event, some)


def _ahead(records: Iterable[SeqPayload]) -> Iterator[list[SeqPayload]]:
    """Some records at a time; what their source raises comes behind those that it gave."""
    some: list[SeqPayload] = []
    size = 0
    try:
        for record in records:
            some.append(record)
            size += len(record.payload)
            if len(some) == AHEAD or size >= AHEAD_BYTES:
                yield some
                some, size = [], 0
    except Exception:
        yield some
        raise
    yield some


def _event(record: SeqPayload) -> Event:
    try:
        event = decode_event(record.payload)
    except msgspec.MsgspecError as error:
        raise _record(record.seq, f"it is not an event: {error}") from error
    if event.seq != record.seq:
        raise _record(record.seq, f"its event says seq {event.seq}")
    return event


def fill_gap(state: EngineState, seq: int, source: Iterator[Arrival]) -> None:
    """Fold the facts that stand before `seq`. Raises OperatorFault (exit code 4) where there are too few."""
    while state.seq + 1 < seq:
        arrival = next(source, None)
        if arrival is None:
            raise _facts("has fewer facts than the journal counted", state.seq + 1)
        make, values, _ = arrival
        apply(state, make(state.seq + 1, *values))


def _check(state: EngineState, marked: CheckpointMarked) -> None:
    found = state_hash(state)
    if found != marked.state_hash:
        raise _record(marked.seq, f"the state's hash is {found}, the checkpoint says {marked.state_hash}")


def _record(seq: int, why: str) -> OperatorFault:
    return OperatorFault(
        f"journal record with seq {seq} does not fold",
        why=why,
        hint="the journal is damaged or was written by other code; keep it and compare with a copy",
        exit_code=ExitCode.FINDING,
    )


def _facts(why: str, seq: int) -> OperatorFault:
    return OperatorFault(
        "the dataset does not belong to this journal",
        why=f"it {why} (at seq {seq})",
        hint="replay with the dataset whose hash the manifest names",
        exit_code=ExitCode.DATA,
    )
