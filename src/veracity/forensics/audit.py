"""audit.jsonl: every change of the engine's mode and of an order's state, each line chained to the one before.

A line carries the SHA-256 of the bytes of its predecessor, so a line that was changed, removed or put in is found.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import Event
from veracity.forensics.line_file import LineFile, harmless
from veracity.forensics.redact import Redactor
from veracity.forensics.transitions import Change, Transitions

SCHEMA: Final = "veracity.audit/1"
CHAIN_START: Final = "0" * 64


class AuditLine(msgspec.Struct, frozen=True, gc=False, rename={"before": "from", "after": "to"}):
    """One line: at `seq` the `subject` went from one state to another because of `reason`."""

    schema: str
    run_id: str
    seq: int
    ts: int
    machine: str
    subject: str
    before: str
    after: str
    trigger: str
    reason: str
    prev: str  # SHA-256 of the line before, in hex; zeros in the first


_encode: Final = msgspec.json.Encoder().encode


class AuditLog:
    """Writes the audit trail of one run."""

    def __init__(self, path: Path, run_id: str, redactor: Redactor | None = None) -> None:
        """No file is made before the first line."""
        self._redactor = redactor or Redactor()
        self._file = LineFile(path, self._redactor)
        self._run_id = run_id
        self._prev = CHAIN_START

    def append(self, seq: int, ts: int, change: Change) -> None:
        """Add the line of one change, which the event numbered `seq` made."""
        line = _encode(AuditLine(SCHEMA, self._run_id, seq, ts, *change, self._prev))
        line = self._redactor.mask(harmless(line))  # the chain is over the bytes that the file gets
        self._prev = hashlib.sha256(line).hexdigest()
        self._file.append(line)

    def close(self) -> None:
        """Make every line durable."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def write(events: Iterable[Event], path: Path, run_id: str, redactor: Redactor | None = None) -> None:
    """The audit trail of a whole run as a new file. An arc that leads back to its state changes nothing: no line."""
    transitions = Transitions()
    with AuditLog(path, run_id, redactor) as log:
        for event in events:
            change = transitions.follow(event)
            if change is not None and change.before != change.after:
                log.append(event.seq, event.ts, change)


def verify_chain(path: Path) -> int:
    """The number of lines of an audit trail whose chain holds.

    Raises OperatorFault (exit code 5) that names the first line which is not what followed the one before it. Lines
    cut off at the end are not missed by the chain, but by the sums of the end marker.
    """
    prev = CHAIN_START
    number = 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                stated = msgspec.json.decode(line, type=AuditLine).prev
            except msgspec.MsgspecError as error:
                raise _broken(path, number, f"it is no audit line: {error}") from error
            if stated != prev:
                raise _broken(path, number, "it does not follow the line before")
            prev = hashlib.sha256(line.removesuffix(b"\n")).hexdigest()
    return number


def _broken(path: Path, number: int, why: str) -> OperatorFault:
    return OperatorFault(
        "the audit trail was changed", where=f"{path}:{number}", why=why, exit_code=ExitCode.FINDING
    )
