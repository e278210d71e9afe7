"""A disk that fills up is known before a write fails, and the reserve keeps the last orders journaled."""

import errno
from pathlib import Path

import pytest
from tests.journal.journals import RUN_ID, FailingFiles, new_journal, numbered, parse, profile, resumed

from veracity.journal.errors import JournalDead
from veracity.journal.files import Bytes
from veracity.journal.reader import End, scan
from veracity.journal.space import HealthStatus
from veracity.journal.writer import JournalWriter

PAGE = 4096


class SmallDisk(FailingFiles):
    """A disk of so many bytes: a write that would enlarge a file beyond what is free fails as the system's does."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size
        self.sizes: dict[str, int] = {}
        self.names: dict[int, str] = {}
        self.failed = 0

    def create(self, name: str, directory: int) -> int:
        file = super().create(name, directory)
        self.names[file], self.sizes[name] = name, 0
        return file

    def open(self, name: str, directory: int) -> int:
        file = super().open(name, directory)
        self.names[file] = name
        return file

    def write(self, file: int, data: Bytes, at: int) -> int:
        name = self.names[file]
        grown = max(0, at + len(data) - self.sizes[name])
        if grown > self.left:
            self.failed += 1
            raise OSError(errno.ENOSPC, "No space left on device")
        self.left -= grown
        self.sizes[name] += grown
        return super().write(file, data, at)

    def replace(self, old: str, new: str, directory: int) -> None:
        super().replace(old, new, directory)
        self.left += self.sizes.get(new, 0)
        self.sizes[new] = self.sizes.pop(old)

    def unlink(self, name: str, directory: int) -> None:
        super().unlink(name, directory)
        self.left += self.sizes.pop(name)

    def free(self, directory: int) -> int:
        return self.left


def filling(directory: Path, disk: SmallDisk, **options: int) -> JournalWriter:
    chosen = profile(live=True, **{"low_water_bytes": 10 * PAGE, "reserve_bytes": 2 * PAGE, **options})
    return new_journal(directory, profile=chosen, files=disk)


def test_health_turns_degraded_then_reserve_before_any_write_fails(tmp_path: Path) -> None:
    """F07: at the low-water mark, then when the reserve is given up; and the records go on until even that is full."""
    disk = SmallDisk(16 * PAGE)
    journal = filling(tmp_path / "wal", disk)
    seen: list[tuple[HealthStatus, int]] = []
    payload = b'{"filler":"' + b"x" * 500 + b'"}'
    seq = 0

    def fill() -> None:
        nonlocal seq
        while True:
            seq += 1
            journal.append(seq, payload)
            journal.barrier()
            status = journal.health().status
            assert disk.failed == 0
            if not seen or seen[-1][0] is not status:
                seen.append((status, disk.left))

    with pytest.raises(JournalDead, match="No space left on device"):
        fill()
    assert [status for status, _ in seen] == [HealthStatus.OK, HealthStatus.DEGRADED, HealthStatus.RESERVE]
    assert seen[0][1] >= 10 * PAGE > seen[1][1] >= seen[2][1]
    assert disk.failed == 1  # and nothing was tried again
    assert journal.health().status is HealthStatus.DEAD
    assert "No space left" in journal.health().why
    assert [number for number, _ in parse(tmp_path / "wal")] == list(range(1, seq))


def test_the_reserve_carries_about_its_size_in_records(tmp_path: Path) -> None:
    payload = b'{"filler":"' + b"x" * 500 + b'"}'

    def kept(reserve: int) -> int:
        disk = SmallDisk(16 * PAGE)
        journal = filling(tmp_path / f"{reserve}", disk, reserve_bytes=reserve)
        seq = 0
        while True:
            journal.append(seq + 1, payload)
            if disk.left + disk.sizes.get("reserve", 0) < PAGE * 3 and not reserve:
                return seq
            try:
                journal.barrier()
            except JournalDead:
                return seq
            seq += 1

    assert kept(2 * PAGE) >= kept(0) + PAGE // 600


def test_a_start_on_a_full_disk_gives_up_the_reserve_so_that_it_can_close(tmp_path: Path) -> None:
    """F07: the process that died of the full disk is followed by one that may still write."""
    disk = SmallDisk(12 * PAGE)
    journal = filling(tmp_path / "wal", disk)
    for seq, payload in numbered(20):
        journal.append(seq, payload)
        journal.barrier()
    journal._lock.release()
    disk.left = 100
    again = resumed(
        tmp_path / "wal",
        files=disk,
        profile=profile(live=True, low_water_bytes=10 * PAGE, reserve_bytes=2 * PAGE),
    )
    assert again.health().status is HealthStatus.RESERVE
    for seq in range(21, 60):
        again.append(seq, b"{}")
        again.barrier()
    again.close()
    assert disk.failed == 0
    assert [seq for seq, _ in parse(tmp_path / "wal")] == list(range(1, 60))


def test_a_clean_end_leaves_no_reserve_and_no_zeros(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", profile=profile(live=True))
    journal.append(1, b"{}")
    journal.barrier()
    assert (tmp_path / "wal/reserve").stat().st_size == 2 * PAGE
    assert (tmp_path / "wal/00000001.wal").stat().st_size == PAGE
    journal.close()
    assert not (tmp_path / "wal/reserve").exists()
    assert (tmp_path / "wal/00000001.wal").read_bytes().endswith(b" {}\n")
    assert scan(tmp_path / "wal").end is End.CLEAN


def test_a_slow_sync_is_told_once(tmp_path: Path) -> None:
    """F08: a sync that took 5 s."""
    now = iter((0, 7, 100, 5_000_000_100, 6_000_000_000, 6_000_000_009))
    journal = JournalWriter.create(
        tmp_path / "wal",
        RUN_ID,
        code_version="0.1.0",
        schema_version=1,
        profile=profile(live=True, witness_records=50),
        clock=lambda: next(now),
    )
    worst = []
    for seq, payload in numbered(3):
        journal.append(seq, payload)
        journal.barrier()
        if seq > 1:
            worst.append(journal.health().sync_ns_worst)
    assert worst == [5_000_000_000, 9]


def test_a_commit_into_zeros_is_one_write_and_one_sync(tmp_path: Path) -> None:
    files = FailingFiles()
    journal = new_journal(tmp_path / "wal", profile=profile(live=True, witness_records=50), files=files)
    del files.calls[:]
    for seq, payload in numbered(30):
        journal.append(seq, payload)
        journal.barrier()
    assert files.calls == ["write", "sync_data"] * 30
    journal.close()
