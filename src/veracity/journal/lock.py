"""One writer, and one keeper beside it. `flock`, because `lockf` is granted twice in one process and lost when any
descriptor is closed.

The writer locks the journal's directory itself, not a file in it. A lock file can be unlinked, made anew and locked by
another, so its holder would have to look before every write; a directory that has files in it can be replaced by nobody,
and one that was moved away takes its journal with it (docs/decisions/0022).
"""

import fcntl
import os
from pathlib import Path
from typing import Final

from veracity.journal.errors import JournalLocked, JournalUnsafe
from veracity.journal.files import SYSTEM_FILES
from veracity.journal.segments import KEEPER_LOCK_NAME, open_file

LOCKS: Final = Path("/proc/locks")


def writer_of(directory: Path) -> int | None:
    """The process that writes the journal in `directory`; None where nobody does.

    It only looks. To try the lock would be to hold it for a moment, and a writer that starts in it is refused. Raises
    OSError where the directory is not there, or the system does not tell who holds what (it has no /proc/locks).
    """
    there = directory.stat()
    named = f"{os.major(there.st_dev):02x}:{os.minor(there.st_dev):02x}:{there.st_ino}"
    for line in LOCKS.read_text(encoding="ascii").splitlines():
        words = (
            line.split()
        )  # 1: FLOCK ADVISORY WRITE pid major:minor:inode 0 EOF; a process that waits has -> in front
        if words[1:2] == ["FLOCK"] and words[5] == named:
            return int(words[4])
    return None


class WriterLock:
    """The right to write a journal, held until `release`, the close of `directory` or the end of the process."""

    def __init__(self, directory: int, where: str) -> None:
        """Take the lock. Raises JournalLocked where somebody has it, JournalUnsafe where the disk knows no such lock or takes no write."""
        _require_writable(directory, where)
        self._directory = directory
        try:
            fcntl.flock(directory, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalLocked("another writer has the journal", where=where) from None
        except OSError as error:
            raise JournalUnsafe(
                "the directory cannot be locked",
                where=where,
                why=error.strerror or "",
                hint="keep journals on a local disk",
            ) from error

    def release(self) -> None:
        """Give the lock back."""
        fcntl.flock(self._directory, fcntl.LOCK_UN)


class KeeperLock:
    """The right to compress and remove closed segments, beside a writer; held until `release` or the end of the process."""

    def __init__(self, directory: int, where: str) -> None:
        """Take the lock. Raises JournalLocked where somebody has it, JournalUnsafe where it is no plain file of ours or the disk
        takes no write."""
        _require_writable(directory, where)
        try:
            self._file = SYSTEM_FILES.create(KEEPER_LOCK_NAME, directory)
        except FileExistsError:
            self._file = open_file(KEEPER_LOCK_NAME, directory, os.O_RDWR, where)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            raise JournalLocked(
                "another keeper has the journal", where=f"{where}/{KEEPER_LOCK_NAME}"
            ) from None
        # A file that was unlinked since can be made anew and locked by another.
        there = os.stat(KEEPER_LOCK_NAME, dir_fd=directory, follow_symlinks=False)
        if not os.path.samestat(there, os.fstat(self._file)):
            self.release()
            raise JournalLocked("the lock file was exchanged", where=f"{where}/{KEEPER_LOCK_NAME}")

    def release(self) -> None:
        """Give the lock back. The file stays: unlinking it is what lets two keepers in."""
        os.close(self._file)


def _require_writable(directory: int, where: str) -> None:
    """Asked before anything is tried: an error from a write is fatal, and this is no disk that failed under a writer."""
    if os.fstatvfs(directory).f_flag & os.ST_RDONLY:
        raise JournalUnsafe(
            "the disk is mounted read-only",
            where=where,
            hint="mount it writable; if the system did that by itself, the disk has failed: its log says so",
        )
