"""What a run leaves when it ends by an error: the log as far as the journal came, one FATAL line, the stack trace, FAILED.

The first error is the one to be told. Whatever goes wrong while this is written becomes a note on it.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from veracity.app.journal_events import JournalEvents
from veracity.domain.errors import EngineFault, ExitCode, OperatorFault
from veracity.domain.events import Event
from veracity.forensics.event_log import EventLog
from veracity.forensics.files import sync_directory, write_new
from veracity.forensics.redact import Redactor
from veracity.forensics.run_directory import RunDirectory

MESSAGE_CHARS_MAX: Final = 500


@contextmanager
def sealed(run: RunDirectory, run_id: str) -> Iterator[None]:
    """Mark the directory SEALED at the end, or FAILED, with all that explains it, where the run did not come to its end."""
    try:
        yield
        run.seal(success=True)
    except BaseException as error:
        leave_failed(run, run_id, error)
        if isinstance(error, OSError):
            raise OperatorFault(
                "the run cannot be written",
                where=error.filename or str(run.root),
                why=error.strerror or str(error),
                hint="free the disk, or name another place with --run-dir",
                exit_code=ExitCode.HALTED,
            ) from error
        raise


def leave_failed(run: RunDirectory, run_id: str, error: BaseException) -> None:
    """Explain the error in the run directory, and seal that as failed. An interrupt is no fault: it needs no explanation."""
    if isinstance(error, Exception):
        with _noted(error, "there is no stack trace in the run directory"):
            _write_trace(run, error)
        with _noted(error, "the event log has no FATAL line"):
            _write_log(run, run_id, error)
    with _noted(error, "the directory has no end marker"):
        run.seal(success=False)


@contextmanager
def _noted(error: BaseException, what: str) -> Iterator[None]:
    """On a disk that takes nothing more, or a journal that cannot be read, the first error is the one to be told."""
    try:
        yield
    except (OSError, OperatorFault, EngineFault) as second:
        error.add_note(f"and {what}: {second}")


def _write_trace(run: RunDirectory, error: Exception) -> None:
    text = "".join(traceback.format_exception(error))
    write_new(run.traceback, Redactor().mask(text.encode(errors="backslashreplace")))


def _write_log(run: RunDirectory, run_id: str, error: Exception) -> None:
    """The log is made from the journal, whole or not at all; one that is there already is of the same events."""
    draft = run.root / f".{run.events.name}.draft"
    try:
        with EventLog(draft, run_id) as log:
            last = _emit_all(run.wal, log)
            if last is not None:
                log.notice("run_failed", last, _told(error))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    if draft.exists():
        draft.replace(run.events)
        sync_directory(run.root)


def _emit_all(wal: Path, log: EventLog) -> Event | None:
    """The last event that has its line; one that the log refuses is where the fault lies, and what is behind it says no more."""
    last: Event | None = None
    for event in JournalEvents(wal):
        try:
            log.emit(event)
        except EngineFault:
            return last
        last = event
    return last


def _told(error: Exception) -> dict[str, object]:
    return {
        "fault": type(error).__name__,
        "message": str(error)[:MESSAGE_CHARS_MAX],
        "corr_id": error.corr_id if isinstance(error, EngineFault) else None,
    }
