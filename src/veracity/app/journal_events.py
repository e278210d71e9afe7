"""The events of a journal on disk, decoded one after the other; iterating again reads again."""

from collections.abc import Iterator
from pathlib import Path

from veracity.domain.events import Event, decode_event
from veracity.journal.reader import read


class JournalEvents:
    """All events of the journal in `directory`, oldest first. Raises what reading and decoding raise."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __iter__(self) -> Iterator[Event]:
        return (decode_event(record.payload) for record in read(self._directory))
