"""The asking end of a run's control directory: put a request there, wait for its answer, withdraw what nobody takes."""

import fcntl
import os
import secrets
import time
from pathlib import Path
from typing import Final

import msgspec

from veracity.app.control import ALIVE, ANSWER, KILL_FILE, REQUEST, Answer, Request
from veracity.app.wall_clock import now_ns
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import write_new
from veracity.forensics.manifest import read_manifest
from veracity.forensics.run_directory import RunDirectory

LOOK_SECONDS: Final = 0.02
GRACE_SECONDS: Final = 5.0
"""For the answer to a request that was taken in the last moment."""


def ask(run: RunDirectory, request: Request, seconds: float) -> Answer:
    """What the run's process answers within `seconds`.

    Raises OperatorFault where no process runs (exit code 2), where none takes the request in time and where one takes it
    and does not answer (9): the first two leave nothing behind, and the last says so.
    """
    if (ended := run.end_state()) != "open":
        raise OperatorFault(
            f"the run has ended: it is {ended}",
            where=str(run.root),
            hint=f"what it came to: veracity run show {run.root.name}",
            exit_code=ExitCode.USAGE,
        )
    _refuse_backtest(run)
    if not is_alive(run):
        raise OperatorFault(
            "no process runs this",
            where=str(run.root),
            hint=f"to have it halted before it goes on: veracity kill {run.root.name}",
            exit_code=ExitCode.USAGE,
        )
    name = f"{now_ns():020d}-{secrets.token_hex(4)}"
    asked = run.control / f"{name}{REQUEST}"
    draft = run.control / f".{name}"
    write_new(draft, msgspec.json.encode(request))
    draft.rename(asked)
    answer = asked.with_suffix(ANSWER)
    if (found := _wait(run, answer, seconds)) is not None:
        return found
    try:
        asked.unlink()
    except FileNotFoundError:
        if (found := _wait(run, answer, GRACE_SECONDS)) is not None:
            return found
        raise OperatorFault(
            "the request was taken and not answered: it may have been obeyed",
            where=str(run.root),
            hint=f"the journal says it: veracity wal show {run.root.name}, command_received {name}",
            exit_code=ExitCode.TIMEOUT,
        ) from None
    raise OperatorFault(
        f"nobody took the request within {seconds:g} s",
        where=str(run.root),
        why="it was withdrawn: nothing was done",
        hint=f"to stop it whatever it does: veracity kill {run.root.name}",
        exit_code=ExitCode.TIMEOUT,
    )


def kill(run: RunDirectory) -> Path:
    """Make the run's kill file, which halts its process, running now or later; answers its path.

    Raises OperatorFault (exit code 2) where the run has ended: its directory does not change any more.
    """
    if run.end_state() != "open":
        raise OperatorFault("the run has ended", where=str(run.root), exit_code=ExitCode.USAGE)
    _refuse_backtest(run)
    try:
        path = Path(os.fsdecode((run.control / KILL_FILE).read_bytes()))
    except FileNotFoundError:  # it never ran
        path = run.kill_file
    if not os.path.lexists(path):
        write_new(path, b"")
    return path


def _refuse_backtest(run: RunDirectory) -> None:
    """Raise OperatorFault (exit code 2) for a backtest: running or crashed, it hears nobody and looks for no kill file."""
    if run.manifest.exists() and read_manifest(run.manifest).mode == "backtest":
        raise OperatorFault(
            "a backtest is not spoken to",
            where=str(run.root),
            why="it takes no time to listen",
            hint=f"whether it runs: veracity run show {run.root.name}; Ctrl-C ends it, and it can be run again",
            exit_code=ExitCode.USAGE,
        )


def is_alive(run: RunDirectory) -> bool:
    """Whether a process listens: it holds a lock for as long as it does."""
    try:
        file = os.open(run.control / ALIVE, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _wait(run: RunDirectory, path: Path, seconds: float) -> Answer | None:
    """The answer, once it is there; None where it does not come, or nobody is left who could give it."""
    until = time.monotonic() + seconds
    while True:
        alive = is_alive(run)  # asked first: who answers and ends is not taken for silent
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            if not alive or time.monotonic() > until:
                return None
            time.sleep(LOOK_SECONDS)
            continue
        path.unlink()
        return msgspec.json.decode(content, type=Answer)
