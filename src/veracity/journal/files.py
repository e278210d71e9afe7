"""The file calls that can lose data, behind one seam, so that tests can make each of them fail."""

import errno
import os
from collections.abc import Iterable
from typing import Final, Protocol, TypeAlias

Bytes: TypeAlias = bytes | bytearray | memoryview


class Files(Protocol):
    """Calls on open files and directories. Each raises OSError as the system does."""

    def create(self, name: str, directory: int) -> int:
        """Descriptor of a new file `name`, open for writing; FileExistsError where there is something already."""

    def open(self, name: str, directory: int) -> int:
        """Descriptor of a file that is there and was checked, open for writing."""

    def write(self, file: int, data: Bytes, at: int, /) -> int:
        """Write the start of `data` at byte `at` of the file; how many bytes that was."""

    def sync_data(self, file: int, /) -> None:
        """Make the file's bytes durable."""

    def sync(self, file: int) -> None:
        """Make the file, or the directory's entries, durable."""

    def truncate(self, file: int, size: int) -> None:
        """Cut the file to `size` bytes."""

    def replace(self, old: str, new: str, directory: int) -> None:
        """Rename within one directory."""

    def unlink(self, name: str, directory: int) -> None:
        """Remove a name."""

    def free(self, directory: int) -> int:
        """Bytes that we may still write on the directory's disk."""

    def close(self, file: int) -> None:
        """Close the descriptor."""


class _SystemFiles:
    write = staticmethod(os.pwrite)  # the two calls of a commit, without a Python frame around them
    sync_data = staticmethod(os.fdatasync)

    def create(self, name: str, directory: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(name, flags, 0o600, dir_fd=directory)
        os.fchmod(file, 0o600)  # the umask may have taken bits away
        return file

    def open(self, name: str, directory: int) -> int:
        return os.open(name, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=directory)

    def sync(self, file: int) -> None:
        os.fsync(file)

    def truncate(self, file: int, size: int) -> None:
        os.ftruncate(file, size)

    def replace(self, old: str, new: str, directory: int) -> None:
        os.replace(old, new, src_dir_fd=directory, dst_dir_fd=directory)

    def unlink(self, name: str, directory: int) -> None:
        os.unlink(name, dir_fd=directory)

    def free(self, directory: int) -> int:
        disk = os.fstatvfs(directory)
        return disk.f_bavail * disk.f_frsize

    def close(self, file: int) -> None:
        os.close(file)


SYSTEM_FILES: Final[Files] = _SystemFiles()


def write_all(files: Files, file: int, data: Bytes, at: int) -> None:
    """Write all of `data` from byte `at` on, finishing short writes. Raises OSError; then nobody knows how much arrived."""
    while (written := files.write(file, data, at)) < len(data):
        if written <= 0:
            raise OSError(errno.EIO, "a write wrote nothing")
        data = memoryview(data)[written:]
        at += written


def write_new(files: Files, name: str, directory: int, pieces: Iterable[bytes]) -> None:
    """A new file `name` with `pieces`, all of it or none: written aside, synced, renamed, the directory synced. Raises OSError.

    What an earlier, killed attempt left aside is taken away first. An existing `name` is replaced.
    """
    unfinished = f"{name}.tmp"
    if unfinished in os.listdir(directory):
        files.unlink(unfinished, directory)
    file = files.create(unfinished, directory)
    try:
        at = 0
        for piece in pieces:
            write_all(files, file, piece, at)
            at += len(piece)
        files.sync(file)
    finally:
        os.close(file)
    files.replace(unfinished, name, directory)
    files.sync(directory)
