"""A real disk that really is full (F07), or takes no write (F15): what the simulated one says is what happens."""

import subprocess
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest
from tests.journal.journals import everything, numbered, write_journal
from tests.kit.small_disk import mounted

from veracity.journal.compress import compress_closed
from veracity.journal.errors import JournalDead, JournalUnsafe
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.segments import RESERVE_NAME
from veracity.journal.space import LIVE, HealthStatus
from veracity.journal.writer import JournalWriter

PROFILE = LIVE._replace(
    segment_bytes=1 << 20,
    preallocate_bytes=64 << 10,
    reserve_bytes=256 << 10,
    low_water_bytes=2 << 20,
    witness_records=100,
)
PAYLOAD = b'{"fill":"%b"}' % (b"x" * 900)


def opened(wal: Path) -> JournalWriter:
    return JournalWriter.resume(wal, "00112233445566ff", code_version="0", schema_version=1, profile=PROFILE)


def fill(writer: JournalWriter, seen: list[tuple[HealthStatus, int]]) -> None:
    """Commit records until that fails; `seen` gets each health, with the last seq that was durable then."""
    for seq in count(1):
        if not seen or seen[-1][0] is not writer.health().status:
            seen.append((writer.health().status, seq - 1))
        writer.append(seq, PAYLOAD)
        writer.barrier()


def test_f07_a_full_disk_is_announced_twice_before_a_write_fails_and_takes_nothing_back(
    tmp_path: Path,
) -> None:
    with mounted(tmp_path / "disk", 5) as disk:
        wal, filler = disk / "wal", disk / "filler"
        filler.write_bytes(bytes(1 << 20))
        writer = opened(wal)
        seen: list[tuple[HealthStatus, int]] = []
        with pytest.raises(JournalDead, match="No space left on device"):
            fill(writer, seen)
        assert [status for status, _ in seen] == [
            HealthStatus.OK,
            HealthStatus.DEGRADED,
            HealthStatus.RESERVE,
        ]
        durable = writer.seq_durable
        assert durable - seen[2][1] > 100  # so many records the reserve took
        assert not (wal / RESERVE_NAME).exists()
        assert writer.health().status is HealthStatus.DEAD
        with pytest.raises(JournalDead):
            writer.close()
        filler.unlink()
        truncate_tail(wal)
        again = opened(wal)
        assert durable <= again.since.seq <= durable + 1
        again.append(again.since.seq + 1, PAYLOAD)
        again.close()
        kept = [(record.seq, record.payload) for record in recover(wal).records]
        assert kept == [(number, PAYLOAD) for number in range(1, again.seq_durable + 1)]


@pytest.mark.parametrize("what", [opened, truncate_tail, compress_closed])
def test_f15_a_disk_that_is_mounted_read_only_is_read_and_what_would_write_is_refused(
    tmp_path: Path, what: Callable[[Path], object]
) -> None:
    with mounted(tmp_path / "disk", 4) as disk:
        last = max(write_journal(disk / "wal", numbered(12), segment_bytes=420).glob("*.wal"))
        last.write_bytes(last.read_bytes()[:-3])
        before = everything(disk / "wal")
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        assert [(record.seq, record.payload) for record in recover(disk / "wal").records] == numbered(11)
        with pytest.raises(JournalUnsafe, match="the disk is mounted read-only") as refusal:
            what(disk / "wal")
        assert refusal.value.exit_code == 7
        assert everything(disk / "wal") == before
