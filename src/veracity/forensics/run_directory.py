"""One run is one directory of plain files that explains itself (specs/logging/run-directory.md).

Its name is `<mode>-<utc>-<label>-<hash8>`; the last part is the beginning of the run id, so equal parts are equal runs.
An end marker is written last and holds the SHA-256 of every other file. A directory without one is of a run that is
still running, or that crashed.
"""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final, Literal, TypeAlias

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.ids import RUN_PREFIX_DIGITS
from veracity.domain.time import NS_PER_SECOND, ts_text
from veracity.forensics.files import DIRECTORY_MODE, FILE_MODE, sync_directory, write_new

LATEST: Final = "latest"
KILL_FILE: Final = "KILL"
CONTROL: Final = "control"
SEALED: Final = "SEALED"
FAILED: Final = "FAILED"

EndState: TypeAlias = Literal["sealed", "failed", "open"]
_WITHOUT_RESULTS: Final[Mapping[EndState, str]] = {
    "sealed": "it was stopped before its data ended",
    "failed": "it failed",
    "open": "it crashed, or is still running",
}


@dataclass(frozen=True, slots=True)
class RunDirectory:
    """A run's directory and the places in it."""

    root: Path

    @property
    def manifest(self) -> Path:
        """What the run is made of."""
        return self.root / "manifest.json"

    @property
    def config(self) -> Path:
        """The resolved config with the origin of each value."""
        return self.root / "config.resolved.toml"

    @property
    def wal(self) -> Path:
        """The journal's directory; the journal makes it."""
        return self.root / "wal"

    @property
    def events(self) -> Path:
        """The event log."""
        return self.root / "events.jsonl"

    @property
    def audit(self) -> Path:
        """The audit trail."""
        return self.root / "audit.jsonl"

    @property
    def recoveries(self) -> Path:
        """Directory of the reports of recoveries, in one below for each start that found a journal."""
        return self.root / "recoveries"

    @property
    def snapshots(self) -> Path:
        """Directory of the snapshots of the state, where any were taken."""
        return self.root / "snapshots"

    @property
    def summary(self) -> Path:
        """What the run came to, for programs."""
        return self.root / "summary.json"

    @property
    def results(self) -> Path:
        """Directory of the tables: trades and equity."""
        return self.root / "results"

    @property
    def report(self) -> Path:
        """The report, one self-contained page."""
        return self.root / "report" / "index.html"

    @property
    def control(self) -> Path:
        """Directory in which the run's process is spoken to; no part of what the run was, so no end marker names it."""
        return self.root / CONTROL

    @property
    def metrics(self) -> Path:
        """What a collector of metrics reads while the run's process lives."""
        return self.control / "metrics.prom"

    @property
    def kill_file(self) -> Path:
        """Halts the run's process while it exists, where no other path was named."""
        return self.root / KILL_FILE

    @property
    def traceback(self) -> Path:
        """The stack trace of the error that ended the run, where one did."""
        return self.root / "traceback.txt"

    def forget_derived(self) -> None:
        """Take away what a process that was killed before its end marker had made from the journal, whole or in part: whoever
        goes on makes it anew. The journal, what belongs to it, and what the run is made of stay."""
        for path in (self.events, self.audit, self.traceback, self.summary, self.summary.with_suffix(".md")):
            path.unlink(missing_ok=True)
        for draft in self.root.glob(".*.draft"):
            draft.unlink()
        for folder in (self.results, self.report.parent):
            if folder.is_dir() and not folder.is_symlink():
                shutil.rmtree(folder)
        sync_directory(self.root)

    def end_state(self) -> EndState:
        """How the run ended; `open` is of one that is running or crashed."""
        if (self.root / SEALED).exists():
            return "sealed"
        return "failed" if (self.root / FAILED).exists() else "open"

    def require_summary(self) -> None:
        """Raise OperatorFault (exit code 5) where the run did not come to its end, and so has no results."""
        if self.summary.is_file():
            return
        raise OperatorFault(
            "the run has no summary",
            where=str(self.root),
            why=_WITHOUT_RESULTS[self.end_state()],
            hint=f"how far it came: veracity wal show {self.root}",
            exit_code=ExitCode.FINDING,
        )

    def seal(self, success: bool) -> Path:
        """Write the end marker, SEALED or FAILED, whose lines `sha256sum --check` reads; answers its path.

        Everything in the directory is brought to its mode and made durable first. Raises OperatorFault (exit code 7)
        where there is an end marker already, or something that is neither a file nor a directory.
        """
        marker = self.root / (SEALED if success else FAILED)
        for old in (self.root / SEALED, self.root / FAILED):
            if os.path.lexists(old):
                raise OperatorFault("the run has ended before", where=str(old), exit_code=ExitCode.UNSAFE)
        sums = "".join(
            f"{_settled_sum(path)}  {path.relative_to(self.root).as_posix()}\n" for path in _files(self.root)
        )
        draft = self.root / f".{marker.name}.draft"
        write_new(draft, sums.encode())
        draft.rename(marker)
        sync_directory(self.root)
        return marker


def create(runs_dir: Path, *, mode: str, label: str, run_id: str, created_ts: int) -> RunDirectory:
    """A new, empty directory for a run that began at `created_ts` (ns UTC); `latest` points to it.

    A run of the same parts that began in the same second gets the suffix -2, -3, ...; no directory is used twice.
    Raises OperatorFault (exit code 2) where `runs_dir` cannot be used.
    """
    second = ts_text(created_ts // NS_PER_SECOND * NS_PER_SECOND).replace("-", "").replace(":", "")
    stem = f"{mode}-{second}-{label}-{run_id[:RUN_PREFIX_DIGITS]}"
    try:
        runs_dir.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        root = _make_unused(runs_dir, stem)
        _point_latest(runs_dir, root.name)
    except OSError as error:
        raise OperatorFault(
            "no run directory can be made here",
            where=str(runs_dir),
            why=error.strerror or str(error),
            hint="name another with --run-dir",
            exit_code=ExitCode.USAGE,
        ) from error
    return RunDirectory(root)


def _make_unused(runs_dir: Path, stem: str) -> Path:
    for number in count(1):
        root = runs_dir / (stem if number == 1 else f"{stem}-{number}")
        try:
            root.mkdir(DIRECTORY_MODE)
        except FileExistsError:
            continue
        root.chmod(DIRECTORY_MODE)  # the umask may have taken bits away
        sync_directory(runs_dir)
        return root
    raise AssertionError("numbers do not end")


def _point_latest(runs_dir: Path, name: str) -> None:
    """Let the link `latest` name this run. It is replaced whole, so whoever follows it finds one run or the other."""
    draft = runs_dir / f".{LATEST}-{name}"
    draft.symlink_to(name)
    draft.replace(runs_dir / LATEST)


def _files(root: Path) -> Iterator[Path]:
    """Every file below `root`, in one order; directories are closed to others on the way."""
    for path in sorted(root.rglob("*")):
        if path.relative_to(root).parts[0] == CONTROL:
            continue
        mode = path.lstat().st_mode
        if stat.S_ISDIR(mode):
            path.chmod(DIRECTORY_MODE)
        elif stat.S_ISREG(mode):
            yield path
        else:
            raise OperatorFault(
                "only files and directories belong into a run directory",
                where=str(path),
                exit_code=ExitCode.UNSAFE,
            )


def _settled_sum(path: Path) -> str:
    """SHA-256 of a file that is closed to others and on the disk."""
    with path.open("rb") as file:
        os.fchmod(file.fileno(), FILE_MODE)
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
