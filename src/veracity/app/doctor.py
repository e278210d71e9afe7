"""Can this machine do the job? Each question is tried, not assumed: a file is written and synced, a lock is taken twice.

Nothing is repaired and nothing stays behind. A check that cannot tell says so and is no success.
"""

import errno
import fcntl
import os
import platform
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final, Literal, NamedTuple

from veracity.app.kernel_cache import kernel_cache
from veracity.app.run_dirs import RunEntry, list_runs
from veracity.app.sweep_run import MODE as SWEEP
from veracity.app.sweep_run import PLAN, SWEEPS, opened
from veracity.app.system_clock import ClockState, clock_state
from veracity.domain.errors import OperatorFault
from veracity.domain.policies import JOURNAL
from veracity.forensics.environment import environment_identity
from veracity.forensics.run_directory import RunDirectory
from veracity.research.trial_log import is_written

State = Literal["ok", "warn", "fail"]

PYTHON_MIN: Final = (3, 11)
SYNCS: Final = 50
SYNC_TRUE_NS: Final = 20_000
"""A sync that is faster than this did not reach a disk: the fastest ones with a protected cache need more."""
SYNC_SLOW_NS: Final = 50_000_000
RECORD: Final = b"\0" * 512
IN_MEMORY: Final = frozenset({"tmpfs", "ramfs", "devtmpfs"})
FAR_AWAY: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "ceph", "glusterfs"})
FILES_MIN: Final = 256
OTHERS_WRITE: Final = 0o022
MIB: Final = 1 << 20
ROOMY: Final = 4  # times the low-water mark
MOUNTS: Final = Path("/proc/self/mountinfo")
UNFINISHED_MAX: Final = 10
"""Runs that are named one by one."""


class Check(NamedTuple):
    """What one question found, and what to do where it is not ok."""

    name: str
    state: State
    what: str
    hint: str = ""


def examine(runs_dir: Path, environ: Mapping[str, str]) -> tuple[Check, ...]:
    """Every check, in the order in which they are told."""
    return (
        *_python(environ),
        judge_clock(clock_state()),
        *_compiled(environ),
        _files(),
        _who(),
        *_directory(runs_dir),
        *_runs(runs_dir),
        *_sweeps(runs_dir),
    )


def _python(environ: Mapping[str, str]) -> Iterator[Check]:
    here = f"Python {platform.python_version()} ({sys.implementation.name}, {platform.machine()})"
    if sys.version_info < PYTHON_MIN:
        yield Check("python", "fail", here, "veracity needs Python 3.11 or newer")
    elif sys.implementation.name != "cpython":
        yield Check("python", "warn", here, "it is tried on CPython alone")
    else:
        yield Check("python", "ok", here)
    missing = [one.name for one in environment_identity().versions if one.version == "unknown"]
    if missing:
        yield Check("packages", "fail", f"not installed: {', '.join(missing)}", "make setup")
    else:
        yield Check("packages", "ok", "all that it needs are installed")
    if environ.get("PYTHONDONTWRITEBYTECODE"):
        hint = "unset PYTHONDONTWRITEBYTECODE"
        yield Check("bytecode", "warn", "every start compiles the whole product again", hint)


def judge_clock(state: ClockState | None) -> Check:
    """What the kernel's word on its clock is worth."""
    if state is None:
        hint = "see `timedatectl` or your system's own tool"
        return Check("clock", "warn", "the system does not say whether its clock is synchronised", hint)
    if not state.is_synchronised:
        hint = "run an NTP client such as chrony; recorded data need no clock, a venue refuses orders of a wrong one"
        return Check("clock", "warn", "the kernel's clock is not synchronised", hint)
    return Check("clock", "ok", f"synchronised, at most {state.error_us_max / 1000:.1f} ms wrong")


def _compiled(environ: Mapping[str, str]) -> Iterator[Check]:
    try:
        cache = kernel_cache(environ)
    except OperatorFault as fault:
        yield Check("compiled code", "warn", f"{fault.what}: {fault.why or fault.where}", fault.hint)
        return
    nearest = next(path for path in (cache, *cache.parents) if path.exists())
    if os.access(nearest, os.W_OK | os.X_OK):
        yield Check("compiled code", "ok", f"kept in {cache}")
    else:
        hint = "name a directory of yours in VERACITY_CACHE_DIR; without one a sweep compiles at every start"
        yield Check("compiled code", "warn", f"{nearest} cannot be written", hint)


def _files() -> Check:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    size, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    if soft < FILES_MIN:
        return Check("limits", "warn", f"only {soft} open files are allowed", f"ulimit -n {FILES_MIN}")
    if size != resource.RLIM_INFINITY and size < JOURNAL.segment_bytes:
        what = f"a file may have {size:,} bytes, a segment of the journal has {JOURNAL.segment_bytes:,}"
        return Check("limits", "fail", what, "ulimit -f unlimited")
    return Check("limits", "ok", f"{soft} open files")


def _who() -> Check:
    if os.geteuid() == 0:
        hint = "run it as a user of its own: whoever it runs as may command every run"
        return Check("user", "warn", "this is root", hint)
    return Check("user", "ok", f"uid {os.geteuid()}")


def _directory(runs_dir: Path) -> Iterator[Check]:
    """Whether runs can be made in `runs_dir`, or where it would be made, and whether what is synced there stays."""
    place = next(path for path in (runs_dir.absolute(), *runs_dir.absolute().parents) if path.exists())
    try:
        with tempfile.TemporaryDirectory(prefix=".veracity-doctor-", dir=place) as trial:
            folder = Path(trial)
            yield Check("run directory", "ok", f"{runs_dir} can be written")
            yield _lock(folder / "lock")
            yield judge_disk(file_system(folder.resolve(), _mounts()), _commits(folder / "sync"))
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            hint = "free the disk, or name another place with --run-dir"
        else:
            hint = "see who may write there, or name another place with --run-dir"
        yield Check("run directory", "fail", f"{place} cannot be written: {error.strerror}", hint)
    if runs_dir.is_dir() and runs_dir.stat().st_mode & OTHERS_WRITE:
        hint = f"chmod go-w {runs_dir}"
        yield Check("permissions", "fail", f"others may write in {runs_dir}: they could swap a run", hint)
    yield judge_room(shutil.disk_usage(place).free)


