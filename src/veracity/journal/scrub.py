"""Scrubbing: reading what nobody reads, so that rot is found while a copy still exists.

Takes no lock and writes nothing, so it may run beside the engine: closed segments and snapshots never change.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from veracity.domain.errors import OperatorFault
from veracity.domain.events import SegmentOpened
from veracity.domain.policies import JOURNAL
from veracity.journal import audit, frame, plain
from veracity.journal.heads import read_head
from veracity.journal.segments import list_segments, opened_directory, plain_name
from veracity.journal.snapshots import PassedOver, walk

_WINDOW_BYTES: Final = 1 << 20


class Finding(NamedTuple):
    """One bad file: where in it, as it was written, and what."""

    name: str
    offset: int
    what: str


class Scrubbed(NamedTuple):
    """What a scrub read, and what it found."""

    segments: int
    snapshots: int
    records: int
    bytes_read: int
    findings: list[Finding]


class _Checked(NamedTuple):
    head: SegmentOpened | None
    seq_last: int
    chain: int
    records: int
    size: int
    finding: Finding | None


def scrub(
    wal: Path,
    snapshots: Path | None = None,
    *,
    sleep: Callable[[float], None] | None = None,
    bytes_per_second: int = JOURNAL.scrub_bytes_per_second,
    progress: Callable[[int], None] | None = None,
) -> Scrubbed:
    """Check every closed segment, each by itself, that they follow each other, their digests, and every snapshot.

    `sleep` makes it as slow as `bytes_per_second`; None reads at full speed. `progress` hears of each window's bytes. A bad
    file does not end the scrub. Raises JournalUnsafe where files are not ours alone, JournalVersionMismatch where the journal
    is of another format: then nothing in it is bad.
    """

    def pace(size: int) -> None:
        if sleep is not None:
            sleep(size / bytes_per_second)
        if progress is not None:
            progress(size)

    where = str(wal)
    findings: list[Finding] = []
    records = size = 0
    with opened_directory(wal) as directory:
        closed = list_segments(directory, where)[:-1]
        digests = {
            line.name: line.sha256 for line in audit.read_digests(directory, where) if line.kind == "segment"
        }
        for name in list_segments(directory, where)[:1]:
            read_head(name, directory, where)
        before: _Checked | None = None
        for name in closed:
            checked = _segment(name, directory, where, pace)
            records += checked.records
            size += checked.size
            finding = checked.finding or _follows(name, before, checked)
            noted = digests.get(plain_name(name))
            if finding is None and noted is not None and audit.sha256_of(name, directory, where) != noted:
                finding = Finding(name, 0, "is not the file that was closed: its SHA-256 differs")
            if finding is not None:
                findings.append(finding)
            before = None if finding else checked
    kept = list(walk(snapshots)) if snapshots is not None else []
    findings += [Finding(one.name, 0, one.why) for one in kept if isinstance(one, PassedOver)]
    return Scrubbed(len(closed), len(kept), records, size, findings)


def _segment(name: str, directory: int, where: str, pace: Callable[[int], None]) -> _Checked:
    """One closed segment by itself: its head proves itself, and the chain runs from it to the last byte."""
    head: SegmentOpened | None = None
    seq_last, chain, offset, records, rest = -1, 0, 0, 0, b""

    def ended(what: str) -> _Checked:
        return _Checked(head, seq_last, chain, records, offset, Finding(name, offset, what) if what else None)

    try:
        with plain.opened(name, directory, where) as file:
            while chunk := file.read(_WINDOW_BYTES):
                pace(len(chunk))
                rest += chunk
                while True:
                    limit = {"limit": 1} if head is None else {}
                    taken = frame.take(rest, chain=chain, seq_last=seq_last, offset=offset, **limit)
                    if not taken.records:
                        break
                    if head is None:
                        if taken.records.seqs[0] != frame.HEAD_SEQ:
                            return ended("the segment has no head")
                        head = frame.decode_head(taken.records.payloads[0], where=f"{where}/{name}")
                        seq_last = head.seq_first - 1
                    else:
                        records += len(taken.records)
                        seq_last = taken.records.seqs[-1]
                    chain = taken.records.crcs[-1]
                    rest, offset = rest[taken.used :], offset + taken.used
                if taken.flaw:
                    return ended(taken.flaw)
    except plain.Undecodable as error:
        return ended(str(error))
    except OperatorFault as fault:
        return ended(str(fault))
    if head is None:
        return ended("the segment is empty")
    return ended("the segment ends within a record" if rest else "")


def _follows(name: str, before: _Checked | None, checked: _Checked) -> Finding | None:
    head = checked.head
    if before is None or head is None or before.head is None:
        return None
    wanted = (before.head.run_id, before.head.segment + 1, before.seq_last + 1, f"{before.chain:08x}")
    if (head.run_id, head.segment, head.seq_first, head.chain) != wanted:
        return Finding(name, 0, "the segment does not follow the one before")
    return None
