"""Getting a journal back after a crash (specs/journal/corruption.md).

Strict is the default and, so far, the only mode that feeds an engine: a journal that ends cleanly, or in a last
record that was provably never finished, is good up to there; anything else is refused before a single record of it is
handed out. `truncate_tail` is the only repair, and only of such an end.
"""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from veracity.journal.errors import JournalDead, JournalUnsafe
from veracity.journal.files import SYSTEM_FILES, Files, write_all
from veracity.journal.frame import FRAME_BYTES_MAX, Record
from veracity.journal.lock import WriterLock
from veracity.journal.reader import End, Tail, read, scan
from veracity.journal.segments import open_file, opened_directory, torn_name


class Recovered(NamedTuple):
    """What may be believed of a journal: its whole records, and how it ends (clean or torn)."""

    tail: Tail
    records: Iterator[Record]


def recover(directory: Path) -> Recovered:
    """The records of the journal in `directory`, after all of it was checked once. Changes nothing.

    Raises JournalDamaged unless it ends cleanly or in a torn record; then `tail.fault` tells of that.
    """
    tail = scan(directory)
    if tail.end is End.DAMAGED:
        assert tail.fault is not None
        raise tail.fault
    return Recovered(tail, islice(read(directory), tail.records))


def truncate_tail(directory: Path, *, files: Files = SYSTEM_FILES) -> Tail:
    """Keep a torn record's bytes in a file aside, then cut them off; the tail as it was found.

    Done again, or after it was itself killed, it ends the same. Raises JournalDamaged and changes nothing where the end
    is neither clean nor torn; JournalLocked where a writer is at work; JournalDead where the disk fails.
    """
    with opened_directory(directory) as opened:
        lock = WriterLock.acquire(opened, str(directory))
        try:
            tail = scan(directory)
            if tail.end is End.DAMAGED:
                assert tail.fault is not None
                raise tail.fault
            if tail.end is End.TORN:
                _cut_off(files, opened, str(directory), tail)
        except OSError as error:
            raise JournalDead(f"{directory}: cannot repair the journal: {error.strerror}") from error
        finally:
            lock.release()
    return tail


def _cut_off(files: Files, directory: int, where: str, tail: Tail) -> None:
    file = open_file(tail.segment, directory, os.O_RDWR, where)
    try:
        torn = os.pread(file, FRAME_BYTES_MAX, tail.offset)
        _keep(files, directory, where, torn_name(tail.segment, tail.offset), torn)
        files.truncate(file, tail.offset)
        files.sync(file)
    finally:
        os.close(file)


def _keep(files: Files, directory: int, where: str, name: str, data: bytes) -> None:
    """Write `data` to a new file `name`, all of it or nothing."""
    if name in os.listdir(directory):
        file = open_file(name, directory, os.O_RDONLY, where)
        kept = os.pread(file, FRAME_BYTES_MAX, 0)
        os.close(file)
        if kept != data:
            raise JournalUnsafe(
                "other bytes are kept here already", where=f"{where}/{name}", hint="move them elsewhere"
            )
        return
    unfinished = f"{name}.tmp"
    if unfinished in os.listdir(directory):  # of a repair that was killed; the journal still has the bytes
        os.unlink(unfinished, dir_fd=directory)
    file = files.create(unfinished, directory)
    try:
        write_all(files, file, data)
        files.sync(file)
    finally:
        os.close(file)
    files.replace(unfinished, name, directory)
    files.sync(directory)
