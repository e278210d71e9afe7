"""The file calls that can lose data, behind one seam, so that tests can make each of them fail."""

import errno
import os
from typing import Final, Protocol


class Files(Protocol):
    """Calls on open files and directories. Each raises OSError as the system does."""

    def create(self, name: str, directory: int) -> int:
        """Descriptor of a new file `name`, open for writing; FileExistsError where there is something already."""

    def write(self, file: int, data: memoryview) -> int:
        """Write the start of `data`; how many bytes that was."""

    def sync_data(self, file: int) -> None:
        """Make the file's bytes durable."""

    def sync(self, file: int) -> None:
        """Make the file, or the directory's entries, durable."""

    def truncate(self, file: int, size: int) -> None:
        """Cut the file to `size` bytes."""

    def replace(self, old: str, new: str, directory: int) -> None:
        """Rename within one directory."""

    def close(self, file: int) -> None:
        """Close the descriptor."""


class _SystemFiles:
    def create(self, name: str, directory: int) -> int:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        file = os.open(name, flags, 0o600, dir_fd=directory)
        os.fchmod(file, 0o600)  # the umask may have taken bits away
        return file

    def write(self, file: int, data: memoryview) -> int:
        return os.write(file, data)

    def sync_data(self, file: int) -> None:
        os.fdatasync(file)

    def sync(self, file: int) -> None:
        os.fsync(file)

    def truncate(self, file: int, size: int) -> None:
        os.ftruncate(file, size)

    def replace(self, old: str, new: str, directory: int) -> None:
        os.replace(old, new, src_dir_fd=directory, dst_dir_fd=directory)

    def close(self, file: int) -> None:
        os.close(file)


SYSTEM_FILES: Final[Files] = _SystemFiles()


def write_all(files: Files, file: int, data: bytes | bytearray) -> None:
    """Write all of `data`, finishing short writes. Raises OSError; then nobody knows how much arrived."""
    rest = memoryview(data)
    while rest:
        written = files.write(file, rest)
        if written <= 0:
            raise OSError(errno.EIO, "a write wrote nothing")
        rest = rest[written:]
