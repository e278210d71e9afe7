"""Whether a run that ended is still what it was then: every file against the sums of its end marker."""

import hashlib
import os
import re
import stat
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.run_directory import CONTROL, FAILED, SEALED, RunDirectory

NOT_MOVED: Final[Mapping[str, str]] = {}
_LINE: Final = re.compile(r"(?P<sha>[0-9a-f]{64})  (?P<name>.+)")


class SealFinding(NamedTuple):
    """One file that is not what the end marker says."""

    name: str  # relative to the run's directory
    what: str


class SealCheck(NamedTuple):
    """What was compared, and every difference, sorted by name."""

    marker: str  # SEALED or FAILED
    sums: dict[str, str]  # that the marker states, by name
    findings: list[SealFinding]


def check_seal(
    run: RunDirectory, moved: Mapping[str, str] = NOT_MOVED, beside: Collection[str] = ()
) -> SealCheck:
    """Compare every file of `run` with its end marker. Only reads.

    `moved` has folders that were renamed since, by the name that the marker has; `beside` those that are no matter of the marker's.

    Raises OperatorFault (exit code 5) where there is no end marker, or where a line of it is not one.
    """
    name = {"sealed": SEALED, "failed": FAILED}.get(run.end_state())
    if name is None:
        raise OperatorFault(
            "the run has no end marker to compare its files with",
            where=str(run.root),
            why="it crashed, or is still running",
            hint=f"its journal can be checked alone: veracity wal verify {run.root}",
            exit_code=ExitCode.FINDING,
        )
    sums = _stated(run.root / name)
    there = _there(run, moved, beside)
    there.pop(name, None)
    findings = [
        SealFinding(one, what)
        for one in sorted(sums.keys() | there.keys())
        if (what := _difference(sums.get(one), there.get(one)))
    ]
    return SealCheck(name, sums, findings)


def _stated(marker: Path) -> dict[str, str]:
    sums = {}
    for number, line in enumerate(marker.read_text(encoding="utf-8").splitlines(), start=1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise OperatorFault(
                "the end marker was changed",
                where=f"{marker}:{number}",
                why="it is no line of a sum and a file",
                exit_code=ExitCode.FINDING,
            )
        sums[match["name"]] = match["sha"]
    return sums


def _there(run: RunDirectory, moved: Mapping[str, str], beside: Collection[str]) -> dict[str, Path]:
    """Every file by the name that it had when the run ended."""
    before = {now: then for then, now in moved.items()}
    found = {}
    for path in run.root.rglob("*"):
        folder, *rest = path.relative_to(run.root).parts
        if folder not in beside and _counts(run, path):
            found["/".join((before.get(folder, folder), *rest))] = path
    return found


def _counts(run: RunDirectory, path: Path) -> bool:
    return path.relative_to(run.root).parts[0] != CONTROL and (path.is_symlink() or not path.is_dir())


def _difference(stated: str | None, path: Path | None) -> str:
    if path is None:
        return "is not there"
    if stated is None:
        return "was not there when the run ended"
    if not stat.S_ISREG(os.lstat(path).st_mode):
        return "is no plain file"
    with path.open("rb") as file:
        return "" if hashlib.file_digest(file, "sha256").hexdigest() == stated else "is another file"
