"""trials.jsonl of a sweep: a line for each trial, in the order in which they came; durable before it counts.

One process writes it at a time, which the lock on the file says: whoever asks whether a sweep runs asks the lock.
"""

import json
import os
from collections.abc import Sequence
from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock
from pathlib import Path
from time import sleep
from typing import Any, Final, Self, TypeAlias

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import FILE_MODE, sync_directory

LOCK_TRIES: Final = 5
LOCK_PAUSE_S: Final = 0.05
Row: TypeAlias = dict[str, Any]
"""A line: trial, seed, params, status (ok, failed, refused), error, and metrics and equity, or null."""


class TrialLog:
    """Appends rows; each block is durable when `append` returns. What a kill has torn is cut off first."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        """Take the file. Raises OperatorFault (exit code 7) where another process has it."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(self.path, flags, FILE_MODE)
        if not _taken(self._file):
            os.close(self._file)
            raise OperatorFault(
                "another process runs this sweep",
                where=str(self.path),
                hint="veracity sweep status SWEEP",
                exit_code=ExitCode.UNSAFE,
            )
        whole, newline, _ = self.path.read_bytes().rpartition(b"\n")
        os.ftruncate(self._file, len(whole) + len(newline))
        sync_directory(self.path.parent)
        return self

    def rows(self) -> list[Row]:
        """The rows that are there, sorted by number."""
        return read_rows(self.path)

    def append(self, rows: Sequence[Row]) -> None:
        """Write the rows as lines."""
        block = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)
        rest = memoryview(block.encode())
        while rest:
            rest = rest[os.write(self._file, rest) :]
        os.fsync(self._file)

    def __exit__(self, *_: object) -> None:
        os.close(self._file)


def _taken(file: int) -> bool:
    """Take the lock; whoever only asks who has it (`is_written`) holds it for an instant, so one refusal is none."""
    for _ in range(LOCK_TRIES):
        try:
            flock(file, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            sleep(LOCK_PAUSE_S)
        else:
            return True
    return False


def read_rows(path: Path) -> list[Row]:
    """The rows of a trials.jsonl, sorted by number; a last line that was torn by a kill is none.

    Raises OperatorFault (exit code 5) where a whole line is damaged, or a trial is there twice.
    """
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    rows: dict[int, Row] = {}
    for place, line in enumerate(whole.splitlines(), 1):
        try:
            row = json.loads(line)
            number = row["trial"]
        except (ValueError, KeyError, TypeError) as error:
            raise _damaged(path, place, f"{type(error).__name__}: {error}") from error
        if number in rows:
            raise _damaged(path, place, f"trial {number} is there twice")
        rows[number] = row
    return [rows[number] for number in sorted(rows)]


def is_written(path: Path) -> bool:
    """Whether a process has the file: whether the sweep runs."""
    if not path.exists():
        return False
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        flock(file, LOCK_SH | LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _damaged(path: Path, place: int, why: str) -> OperatorFault:
    return OperatorFault(
        "the trials of the sweep are damaged",
        where=f"{path}:{place}",
        why=why,
        hint="begin a new sweep",
        exit_code=ExitCode.FINDING,
    )
