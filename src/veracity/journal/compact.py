"""Compaction: closed segments that a snapshot covers are removed, after the proof that nothing is lost with them.

The proof comes first: snapshot plus the rest folds to the same state hash as everything that is there. Then the oldest segment
goes first and the directory is synced after each, so that a kill at any point leaves a journal that reads from its first
segment on. Their digests stay.
"""

from collections.abc import Callable, Iterator
from itertools import dropwhile, islice, pairwise, takewhile
from pathlib import Path
from typing import NamedTuple, TypeAlias

from veracity.journal.audit import Digest, begin_chain, close_segment, note_act, note_closed, read_digests
from veracity.journal.batch import Record
from veracity.journal.errors import Damage, JournalDamaged, JournalDead
from veracity.journal.files import SYSTEM_FILES, Files
from veracity.journal.heads import read_head
from veracity.journal.lock import KeeperLock
from veracity.journal.reader import read, scan
from veracity.journal.recover import refusal
from veracity.journal.segments import list_segments, opened_directory, plain_name
from veracity.journal.snapshots import Snapshot

FoldHash: TypeAlias = Callable[[bytes | None, Iterator[Record]], str]
"""State hash of records folded into a snapshot's content, or into a new state."""


class Compacted(NamedTuple):
    """What a compaction did: segments that are gone, and why each of the rest stays."""

    removed: list[str]
    kept: dict[str, str]


class _Covered(NamedTuple):
    name: str
    seq_first: int
    seq_last: int


def compact(
    wal: Path,
    snapshot: Snapshot,
    fold_hash: FoldHash,
    *,
    base: Snapshot | None = None,
    who: str = "",
    ts: int = 0,
    files: Files = SYSTEM_FILES,
) -> Compacted:
    """Remove the closed segments that `snapshot` covers. May run beside the writer, which only touches the last segment.

    The whole is folded from `base`, an older snapshot, or from the first record, and must come to the same hash as `snapshot`
    with what is behind it. Raises JournalDamaged where it does not, or where there is nothing to prove it by, and then
    nothing was removed; JournalLocked where another keeper is at work; JournalDead where the disk fails.
    """
    where = str(wal)
    with opened_directory(wal) as directory:
        lock = KeeperLock(directory, where)
        try:
            covered, kept = _sorted_out(directory, where, snapshot)
            if not covered:
                return Compacted([], kept)
            if not _was_proved(directory, where, snapshot):
                _prove(wal, snapshot, base, fold_hash)
                act = Digest(
                    "compaction", who, covered[0].seq_first, covered[-1].seq_last, snapshot.sha256, ts
                )
                _note(files, directory, where, snapshot.header.run_id, covered, act)
            for one in covered:
                files.unlink(one.name, directory)
                files.sync(directory)
            return Compacted([one.name for one in covered], kept)
        except OSError as error:
            raise JournalDead(f"{where}: cannot compact: {error.strerror}") from error
        finally:
            lock.release()


def _sorted_out(directory: int, where: str, snapshot: Snapshot) -> tuple[list[_Covered], dict[str, str]]:
    names = list_segments(directory, where)
    covered, kept = [], {}
    for name, following in pairwise(names):
        head, after = (read_head(one, directory, where) for one in (name, following))
        if head is None or after is None:
            raise _refused(where, name, "the head of a closed segment cannot be read")
        if after.seq_first <= snapshot.header.record_seq + 1:
            covered.append(_Covered(name, head.seq_first, after.seq_first - 1))
        else:
            kept[name] = f"holds records behind seq {snapshot.header.record_seq}"
    for name in names[-1:]:
        kept[name] = "is the last one"
    return covered, kept


def _was_proved(directory: int, where: str, snapshot: Snapshot) -> bool:
    """Whether a compaction under this very snapshot was noted, which is done behind the proof, and then killed."""
    lines = read_digests(directory, where)
    return any(line.kind == "compaction" and line.sha256 == snapshot.sha256 for line in lines)


def _prove(wal: Path, snapshot: Snapshot, base: Snapshot | None, fold_hash: FoldHash) -> None:
    """Raises JournalDamaged, too, where the records that shall go are not all good."""
    content, since = (base.content, base.header.since) if base else (None, None)
    until = snapshot.header.record_seq
    if base is not None and base.header.record_seq >= until:
        raise _refused(str(wal), snapshot.name, "no older snapshot is left to prove it by")
    tail = scan(wal, since)  # the writer may go on: the proof ends here
    fault = refusal(tail, str(wal), torn=False)
    if fault is not None:
        raise fault

    def whole() -> Iterator[Record]:
        return islice(read(wal, since), tail.records)

    folded = fold_hash(content, takewhile(lambda record: record.seq <= until, whole()))
    if folded != snapshot.header.state_hash:
        raise _refused(
            str(wal),
            snapshot.name,
            f"the snapshot has state {snapshot.header.state_hash}, the fold up to seq {until} has {folded}",
        )
    everything = fold_hash(content, whole())
    rest = fold_hash(snapshot.content, dropwhile(lambda record: record.seq <= until, whole()))
    if rest != everything:
        raise _refused(
            str(wal), snapshot.name, f"the snapshot and the rest fold to {rest}, everything to {everything}"
        )


def _note(
    files: Files, directory: int, where: str, run_id: str, covered: list[_Covered], act: Digest
) -> None:
    """The digests of what goes, and the act, before anything goes; of all that is there, where it had no chain."""
    if not read_digests(directory, where):
        begin_chain(files, directory, where, run_id, covered[0].seq_first)
        note_closed(files, directory, where)
    noted = {line.name for line in read_digests(directory, where) if line.kind == "segment"}
    for one in covered:
        if plain_name(one.name) not in noted:
            close_segment(files, directory, where, one.name, one.seq_first, one.seq_last)
    note_act(files, directory, where, act)


def _refused(where: str, name: str, why: str) -> JournalDamaged:
    return JournalDamaged(
        f"nothing was removed: {why}",
        where=where,
        segment=name,
        offset=0,
        record=0,
        seq_after=0,
        damage=Damage.ROT,
    )
