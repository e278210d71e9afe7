"""F13: two writers, in every way that two writers have come about."""

import os
import signal
from pathlib import Path

import pytest
from tests.journal.journals import everything, new_journal, numbered, running, write_journal

from veracity.domain.errors import ExitCode
from veracity.journal.errors import JournalDead, JournalLocked, JournalUnsafe
from veracity.journal.lock import WriterLock, holder_of
from veracity.journal.segments import open_directory, opened_directory

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
        assert process.wait(timeout=20) == ExitCode.UNSAFE
    with pytest.raises(JournalLocked) as refusal:
        new_journal(directory)
    assert str(refusal.value) == f"{directory}/writer.lock: another writer has the journal"
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
                WriterLock.acquire(directory, "wal")
            process.send_signal(signal.SIGKILL)
            process.wait()
            WriterLock.acquire(directory, "wal").release()


def test_closing_another_descriptor_of_the_lock_file_keeps_the_lock(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    os.close(os.open(tmp_path / "wal/writer.lock", os.O_RDWR))
    with pytest.raises(JournalLocked):
        new_journal(tmp_path / "wal")
    journal.close()


@pytest.mark.ticket("T-120")
def test_a_lock_file_that_was_made_anew_ends_the_writer_before_its_next_write(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    journal.append(1, b"{}")
    journal.barrier()
    before = everything(tmp_path / "wal")
    (tmp_path / "wal/writer.lock").unlink()
    with opened_directory(tmp_path / "wal") as directory:
        second = WriterLock.acquire(directory, "wal")
        assert second.is_held()
        journal.append(2, b"{}")
        with pytest.raises(JournalDead, match="the lock file is no longer ours"):
            journal.barrier()
        second.release()
    assert everything(tmp_path / "wal") == before


def test_a_lock_file_that_was_unlinked_ends_the_writer_too(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    (tmp_path / "wal/writer.lock").unlink()
    journal.append(1, b"{}")
    with pytest.raises(JournalDead, match="the lock file is no longer ours"):
        journal.close()


def test_a_link_to_the_lock_file_is_not_the_lock_file(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    lock_file = tmp_path / "wal/writer.lock"
    lock_file.rename(tmp_path / "elsewhere")
    lock_file.symlink_to(tmp_path / "elsewhere")
    journal.append(1, b"{}")
    with pytest.raises(JournalDead, match="the lock file is no longer ours"):
        journal.close()


def test_a_lock_that_was_exchanged_while_it_was_taken_is_not_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = write_journal(tmp_path / "wal", numbered(1))
    lock_file = directory / "writer.lock"

    def exchanging(file: int, operation: int) -> None:
        lock_file.unlink()
        lock_file.touch()

    monkeypatch.setattr("veracity.journal.lock.fcntl.flock", exchanging)
    opened = open_directory(directory)
    with pytest.raises(JournalLocked):
        WriterLock.acquire(opened, "wal")
    os.close(opened)


@pytest.mark.parametrize("kind", ["link", "fifo", "directory"])
def test_a_lock_that_is_no_plain_file_is_refused(tmp_path: Path, kind: str) -> None:
    directory = tmp_path / "wal"
    directory.mkdir(mode=0o700)
    if kind == "link":
        (directory / "writer.lock").symlink_to(tmp_path / "elsewhere")
    elif kind == "fifo":
        os.mkfifo(directory / "writer.lock", 0o600)
    else:
        (directory / "writer.lock").mkdir(mode=0o600)
    with pytest.raises(JournalUnsafe):
        new_journal(directory)
    assert not (tmp_path / "elsewhere").exists()


def test_a_journal_given_free_can_be_locked_again(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(1))
    with opened_directory(tmp_path / "wal") as directory:
        first = WriterLock.acquire(directory, "wal")
        with pytest.raises(JournalLocked):
            WriterLock.acquire(directory, "wal")
        first.release()
        WriterLock.acquire(directory, "wal").release()


def test_who_holds_a_lock_is_seen_without_taking_it(tmp_path: Path) -> None:
    directory = tmp_path / "wal"
    with running(HOLD, directory) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() in ("held", b"held")
        assert holder_of(directory / "writer.lock") == process.pid
        process.kill()
        process.wait()
    assert holder_of(directory / "writer.lock") is None
    with pytest.raises(FileNotFoundError):
        holder_of(tmp_path / "none")
