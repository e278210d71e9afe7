"""Finds run directories. They are plain files: a list is made by looking, and nothing has to be kept in step."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.run_directory import LATEST, EndState, RunDirectory
from veracity.journal.lock import writer_of

NAME: Final = re.compile(
    r"(?P<mode>[a-z]+)-(?P<utc>\d{8}T\d{6}Z)-(?P<label>.+)-(?P<hash8>[0-9a-f]{8})(-(?P<number>\d+))?"
)
ID_DIGITS_MIN: Final = 4  # of a run id that is enough to name a run
SHOWN_MAX: Final = 5  # names in a hint


@dataclass(frozen=True, slots=True)
class RunEntry:
    """One run directory as its files tell it; empty text where they do not."""

    path: Path
    mode: str
    created: str  # UTC, as in the directory's name
    number: int  # of runs with the same name parts, the first is 1
    label: str
    run_id: str
    state: EndState  # sealed, failed, or open: running or crashed

    @property
    def name(self) -> str:
        """Name of the directory."""
        return self.path.name

    def writer(self) -> int | None:
        """The process that writes the run; None where there is none, or the system does not tell."""
        try:
            return writer_of(RunDirectory(self.path).wal)
        except OSError:
            return None

    @property
    def report(self) -> Path | None:
        """The report, None where there is none."""
        report = RunDirectory(self.path).report
        return report if report.is_file() else None

    def summary(self) -> dict[str, Any] | None:
        """The content of summary.json, None where there is none. Raises OperatorFault (5) where it is not JSON."""
        return _json(RunDirectory(self.path).summary)


def list_runs(runs_dir: Path) -> tuple[RunEntry, ...]:
    """Every run under `runs_dir`, the oldest first; empty where there is no such directory.

    Raises OperatorFault where the directory cannot be read.
    """
    if not runs_dir.exists():
        return ()
    try:
        found = [path for path in runs_dir.iterdir() if not path.is_symlink() and _is_run(path)]
    except OSError as error:
        raise OperatorFault(
            "the run directories cannot be read",
            where=str(runs_dir),
            why=str(error.strerror),
            hint="--run-dir DIR says where they are",
            exit_code=ExitCode.USAGE,
        ) from None
    return tuple(
        sorted((_entry(path) for path in found), key=lambda run: (run.created, run.number, run.name))
    )


def find(runs_dir: Path, name: str) -> RunEntry:
    """The run that `name` means: a path, a directory's name, the first digits of a run id, or `latest`.

    Raises OperatorFault where there is none, or where several could be meant.
    """
    if name == LATEST:
        return _latest(runs_dir)
    for path in (Path(name), runs_dir / name):
        if _is_run(path):
            return _entry(path.resolve() if path.is_symlink() else path)
    runs = list_runs(runs_dir)
    matches = [run for run in runs if len(name) >= ID_DIGITS_MIN and run.run_id.startswith(name)]
    # The same config run twice is the same run id; the younger directory is as good as the older.
    if matches and len({run.run_id for run in matches}) == 1:
        return matches[-1]
    found = "there is none of that name or id"
    if matches:
        found = f"{len(matches)} run ids begin so"
    elif Path(name).exists():
        found = "there is something, but no run: it has neither a manifest nor a journal"
    raise _not_found(runs_dir, name, found, matches or runs)


def _latest(runs_dir: Path) -> RunEntry:
    link = runs_dir / LATEST
    if link.is_symlink() and _is_run(link.resolve()):
        return _entry(link.resolve())
    runs = list_runs(runs_dir)
    if not runs:
        raise _not_found(runs_dir, LATEST, "there are no runs", ())
    return runs[-1]


def _is_run(path: Path) -> bool:
    run = RunDirectory(path)
    return run.manifest.is_file() or run.wal.is_dir()


def _entry(path: Path) -> RunEntry:
    run = RunDirectory(path)
    manifest = _json(run.manifest) or {}
    match = NAME.fullmatch(path.name)
    parts = match.groupdict() if match else {}
    return RunEntry(
        path=path,
        mode=parts.get("mode", ""),
        created=parts.get("utc", ""),
        number=int(parts.get("number") or 1),
        label=parts.get("label", ""),
        run_id=str(manifest.get("run_id", "")),
        state=run.end_state(),
    )


def _json(path: Path) -> dict[str, Any] | None:
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise OperatorFault(
            "cannot be read as JSON", where=str(path), why=str(error), exit_code=ExitCode.FINDING
        ) from None
    return content if isinstance(content, dict) else {}


def _not_found(
    runs_dir: Path, name: str, why: str, runs: tuple[RunEntry, ...] | list[RunEntry]
) -> OperatorFault:
    names = ", ".join(run.name for run in runs[-SHOWN_MAX:])
    hint = (
        f"the last ones: {names}"
        if names
        else "make one with `veracity backtest`, or say where they are: --run-dir DIR"
    )
    return OperatorFault(
        f"no run {name!r}", where=str(runs_dir), why=why, hint=hint, exit_code=ExitCode.USAGE
    )
