"""A journal of a run that nobody will have to recover: baselines, trials."""

from collections.abc import Iterator

from veracity.domain.events import Event, decode_event


class MemoryJournal:
    """A journal that is kept in memory."""

    def __init__(self) -> None:
        self._payloads: list[bytes] = []

    def append(self, seq: int, payload: bytes) -> None:
        """Keep the event."""
        self._payloads.append(payload)

    def barrier(self) -> None:
        """Nothing is durable here."""

    def __iter__(self) -> Iterator[Event]:
        return map(decode_event, self._payloads)
