"""The records that a writer adds while we look: from where the last look ended, never from the beginning again."""

from collections.abc import Iterator
from pathlib import Path

from veracity.journal.batch import Record
from veracity.journal.errors import JournalTorn
from veracity.journal.reader import Since, read


class Follower:
    """Reads what is new of a journal that grows."""

    def __init__(self, wal: Path, since: Since | None) -> None:
        """Behind `since`; from the first record on where that is None."""
        self._wal = wal
        self._since = since

    def more(self) -> Iterator[Record]:
        """The whole records since the last time."""
        try:
            for record in read(self._wal, self._since):
                self._since = Since(record.seq, record.crc)
                yield record
        except JournalTorn:
            return  # it is being written
