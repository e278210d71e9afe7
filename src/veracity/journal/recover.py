"""Getting a journal back after a crash (specs/journal/corruption.md).

Strict is the default: a journal that ends cleanly, or in a write that was provably never finished, is good up to there;
anything else is refused before a single record of it is handed out. `truncate_tail` is the only repair, and only of such an
end. `salvage` lists what is there and feeds nothing.
"""

import hashlib
import os
from collections.abc import Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from veracity.domain.recovery_models import RecoveryReport
from veracity.journal.audit import Digest, note_act
from veracity.journal.batch import Record
from veracity.journal.errors import Damage, JournalDamaged, JournalDead, JournalUnsafe
from veracity.journal.files import SYSTEM_FILES, Files, write_new
from veracity.journal.lock import WriterLock
from veracity.journal.reader import End, Since, Tail, lost, read, scan, scan_opened
from veracity.journal.recovery_text import page
from veracity.journal.segments import list_segments, open_file, opened_directory, torn_name
from veracity.journal.strays import Stray, stray_records

_WINDOW_BYTES: Final = 1 << 20


class Mode(StrEnum):
    """How a damaged journal is met."""

    STRICT = "strict"
    TRUNCATE_TAIL = "truncate-tail"
    SALVAGE = "salvage"


class Recovered(NamedTuple):
    """What may be believed of a journal: its whole records, and how it ends (clean or torn)."""

    tail: Tail
    records: Iterator[Record]


def classify_damage(tail: Tail) -> Damage:
    """What is wrong with a journal, by where it broke, the bytes behind the break (`tail.fault`) and the witness.

    Only a torn tail may be repaired. What the witness saw acknowledged was whole once: if it is not there, it rotted or is
    gone, however much it looks like a write that was never finished.
    """
    found = tail.fault.damage if tail.fault is not None else Damage.NONE
    if tail.acknowledged > tail.seq_last:
        return {Damage.NONE: Damage.GAP, Damage.TORN_TAIL: Damage.ROT}.get(found, found)
    return found


def refusal(tail: Tail, where: str, *, torn: bool = True) -> JournalDamaged | None:
    """Why nobody may go on in this journal; None where it ends cleanly, or, unless `torn`, in a torn write."""
    damage = classify_damage(tail)
    if damage is Damage.NONE or (damage is Damage.TORN_TAIL and not torn):
        return None
    if tail.fault is not None and tail.fault.damage is damage:
        return tail.fault
    return lost(tail, where, damage)


def recover(directory: Path, since: Since | None = None) -> Recovered:
    """The records of the journal in `directory`, after all of it was checked once. Changes nothing.

    Raises JournalDamaged unless it ends cleanly or in a torn record; then `tail.fault` tells of that.
    """
    tail = scan(directory, since)
    fault = refusal(tail, str(directory), torn=False)
    if fault is not None:
        raise fault
    return Recovered(tail, islice(read(directory, since), tail.records))


def truncate_tail(
    directory: Path,
    since: Since | None = None,
    *,
    who: str = "",
    ts: int = 0,
    files: Files = SYSTEM_FILES,
) -> Tail:
    """Keep a torn write's bytes in a file aside, then cut them off; the tail as it was found.

    Done again, or after it was itself killed, it ends the same. `who` did it, and when, is noted in the digest chain of a
    journal that has one. Raises JournalDamaged and changes nothing where the end is neither clean nor torn; JournalLocked
    where a writer is at work; JournalDead where the disk fails.
    """
    where = str(directory)
    with opened_directory(directory) as opened:
        lock = WriterLock(opened, where)
        try:
            tail = scan_opened(opened, where, since)
            fault = refusal(tail, where, torn=False)
            if fault is not None:
                raise fault
            if tail.end is End.TORN:
                _cut_off(files, opened, where, tail, who, ts)
        except OSError as error:
            raise JournalDead(f"{directory}: cannot repair the journal: {error.strerror}") from error
        finally:
            lock.release()
    return tail


class Salvaged(NamedTuple):
    """All that is left of a journal, for people: feeds no engine."""

    tail: Tail
    good: Iterator[Record]
    strays: Iterator[Stray]  # lines behind the damage that look like records


def salvage(directory: Path, since: Since | None = None) -> Salvaged:
    """What is still good, and what stands behind the damage. Changes nothing, and raises for no damage."""
    tail = scan(directory, since)
    return Salvaged(tail, islice(read(directory, since), tail.records), _strays(directory, tail))


def _strays(directory: Path, tail: Tail) -> Iterator[Stray]:
    if tail.end is End.CLEAN:
        return
    with opened_directory(directory) as opened:
        names = list_segments(opened, str(directory))
        names = names[names.index(tail.segment) :] if tail.segment in names else []
        yield from stray_records(names, tail.offset, opened, str(directory))


def write_report(directory: Path, report: RecoveryReport, *, files: Files = SYSTEM_FILES) -> None:
    """`recovery.json` and `recovery.txt` in `directory`, in the place of an earlier recovery's. Raises OSError."""
    content = report.model_dump_json(indent=2, by_alias=True).encode() + b"\n"
    opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        write_new(files, "recovery.json", opened, [content])
        write_new(files, "recovery.txt", opened, [page(report).encode()])
    finally:
        os.close(opened)


def _cut_off(files: Files, directory: int, where: str, tail: Tail, who: str, ts: int) -> None:
    name = torn_name(tail.segment, tail.offset)
    sha = _keep(files, directory, where, name, tail)
    note_act(files, directory, where, Digest("repair", who, tail.seq_last + 1, tail.seq_last + 1, sha, ts))
    file = files.open(tail.segment, directory)
    try:
        files.truncate(file, tail.offset)
        files.sync(file)
    finally:
        os.close(file)


def _keep(files: Files, directory: int, where: str, name: str, tail: Tail) -> str:
    """Write the torn bytes to a new file `name`, all of them or nothing; their SHA-256."""
    source = open_file(tail.segment, directory, os.O_RDONLY, where)
    try:
        if name in os.listdir(directory):
            kept = open_file(name, directory, os.O_RDONLY, where)
            try:
                same = os.fstat(kept).st_size == tail.torn_bytes and _sha256(
                    kept, 0, tail.torn_bytes
                ) == _sha256(source, tail.offset, tail.torn_bytes)
            finally:
                os.close(kept)
            if not same:
                raise JournalUnsafe(
                    "other bytes are kept here already", where=f"{where}/{name}", hint="move them elsewhere"
                )
        else:
            write_new(files, name, directory, _pieces(source, tail.offset, tail.torn_bytes))
        return _sha256(source, tail.offset, tail.torn_bytes)
    finally:
        os.close(source)


def _sha256(file: int, start: int, size: int) -> str:
    sha = hashlib.sha256()
    for piece in _pieces(file, start, size):
        sha.update(piece)
    return sha.hexdigest()


def _pieces(file: int, start: int, size: int) -> Iterator[bytes]:
    end = start + size
    while start < end:
        piece = os.pread(file, min(_WINDOW_BYTES, end - start), start)
        if not piece:
            return
        yield piece
        start += len(piece)
