"""How a running process is spoken to: requests and answers are files in the directory `control/` of its run.

Who may write there may command: the directory is 0700, and only what its owner or root wrote is taken. A request is taken
by renaming it, so it is obeyed once or withdrawn, never both; no process takes what was left for another one
(specs/core-engine/modes.md, S-010).
"""

import fcntl
import os
import pwd
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Literal, NamedTuple

import msgspec

from veracity.app.status import Status
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import DIRECTORY_MODE, FILE_MODE, write_new
from veracity.forensics.run_directory import RunDirectory

ALIVE: Final = "alive"
KILL_FILE: Final = "kill_file"
STATUS: Final = "status"
REQUEST: Final = ".request"
TAKEN: Final = ".taken"
ANSWER: Final = ".answer"
NOT_UNDERSTOOD: Final = "not_understood"
REQUEST_BYTES_MAX: Final = 4_096
LOCK_SECONDS: Final = 1.0
"""An engine that ends, or is killed, holds its lock for far less."""
LOOKED_AT_SECONDS: Final = 60.0
"""Who looks whether a process listens holds that lock for a moment, unless he is stopped in it."""
LOCK_LOOK_SECONDS: Final = 0.01

Outcome = Literal["obeyed", "refused", "told"]


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody asks of the process: the kind of a command, or `status`."""

    command: str
    why: str = ""
    symbol: str | None = None
    trade_id: str | None = None
    strategy_id: str | None = None


class Answer(msgspec.Struct, frozen=True):
    """What became of a request."""

    command_id: str
    command: str
    outcome: Outcome
    reason: str
    detail: str
    seq: int  # of the engine, with all that the request led to
    mode: str
    mode_reason: str
    events: tuple[str, ...] = ()  # kinds of what it led to
    status: Status | None = None


class Taken(NamedTuple):
    """A request that the process has taken, and who wrote it."""

    command_id: str
    who: str
    request: Request


class Control:
    """The process's end. It is open while this object lives; `close` answers what is left."""

    def __init__(self, run: RunDirectory, kill_file: Path) -> None:
        """Open the run's control directory; waits a moment where somebody is just looking whether it is open.

        Raises OperatorFault (exit code 7) where another process runs this, or ended it meanwhile: there is one engine a run.
        """
        self._path: Final = run.control
        self._path.mkdir(DIRECTORY_MODE, exist_ok=True)
        self._path.chmod(DIRECTORY_MODE)
        with ExitStack() as locks:
            _lock(locks, self._path, os.O_RDONLY | os.O_DIRECTORY, run, LOCK_SECONDS)
            _replace(self._path / KILL_FILE, os.fsencode(kill_file.absolute()))
            # Left for the process before this one. Who asks from the next line on sees that somebody listens, and means this one.
            for old in self._named(REQUEST):
                old.unlink(missing_ok=True)
            _lock(locks, self._path / ALIVE, os.O_RDWR | os.O_CREAT, run, LOOKED_AT_SECONDS)
            self._locks: Final = locks.pop_all()

    def left(self) -> list[str]:
        """Ids of requests that the process before had taken and did not answer."""
        return [path.stem for path in self._named(TAKEN)]

    def taken(self) -> Iterator[Taken]:
        """Take what was asked, oldest first. What nobody can read, or a stranger wrote, is answered and not given."""
        for path in self._named(REQUEST):
            mine = path.with_suffix(TAKEN)
            try:
                path.rename(mine)
            except FileNotFoundError:  # withdrawn
                continue
            try:
                yield _read(mine)
            except (OSError, msgspec.MsgspecError) as error:
                self.answer(Answer(mine.stem, "", "refused", NOT_UNDERSTOOD, str(error), 0, "", ""))

    def answer(self, answer: Answer) -> None:
        """Answer a request that was taken, once."""
        mine = self._path / f"{answer.command_id}{TAKEN}"
        _replace(mine.with_suffix(ANSWER), msgspec.json.encode(answer))
        mine.unlink(missing_ok=True)

    def close(self) -> None:
        """Nothing is taken any more."""
        self._locks.close()

    def _named(self, suffix: str) -> list[Path]:
        names = [name for name in os.listdir(self._path) if name.endswith(suffix)]
        return [self._path / name for name in sorted(names)] if names else []


def _lock(locks: ExitStack, path: Path, flags: int, run: RunDirectory, seconds: float) -> None:
    file = os.open(path, flags | os.O_CLOEXEC, FILE_MODE)
    locks.callback(os.close, file)
    until = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            if time.monotonic() > until:
                raise _one_engine(run, "another process runs this") from None
            time.sleep(LOCK_LOOK_SECONDS)
    if run.end_state() != "open":
        raise _one_engine(run, "another process has ended this just now")


def _one_engine(run: RunDirectory, what: str) -> OperatorFault:
    hint = f"where it is: veracity status {run.root.name}"
    return OperatorFault(what, where=str(run.root), hint=hint, exit_code=ExitCode.UNSAFE)


def _read(path: Path) -> Taken:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as opened:
        found = os.fstat(file)
        if found.st_uid not in (os.geteuid(), 0):
            raise PermissionError(f"written by uid {found.st_uid}, who may not command here")
        request = msgspec.json.decode(opened.read(REQUEST_BYTES_MAX), type=Request)
    return Taken(path.stem, _name_of(found.st_uid), request)


def _name_of(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _replace(path: Path, content: bytes) -> None:
    """Write a file of which nobody ever sees a half."""
    draft = path.with_name(f".{path.name}")
    draft.unlink(missing_ok=True)
    write_new(draft, content)
    draft.rename(path)
