"""How often a dataset was asked: one file beside the runs for each dataset, which every sweep on it adds to (S-078).

A trial counts when it is planned: whether it fails, is refused or is never looked at changes nothing about the chance that
one of so many looks good by luck.
"""

import json
import os
from pathlib import Path
from typing import Final

from veracity.forensics.files import DIRECTORY_MODE, FILE_MODE, sync_directory

TRIALS: Final = "trials"


def ledger_of(runs_dir: Path, dataset_hash: str) -> Path:
    """The file of a dataset: a line a sweep."""
    return runs_dir / TRIALS / f"{dataset_hash}.jsonl"


def record(runs_dir: Path, dataset_hash: str, sweep: str, trials: int) -> None:
    """Say that the sweep asks the dataset so often; durable when this returns. Saying it again changes nothing."""
    path = ledger_of(runs_dir, dataset_hash)
    path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    line = json.dumps({"sweep": sweep, "trials": trials}, sort_keys=True) + "\n"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        os.write(file, line.encode())
        os.fsync(file)
    finally:
        os.close(file)
    sync_directory(path.parent)


def trials_of(runs_dir: Path, dataset_hash: str) -> int:
    """Trials of all sweeps on the dataset so far, failed and refused ones too; 0 where nobody asked it yet."""
    path = ledger_of(runs_dir, dataset_hash)
    if not path.exists():
        return 0
    sweeps: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        sweeps[said["sweep"]] = max(said["trials"], sweeps.get(said["sweep"], 0))
    return sum(sweeps.values())
