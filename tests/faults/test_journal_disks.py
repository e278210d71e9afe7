"""Disks that fail under a journal: the proofs of bench/journal in small, and the simulated disk itself."""

import errno
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from bench.journal import corruption, io_loop, power, sweep
from bench.journal.disk import ANY_ORDER, IN_ORDER, SECTOR_BYTES, CrashDisk, Order, PowerCut, memory
from bench.journal.faults import CALLS
from bench.journal.keeping import KEEPING, snapshots_before, snapshots_judge
from bench.journal.lives import LIVES, RECORDS, Life, Outcome, Told, judge, write
from bench.journal.table import Proof

ANY_NUMBER = range(40)


@pytest.fixture
def place() -> Iterator[Path]:
    """In memory: the disk is simulated, and a real one under it would only be slow."""
    with memory() as name:
        yield Path(name)


def after_cuts(disk: CrashDisk, place: Path, order: Order) -> list[dict[str, bytes]]:
    """What forty power cuts leave."""
    images = (disk.after_cut(place / f"{n}", np.random.default_rng(n), order) for n in ANY_NUMBER)
    return [{path.name: path.read_bytes() for path in image.iterdir()} for image in images]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


# ---------------------------------------------------------------- the simulated disk


@pytest.mark.parametrize("order", [IN_ORDER, ANY_ORDER])
def test_what_was_synced_stays_and_what_was_not_may_go(directory: Path, tmp_path: Path, order: Order) -> None:
    disk, opened = CrashDisk(directory), os.open(directory, os.O_RDONLY)
    file = disk.create("a", opened)
    disk.write(file, memoryview(b"kept"))
    disk.sync(file)
    disk.sync(opened)
    disk.write(file, memoryview(b"+lost"))
    disk.create("b", opened)
    left = after_cuts(disk, tmp_path / "images", order)
    assert all(image["a"].startswith(b"kept") for image in left)
    assert {b"kept", b"kept+lost"} <= {image["a"] for image in left}
    assert {"b" in image for image in left} == {True, False}


def test_a_synced_file_in_a_directory_that_was_not_synced_may_have_no_name(
    directory: Path, tmp_path: Path
) -> None:
    disk, opened = CrashDisk(directory), os.open(directory, os.O_RDONLY)
    disk.sync(disk.create("a", opened))
    assert {"a" in image for image in after_cuts(disk, tmp_path / "images", IN_ORDER)} == {True, False}


def test_a_rename_is_there_or_not_and_never_half(directory: Path, tmp_path: Path) -> None:
    (directory / "new").write_bytes(b"old content")
    disk, opened = CrashDisk(directory), os.open(directory, os.O_RDONLY)
    file = disk.create("tmp", opened)
    disk.write(file, memoryview(b"new content"))
    disk.sync(file)
    disk.sync(opened)
    disk.replace("tmp", "new", opened)
    left = after_cuts(disk, tmp_path / "images", ANY_ORDER)
    assert {tuple(sorted(image.items())) for image in left} == {
        (("new", b"new content"),),
        (("new", b"old content"), ("tmp", b"new content")),
    }


def test_in_order_a_write_is_torn_at_a_sector_and_in_any_order_a_later_sector_may_come_alone(
    directory: Path, tmp_path: Path
) -> None:
    disk, opened = CrashDisk(directory), os.open(directory, os.O_RDONLY)
    file = disk.create("a", opened)
    disk.sync(opened)
    disk.write(file, memoryview(b"x" * 3 * SECTOR_BYTES))
    sizes = {len(image["a"]) for image in after_cuts(disk, tmp_path / "in", IN_ORDER)}
    assert sizes == {0, SECTOR_BYTES, 2 * SECTOR_BYTES, 3 * SECTOR_BYTES}
    holes = [image["a"] for image in after_cuts(disk, tmp_path / "any", ANY_ORDER)]
    assert any(data.startswith(b"\0" * SECTOR_BYTES + b"x") for data in holes)


def test_a_cut_ends_the_call_that_it_was_asked_to(directory: Path) -> None:
    disk, opened = CrashDisk(directory, cut_at=2), os.open(directory, os.O_RDONLY)
    file = disk.create("a", opened)
    with pytest.raises(PowerCut, match="write"):
        disk.write(file, memoryview(b"never"))
    assert (directory / "a").read_bytes() == b"ne"  # half of it


def test_the_same_seed_is_the_same_cut(directory: Path, tmp_path: Path) -> None:
    disk = CrashDisk(directory)
    write(directory / "wal", CrashDisk(directory / "wal"), Told())
    assert after_cuts(disk, tmp_path / "a", ANY_ORDER) == after_cuts(disk, tmp_path / "b", ANY_ORDER)


# ---------------------------------------------------------------- the judge can find fault


def written(directory: Path) -> Told:
    told = Told()
    write(directory, CrashDisk(directory), told)
    return told


def test_the_judge_misses_no_lost_record(tmp_path: Path) -> None:
    told = written(tmp_path / "wal")
    last = max((tmp_path / "wal").glob("*.wal"))
    lines = last.read_bytes().rstrip(b"\0").splitlines(keepends=True)
    last.write_bytes(b"".join(lines[:-1]))
    assert judge(tmp_path / "wal", told) is Outcome.LOST
    told.acknowledged -= 1
    assert judge(tmp_path / "wal", told) is Outcome.WHOLE


