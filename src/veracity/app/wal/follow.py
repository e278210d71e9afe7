"""The records that a writer adds while we look: from where the last look ended, never from the beginning again."""

from collections.abc import Iterator
from pathlib import Path

from veracity.journal.errors import JournalTorn
from veracity.journal.frame import Record
from veracity.journal.reader import read


class Follower:
    """Reads what is new of a journal that grows."""

    def __init__(self, wal: Path, seq_after: int) -> None:
        """Behind the record numbered `seq_after`."""
        self._wal = wal
        self._seq = seq_after

    def more(self) -> Iterator[Record]:
        """The whole records since the last time."""
        try:
            for record in read(self._wal):
                if record.seq > self._seq:
                    self._seq = record.seq
                    yield record
        except JournalTorn:
            return  # it is being written
