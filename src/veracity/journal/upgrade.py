"""From one journal format to another, forward and back (specs/journal/format.md, S-046).

The journal is rewritten beside itself, record for record, read back and compared, and then the two directories change places: the
old one stays, byte for byte, as `wal.v<version>`. A kill at any point leaves the old one, or both; the next call goes on.
"""

import os
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from veracity.domain.events import SegmentOpened
from veracity.journal import frame, plain, segments
from veracity.journal.audit import Digest, begin_chain, note_closed, on_segment_closed
from veracity.journal.batch import Batch, Record
from veracity.journal.errors import JournalDamaged, JournalDead, JournalUnsafe, JournalVersionMismatch
from veracity.journal.files import SYSTEM_FILES, Files, write_all
from veracity.journal.frame import FORMAT_VERSION
from veracity.journal.lock import WriterLock
from veracity.journal.reader import read_version, scan_opened

VERSIONS: Final = (1, 2)
"""Formats that this version can read and write. 2 has the mark of a sync in a line, and zeros ahead of the records."""


class Upgraded(NamedTuple):
    """What was done: nothing where both versions are one."""

    version_before: int
    version_after: int
    records: int
    backup: Path | None


def upgrade(
    wal: Path,
    snapshots: Path | None = None,
    *,
    to: int = FORMAT_VERSION,
    who: str = "",
    ts: int = 0,
    files: Files = SYSTEM_FILES,
) -> Upgraded:
    """Rewrite the journal in `wal` in format `to`. Snapshots name places in the old one, so they go to its backup's side.

    Raises JournalDamaged unless the journal ends cleanly, JournalVersionMismatch where one of the versions is not known,
    JournalLocked where a writer is at work, JournalUnsafe where a backup of that version is there already or what came first
    is not in the journal, JournalDead where the disk fails. The old journal is whole in every case.
    """
    if to not in VERSIONS:
        raise JournalVersionMismatch(
            f"journal format {to} cannot be written", where=str(wal), why=f"this version writes {VERSIONS}"
        )
    try:
        _finish_killed(wal, files)
        before = version_of(wal)
        if before == to:
            return Upgraded(before, to, 0, None)
        backup = backup_of(wal, before)
        if backup.exists():
            raise JournalUnsafe(
                "a backup of this version is there already", where=str(backup), hint="move it elsewhere"
            )
        with segments.opened_directory(wal) as directory:
            lock = WriterLock(directory, str(wal))
            try:
                records = _rewrite(wal, directory, before, to, Digest("upgrade", who, 0, 0, "", ts), files)
            finally:
                lock.release()
        if snapshots is not None and snapshots.exists():
            _move(snapshots, backup_of(snapshots, before), files)
        _move(wal, backup, files)
        _move(_sibling(wal, segments.UNFINISHED_SUFFIX), wal, files)
    except OSError as error:
        raise JournalDead(f"{wal}: cannot rewrite the journal: {error.strerror}") from error
    return Upgraded(before, to, records, backup)


def backup_of(wal: Path, version: int) -> Path:
    """Where an upgrade of a journal of `version` leaves it."""
    return _sibling(wal, f".v{version}")


def same_records(one: Path, other: Path) -> bool:
    """Whether two journals, of any versions, hold the same records. Raises as reading them does."""
    pairs = zip_longest(_flat(one, version_of(one)), _flat(other, version_of(other)))
    return all(a is not None and b is not None and a[:2] == b[:2] for a, b in pairs)


def version_of(wal: Path) -> int:
    """Format version of the journal in `wal`. Raises JournalVersionMismatch where its first segment has no head, or one not known."""
    where = str(wal)
    with segments.opened_directory(wal) as directory:
        names = segments.list_segments(directory, where)
        if names:
            with plain.opened(names[0], directory, where) as file:
                first = frame.take(
                    file.read(frame.HEAD_BYTES_MAX), chain=0, seq_last=-1, offset=0, limit=1
                ).records
            version = frame.head_version(first.payloads[0]) if first else None
            if version in VERSIONS:
                return version
    raise JournalVersionMismatch(
        "no journal of a version that is known", where=where, why=f"this version knows {VERSIONS}"
    )


def _require_all_records(directory: int, where: str) -> None:
    """A snapshot names a place in the journal that it is of, so it says nothing of one that was rewritten."""
    first = segments.list_segments(directory, where)[0]
    if segments.segment_number(first) > 1:
        raise JournalUnsafe(
            f"the journal begins with {first}, so it cannot be rewritten: what led there is in a snapshot, or is missing",
            where=where,
            hint="`veracity wal verify` says which; a compacted journal stays with the version that wrote it",
        )


def _rewrite(wal: Path, directory: int, before: int, to: int, act: Digest, files: Files) -> int:
    _require_all_records(directory, str(wal))
    tail = scan_opened(directory, str(wal), None, before)
    if tail.fault is not None:
        raise tail.fault
    target = _sibling(wal, segments.UNFINISHED_SUFFIX)
    _remove(target, files)  # of an attempt that was killed
    segments.make_directory(target)
    with segments.opened_directory(target) as opened:
        last = _copy(read_version(wal, before), opened, to, files)
        if to >= 2:
            begin_chain(files, opened, str(target), tail.head.run_id if tail.head else "", 1)
            note_closed(files, opened, str(target))
            act = msgspec.structs.replace(act, seq_first=min(1, last.seq), seq_last=last.seq)
            on_segment_closed(files, opened, str(target), act)
        segments.sync_parent(files, opened)
    if not same_records(wal, target):
        raise JournalDamaged(
            "what was rewritten does not read back",
            where=str(target),
            segment="",
            offset=0,
            record=0,
            seq_after=0,
        )
    return tail.records


def _copy(source: Iterator[tuple[SegmentOpened, Batch]], directory: int, to: int, files: Files) -> Record:
    """Write every record into segments of the same numbers; the last one, as it is chained now."""
    last = Record(0, b"", 0, 0)
    segment: segments.OpenSegment | None = None
    number, size = 0, 0
    for old, records in source:
        if segment is None or old.segment != number:
            if segment is not None:
                segments.end(files, segment)
                os.close(segment.file)
            number = old.segment
            head = msgspec.structs.replace(old, format_version=to, chain=f"{last.crc:08x}")
            segment = segments.start(files, directory, head)
            size, chain, after_sync = segment.size, segment.chain, to >= 2
        lines, chain = frame.encode_all(records.seqs, records.payloads, chain, after_sync=after_sync)
        after_sync = False
        last = Record(records.seqs[-1], b"", chain, 0)
        write_all(files, segment.file, lines, size)
        size += len(lines)
        segment = segment._replace(size=size, room=size, chain=chain)
    if segment is not None:
        segments.end(files, segment)
        os.close(segment.file)
    return last


def _flat(wal: Path, version: int) -> Iterator[Record]:
    for _, records in read_version(wal, version):
        yield from records


def _finish_killed(wal: Path, files: Files) -> None:
    """A kill between the two renames leaves no journal under its name, and the finished one beside it."""
    unfinished = _sibling(wal, segments.UNFINISHED_SUFFIX)
    if not wal.exists() and unfinished.exists():
        _move(unfinished, wal, files)


def _sibling(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _move(old: Path, new: Path, files: Files) -> None:
    parent = os.open(old.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        files.replace(old.name, new.name, parent)
        files.sync(parent)
    finally:
        os.close(parent)


def _remove(target: Path, files: Files) -> None:
    if not target.exists():
        return
    with segments.opened_directory(target) as directory:
        for name in os.listdir(directory):
            files.unlink(name, directory)
    target.rmdir()