def _lock(path: Path) -> Check:
    with path.open("wb") as first, path.open("wb") as second:
        fcntl.flock(first, fcntl.LOCK_EX | fcntl.LOCK_NB)
        try:
            fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return Check("locks", "ok", "a lock is given once")
    hint = "name a directory on a local disk with --run-dir"
    return Check("locks", "fail", "the same lock is given twice: two engines could write one journal", hint)


def _commits(path: Path) -> list[int]:
    """How long commits take, as the journal makes them: nanoseconds each."""
    took = []
    with path.open("wb", buffering=0) as file:
        for _ in range(SYNCS):
            begin = time.perf_counter_ns()
            file.write(RECORD)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter_ns() - begin)
    return took


def judge_disk(kind: str, took_ns: Sequence[int]) -> Check:
    """What commits that took so long on a file system of this kind are worth; one that answers from memory keeps nothing."""
    typical = median(took_ns)
    told = f"{kind}: a commit takes {typical / 1e6:.3f} ms, {max(took_ns) / 1e6:.3f} ms at worst"
    local = "name a directory on a local disk with --run-dir"
    if kind in IN_MEMORY:
        return Check("disk", "warn", f"{kind} keeps files in memory: a power cut takes every run", local)
    if kind in FAR_AWAY:
        return Check("disk", "warn", f"{told}; it is the disk of another machine", local)
    if typical < SYNC_TRUE_NS:
        hint = "see whether the disk, or the host of this virtual machine, ignores flushes (cache=unsafe, nobarrier)"
        return Check("disk", "warn", f"{told}: too fast to be true", hint)
    if typical > SYNC_SLOW_NS:
        return Check("disk", "warn", f"{told}: each decision waits that long", local)
    return Check("disk", "ok", told)


def file_system(folder: Path, mounts: str) -> str:
    """Its type, such as ext4, by the text of /proc/self/mountinfo (proc(5)); `unknown` where that does not tell."""
    best, kind = -1, "unknown"
    for line in mounts.splitlines():
        before, _, behind = line.partition(" - ")
        mounted = before.split()[4].replace("\\040", " ")
        # Of two at one place the later one hides the other.
        if folder.is_relative_to(mounted) and len(mounted) >= best:
            best, kind = len(mounted), behind.split()[0]
    return kind


def _mounts() -> str:
    try:
        return MOUNTS.read_text(encoding="utf-8")
    except OSError:  # not Linux
        return ""


def judge_room(free: int) -> Check:
    """What so many free bytes are good for."""
    told, low = f"{free // MIB:,} MiB are free", JOURNAL.low_water_bytes
    below = f"below {low // MIB} MiB a trading run opens nothing"
    if free < low:
        return Check("free space", "fail", told, f"free the disk: {below}")
    if free < ROOMY * low:
        return Check("free space", "warn", told, below)
    return Check("free space", "ok", told)


def _runs(runs_dir: Path) -> Iterator[Check]:
    try:
        runs = list_runs(runs_dir)
    except OperatorFault as fault:
        yield Check("runs", "fail", f"{fault.where}: {fault.what}: {fault.why}", fault.hint)
        return
    unfinished = [run for run in runs if run.state == "open" and run.writer() is None]
    running = [run for run in runs if run.state == "open" and run not in unfinished]
    failed = sum(run.state == "failed" for run in runs)
    told = f"{len(runs)} runs: {len(running)} running, {len(unfinished)} unfinished, {failed} failed"
    yield Check("runs", "ok", told)
    for run in unfinished[-UNFINISHED_MAX:]:
        yield Check("unfinished run", "warn", f"{run.name} has no end and no process", _mend(run))
    if len(unfinished) > UNFINISHED_MAX:
        yield Check(
            "unfinished run",
            "warn",
            f"and {len(unfinished) - UNFINISHED_MAX} older ones",
            "veracity run list",
        )
    for run in (*running, *unfinished):
        kill_file = RunDirectory(run.path).kill_file
        if os.path.lexists(kill_file):
            hint = f"it halts the run; remove it before `veracity resume {run.name}`"
            yield Check("kill file", "warn", f"{kill_file} exists", hint)


def _mend(run: RunEntry) -> str:
    look = f"veracity wal verify {run.name}"
    if run.mode == "paper":
        return f"is its journal whole? {look}. The command that began it goes on with it"
    return f"it is not gone on with: run it again. What it journaled: {look}"


def _sweeps(runs_dir: Path) -> Iterator[Check]:
    """Those that no process runs and that are not at their end."""
    for plan in sorted((runs_dir / SWEEPS).glob(f"{SWEEP}-*/{PLAN}")):
        root = plan.parent
        if root.is_symlink() or RunDirectory(root).end_state() != "open":
            continue
        sweep = opened(root)
        if is_written(sweep.trials):
            continue
        try:
            done = len(sweep.rows())
        except OperatorFault as fault:
            yield Check("unfinished sweep", "fail", f"{fault.where}: {fault.what}: {fault.why}", fault.hint)
        else:
            told = f"{root.name}: {done} of {sweep.plan.total} trials are done and no process runs it"
            yield Check("unfinished sweep", "warn", told, f"veracity sweep resume {root.name}")
