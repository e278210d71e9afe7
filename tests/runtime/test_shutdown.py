"""A process that shall end leaves a journal that is whole: synced, finished, and free (specs/journal/recovery.md, S-039)."""

import errno
from pathlib import Path

import pytest
from tests.journal.journals import FailingFiles, new_journal, profile, records_of, resumed
from tests.kit.doubles import RecordingJournal
from tests.kit.script import IDENTITY, Script

from veracity.domain.events import (
    CancelRequested,
    CheckpointMarked,
    CommandReceived,
    ModeChanged,
    RunFinished,
    decode_event,
)
from veracity.engine.effects import CancelOrder
from veracity.journal.errors import JournalDead
from veracity.journal.reader import End, scan
from veracity.journal.writer import JournalWriter
from veracity.runtime.loop import flush_on_shutdown


class Kept(RecordingJournal):
    """Keeps records in a list, and in a journal on disk."""

    def __init__(self, writer: JournalWriter) -> None:
        super().__init__()
        self.writer = writer

    def append(self, seq: int, payload: bytes) -> None:
        self.writer.append(seq, payload)
        super().append(seq, payload)

    def barrier(self) -> None:
        self.writer.barrier()


def trading(journal: JournalWriter) -> Script:
    """A run with an order at work, and seven records behind the last sync."""
    script = Script(journal=Kept(journal))
    script.ticks(100_00).wants("a", 1_000)
    for _ in range(7):
        script.ticks(100_00)
    return script


@pytest.mark.ticket("T-118")
def test_the_run_is_stopped_finished_and_durable_and_its_lock_free_however_often_it_is_asked(
    tmp_path: Path,
) -> None:
    journal = new_journal(tmp_path / "wal", IDENTITY.run_id, profile=profile(live=True))
    script = trading(journal)
    appended = script.state.seq
    flush_on_shutdown(script.loop, journal, "shutdown", "SIGTERM")
    ended = records_of(tmp_path / "wal")
    flush_on_shutdown(script.loop, journal, "shutdown", "SIGTERM")
    assert records_of(tmp_path / "wal") == ended
    told = [decode_event(payload) for seq, payload in ended if seq > appended]
    assert [type(event) for event in told] == [
        CommandReceived,
        CancelRequested,
        ModeChanged,
        RunFinished,
        CheckpointMarked,
    ]
    assert (told[0].reason, told[0].detail, told[3].reason) == ("shutdown", "SIGTERM", "shutdown")  # type: ignore[union-attr]
    assert script.venue.effects[-1] == CancelOrder(told[1].order_id)  # type: ignore[union-attr]
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.seq_last, tail.acknowledged) == (End.CLEAN, script.state.seq, script.state.seq)
    resumed(tmp_path / "wal", IDENTITY.run_id).close()  # nobody holds it


def test_on_a_journal_that_is_dead_nothing_more_is_written(tmp_path: Path) -> None:
    files = FailingFiles(at=1, error=OSError(errno.EIO, "Input/output error"), only="sync_data")
    journal = new_journal(tmp_path / "wal", IDENTITY.run_id, files=files)
    script = Script(journal=Kept(journal)).ticks(100_00)
    with pytest.raises(JournalDead):
        script.wants("a", 1_000)
    calls = list(files.calls)
    with pytest.raises(JournalDead):
        flush_on_shutdown(script.loop, journal, "shutdown", "SIGTERM")
    assert [call for call in files.calls[len(calls) :] if call in ("write", "sync_data", "sync")] == []
