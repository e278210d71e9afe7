"""Files of a run directory: made once, readable by their owner alone, never through a link."""

import os
from pathlib import Path
from typing import Final

from veracity.domain.errors import ExitCode, OperatorFault

FILE_MODE: Final = 0o600
DIRECTORY_MODE: Final = 0o700


def create_file(path: Path) -> int:
    """Descriptor of a new file, open for appending.

    Raises OperatorFault (exit code 7) where there is something already, be it a link to nowhere.
    """
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        file = os.open(path, flags, FILE_MODE)
    except FileExistsError as error:
        raise OperatorFault(
            "there is something already",
            where=str(path),
            why="a file of a run is made once and by its run alone",
            exit_code=ExitCode.UNSAFE,
        ) from error
    os.fchmod(file, FILE_MODE)  # the umask may have taken bits away
    return file


def write_new(path: Path, content: bytes) -> None:
    """Make a file with `content`, durable with its name when this returns. Raises as `create_file`, or OSError."""
    with os.fdopen(create_file(path), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable."""
    directory = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)
