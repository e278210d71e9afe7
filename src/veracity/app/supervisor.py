"""A process that starts another one again when it crashed, and only then (specs/journal/recovery.md, S-045).

What ended by itself stays ended: done, stopped, halted, refused, or a bug that the same input would meet again. After a
kill the same command goes on from the journal; how soon and how often is the policy's (specs/policies/supervisor.yaml).
"""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, NamedTuple

from veracity.app.child import spawn
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.policies import SUPERVISION, Supervision

MS_PER_S: Final = 1000
LOOK_S: Final = 0.1  # while it waits


class Ended(NamedTuple):
    """How a process ended, as `subprocess` counts it: an exit code, or minus the number of a signal."""

    code: int
    lived_ms: int

    @property
    def how(self) -> str:
        """In words: `SIGKILL` or `exit code 8`."""
        if self.code >= 0:
            return f"exit code {self.code}"
        known = {number.value: number.name for number in signal.Signals}
        return known.get(-self.code, f"signal {-self.code}")

    @property
    def exit_code(self) -> int:
        """What a shell makes of it."""
        return 128 - self.code if self.code < 0 else self.code


class Again(NamedTuple):
    """One start again: why, after how long a wait, and how many there were in a row with it."""

    ended: Ended
    wait_ms: int
    number: int


class GivenUp(OperatorFault):
    """It crashed too often in a row."""


class Row:
    """Decides whether a process that ended is started again: the crashes in a row, and the policy."""

    def __init__(self, policy: Supervision = SUPERVISION) -> None:
        self._policy: Final = policy
        self._number = 0

    def after(self, ended: Ended) -> Again | None:
        """The start again; None where it stays ended. Raises GivenUp where there were too many in a row."""
        policy = self._policy
        crashed = ended.how in policy.signals or ended.code in policy.exit_codes
        if not crashed:
            return None
        if ended.lived_ms >= policy.settled_ms:
            self._number = 0
        if self._number == policy.restarts_max:
            raise GivenUp(
                f"started again {self._number} times in a row, and ended once more: {ended.how}",
                hint="look at its log and its recoveries, then give the command again",
                exit_code=ExitCode.HALTED,
            )
        wait_ms = min(policy.cap_ms, policy.base_ms * policy.factor**self._number)
        self._number += 1
        return Again(ended, wait_ms, self._number)


def supervise(
    command: Sequence[str],
    *,
    row: Row,
    stands_against: Callable[[], str],
    on_again: Callable[[Again], None],
) -> Ended:
    """Run `command` until it ends for good, and answer how it did.

    `stands_against` says, before each start again, why there may be none, such as a kill file; empty where nothing does.
    `on_again` hears of a start before it is made. SIGTERM and SIGINT are handed on to the process; after one there is no
    start again. Raises GivenUp, and OperatorFault where something stands against it.
    """
    with _Asked() as asked:
        while True:
            ended = _lived(command, asked)
            if asked.by or (again := row.after(ended)) is None:
                return ended
            why_not = stands_against()
            if why_not:
                raise OperatorFault(
                    f"ended by {ended.how}, and is not started again",
                    why=why_not,
                    hint="remove the cause, then give the command again",
                    exit_code=ExitCode.HALTED,
                )
            on_again(again)
            if asked.within(again.wait_ms):
                return Ended(-asked.by, ended.lived_ms)


def _lived(command: Sequence[str], asked: "_Asked") -> Ended:
    begin = time.monotonic()
    process = spawn(command)  # Ctrl-C reaches this process alone, which hands it on once
    with asked.handing_on(process):
        code = process.wait()
    return Ended(code, int((time.monotonic() - begin) * MS_PER_S))


class _Asked:
    """Whether somebody asked this process to end; hands such signals on to the process that is supervised."""

    def __init__(self) -> None:
        self.by = 0  # the signal; 0: nobody did
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "_Asked":
        self._before = {
            number: signal.signal(number, self._hear) for number in (signal.SIGTERM, signal.SIGINT)
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _hear(self, number: int, _: object) -> None:
        self.by = number
        if self._process is not None:
            self._process.send_signal(number)

    @contextmanager
    def handing_on(self, process: subprocess.Popen[bytes]) -> Iterator[None]:
        """As long as `process` lives."""
        self._process = process
        if self.by:  # it came between the decision and the start
            process.send_signal(self.by)
        try:
            yield
        finally:
            self._process = None

    def within(self, wait_ms: int) -> bool:
        """Wait, and say whether it was asked for in that time."""
        until = time.monotonic() + wait_ms / MS_PER_S
        while not self.by and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_S))
        return self.by != 0
