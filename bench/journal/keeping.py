"""The lives of what keeps a journal small and readable: compaction under a snapshot, snapshots with their retention, and the
tool that rewrites another format.

A life's state is the chain of SHA-256 over its records, so that a fold of a part and a fold of the whole can be compared.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.journal.disk import UNSYNCED
from bench.journal.lives import RUN_ID, Life, Outcome, Told, closed, record

from veracity.journal import snapshots
from veracity.journal.batch import Record
from veracity.journal.compact import compact
from veracity.journal.errors import JournalDamaged, JournalUnsafe
from veracity.journal.files import Files
from veracity.journal.frame import FORMAT_VERSION
from veracity.journal.reader import End, read
from veracity.journal.recover import recover
from veracity.journal.snapshots import Snapshot, SnapshotHeader
from veracity.journal.upgrade import upgrade

COVERED: Final = 20  # the last record that the snapshot of a compaction holds
OLD: Final = (10, 20)  # seqs of the snapshots that are there before
NEW: Final = (30, 40, 50)
KEEP: Final = 2


def folded(content: bytes | None, records: Iterable[Record | tuple[int, bytes]]) -> str:
    """The state behind `records`, in hex."""
    state = (content or b"").decode()
    for one in records:
        state = hashlib.sha256(state.encode() + one[1]).hexdigest()
    return state


def snapshot_at(seq: int, crc: int) -> Snapshot:
    """The snapshot behind record `seq`, whose chain value is `crc`."""
    state = folded(None, map(record, range(1, seq + 1)))
    header = SnapshotHeader(snapshots.FORMAT_VERSION, RUN_ID, 1, seq, seq, f"{crc:08x}", state)
    data = snapshots.encode_snapshot(header, state.encode())
    name = snapshots.snapshot_name(seq)
    return Snapshot(name, hashlib.sha256(data).hexdigest(), header, state.encode())


class Compaction:
    """Closed segments that a snapshot covers are removed."""

    def __init__(self) -> None:
        self._snapshot = snapshot_at(COVERED, 0)

    def before(self, directory: Path, told: Told) -> None:
        """A closed journal, and a snapshot of the middle of it."""
        closed(directory, told)
        at = next(one for one in read(directory) if one.seq == COVERED)
        self._snapshot = snapshot_at(COVERED, at.crc)

    def live(self, directory: Path, files: Files, _: Told) -> None:
        """The compaction."""
        done = compact(directory, self._snapshot, folded, files=files)
        assert done.removed, "the life is too short to show anything"

    def judge(self, directory: Path, told: Told) -> Outcome:
        """From the snapshot on every record is there; the compaction is gone on with, and is steady."""
        wanted = told.appended[COVERED:]
        for again in (False, True):
            try:
                if again:
                    compact(directory, self._snapshot, folded, files=UNSYNCED)
                found = recover(directory, since=self._snapshot.header.since)
            except (JournalDamaged, JournalUnsafe):
                return Outcome.UNSTEADY if again else Outcome.REFUSED
            kept = [(one.seq, one.payload) for one in found.records]
            if kept != wanted[: len(kept)]:
                return Outcome.WRONG
            if found.tail.end is not End.CLEAN or len(kept) < len(wanted):
                return Outcome.LOST
        return Outcome.WHOLE


def snapshots_before(directory: Path, told: Told) -> None:
    """Two snapshots, written in order."""
    for seq in OLD:
        _write(directory, seq, UNSYNCED)
        told.acknowledged = seq


def snapshots_live(directory: Path, files: Files, told: Told) -> None:
    """Three more, the old ones rolled away behind each."""
    for seq in NEW:
        _write(directory, seq, files)
        told.acknowledged = seq
        snapshots.roll(directory, KEEP, files=files)


def snapshots_judge(directory: Path, told: Told) -> Outcome:
    """The newest that was told of is there or a newer one, it is what was written, and no half of one has its name."""
    try:
        choice = snapshots.newest_valid(directory, run_id=RUN_ID, schema_version=1, seq_last=NEW[-1])
    except JournalUnsafe:
        return Outcome.REFUSED
    if choice.snapshot is None or choice.snapshot.header.seq < told.acknowledged:
        return Outcome.LOST
    if choice.passed_over or choice.snapshot != snapshot_at(choice.snapshot.header.seq, 0):
        return Outcome.WRONG
    _write(directory, NEW[-1] + 10, UNSYNCED)  # the next start takes one too
    snapshots.roll(directory, KEEP, files=UNSYNCED)
    left = [one.name for one in snapshots.walk(directory) if isinstance(one, Snapshot)]
    steady = left[0] == snapshots.snapshot_name(NEW[-1] + 10) and len(left) == KEEP
    return Outcome.WHOLE if steady else Outcome.UNSTEADY


def upgrade_before(place: Path, told: Told) -> None:
    """A journal of this version, in a directory of its own beside which there is room."""
    place.mkdir(mode=0o700, exist_ok=True)
    closed(place / "wal", told)


def upgrade_live(place: Path, files: Files, _: Told) -> None:
    """It is rewritten in the format before this one."""
    assert upgrade(place / "wal", to=FORMAT_VERSION - 1, files=files).records


def upgrade_judge(place: Path, told: Told) -> Outcome:
    """The way back to this version leads from whatever is left, to every record; and again to nothing else."""
    wal = place / "wal"
    for again in (False, True):
        try:
            upgrade(wal, files=UNSYNCED)
            found = recover(wal)
        except (JournalDamaged, JournalUnsafe):
            return Outcome.UNSTEADY if again else Outcome.REFUSED
        kept = [(one.seq, one.payload) for one in found.records]
        if kept != told.appended[: len(kept)]:
            return Outcome.WRONG
        if found.tail.end is not End.CLEAN or len(kept) < told.acknowledged:
            return Outcome.LOST
    return Outcome.WHOLE


def _write(directory: Path, seq: int, files: Files) -> None:
    written = snapshot_at(seq, 0)
    snapshots.write_snapshot(directory, written.header, written.content, files=files)


_COMPACTION: Final = Compaction()
KEEPING: Final = (
    Life("compact", _COMPACTION.before, _COMPACTION.live, _COMPACTION.judge),
    Life("snapshot", snapshots_before, snapshots_live, snapshots_judge),
    Life("upgrade", upgrade_before, upgrade_live, upgrade_judge),
)
