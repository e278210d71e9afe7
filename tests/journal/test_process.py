"""The process around a writer in trouble (F20): the journal does not need its output, its descriptors to spare, or to keep running."""

import os
import signal
from pathlib import Path

import pytest
from tests.journal.journals import numbered, parse, running
from tests.kit.process import PATIENCE_S

from veracity.journal.errors import JournalLocked
from veracity.journal.reader import End, scan
from veracity.journal.writer import JournalWriter

BEGIN = """
import os, resource, signal, sys
from pathlib import Path
from veracity.journal.errors import JournalDead
from veracity.journal.space import LIVE
from veracity.journal.writer import JournalWriter
journal = JournalWriter.create(
    Path(sys.argv[1]), "00112233445566ff", code_version="0.1.0", schema_version=1,
    profile=LIVE._replace(segment_bytes=4096, preallocate_bytes=4096),
)
def write(first, last):
    for seq in range(first, last + 1):
        journal.append(seq, b'{"seq":%d}' % seq)
        journal.barrier()
"""


def test_a_journal_goes_on_when_nobody_reads_its_process(tmp_path: Path) -> None:
    """F20: stdout and stderr are gone."""
    script = f"{BEGIN}\nos.close(1); os.close(2)\nwrite(1, 50)\njournal.close()\nos._exit(0)\n"
    with running(script, tmp_path / "wal") as process:
        assert process.wait(timeout=PATIENCE_S) == 0
    assert parse(tmp_path / "wal") == numbered(50)


def test_a_stopped_process_keeps_its_journal_and_goes_on(tmp_path: Path) -> None:
    """F20: SIGSTOP is no end: nobody else may write, and nothing is lost when it wakes."""
    script = f"""{BEGIN}
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
write(1, 20)
print("ready", flush=True)
signal.sigwait([signal.SIGUSR1])
write(21, 40)
journal.close()
"""
    with running(script, tmp_path / "wal") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        with pytest.raises(JournalLocked):
            JournalWriter.resume(tmp_path / "wal", "00112233445566ff", code_version="0.1.0", schema_version=1)
        assert parse(tmp_path / "wal") == numbered(20)
        process.send_signal(signal.SIGUSR1)
        process.send_signal(signal.SIGCONT)
        assert process.wait(timeout=PATIENCE_S) == 0
    assert parse(tmp_path / "wal") == numbered(40)


def test_without_a_descriptor_for_the_next_segment_the_writer_dies_and_keeps_what_it_acknowledged(
    tmp_path: Path,
) -> None:
    """F20."""
    script = f"""{BEGIN}
write(1, 10)
held = len(os.listdir("/proc/self/fd")) - 1
resource.setrlimit(resource.RLIMIT_NOFILE, (held, held))
acknowledged = 10
try:
    for seq in range(11, 1000):
        write(seq, seq)
        acknowledged = seq
except JournalDead as dead:
    print(acknowledged, dead, flush=True)
    os._exit(6)
"""
    with running(script, tmp_path / "wal") as process:
        assert process.stdout is not None
        acknowledged, why = process.stdout.readline().split(" ", 1)
        assert process.wait(timeout=PATIENCE_S) == 6
    assert "Too many open files" in why
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.seq_last >= int(acknowledged)) == (End.CLEAN, True)
    assert parse(tmp_path / "wal")[: int(acknowledged)] == numbered(int(acknowledged))
