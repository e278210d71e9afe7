"""What a journal lives through, and what is left of it judged: the subject of every proof in this directory.

A life is a function that uses a journal through `Files` and says in `Told` what it was told: what it appended, and up to
which record the journal said that it is durable. `judge` opens what is left as a restart does.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from bench.journal.disk import UNSYNCED

from veracity.journal.errors import JournalDamaged, JournalDead, JournalUnsafe
from veracity.journal.files import Files
from veracity.journal.reader import End
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.space import BATCH
from veracity.journal.writer import JournalWriter

RUN_ID: Final = "00112233445566ff"
SEGMENT_BYTES: Final = 3_000
GROUPS: Final = (1, 1, 3, 1, 8, 2, 1, 12, 1)  # records between two barriers
RECORDS: Final = sum(GROUPS)


class Outcome(StrEnum):
    """What a restart made of what was left."""

    WHOLE = "whole"  # every record that was acknowledged, and at most some that were not
    REPAIRED = "repaired"  # the same after a torn tail was cut off
    REFUSED = "refused"  # it does not start; a person must look
    LOST = "LOST"  # a record that was acknowledged is gone, and nobody says so
    WRONG = "WRONG"  # a record that was never written so
    UNSTEADY = "UNSTEADY"  # a second start ends otherwise than the first


VIOLATIONS: Final = (Outcome.LOST, Outcome.WRONG, Outcome.UNSTEADY)


class Told:
    """What the caller of a journal knows at any moment."""

    def __init__(self) -> None:
        self.appended: list[tuple[int, bytes]] = []
        self.acknowledged = 0  # records that a barrier returned for


class Life(NamedTuple):
    """A name, what is there before, and what happens then."""

    name: str
    before: Callable[[Path, Told], None]
    live: Callable[[Path, Files, Told], None]


def records() -> list[tuple[int, bytes]]:
    """Every record is of another length; some span two sectors of a disk."""
    return [
        (seq, b'{"seq":%d,"fill":"%b"}' % (seq, b"x" * (seq * 37 % 700))) for seq in range(1, RECORDS + 1)
    ]


def write(directory: Path, files: Files, told: Told) -> None:
    """A new journal of some segments, closed in order."""
    journal = JournalWriter.create(
        directory,
        RUN_ID,
        code_version="0.1.0",
        schema_version=1,
        profile=BATCH._replace(segment_bytes=SEGMENT_BYTES),
        files=files,
    )
    try:
        coming = iter(records())
        for group in GROUPS:
            for _ in range(group):
                seq, payload = next(coming)
                told.appended.append((seq, payload))
                journal.append(seq, payload)
            journal.barrier()
            told.acknowledged = len(told.appended)
        journal.close()
    finally:  # a process that ends gives the lock back
        with suppress(JournalDead):
            journal.close()


def torn(directory: Path, told: Told) -> None:
    """A journal whose last record was never finished."""
    write(directory, UNSYNCED, told)
    last = max(directory.glob("*.wal"))
    os.truncate(last, last.stat().st_size - 3)
    told.acknowledged -= 1  # so it never was


def nothing(_: Path, __: Told) -> None:
    """There is nothing before."""


def repair(directory: Path, files: Files, _: Told) -> None:
    """The torn tail is set aside and cut off."""
    truncate_tail(directory, files=files)


LIVES: Final = (Life("write", nothing, write), Life("repair", torn, repair))


def judge(directory: Path, told: Told) -> Outcome:
    """Start on what is left, repair what may be repaired, start again, and compare with what was told."""
    if not directory.exists():
        return Outcome.LOST if told.acknowledged else Outcome.WHOLE
    try:
        found = recover(directory)
    except (JournalDamaged, JournalUnsafe):
        return Outcome.REFUSED
    kept = [(record.seq, record.payload) for record in found.records]
    if kept != told.appended[: len(kept)]:
        return Outcome.WRONG
    if len(kept) < told.acknowledged:
        return Outcome.LOST
    if found.tail.end is End.CLEAN:
        return Outcome.WHOLE
    truncate_tail(directory, files=UNSYNCED)
    after = {path.name: path.read_bytes() for path in directory.iterdir()}
    again = recover(directory)
    truncate_tail(directory, files=UNSYNCED)
    steady = (
        again.tail.end is End.CLEAN
        and [(record.seq, record.payload) for record in again.records] == kept
        and {path.name: path.read_bytes() for path in directory.iterdir()} == after
    )
    return Outcome.REPAIRED if steady else Outcome.UNSTEADY
