"""One writer. `flock`, because `lockf` is granted twice in one process and lost when any descriptor is closed.

An unlinked lock file can be made anew and locked by another: so the file at the path must be the one that we hold.
"""

import fcntl
import os
from pathlib import Path
from typing import Final, Self

from veracity.journal.errors import JournalLocked
from veracity.journal.files import SYSTEM_FILES
from veracity.journal.segments import LOCK_NAME, open_file

LOCKS: Final = Path("/proc/locks")


def holder_of(path: Path) -> int | None:
    """The process that holds the lock file at `path`; None where nobody does.

    It only looks. To try the lock would be to hold it for a moment, and a writer that starts in it is refused. Raises
    OSError where the file is not there, or the system does not tell who holds what (it has no /proc/locks).
    """
    there = path.stat()
    named = f"{os.major(there.st_dev):02x}:{os.minor(there.st_dev):02x}:{there.st_ino}"
    for line in LOCKS.read_text(encoding="ascii").splitlines():
        words = (
            line.split()
        )  # 1: FLOCK ADVISORY WRITE pid major:minor:inode 0 EOF; a process that waits has -> in front
        if words[1:2] == ["FLOCK"] and words[5] == named:
            return int(words[4])
    return None


class WriterLock:
    """The right to write a journal, held until `release` or the end of the process."""

    def __init__(self, file: int, directory: int, name: str) -> None:
        self._file = file
        self._directory = directory
        self._name = name

    @classmethod
    def acquire(cls, directory: int, where: str, name: str = LOCK_NAME) -> Self:
        """Take the lock. Raises JournalLocked where somebody has it, JournalUnsafe where it is no plain file of ours."""
        try:
            file = SYSTEM_FILES.create(name, directory)
        except FileExistsError:
            file = open_file(name, directory, os.O_RDWR, where)
        lock = cls(file, directory, name)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            if lock.is_held():
                return lock
        lock.release()
        raise JournalLocked("another writer has the journal", where=f"{where}/{name}")

    def is_held(self) -> bool:
        """Whether the lock file at the path is still the one that we locked."""
        try:
            there = os.stat(self._name, dir_fd=self._directory, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return os.path.samestat(there, os.fstat(self._file))

    def release(self) -> None:
        """Give the lock back. The file stays: unlinking it is what lets two writers in."""
        os.close(self._file)
