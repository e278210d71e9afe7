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

from bench.journal.disk import UNSYNCED, CrashDisk, PowerCut

from veracity.journal.compress import compress_closed
from veracity.journal.errors import JournalDamaged, JournalDead, JournalUnsafe
from veracity.journal.files import Files
from veracity.journal.reader import End
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.space import BATCH, LIVE, Profile
from veracity.journal.writer import JournalWriter

RUN_ID: Final = "00112233445566ff"
SEGMENT_BYTES: Final = 3_000
GROUPS: Final = (1, 1, 3, 1, 8, 2, 1, 12, 1)  # records between two barriers
RECORDS: Final = sum(GROUPS)
PLAIN: Final = BATCH._replace(segment_bytes=SEGMENT_BYTES)
CAREFUL: Final = LIVE._replace(
    segment_bytes=SEGMENT_BYTES,
    preallocate_bytes=4096,
    reserve_bytes=4096,
    low_water_bytes=0,
    witness_records=4,
)
KILLED_AT: Final = 60  # the file call that a kill ends: in the middle of a write, some segments on


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

    def hears(self, seq: int, *, is_durable: bool) -> None:
        """The records up to `seq` were appended, or are durable."""
        self.appended += [record(one) for one in range(len(self.appended) + 1, seq + 1)]
        if is_durable:
            self.acknowledged = seq


def record(seq: int) -> tuple[int, bytes]:
    """Every record is of another length; some span two sectors of a disk."""
    return seq, b'{"seq":%d,"fill":"%b"}' % (seq, b"x" * (seq * 37 % 700))


def write(directory: Path, files: Files, told: Told, profile: Profile = PLAIN) -> None:
    """A new journal of some segments, closed in order."""
    journal = JournalWriter.create(
        directory, RUN_ID, code_version="0.1.0", schema_version=1, profile=profile, files=files
    )
    _write_on(journal, told)


def write_live(directory: Path, files: Files, told: Told) -> None:
    """The same with zeros ahead, a witness, a reserve and digests."""
    write(directory, files, told, CAREFUL)


def resume(directory: Path, files: Files, told: Told) -> None:
    """A restart: the torn tail is cut off where there is one, and the journal goes on to its end."""
    truncate_tail(directory, files=files)
    journal = JournalWriter.resume(
        directory, RUN_ID, code_version="0.1.0", schema_version=1, profile=CAREFUL, files=files
    )
    _write_on(journal, told)


def compress(directory: Path, files: Files, _: Told) -> None:
    """The closed segments are compressed."""
    try:
        compress_closed(directory, files=files)
    except OSError as error:
        raise JournalDead(str(error)) from error


def repair(directory: Path, files: Files, _: Told) -> None:
    """The torn tail is set aside and cut off."""
    truncate_tail(directory, files=files)


def _write_on(journal: JournalWriter, told: Told) -> None:
    """From the journal's last record on: groups of records, a barrier behind each, closed in order."""
    try:
        seq = journal.since.seq
        told.hears(seq, is_durable=True)
        for group in GROUPS:
            for _ in range(min(group, RECORDS - seq)):
                seq += 1
                told.hears(seq, is_durable=False)
                journal.append(*record(seq))
            journal.barrier()
            told.hears(seq, is_durable=True)
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


def killed(directory: Path, told: Told) -> None:
    """A careful journal whose process was killed in the middle of a write."""
    with suppress(PowerCut):
        write(directory, CrashDisk(directory, cut_at=KILLED_AT), told, CAREFUL)


def closed(directory: Path, told: Told) -> None:
    """A careful journal of some segments, closed in order."""
    write(directory, UNSYNCED, told, CAREFUL)


def nothing(_: Path, __: Told) -> None:
    """There is nothing before."""


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


class Life(NamedTuple):
    """A name, what is there before, what happens then, and who judges what is left of it."""

    name: str
    before: Callable[[Path, Told], None]
    live: Callable[[Path, Files, Told], None]
    judge: Callable[[Path, Told], Outcome] = judge


LIVES: Final = (
    Life("write", nothing, write),
    Life("write live", nothing, write_live),
    Life("repair", torn, repair),
    Life("resume", killed, resume),
    Life("compress", closed, compress),
)
