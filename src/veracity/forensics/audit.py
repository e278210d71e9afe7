"""audit.jsonl: every change of the engine's mode and of an order's state, each line chained to the one before.

A line carries the SHA-256 of the bytes of its predecessor, so a line that was changed, removed or put in is found.
"""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    CancelRejected,
    CancelRequested,
    Event,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderCancelled,
    OrderExpired,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
)
from veracity.forensics.line_file import Closing, LineFile, harmless
from veracity.forensics.redact import Redactor
from veracity.forensics.transitions import Track, Transitions

SCHEMA: Final = "veracity.audit/1"
CHAIN_START: Final = "0" * 64

_encode: Final = msgspec.json.Encoder().encode


class AuditLine(msgspec.Struct, frozen=True, gc=False, rename={"before": "from", "after": "to"}):
    """One line: at `seq` the `subject` went from one state to another because of `reason`."""

    schema: str
    run_id: str
    seq: int
    ts: int
    subject: str  # `engine`, or an order id
    before: str
    after: str
    trigger: str  # what the state machine calls what happened
    reason: str  # the reason code or the words of whoever made it happen
    prev: str  # SHA-256 of the line before, in hex; zeros in the first


class AuditLog(Closing):
    """Writes the audit trail of one run."""

    def __init__(self, path: Path, run_id: str, redactor: Redactor | None = None) -> None:
        """No file is made before the first line."""
        self._redactor = redactor or Redactor()
        self._file = LineFile(path, self._redactor)
        self._run_id = run_id
        self._prev = CHAIN_START

    def append(self, seq: int, ts: int, moved: Track, reason: str) -> None:
        """Add the line of the last arc of `moved`, which the event numbered `seq` made."""
        line = AuditLine(
            SCHEMA,
            self._run_id,
            seq,
            ts,
            moved.name,
            *moved.arc,
            self._redactor.mask_text(reason),
            self._prev,
        )
        encoded = harmless(_encode(line))  # the chain is over the bytes that the file gets
        self._prev = hashlib.sha256(encoded).hexdigest()
        self._file.append(encoded)

    def close(self) -> None:
        """Make every line durable."""
        self._file.close()


def write(events: Iterable[Event], path: Path, run_id: str, redactor: Redactor | None = None) -> None:
    """The audit trail of a whole run as a new file. An arc that leads back to its state changes nothing: no line."""
    transitions = Transitions()
    decided: dict[str, str] = {}  # reason of each intent that is not judged yet
    with AuditLog(path, run_id, redactor) as log:
        for event in events:
            if isinstance(event, IntentCreated):
                decided[event.intent_id] = event.reason
            elif isinstance(event, IntentDenied):
                decided.pop(event.intent_id, None)
            moved = transitions.follow(event)
            if moved is not None and moved.arc.before != moved.arc.now:
                log.append(event.seq, event.ts, moved, _reason(event, decided) or moved.arc.trigger)


def _reason(event: Event, decided: dict[str, str]) -> str:
    """Why: the strategy's or the engine's reason code, or the venue's words; empty where nobody said."""
    match event:
        case OrderSubmitted():
            return decided.pop(event.intent_id, "")
        case ModeChanged():
            return f"{event.reason}: {event.detail}" if event.detail else event.reason
        case CancelRequested():
            return event.reason
        case OrderRejected() | OrderCancelled() | CancelRejected() | OrderExpired() | OrderOutcomeUnknown():
            return event.detail
        case _:
            return ""


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
