"""Reading a journal: every byte is checked, in windows, before anything of it is handed out.

`read` gives the records and raises where they stop being good. `scan` reads to the end first and says what that end is.
"""

import os
import sys
from collections import deque
from collections.abc import Iterator
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import Final, NamedTuple

from veracity.domain.events import SegmentOpened
from veracity.journal import frame, plain
from veracity.journal import tail as tails
from veracity.journal.batch import Batch, Record
from veracity.journal.errors import Damage, JournalDamaged, JournalTorn
from veracity.journal.heads import read_head
from veracity.journal.segments import list_segments, opened_directory, segment_number
from veracity.journal.strays import stray_records
from veracity.journal.witness import read_witness

WINDOW_BYTES: Final = 256 << 10


class End(StrEnum):
    """How a journal ends."""

    CLEAN = "clean"
    TORN = "torn"  # in a write that was never finished
    DAMAGED = "damaged"  # before its last record, or in it after it was finished


class Since(NamedTuple):
    """The record behind which reading begins: what a verified snapshot covers is not read."""

    seq: int
    chain: int


class Tail(NamedTuple):
    """What `scan` found: the good records, and what follows them."""

    end: End
    head: SegmentOpened | None  # of the last segment that has a good one
    records: int  # handed out: those behind `since`
    seq_last: int  # 0: no record
    chain: int
    segment: str  # the file in which reading ended; empty where there is none
    offset: int  # in that file, of the first byte behind the last good line
    torn_bytes: int  # from there on, that are not zeros
    acknowledged: int  # seq of the last record that the witness saw; 0 without one
    fault: JournalDamaged | None  # unless the end is clean

    @property
    def last(self) -> Since:
        """The last record as a witness or a snapshot names it: behind a head that no record follows yet, `chain` is the head's."""
        return last_record(self.seq_last, self.chain, self.head)


def last_record(seq: int, chain: int, head: SegmentOpened | None) -> Since:
    """The record numbered `seq`; `chain` is its value, or that of `head`, which carries it, where none follows the head."""
    return Since(seq, int(head.chain, 16) if head is not None and seq < head.seq_first else chain)


def read(directory: Path, since: Since | None = None) -> Iterator[Record]:
    """The records of the journal in `directory`, in order, in bounded memory; those behind `since`, where it is given.

    Raises JournalDamaged where a record, or the step from one segment to the next, is wrong, or what the witness saw is not
    there; JournalTorn where the last record is not all there; JournalUnsafe where the files are not ours or of another version.
    """
    with opened_directory(directory) as opened:
        walk = _Walk(opened, str(directory), since)
        try:
            for records in walk.batches():
                yield from records
        except JournalTorn as torn:
            raise lost(walk.tail(End.TORN, torn), str(directory), Damage.ROT) or torn from None
        if fault := lost(walk.tail(End.CLEAN, None), str(directory), Damage.GAP):
            raise fault


def lost(tail: Tail, where: str, damage: Damage) -> JournalDamaged | None:
    """The fault of a journal that ends before what the witness saw acknowledged; None where that is there."""
    if tail.acknowledged <= tail.seq_last:
        return None
    return JournalDamaged(
        f"seq {tail.seq_last + 1} to {tail.acknowledged} were acknowledged and are not there",
        where=where,
        segment=tail.segment,
        offset=tail.offset,
        record=tail.records + 1,
        seq_after=tail.seq_last,
        damage=damage,
    )


def read_version(directory: Path, version: int) -> Iterator[tuple[SegmentOpened, Batch]]:
    """All records of a journal of another version, with the head of their segment, for the tool that rewrites it. Raises as `read`."""
    with opened_directory(directory) as opened:
        walk = _Walk(opened, str(directory), None, version)
        for records in walk.batches():
            yield walk.head, records


def scan(directory: Path, since: Since | None = None) -> Tail:
    """Read the whole journal, or what is behind `since`, and say how it ends. Raises JournalUnsafe like `read`, but no damage."""
    with opened_directory(directory) as opened:
        return scan_opened(opened, str(directory), since)


def scan_opened(
    directory: int, where: str, since: Since | None = None, version: int = frame.FORMAT_VERSION
) -> Tail:
    """`scan` of an open directory, whose journal may be of another version."""
    walk = _Walk(directory, where, since, version)
    try:
        deque(walk.batches(), maxlen=0)
    except JournalTorn as torn:
        return walk.tail(End.TORN, torn)
    except JournalDamaged as damage:
        return walk.tail(End.DAMAGED, damage)
    return walk.tail(End.CLEAN, None)


