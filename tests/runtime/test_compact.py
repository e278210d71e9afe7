"""Compaction keeps the state, and proves it before it removes anything."""

from pathlib import Path

import msgspec
import pytest
from tests.journal.journals import FailingFiles, Killed, everything, told
from tests.runtime.lived import Place, hashes, lived, proved, records

from veracity.domain.errors import ExitCode
from veracity.journal.audit import audit, read_digests
from veracity.journal.compact import compact
from veracity.journal.errors import JournalDamaged
from veracity.journal.heads import read_head
from veracity.journal.reader import read
from veracity.journal.scrub import scrub
from veracity.journal.segments import list_segments, opened_directory
from veracity.runtime.recovery import fold_hash
from veracity.state.hash import state_hash

COUNT = 150


def six_segments(root: Path) -> Place:
    """Six segments, and one snapshot that covers four of them."""
    place = lived(root, records(COUNT), every=110, keep=1, segment_bytes=7_700, close=False)
    (one,) = proved(place)
    with opened_directory(place.wal) as directory:
        names = list_segments(directory, "wal")
        firsts = [read_head(name, directory, "wal").seq_first for name in names]  # type: ignore[union-attr]
    assert (len(names), sum(first <= one.header.seq + 1 for first in firsts[1:])) == SHAPE
    return place


SHAPE = (6, 4)


def wals(place: Place) -> list[str]:
    return sorted(path.name for path in place.wal.glob("*.wal*") if "torn" not in path.name)


@pytest.mark.ticket("T-113")
def test_what_a_snapshot_covers_goes_and_the_state_stays(tmp_path: Path) -> None:
    place = six_segments(tmp_path)
    names = wals(place)
    done = compact(place.wal, proved(place)[0], fold_hash, who="operator", ts=7)
    assert done.removed == names[:4]
    assert sorted(done.kept) == wals(place) == names[4:]
    assert state_hash(place.restart().state) == hashes(COUNT)[COUNT]
    with pytest.raises(JournalDamaged, match=r"seq 1 to \d+ are missing") as refusal:
        list(read(place.wal))
    assert refusal.value.damage == "gap"
    assert audit(place.wal).findings == []
    with opened_directory(place.wal) as directory:
        lines = read_digests(directory, "wal")
    assert {line.name for line in lines if line.kind == "segment"} >= set(
        names[:4]
    )  # their digests outlive them
    (act,) = (line for line in lines if line.kind == "compaction")
    assert (act.name, act.ts, act.seq_first) == ("operator", 7, 1)


@pytest.mark.ticket("T-113")
def test_nothing_goes_where_the_snapshot_is_not_the_folds(tmp_path: Path) -> None:
    place = six_segments(tmp_path)
    (good,) = proved(place)
    before = everything(place.wal)
    wrong = good._replace(header=msgspec.structs.replace(good.header, state_hash="0" * 64))
    with pytest.raises(JournalDamaged, match="nothing was removed") as refusal:
        compact(place.wal, wrong, fold_hash)
    assert refusal.value.exit_code is ExitCode.FINDING
    after = everything(place.wal)
    assert {name: after[name] for name in before} == before


@pytest.mark.ticket("T-113")
def test_a_kill_at_any_file_call_leaves_a_journal_that_restarts(tmp_path: Path) -> None:
    """F12."""
    for at in range(1, 60):
        place = six_segments(tmp_path / f"{at}")
        try:
            compact(place.wal, proved(place)[0], fold_hash, files=FailingFiles(at))
        except Killed:
            pass
        else:
            break
        assert state_hash(place.restart().state) == hashes(COUNT)[COUNT], at
        compact(place.wal, proved(place)[0], fold_hash)
        assert len(wals(place)) == 2
        assert state_hash(place.restart().state) == hashes(COUNT)[COUNT]
        assert audit(place.wal).findings == []
    assert at > 8


def test_rot_in_what_would_go_is_found_first(tmp_path: Path) -> None:
    place = six_segments(tmp_path)
    path = place.wal / wals(place)[1]
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(data)
    with pytest.raises(JournalDamaged, match="the checksum is wrong"):
        compact(place.wal, proved(place)[0], fold_hash)
    assert len(wals(place)) == 6
    assert [found.name for found in scrub(place.wal, place.snapshots).findings] == [path.name]


@pytest.mark.ticket("T-112")
def test_missing_segments_are_fine_only_where_a_snapshot_covers_them(tmp_path: Path) -> None:
    """F04: segment 1 gone with and without a covering snapshot, and one behind it gone."""
    place = six_segments(tmp_path / "covered")
    names = wals(place)
    for name in names[:3]:
        (place.wal / name).unlink()
    assert told(lambda: state_hash(place.restart().state)) == hashes(COUNT)[COUNT]
    (snapshot,) = place.snapshots.iterdir()
    snapshot.unlink()
    with opened_directory(place.wal) as directory:
        first = read_head(names[3], directory, "wal").seq_first  # type: ignore[union-attr]
    with pytest.raises(JournalDamaged, match=f"seq 1 to {first - 1} are missing"):
        place.restart()

    place = six_segments(tmp_path / "behind")
    with opened_directory(place.wal) as directory:
        lost = [read_head(name, directory, "wal").seq_first for name in names[4:]]  # type: ignore[union-attr]
    (place.wal / names[4]).unlink()
    with pytest.raises(JournalDamaged, match=f"seq {lost[0]} to {lost[1] - 1} are missing"):
        place.restart()
