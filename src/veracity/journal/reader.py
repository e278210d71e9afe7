"""Reading a journal: every byte is checked, in windows, before anything of it is handed out.

`read` gives the records and raises where they stop being good. `scan` reads to the end first and says what that end is.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from veracity.domain.events import SegmentOpened
from veracity.journal import frame
from veracity.journal.errors import JournalDamaged, JournalTorn
from veracity.journal.frame import Record
from veracity.journal.segments import list_segments, open_file, opened_directory, segment_number

WINDOW_BYTES: Final = 256 << 10


class End(StrEnum):
    """How a journal ends."""

    CLEAN = "clean"
    TORN = "torn"  # in a record that was never finished
    DAMAGED = "damaged"  # before its last record, or in it after it was finished


class Tail(NamedTuple):
    """What `scan` found: the good records, and what follows them."""

    end: End
    head: SegmentOpened | None  # of the last segment that has a good one
    records: int
    seq_last: int  # 0: no record
    chain: int
    segment: str  # the file in which reading ended; empty where there is none
    offset: int  # in that file, of the first byte behind the last good line
    fault: JournalDamaged | None  # unless the end is clean


def read(directory: Path) -> Iterator[Record]:
    """The records of the journal in `directory`, in order, in bounded memory.

    Raises JournalDamaged where a record, or the step from one segment to the next, is wrong, and JournalTorn where the
    last record is not all there; JournalUnsafe where the files are not ours alone or of another version.
    """
    with opened_directory(directory) as opened:
        for records in _Walk(opened, str(directory)).batches():
            yield from records


def scan(directory: Path) -> Tail:
    """Read the whole journal and say how it ends. Raises JournalUnsafe like `read`, but no damage."""
    with opened_directory(directory) as opened:
        walk = _Walk(opened, str(directory))
        try:
            for _ in walk.batches():
                pass
        except JournalTorn as torn:
            return walk.tail(End.TORN, torn)
        except JournalDamaged as damage:
            return walk.tail(End.DAMAGED, damage)
        return walk.tail(End.CLEAN, None)


class _Walk:
    """One pass over the segments, and how far it has come."""

    def __init__(self, directory: int, where: str) -> None:
        self._directory = directory
        self._where = where
        self._names = list_segments(directory, where)
        self._name = ""  # of the segment that the pass is in
        self._offset = 0  # behind the last good line of it
        self._rest = b""  # read, from there on
        self._head: SegmentOpened | None = None  # the last good one
        self._records = 0
        self._seq_last = 0
        self._chain = 0

    def tail(self, end: End, fault: JournalDamaged | None) -> Tail:
        """Where the pass has come to."""
        return Tail(
            end, self._head, self._records, self._seq_last, self._chain, self._name, self._offset, fault
        )

    def batches(self) -> Iterator[list[Record]]:
        """The good records, a window's at a time. Raises JournalDamaged or JournalTorn behind the last of them."""
        for name in self._names:
            self._name, self._offset, self._rest = name, 0, b""
            with self._opened(name) as file:
                yield from self._segment(file)

    def _segment(self, file: BinaryIO) -> Iterator[list[Record]]:
        if segment_number(self._name) != self._number() + 1:
            raise self._no_successor("the segment before is missing")
        headed = False
        while chunk := file.read(WINDOW_BYTES):
            self._rest += chunk
            if not headed:
                heads = self._take(chain=0, seq_last=-1, limit=1)
                if not heads:
                    continue
                self._enter(heads[0])
                headed = True
            while records := self._take(chain=self._chain, seq_last=self._seq_last):
                self._records += len(records)
                self._chain = records[-1].crc
                self._seq_last = records[-1].seq
                yield records
        is_last = self._name == self._names[-1]
        if self._rest:
            raise self._unfinished(is_last=is_last, seq_last=self._seq_last if headed else -1)
        if not headed and not is_last:  # the last may be empty: a crash between making it and its head
            raise self._no_successor("the segment is empty")

    def _take(self, *, chain: int, seq_last: int, limit: int = sys.maxsize) -> list[Record]:
        taken = frame.take(self._rest, chain=chain, seq_last=seq_last, offset=self._offset, limit=limit)
        if taken.flaw and not taken.records:
            raise self._damaged(taken.flaw)
        self._rest = self._rest[taken.used :]
        self._offset += taken.used
        return taken.records

    def _enter(self, record: Record) -> None:
        """Go on into a segment. Its head, which is good in itself, must follow what was read so far."""
        if record.seq != frame.HEAD_SEQ:
            raise self._no_successor("the segment has no head")
        head = frame.decode_head(record.payload, where=f"{self._where}/{self._name}")
        before = self._head or head
        if (head.run_id, head.schema_version) != (before.run_id, before.schema_version):
            raise self._no_successor(
                f"a segment of another run ({head.run_id}, schema {head.schema_version}; "
                f"wanted {before.run_id}, schema {before.schema_version})"
            )
        if head.segment != segment_number(self._name):
            raise self._no_successor(f"the file holds segment {head.segment}")
        if head.seq_first != self._seq_last + 1 or int(head.chain, 16) != self._chain:
            raise self._no_successor(
                f"the segment does not follow (seq {head.seq_first}, chain {head.chain}; "
                f"wanted {self._seq_last + 1}, {self._chain:08x})"
            )
        self._head = head
        self._chain = record.crc

    def _number(self) -> int:
        return self._head.segment if self._head else 0

    def _unfinished(self, *, is_last: bool, seq_last: int) -> JournalDamaged:
        """What bytes behind the last good line of a segment are, where they are too few for a line."""
        if not is_last:
            return self._damaged("the segment ends within a record, and another follows")
        if not frame.may_be_torn(self._rest, seq_last=seq_last):
            return self._damaged("the line is no record, and no beginning of one")
        return self._damaged("the last record was never finished", JournalTorn)

    def _no_successor(self, what: str) -> JournalDamaged:
        self._offset = 0
        return self._damaged(f"{what}; {self._missing()}")

    def _damaged(self, what: str, fault: type[JournalDamaged] = JournalDamaged) -> JournalDamaged:
        in_head = self._offset == 0
        stated = None if in_head else frame.stated_seq(self._rest)
        return fault(
            what,
            where=self._where,
            segment=self._name,
            offset=self._offset,
            record=0 if in_head else self._records + 1,
            seq_after=self._seq_last,
            seq_read=stated if stated is not None and self._seq_last < stated <= frame.SEQ_MAX else None,
            records_later=self._count_later(),
        )

    def _missing(self) -> str:
        """Which seqs are lost, by the head of the next segment that can be read."""
        seq_next = self._seq_last + 1
        for name in self._names[self._names.index(self._name) :]:
            with self._opened(name) as file:
                records = frame.take(file.read(WINDOW_BYTES), chain=0, seq_last=-1, offset=0, limit=1).records
            if not records or records[0].seq != frame.HEAD_SEQ:
                continue
            head = frame.decode_head(records[0].payload, where=f"{self._where}/{name}")
            if head.seq_first > seq_next and (self._head is None or head.run_id == self._head.run_id):
                return f"seq {seq_next} to {head.seq_first - 1} are missing"
        return f"all from seq {seq_next} on are missing"

    def _count_later(self) -> int:
        """Lines behind the bad one that still look like records."""
        later = 0
        offset = self._offset
        for name in self._names[self._names.index(self._name) :]:
            with self._opened(name) as file:
                file.seek(offset)
                if name == self._name:
                    file.readline(frame.FRAME_BYTES_MAX)
                while line := file.readline(frame.FRAME_BYTES_MAX):
                    later += frame.looks_like_record(line.rstrip(b"\n"))
            offset = 0
        return later

    @contextmanager
    def _opened(self, name: str) -> Iterator[BinaryIO]:
        with os.fdopen(open_file(name, self._directory, os.O_RDONLY, self._where), "rb") as file:
            yield file
