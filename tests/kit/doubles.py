"""A journal and a venue that remember what they were asked, in one list of calls."""

from typing import NamedTuple

from veracity.domain.events import Event, VenueReport, decode_event
from veracity.domain.time import TS_NEVER
from veracity.engine.effects import Effect


class Kept(NamedTuple):
    """A journal record as far as a fold needs it."""

    seq: int
    payload: bytes


class RecordingJournal:
    """Keeps every record; the append of `fails_at` raises `error` and keeps nothing."""

    def __init__(
        self,
        calls: list[tuple[str, object]] | None = None,
        *,
        fails_at: int = 0,
        error: Exception | None = None,
    ) -> None:
        self.records: list[Kept] = []
        self.calls = [] if calls is None else calls
        self._fails_at = fails_at
        self._error = error or OSError(5, "Input/output error")

    def append(self, seq: int, payload: bytes) -> None:
        self.calls.append(("append", seq))
        if seq == self._fails_at:
            raise self._error
        self.records.append(Kept(seq, payload))

    def barrier(self) -> None:
        self.calls.append(("barrier", len(self.records)))

    def close(self) -> None:
        self.calls.append(("close", len(self.records)))

    @property
    def events(self) -> list[Event]:
        """Everything kept, decoded by the schema."""
        return [decode_event(record.payload) for record in self.records]


class RecordingVenue:
    """Remembers the effects; says only what a test put into `reports` (oldest first)."""

    def __init__(self, calls: list[tuple[str, object]] | None = None) -> None:
        self.effects: list[Effect] = []
        self.reports: list[VenueReport] = []
        self.calls = [] if calls is None else calls

    @property
    def due(self) -> int:
        return self.reports[0].ts if self.reports else TS_NEVER

    def perform(self, effect: Effect, now: int) -> None:
        self.calls.append(("perform", effect))
        self.effects.append(effect)

    def next_report(self, until: int) -> VenueReport | None:
        return self.reports.pop(0) if self.due <= until else None

    def end_tape(self) -> None:
        self.calls.append(("end_tape", None))
