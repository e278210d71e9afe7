"""How often a dataset was asked: one file beside the runs for each dataset, which whoever asks it adds to (S-078).

Sweeps, walk-forwards and backtests count alike, when they are planned: whether a trial fails, is refused or is never looked
at changes nothing about the chance that one of so many looks good by luck. The same run again asks nothing new, so each
line names who asked, and the same name counts once.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path
from typing import Final

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import DIRECTORY_MODE, FILE_MODE, sync_directory

TRIALS: Final = "trials"


def ledger_of(runs_dir: Path, dataset_hash: str) -> Path:
    """The file of a dataset: a line for each that asked it, with the number of its trials."""
    return runs_dir / TRIALS / f"{dataset_hash}.jsonl"


def record(runs_dir: Path, dataset_hash: str, asked_by: str, trials: int) -> int:
    """Say that `asked_by` asks the dataset so often; durable when this answers the trials of all who asked so far.

    Saying it again changes nothing. Processes that record at the same time wait for each other, and each counts those
    before it. Raises OperatorFault (exit code 5) where the file is damaged.
    """
    path = ledger_of(runs_dir, dataset_hash)
    path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    with _locked(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, LOCK_EX) as file:
        content = _read(file)
        whole = content[: content.rfind(b"\n") + 1]
        asked = _counts(whole, path)
        if trials > asked.get(asked_by, 0):
            if len(whole) < len(content):
                os.ftruncate(file, len(whole))  # torn by a kill: what it counted never began
            line = json.dumps({"asked_by": asked_by, "trials": trials}, sort_keys=True) + "\n"
            os.write(file, line.encode())
            os.fsync(file)
            sync_directory(path.parent)
            asked[asked_by] = trials
    return sum(asked.values())


def trials_of(runs_dir: Path, dataset_hash: str, asked_by: str = "", trials: int = 0) -> int:
    """Trials on the dataset so far, failed and refused ones too; 0 where nobody asked it yet.

    `asked_by` and its `trials` are counted whether they are in the file or not. Raises OperatorFault (exit code 5) where
    the file is damaged.
    """
    path = ledger_of(runs_dir, dataset_hash)
    asked = {}
    if path.exists():
        with _locked(path, os.O_RDONLY, LOCK_SH) as file:
            content = _read(file)
        asked = _counts(content[: content.rfind(b"\n") + 1], path)
    return sum((asked | {asked_by: max(trials, asked.get(asked_by, 0))}).values())


@contextmanager
def _locked(path: Path, flags: int, kind: int) -> Iterator[int]:
    file = os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        flock(file, kind)
        yield file
    finally:
        os.close(file)


def _read(file: int) -> bytes:
    return os.pread(file, os.fstat(file).st_size, 0)


def _counts(whole: bytes, path: Path) -> dict[str, int]:
    """Trials by who asked; of several lines of one, the largest."""
    asked: dict[str, int] = {}
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            said = json.loads(line)
            name, trials = said["asked_by"], int(said["trials"])
        except (ValueError, KeyError, TypeError) as error:
            raise OperatorFault(
                "the ledger of trials is damaged",
                where=f"{path}:{number}",
                why=f"{type(error).__name__}: {error}",
                hint="how often the data were asked is not known any more: restore the file, or take a sample that nobody has asked",
                exit_code=ExitCode.FINDING,
            ) from error
        asked[name] = max(trials, asked.get(name, 0))
    return asked
