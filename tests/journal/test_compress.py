"""Closed segments as zstd: read like the others, whatever was killed on the way."""

from pathlib import Path

import pytest
from tests.journal.journals import (
    FailingFiles,
    Killed,
    change,
    damage_of,
    numbered,
    records_of,
    resumed,
    write_journal,
)

from veracity.journal.compress import compress_closed
from veracity.journal.errors import JournalDead, JournalLocked
from veracity.journal.lock import KeeperLock
from veracity.journal.reader import End, scan
from veracity.journal.segments import opened_directory

COUNT = 60


def long_journal(directory: Path) -> Path:
    return write_journal(directory, numbered(COUNT), segment_bytes=900)


def test_compressed_segments_read_like_the_others(tmp_path: Path) -> None:
    directory = long_journal(tmp_path / "wal")
    names = sorted(path.name for path in directory.glob("*.wal"))
    before = scan(directory)
    assert compress_closed(directory) == names[:-1]
    assert sorted(path.name for path in directory.glob("*.wal*")) == [
        *(f"{name}.zst" for name in names[:-1]),
        names[-1],
    ]
    assert scan(directory) == before
    assert records_of(directory) == numbered(COUNT)
    assert compress_closed(directory) == []


def test_a_writer_goes_on_while_closed_segments_are_compressed(tmp_path: Path) -> None:
    directory = long_journal(tmp_path / "wal")
    journal = resumed(directory)
    journal.append(COUNT + 1, b"{}")
    compress_closed(directory)
    journal.append(COUNT + 2, b"{}")
    journal.close()
    assert records_of(directory) == [*numbered(COUNT), (COUNT + 1, b"{}"), (COUNT + 2, b"{}")]


def test_a_kill_at_any_file_call_leaves_every_record(tmp_path: Path) -> None:
    """F12."""
    for at in range(1, 100):
        directory = long_journal(tmp_path / f"{at}")
        try:
            compress_closed(directory, files=FailingFiles(at))
        except Killed:
            pass
        else:
            break
        assert records_of(directory) == numbered(COUNT), at
        compress_closed(directory)
        assert records_of(directory) == numbered(COUNT)
        assert [path.name for path in directory.glob("*.tmp")] == []
    assert at > 20


@pytest.mark.parametrize("call", ["create", "write", "sync", "replace", "unlink"])
def test_an_error_leaves_every_record(tmp_path: Path, call: str) -> None:
    directory = long_journal(tmp_path / "wal")
    with pytest.raises(JournalDead, match="cannot compress: Input"):
        compress_closed(directory, files=FailingFiles(2, OSError(5, "Input/output error"), call))
    assert records_of(directory) == numbered(COUNT)


def test_rot_in_a_compressed_segment_is_damage_of_that_segment(tmp_path: Path) -> None:
    directory = long_journal(tmp_path / "wal")
    compress_closed(directory)
    packed = sorted(directory.glob("*.zst"))[1]
    for at in range(0, packed.stat().st_size, 7):
        whole = packed.read_bytes()
        change(packed, at, bytes([whole[at] ^ 4]))
        damage = damage_of(directory)
        assert damage.segment == packed.name, at
        packed.write_bytes(whole)
    assert scan(directory).end is End.CLEAN


def test_one_keeper_at_a_time(tmp_path: Path) -> None:
    directory = long_journal(tmp_path / "wal")
    with opened_directory(directory) as opened:
        lock = KeeperLock(opened, "wal")
        with pytest.raises(JournalLocked, match=r"keeper\.lock"):
            compress_closed(directory)
        lock.release()
    assert compress_closed(directory)
