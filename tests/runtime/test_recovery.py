"""A journal with a torn end, recovered again and again."""

from pathlib import Path

import pytest
from tests.journal.journals import FailingFiles, Killed, everything, line_ends
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.runtime.lived import hashes, lived, records

from veracity.journal.recover import Mode, recover, truncate_tail
from veracity.journal.writer import JournalWriter
from veracity.runtime.replay import fold
from veracity.state.hash import state_hash


def torn(wal: Path) -> tuple[Script, str]:
    """A journal whose last record is cut in half; the conversation, and the hash before that record."""
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(acked(script.order))
    before = script.hash
    script.hears(filled(script.order, 2_000))
    writer = JournalWriter.create(wal, "0123456789abcdef", code_version="0.1.0", schema_version=1)
    for record in script.journal.records:
        writer.append(record.seq, record.payload)
    writer.close()
    (segment,) = wal.glob("*.wal")
    data = segment.read_bytes()
    segment.write_bytes(data[: -len(script.journal.records[-1].payload) // 2])
    return script, before


def recovered(wal: Path) -> str:
    """One start: repair, then fold."""
    truncate_tail(wal)
    return state_hash(fold(recover(wal).records, ()))


@pytest.mark.ticket("T-111")
def test_a_torn_journal_recovers_three_times_to_one_state_and_is_repaired_once(tmp_path: Path) -> None:
    place = lived(tmp_path, records(25), every=10, close=False)
    last = max(place.wal.glob("*.wal"))
    data = last.read_bytes()
    end = line_ends(data)[-1]
    last.write_bytes(data[: end - 5] + b"\0" * (len(data) - end + 5))
    (place.wal / "witness").unlink()  # it had seen the record
    damaged, kept = everything(place.wal), everything(place.snapshots)
    found, files = [], []
    for _ in range(3):
        found.append(state_hash(place.restart(mode=Mode.TRUNCATE_TAIL).state))
        files.append(everything(place.wal))
        assert everything(place.snapshots) == kept
    assert found == [hashes(25)[24]] * 3
    assert files[0] != damaged
    assert files[1] == files[2] == files[0]
    assert sum("torn" in name for name in files[2]) == 1


@pytest.mark.ticket("T-111")
def test_a_recovery_that_is_killed_at_any_file_call_ends_the_same_when_it_is_repeated(tmp_path: Path) -> None:
    whole = FailingFiles()
    torn(tmp_path / "whole")
    truncate_tail(tmp_path / "whole", files=whole)
    expected = everything(tmp_path / "whole")
    assert len(whole.calls) >= 5
    for call in range(1, len(whole.calls) + 1):
        wal = tmp_path / f"killed-{call}"
        _, before = torn(wal)
        with pytest.raises(Killed):
            truncate_tail(wal, files=FailingFiles(call))
        assert recovered(wal) == before
        assert everything(wal) == expected, f"killed at {whole.calls[call - 1]}"