class _Walk:
    """One pass over the segments, and how far it has come."""

    def __init__(
        self, directory: int, where: str, since: Since | None, version: int = frame.FORMAT_VERSION
    ) -> None:
        self._directory = directory
        self._where = where
        self._since = since
        self._version = version
        self._seen = read_witness(directory, where)  # before the segments: it never runs ahead of them
        self._names = list_segments(directory, where)
        self._name = ""  # of the segment that the pass is in
        self._offset = 0  # behind the last good line of it
        self._rest = b""  # read, from there on
        self._torn_bytes = 0
        self._head: SegmentOpened | None = None  # the last good one
        self._records = 0  # read
        self._handed = 0
        self._since_chain = 0  # of the last record at or before `since`
        self._live: int | None = None  # the segment's file, if it is the one that is, or was, being written
        self._seq_last = 0
        self._chain = 0

    def tail(self, end: End, fault: JournalDamaged | None) -> Tail:
        """Where the pass has come to."""
        return Tail(
            end,
            self._head,
            self._handed,
            self._seq_last,
            self._chain,
            self._name,
            self._offset,
            self._torn_bytes,
            self._seen.seq if self._seen else 0,
            fault,
        )

    @property
    def head(self) -> SegmentOpened:
        """Of the segment that the pass is in, once it has given records."""
        assert self._head is not None
        return self._head

    def batches(self) -> Iterator[Batch]:
        """The good records, a window's at a time. Raises JournalDamaged or JournalTorn behind the last of them."""
        names = self._names[self._first() :]
        for name in names:
            self._name, self._offset, self._rest = name, 0, b""
            with plain.opened(name, self._directory, self._where) as file:
                for records in self._segment(file):
                    handed = self._behind_since(records)
                    self._handed += len(handed)
                    if handed:
                        yield handed
        if self._since is not None:  # nothing lies behind it
            self._compare_since()

    def _first(self) -> int:
        """Place of the segment in which the record behind `since` lies, or would."""
        if self._since is None:
            return 0
        for place in range(len(self._names) - 1, -1, -1):
            head = read_head(self._names[place], self._directory, self._where)
            if head is not None and head.seq_first <= self._since.seq + 1:
                return place
        return 0

    def _behind_since(self, records: Batch) -> Batch:
        since = self._since
        if since is None:
            return records
        covered = records.up_to(since.seq)
        if covered:
            self._since_chain = records.crcs[covered - 1]
        if covered < len(records):
            self._compare_since()
        return records.behind(covered)

    def _compare_since(self) -> None:
        """The records must be those that the snapshot saw."""
        since, self._since = self._since, None
        assert since is not None
        if not self._names:
            raise self._no_successor(f"the snapshot's seq is {since.seq} and there is no segment")
        if since.seq > self._seq_last and self._since_chain != since.chain:
            raise self._damaged(
                f"the snapshot at seq {since.seq} is beyond the last record: acknowledged records are missing",
                damage=Damage.GAP,
            )
        if self._since_chain != since.chain:
            raise self._damaged(
                f"the snapshot at seq {since.seq} saw chain {since.chain:08x}, the journal has {self._since_chain:08x}",
                damage=Damage.FOREIGN,
            )

    def _segment(self, file: plain.Plain) -> Iterator[Batch]:
        number = segment_number(self._name)
        first = self._head is None and (self._since is not None or number == 1)
        if not first and number != self._number() + 1:
            raise self._no_successor("the segment before is missing")
        is_last = self._name == self._names[-1]
        self._live = file.fileno() if is_last and isinstance(file, BufferedReader) else None
        headed = False
        while chunk := self._window(file):
            self._rest += chunk
            if not headed:
                heads = self._take(chain=0, seq_last=-1, limit=1)
                if heads is None:
                    return
                if not heads:
                    continue
                self._enter(heads)
                headed = True
            while records := self._take(chain=self._chain, seq_last=self._seq_last):
                self._advance(records)
                yield records
            if records is None:
                return
        if self._rest and not self._ends_here(self._seq_last if headed else -1, ""):
            raise self._damaged("the segment ends within a record, and another follows")
        if not headed and self._live is None:  # the last may be empty: a crash between making it and its head
            raise self._no_successor("the segment is empty")

    def _window(self, file: plain.Plain) -> bytes:
        try:
            return file.read(WINDOW_BYTES)
        except plain.Undecodable as error:
            raise self._damaged(str(error)) from error

    def _advance(self, records: Batch) -> None:
        seen, seq_last = self._seen, records.seqs[-1]
        if seen is not None and self._seq_last < seen.seq <= seq_last:
            there = records.up_to(seen.seq) - 1
            if (records.seqs[there], records.crcs[there]) != seen:
                raise self._damaged(
                    f"the witness saw chain {seen.chain:08x} at seq {seen.seq}, the journal has {records.crcs[there]:08x}",
                    damage=Damage.FOREIGN,
                )
        self._records += len(records)
        self._chain = records.crcs[-1]
        self._seq_last = seq_last

    def _take(self, *, chain: int, seq_last: int, limit: int = sys.maxsize) -> Batch | None:
        """The next good records; None at a clean end that zeros follow."""
        taken = frame.take(self._rest, chain=chain, seq_last=seq_last, offset=self._offset, limit=limit)
        if taken.flaw and not taken.records:
            try:
                if self._ends_here(seq_last, taken.flaw):
                    return None
                raise self._damaged(taken.flaw)
            except JournalDamaged:
                # Where the window had zeros, the writer may have put records before that was looked at.
                if self._live is None:
                    raise
                self._rest = os.pread(self._live, len(self._rest), self._offset)
                taken = frame.take(
                    self._rest, chain=chain, seq_last=seq_last, offset=self._offset, limit=limit
                )
                if taken.flaw and not taken.records:
                    raise
        self._rest = self._rest[taken.used :]
        self._offset += taken.used
        return taken.records

    def _ends_here(self, seq_last: int, flaw: str) -> bool:
        """Whether the journal ends cleanly in front of bytes that are no record. Raises where it is torn or damaged.

        False where another segment follows: then they are damage in any case.
        """
        if self._live is None:
            return False
        rest = tails.judge(self._live, offset=self._offset, seq_last=seq_last)
        if rest.flaw:
            raise self._damaged(flaw or rest.flaw)
        self._torn_bytes = rest.end - self._offset
        if self._torn_bytes:
            raise self._damaged("the last record was never finished", JournalTorn, Damage.TORN_TAIL)
        return True

    def _enter(self, first: Batch) -> None:
        """Go on into a segment. Its head, which is good in itself, must follow what was read so far."""
        if first.seqs[0] != frame.HEAD_SEQ:
            raise self._no_successor("the segment has no head")
        head = frame.decode_head(
            first.payloads[0], where=f"{self._where}/{self._name}", version=self._version
        )
        before = self._head or head
        if self._head is None and self._since is not None:  # what is before it, the snapshot has
            if head.seq_first > self._since.seq + 1:
                self._seq_last = self._since.seq
                raise self._no_successor(f"the snapshot covers only up to seq {self._since.seq}")
            self._seq_last, self._chain = head.seq_first - 1, int(head.chain, 16)
            self._since_chain = self._chain
        if (head.run_id, head.schema_version) != (before.run_id, before.schema_version):
            raise self._no_successor(
                f"a segment of another run ({head.run_id}, schema {head.schema_version}; "
                f"wanted {before.run_id}, schema {before.schema_version})",
                Damage.FOREIGN,
            )
        if head.segment != segment_number(self._name):
            raise self._no_successor(f"the file holds segment {head.segment}")
        if head.seq_first != self._seq_last + 1 or int(head.chain, 16) != self._chain:
            raise self._no_successor(
                f"the segment does not follow (seq {head.seq_first}, chain {head.chain}; "
                f"wanted {self._seq_last + 1}, {self._chain:08x})"
            )
        self._head = head
        self._chain = first.crcs[0]

    def _number(self) -> int:
        return self._head.segment if self._head else 0

    def _no_successor(self, what: str, damage: Damage = Damage.GAP) -> JournalDamaged:
        self._offset = 0
        return self._damaged(f"{what}; {self._missing()}", damage=damage)

    def _damaged(
        self, what: str, fault: type[JournalDamaged] = JournalDamaged, damage: Damage = Damage.ROT
    ) -> JournalDamaged:
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
            damage=damage,
        )

    def _missing(self) -> str:
        """Which seqs are lost, by the head of the next segment that can be read."""
        seq_next = self._seq_last + 1
        for name in self._later_names():
            head = read_head(name, self._directory, self._where)
            if (
                head is not None
                and head.seq_first > seq_next
                and (self._head is None or head.run_id == self._head.run_id)
            ):
                return f"seq {seq_next} to {head.seq_first - 1} are missing"
        return f"all from seq {seq_next} on are missing"

    def _later_names(self) -> list[str]:
        return self._names[self._names.index(self._name) :] if self._name in self._names else []

    def _count_later(self) -> int:
        """Lines behind the bad one that still look like records."""
        return sum(1 for _ in stray_records(self._later_names(), self._offset, self._directory, self._where))
