"""A sync that fails (F08): nothing leaves the process, and no second try is taken for truth."""

import errno
from pathlib import Path

import pytest
from tests.journal.journals import FailingFiles, new_journal
from tests.kit.doubles import RecordingJournal
from tests.kit.script import Script

from veracity.domain.errors import ExitCode
from veracity.journal.errors import JournalDead


class Kept(RecordingJournal):
    """Keeps records in a list, and in a journal on disk whose first `fdatasync` fails."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.files = FailingFiles(at=1, error=OSError(errno.EIO, "Input/output error"), only="sync_data")
        self.writer = new_journal(directory, files=self.files)

    def append(self, seq: int, payload: bytes) -> None:
        self.writer.append(seq, payload)
        super().append(seq, payload)

    def barrier(self) -> None:
        self.writer.barrier()


@pytest.mark.ticket("T-119")
def test_a_failed_sync_sends_nothing_and_ends_as_halted(tmp_path: Path) -> None:
    journal = Kept(tmp_path / "wal")
    script = Script(journal=journal).ticks(100_00)
    with pytest.raises(JournalDead, match="Input/output error") as fault:
        script.wants("a", 1_000)
    assert fault.value.exit_code is ExitCode.HALTED == 6
    assert script.venue.effects == []
    calls = list(journal.files.calls)
    assert calls.count("sync_data") == 1
    with pytest.raises(JournalDead, match="Input/output error"):
        script.ticks(101_00)
    assert script.venue.effects == []
    assert journal.files.calls == calls