def test_the_judge_misses_no_wrong_record(tmp_path: Path) -> None:
    told = written(tmp_path / "wal")
    told.appended[3] = (4, b"{}")
    assert judge(tmp_path / "wal", told) is Outcome.WRONG


def test_the_judge_of_snapshots_misses_no_lost_and_no_half_one(place: Path) -> None:
    told = Told()
    snapshots_before(place / "snapshots", told)
    newest = max((place / "snapshots").iterdir())
    whole = newest.read_bytes()
    newest.write_bytes(whole[:-9])
    assert snapshots_judge(place / "snapshots", told) is Outcome.LOST  # the one before it is all that is left
    told.acknowledged = 10
    assert snapshots_judge(place / "snapshots", told) is Outcome.WRONG
    newest.write_bytes(whole)
    assert snapshots_judge(place / "snapshots", told) is Outcome.WHOLE


@pytest.mark.parametrize("life", KEEPING[::2], ids=lambda life: life.name)
def test_the_judges_of_compaction_and_upgrade_miss_no_lost_and_no_wrong_record(
    life: Life, place: Path
) -> None:
    told = Told()
    life.before(place / "at", told)
    assert life.judge(place / "at", told) is Outcome.WHOLE
    told.hears(RECORDS + 1, is_durable=True)
    assert life.judge(place / "at", told) is Outcome.LOST
    told.appended[RECORDS - 2] = (RECORDS - 1, b"{}")
    assert life.judge(place / "at", told) is Outcome.WRONG


def test_a_power_cut_knows_the_directories_below_its_root(place: Path) -> None:
    """A name is durable when its own directory was synced; a directory that was renamed takes its files along."""
    (place / "at" / "old").mkdir(parents=True)
    disk = CrashDisk(place / "at")
    top, old = (os.open(path, os.O_RDONLY) for path in (place / "at", place / "at" / "old"))
    file = disk.create("x", old)
    disk.write(file, memoryview(b"abc"), 0)
    disk.sync(file)
    disk.sync(top)  # not the directory of the file
    assert "old/x" not in names_after_cut(disk, place / "1")
    disk.sync(old)
    assert names_after_cut(disk, place / "2") == {"old/x"}
    disk.replace("old", "new", top)
    disk.sync(top)
    assert names_after_cut(disk, place / "3") == {"new/x"}
    for one in (top, old, file):
        os.close(one)


def names_after_cut(disk: CrashDisk, image: Path) -> set[str]:
    """The files that are there for sure, and none of the calls since."""

    class Never:
        def random(self) -> float:
            return 0.0

        def integers(self, _: int) -> int:
            return 0

    disk.after_cut(image, Never(), IN_ORDER)  # type: ignore[arg-type]
    return {path.relative_to(image).as_posix() for path in image.rglob("*") if path.is_file()}


def test_an_expectation_that_does_not_hold_is_told() -> None:
    proof = Proof("a title", ("what", "count"))
    proof.row("lost", 1)
    proof.expect("lost", 1, 0)
    assert proof.failures == ["lost: 1, wanted 0"]
    assert proof.as_dict()["holds"] is False
    assert "DOES NOT HOLD: lost: 1, wanted 0" in proof.text()


# ---------------------------------------------------------------- the journal


@pytest.mark.parametrize("life", [*LIVES, *KEEPING], ids=lambda life: life.name)
def test_f11_a_power_cut_at_any_call_loses_nothing_acknowledged(life: Life, place: Path) -> None:
    for order in power.ORDERS:
        calls, outcomes = power.cut_everywhere(life, order, 1, 1, place / order)
        assert outcomes.keys() <= {Outcome.WHOLE, Outcome.REPAIRED}
        assert outcomes.total() == calls > 0


@pytest.mark.parametrize("life", [*LIVES, *KEEPING], ids=lambda life: life.name)
@pytest.mark.parametrize("call", CALLS)
def test_f07_f08_f09_whichever_call_fails_nothing_acknowledged_is_lost(
    life: Life, call: str, place: Path
) -> None:
    outcomes: Counter[Outcome] = Counter()
    for forever in (False, True):
        walked = io_loop.walk(life, call, errno.EIO, forever=forever, place=place / f"{forever}")
        assert (walked.tried_again, walked.unheard) == (0, 0)
        outcomes += walked.outcomes
    assert outcomes.keys() <= {Outcome.WHOLE, Outcome.REPAIRED}


def test_f01_f02_every_cut_and_every_flipped_bit_is_seen_for_what_it_is() -> None:
    proof = sweep.prove(12, every=13)
    assert proof.failures == []
    rows = {row[0]: dict(zip(proof.columns, row, strict=True)) for row in proof.rows}
    assert rows["cut"]["torn"] > 100
    assert rows["bit"]["cases"] == rows["bit"]["refused"] > 600


def test_one_random_bit_is_refused_by_the_journal_and_believed_by_json_lines(place: Path) -> None:
    """The table of stores in small: a bit in a number of a JSON line is another number."""
    rows = [(seq, corruption.payload(seq)) for seq in range(1, 21)]
    chance = np.random.default_rng(4)
    verdicts: dict[str, list[str]] = {}
    for store in corruption.STORES[:2]:
        original = place / store.name
        original.mkdir()
        store.write(original, rows)
        assert store.read(original) == rows
        verdicts[store.name] = [
            corruption.trial(store, original, place / f"{n}", rows, chance) for n in range(8)
        ]
    assert verdicts["veracity journal"] == ["refused"] * 8
    assert "wrong" in verdicts["JSON lines, strict"]
