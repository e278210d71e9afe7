"""Finds the paper run that a process left without its end marker."""

from pathlib import Path
from typing import Final

from veracity.forensics.manifest import read_manifest
from veracity.forensics.run_directory import RunDirectory

MODE: Final = "paper"


def unfinished(runs_dir: Path, run_id: str) -> RunDirectory | None:
    """The directory of the paper run with this id that has no end marker; None where there is none."""
    for root in sorted(runs_dir.glob(f"{MODE}-*-{run_id[:8]}*")):
        run = RunDirectory(root)
        if (
            run.end_state() == "open"
            and run.manifest.exists()
            and read_manifest(run.manifest).run_id == run_id
        ):
            return run
    return None
