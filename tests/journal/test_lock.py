"""F13: two writers, in every way that two writers have come about."""

import errno
import os
import signal
from pathlib import Path

import pytest
from tests.journal.journals import (
    everything,
    new_journal,
    numbered,
    profile,
    records_of,
    resumed,
    running,
    write_journal,
)
from tests.kit.process import PATIENCE_S

from veracity.domain.errors import ExitCode
from veracity.journal.errors import JournalLocked, JournalUnsafe
from veracity.journal.lock import KeeperLock, WriterLock, writer_of
from veracity.journal.segments import opened_directory

HOLD = """
import signal, sys
from pathlib import Path
from veracity.journal.errors import JournalLocked
from veracity.journal.writer import JournalWriter
try:
    journal = JournalWriter.create(Path(sys.argv[1]), "00112233445566ff", code_version="0.1.0", schema_version=1)
except JournalLocked as refusal:
    sys.exit(int(refusal.exit_code))
print("held", flush=True)
signal.pause()
"""


@pytest.mark.ticket("T-120")
def test_a_second_process_and_a_second_open_are_refused(tmp_path: Path) -> None:
    directory = tmp_path / "wal"
    journal = new_journal(directory)
    before = everything(directory)
    with running(HOLD, directory) as process:
        assert process.wait(timeout=PATIENCE_S) == ExitCode.UNSAFE
    with pytest.raises(JournalLocked) as refusal:
        new_journal(directory)
    assert str(refusal.value) == f"{directory}: another writer has the journal"
    assert refusal.value.exit_code is ExitCode.UNSAFE
    assert everything(directory) == before
    journal.close()


@pytest.mark.ticket("T-120")
def test_the_lock_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    with running(HOLD, tmp_path / "wal") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with opened_directory(tmp_path / "wal") as directory:
            with pytest.raises(JournalLocked):
                WriterLock(directory, "wal")
            process.send_signal(signal.SIGKILL)
            process.wait()
            WriterLock(directory, "wal").release()


@pytest.mark.ticket("T-120")
def test_closing_another_descriptor_of_the_directory_keeps_the_lock(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    os.close(os.open(tmp_path / "wal", os.O_RDONLY))
    with pytest.raises(JournalLocked):
        resumed(tmp_path / "wal")
    journal.close()


@pytest.mark.ticket("T-120")
def test_no_file_that_is_unlinked_or_made_anew_lets_a_second_writer_in(tmp_path: Path) -> None:
    directory = tmp_path / "wal"
    journal = new_journal(directory, profile=profile(live=True))
    (directory / "writer.lock").touch(0o600)  # what was locked before the directory itself was
    for name in sorted(everything(directory)):
        kept = (directory / name).read_bytes()
        (directory / name).unlink()
        for content in (None, b"", kept):
            if content is not None:
                (directory / name).write_bytes(content)
                (directory / name).chmod(0o600)
            with pytest.raises(JournalLocked):
                resumed(directory)
    journal.close()


def test_a_directory_that_was_moved_takes_its_journal_and_its_lock_with_it(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    journal.append(1, b"{}")
    (tmp_path / "wal").rename(tmp_path / "moved")
    second = new_journal(tmp_path / "wal")
    journal.append(2, b"{}")
    journal.barrier()
    with pytest.raises(JournalLocked):
        new_journal(tmp_path / "moved")
    journal.close()
    second.close()
    assert records_of(tmp_path / "moved") == [(1, b"{}"), (2, b"{}")]
    assert records_of(tmp_path / "wal") == []


def test_a_disk_that_cannot_lock_a_directory_holds_no_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(file: int, operation: int) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")  # as NFS answers

    monkeypatch.setattr("veracity.journal.lock.fcntl.flock", unable)
    with pytest.raises(JournalUnsafe, match=r"the directory cannot be locked.*local disk"):
        new_journal(tmp_path / "wal")
    assert everything(tmp_path / "wal") == {}


def test_a_keeper_lock_that_was_exchanged_while_it_was_taken_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = write_journal(tmp_path / "wal", numbered(1))
    lock_file = directory / "keeper.lock"

    def exchanging(file: int, operation: int) -> None:
        lock_file.unlink()
        lock_file.touch()

    monkeypatch.setattr("veracity.journal.lock.fcntl.flock", exchanging)
    with opened_directory(directory) as opened, pytest.raises(JournalLocked, match="exchanged"):
        KeeperLock(opened, "wal")


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_a_keeper_lock_that_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    """F16."""
    directory = tmp_path / "wal"
    directory.mkdir(mode=0o700)
    if kind == "link":
        (directory / "keeper.lock").symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(directory / "keeper.lock", 0o600)
    else:
        (directory / "keeper.lock").mkdir(mode=0o600)
    with opened_directory(directory) as opened, pytest.raises(JournalUnsafe):
        KeeperLock(opened, "wal")
    assert not (tmp_path / "elsewhere").exists()


def test_a_journal_given_free_can_be_locked_again(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(1))
    with opened_directory(tmp_path / "wal") as directory, opened_directory(tmp_path / "wal") as another:
        first = WriterLock(directory, "wal")
        with pytest.raises(JournalLocked):
            WriterLock(another, "wal")
        first.release()
        WriterLock(another, "wal").release()


def test_who_holds_a_lock_is_seen_without_taking_it(tmp_path: Path) -> None:
    directory = tmp_path / "wal"
    with running(HOLD, directory) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() in ("held", b"held")
        assert writer_of(directory) == process.pid
        process.kill()
        process.wait()
    assert writer_of(directory) is None
    with pytest.raises(FileNotFoundError):
        writer_of(tmp_path / "none")
