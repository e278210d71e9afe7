"""What the writer promises, and what it refuses."""

import errno
import os
import signal
from pathlib import Path

import pytest
from tests.journal.journals import (
    FailingFiles,
    everything,
    new_journal,
    numbered,
    parse,
    running,
    write_journal,
)
from tests.kit.process import PATIENCE_S

from veracity.domain.errors import EngineFault, ExitCode
from veracity.journal.errors import JournalDead, JournalExists, JournalLocked, JournalUnsafe
from veracity.journal.files import SYSTEM_FILES, Bytes
from veracity.journal.lock import WriterLock
from veracity.journal.reader import End, read, scan
from veracity.journal.recover import truncate_tail
from veracity.journal.segments import opened_directory


def test_records_are_readable_after_the_barrier_and_not_before(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    journal.append(1, b"{}")
    assert parse(tmp_path / "wal") == []
    journal.barrier()
    assert parse(tmp_path / "wal") == [(1, b"{}")]
    journal.close()


def test_one_barrier_is_one_write_and_one_sync(tmp_path: Path) -> None:
    files = FailingFiles()
    journal = new_journal(tmp_path / "wal", files=files)
    assert files.calls == ["create", "write", "sync", "sync", "sync"]  # head, file, directory, its parent
    del files.calls[:]
    for seq, payload in numbered(100):
        journal.append(seq, payload)
    journal.barrier()
    assert files.calls == ["write", "sync_data"]
    journal.barrier()  # nothing new: nothing to make durable
    journal.close()
    assert files.calls == ["write", "sync_data", "close"]


def test_the_buffer_is_written_without_a_sync_when_it_is_full(tmp_path: Path) -> None:
    files = FailingFiles()
    journal = new_journal(tmp_path / "wal", files=files)
    del files.calls[:]
    payload = b"x" * (1024 - 36)
    for seq in range(1, 256):
        journal.append(seq, payload)
    assert files.calls == []
    journal.append(256, payload)  # 256 KiB
    assert files.calls == ["write"]
    journal.close()


def test_seqs_rise_and_may_leave_gaps(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    for seq in (1, 2, 7, 2**32 + 5):
        journal.append(seq, b"{}")
    with pytest.raises(EngineFault, match=f"seq {2**32 + 5} cannot follow seq {2**32 + 5}"):
        journal.append(2**32 + 5, b"{}")
    with pytest.raises(EngineFault, match="seq 8 cannot follow"):
        journal.append(8, b"{}")
    with pytest.raises(EngineFault, match="cannot follow"):
        journal.append(2**63, b"{}")
    journal.close()
    assert [seq for seq, _ in parse(tmp_path / "wal")] == [1, 2, 7, 2**32 + 5]


def test_the_first_seq_is_1_or_more(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    with pytest.raises(EngineFault, match="seq 0 cannot follow seq 0"):
        journal.append(0, b"{}")
    journal.close()


def test_a_closed_journal_takes_nothing_more(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    journal.close()
    journal.close()
    with pytest.raises(EngineFault, match="the journal is closed"):
        journal.append(1, b"{}")
    with pytest.raises(EngineFault, match="the journal is closed"):
        journal.barrier()


def test_an_existing_journal_is_not_written_over(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(3))
    before = everything(tmp_path / "wal")
    with pytest.raises(JournalExists) as refusal:
        new_journal(tmp_path / "wal")
    assert refusal.value.exit_code is ExitCode.UNSAFE
    assert str(refusal.value).startswith(
        f"{tmp_path / 'wal'}: there is a journal, or something else, already"
    )
    assert everything(tmp_path / "wal") == before


def test_a_directory_of_other_things_gets_no_file_from_us(tmp_path: Path) -> None:
    directory = tmp_path / "wal"
    directory.mkdir(mode=0o700)
    (directory / "notes.txt").write_text("mine")
    with pytest.raises(JournalExists):
        new_journal(directory)
    assert everything(directory) == {"notes.txt": b"mine"}


def test_segments_end_by_their_records_however_the_writes_were_grouped(tmp_path: Path) -> None:
    for name, every in (("one", 1), ("three", 3), ("all", 1000)):
        journal = new_journal(tmp_path / name, segment_bytes=700)
        for seq, payload in numbered(40):
            journal.append(seq, payload)
            if seq % every == 0:
                journal.barrier()
        journal.close()
    assert len(everything(tmp_path / "one")) == 4
    sizes = [
        [path.stat().st_size for path in sorted((tmp_path / name).glob("*.wal"))]
        for name in ("one", "three", "all")
    ]
    assert sizes[0] == sizes[1] == sizes[2]
    assert parse(tmp_path / "one") == parse(tmp_path / "three") == parse(tmp_path / "all") == numbered(40)


def test_a_segment_ends_with_the_record_that_fills_it(tmp_path: Path) -> None:
    head_size = (
        35
        + len(
            b'{"kind":"segment_opened","format_version":2,"run_id":"00112233445566ff","segment":1,"seq_first":'
        )
        + len(b'1,"chain":"00000000","code_version":"0.1.0","schema_version":1}\n')
    )
    write_journal(tmp_path / "exact", [(1, b"{}"), (2, b"{}")], segment_bytes=head_size + 38)
    write_journal(tmp_path / "one_more", [(1, b"{}"), (2, b"{}")], segment_bytes=head_size + 39)
    assert (tmp_path / "exact/00000001.wal").stat().st_size == head_size + 38
    assert (tmp_path / "one_more/00000001.wal").stat().st_size == head_size + 76
    assert (tmp_path / "exact/00000002.wal").stat().st_size == head_size + 38
    assert (tmp_path / "one_more/00000002.wal").stat().st_size == head_size


class ShortFiles(FailingFiles):
    """Writes seven bytes at a time."""

    def write(self, file: int, data: Bytes, at: int) -> int:
        return super().write(file, data[:7], at)


def test_a_short_write_is_finished(tmp_path: Path) -> None:
    """F09."""
    write_journal(tmp_path / "short", numbered(10), files=ShortFiles())
    write_journal(tmp_path / "whole", numbered(10))
    assert everything(tmp_path / "short") == everything(tmp_path / "whole")


@pytest.mark.ticket("T-118")
def test_a_signal_loses_nothing_that_was_appended(tmp_path: Path) -> None:
    """F20: SIGTERM, and a second one while the first is obeyed."""
    script = """
import signal, sys
from pathlib import Path
from veracity.journal.space import LIVE
from veracity.journal.writer import JournalWriter
journal = JournalWriter.create(
    Path(sys.argv[1]), "00112233445566ff", code_version="0.1.0", schema_version=1, profile=LIVE
)
ended = []
def stop(*_):
    ended.append(1)
    if len(ended) == 1:
        sys.exit(143)
signal.signal(signal.SIGTERM, stop)
for seq in range(1, 4):
    journal.append(seq, b'{"seq":%d}' % seq)
journal.barrier()
for seq in range(4, 11):
    journal.append(seq, b'{"seq":%d}' % seq)
try:
    print("ready", flush=True)
    signal.pause()
finally:
    signal.raise_signal(signal.SIGTERM)  # the second one, during the flush
    journal.close()
"""
    with running(script, tmp_path / "wal") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        assert [seq for seq, _ in parse(tmp_path / "wal")] == [1, 2, 3]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=PATIENCE_S) == 143
    assert parse(tmp_path / "wal") == numbered(10)
    assert (
        (tmp_path / "wal/00000001.wal").read_bytes().endswith(b'{"seq":10}\n')
    )  # the zeros ahead are cut off
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.acknowledged) == (End.CLEAN, 10)
    with opened_directory(tmp_path / "wal") as directory:
        WriterLock(directory, "wal").release()


@pytest.mark.ticket("T-112")
def test_a_full_segment_is_durable_before_the_next_exists(tmp_path: Path) -> None:
    files = FailingFiles()
    journal = new_journal(tmp_path / "wal", segment_bytes=250, files=files)
    journal.append(1, b"{}")
    del files.calls[:]
    journal.append(2, b"{}")
    assert files.calls == ["write", "sync_data", "create", "write", "sync", "sync", "close"]
    journal.barrier()
    assert len(files.calls) == 7  # all of it durable already
    journal.close()


def test_every_record_is_there_after_rotations(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(200), segment_bytes=1000)
    assert len(list((tmp_path / "wal").glob("*.wal"))) > 5
    assert parse(tmp_path / "wal") == numbered(200)
    assert [(record.seq, record.payload) for record in read(tmp_path / "wal")] == numbered(200)


@pytest.mark.ticket("T-121")
def test_a_payload_at_the_cap_is_kept_and_one_byte_more_is_refused(tmp_path: Path) -> None:
    """F18."""
    largest = b'"' + b"x" * (1_048_576 - 2) + b'"'
    journal = new_journal(tmp_path / "wal")
    journal.append(1, largest)
    with pytest.raises(EngineFault, match="seq 2: a payload of 1048577 bytes is over 1048576"):
        journal.append(2, largest + b"x")
    journal.append(2, b"{}")  # the refusal changed nothing
    journal.close()
    assert [(record.seq, record.payload) for record in read(tmp_path / "wal")] == [(1, largest), (2, b"{}")]


def test_a_barrier_syncs_the_segment_and_a_new_segment_its_directory_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is durable is the system's word: these are the calls that ask for it."""
    asked: list[tuple[str, int]] = []
    assert (SYSTEM_FILES.sync_data, SYSTEM_FILES.write) == (os.fdatasync, os.pwrite)
    monkeypatch.setattr(
        type(SYSTEM_FILES), "sync_data", lambda _, file: asked.append(("fdatasync", os.fstat(file).st_ino))
    )
    monkeypatch.setattr(
        "veracity.journal.files.os.fsync", lambda file: asked.append(("fsync", os.fstat(file).st_ino))
    )
    directory = tmp_path / "wal"
    journal = new_journal(directory)
    segment = (directory / "00000001.wal").stat().st_ino
    made = [("fsync", path.stat().st_ino if path else segment) for path in (None, directory, tmp_path)]
    assert asked == made
    journal.append(1, b"{}")
    assert asked == made
    journal.barrier()
    assert asked == [*made, ("fdatasync", segment)]
    journal.close()


def test_no_descriptor_stays_open_whatever_was_refused(tmp_path: Path) -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = opened()
    directory = write_journal(tmp_path / "wal", numbered(20), segment_bytes=300)
    assert opened() == before
    journal = new_journal(tmp_path / "held")
    while_held = opened()
    for path, refusal in ((tmp_path / "held", JournalLocked), (directory, JournalExists)):
        with pytest.raises(refusal):
            new_journal(path)
        assert opened() == while_held
    journal.close()
    assert opened() == before
    for call in ("write", "sync"):
        with pytest.raises(JournalDead):
            new_journal(tmp_path / call, files=FailingFiles(1, OSError(errno.EIO, "planted"), call))
        assert opened() == before
    last = max(directory.glob("*.wal"))
    for path, mode in ((last, 0o600), (directory, 0o700)):
        path.chmod(0o755)
        with pytest.raises(JournalUnsafe):
            scan(directory)
        assert opened() == before
        path.chmod(mode)
    torn = last.read_bytes()[:-1]
    last.write_bytes(torn)
    for _ in range(2):
        truncate_tail(directory)
        assert opened() == before
        last.write_bytes(torn)  # the second time its torn bytes are kept already
