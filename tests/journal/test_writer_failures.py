"""A writer that fails: dead for good, and nothing acknowledged is lost."""

import errno
from pathlib import Path

import pytest
from tests.journal.journals import FailingFiles, Killed, line_ends, new_journal, numbered, running
from tests.kit.process import PATIENCE_S

from veracity.journal.errors import JournalDead
from veracity.journal.files import Bytes
from veracity.journal.reader import End, scan
from veracity.journal.recover import recover


def test_a_write_of_nothing_is_fatal(tmp_path: Path) -> None:
    class StuckFiles(FailingFiles):
        def write(self, file: int, data: Bytes, at: int) -> int:
            return 0 if "write" in self.calls else super().write(file, data, at)

    journal = new_journal(tmp_path / "wal", files=StuckFiles())
    journal.append(1, b"{}")
    with pytest.raises(JournalDead, match="a write wrote nothing"):
        journal.barrier()


def test_an_interrupted_write_leaves_a_dead_writer(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", files=FailingFiles(at=2, error=KeyboardInterrupt(), only="write"))
    journal.append(1, b"{}")
    with pytest.raises(KeyboardInterrupt):
        journal.barrier()
    with pytest.raises(JournalDead, match="KeyboardInterrupt"):
        journal.append(2, b"{}")


@pytest.mark.ticket("T-119")
@pytest.mark.parametrize("call", ["write", "sync_data"])
def test_after_an_error_there_is_no_second_try(tmp_path: Path, call: str) -> None:
    at = 2 if call == "write" else 1  # the head is the first write
    files = FailingFiles(at=at + 1, error=OSError(errno.EIO, "Input/output error"), only=call)
    journal = new_journal(tmp_path / "wal", files=files)
    journal.append(1, b"{}")
    journal.barrier()
    journal.append(2, b"{}")
    with pytest.raises(JournalDead, match=r"00000001\.wal: OSError\(5, 'Input/output error'\)"):
        journal.barrier()
    calls = list(files.calls)
    assert calls.count(call) == at + 1
    for _ in range(2):
        with pytest.raises(JournalDead, match="Input/output error"):
            journal.append(3, b"{}")
        with pytest.raises(JournalDead, match="Input/output error"):
            journal.barrier()
        with pytest.raises(JournalDead, match="Input/output error"):
            journal.close()
    assert files.calls == calls  # not one more write, sync or close
    assert next(iter(recover(tmp_path / "wal").records)).seq == 1


def test_whichever_file_call_fails_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    """F07: for each n."""
    appended = numbered(12)
    for at in range(1, 100):
        directory = tmp_path / f"{at}"
        files = FailingFiles(at=at, error=OSError(errno.ENOSPC, "No space left on device"))
        acknowledged = 0
        try:
            journal = new_journal(directory, segment_bytes=400, files=files)
            for seq, payload in appended:
                journal.append(seq, payload)
                journal.barrier()
                acknowledged = seq
            journal.close()
        except JournalDead:
            if directory.exists():
                recovered = [(record.seq, record.payload) for record in recover(directory).records]
                assert recovered == appended[: len(recovered)]
                assert len(recovered) >= acknowledged
        else:
            break
    assert acknowledged == 12
    assert 40 < at < 100


def test_a_file_size_limit_is_fatal_and_leaves_a_torn_record(tmp_path: Path) -> None:
    """F07: RLIMIT_FSIZE, by which the last write is a short one."""
    script = """
import resource, sys
from pathlib import Path
from veracity.journal.errors import JournalDead
from veracity.journal.writer import JournalWriter
journal = JournalWriter.create(Path(sys.argv[1]), "00112233445566ff", code_version="0.1.0", schema_version=1)
resource.setrlimit(resource.RLIMIT_FSIZE, (400, 400))
for seq in range(1, 100):
    journal.append(seq, b"{}")
    try:
        journal.barrier()
    except JournalDead as dead:
        print(seq, dead)
        sys.exit(6)
"""
    with running(script, tmp_path / "wal") as process:
        assert process.stdout is not None
        said = process.stdout.read()
        assert process.wait(timeout=PATIENCE_S) == 6
    size = (tmp_path / "wal/00000001.wal").stat().st_size
    assert size == 400
    whole = len(line_ends((tmp_path / "wal/00000001.wal").read_bytes())) - 1
    assert said == f"{whole + 1} 00000001.wal: OSError(27, 'File too large')\n"
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.records) == (End.TORN, whole)


@pytest.mark.ticket("T-112")
def test_a_kill_at_any_file_call_of_a_rotation_loses_nothing_acknowledged(tmp_path: Path) -> None:
    appended = [(seq, b'{"seq":%04d}' % seq) for seq in range(1, 121)]
    line_size = 36 + len(appended[0][1])
    probe = FailingFiles()
    head_size = 35 + 160  # grows by a digit of seq_first, so a segment holds 50 records or one less
    ends = set()
    for at in range(1000):
        directory = tmp_path / f"{at}"
        files = FailingFiles(at=at) if at else probe
        acknowledged = 0
        try:
            journal = new_journal(directory, segment_bytes=head_size + 50 * line_size, files=files)
            for seq, payload in appended:
                journal.append(seq, payload)
                if seq % 10 == 0:
                    journal.barrier()
                    acknowledged = seq
            journal.close()
            if at:
                break
        except Killed:
            tail, records = recover(directory)
            recovered = [(record.seq, record.payload) for record in records]
            assert recovered == appended[: len(recovered)]
            assert len(recovered) >= acknowledged
            ends.add((tail.end, len(list(directory.glob("*.wal")))))
    assert at == len(probe.calls) + 1
    assert probe.calls.count("create") == 3
    assert ends >= {
        (End.CLEAN, 1),
        (End.TORN, 1),
        (End.CLEAN, 2),
        (End.TORN, 2),
        (End.CLEAN, 3),
        (End.TORN, 3),
    }
