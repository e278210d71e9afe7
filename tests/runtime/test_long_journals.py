"""Long and huge journals: what is held in memory and open does not grow with them."""

import gc
import os
from functools import lru_cache
from pathlib import Path

import pytest
from tests.journal.journals import RUN_ID, profile, records_of, told
from tests.kit.script import Script
from tests.runtime.lived import Place

from veracity.journal.reader import End, scan
from veracity.journal.writer import JournalWriter
from veracity.state.hash import state_hash

MIB = 1 << 20
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident() -> int:
    """Bytes of memory that this process holds now."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * PAGE_BYTES


def peak_of(work: object) -> int:
    """Bytes by which the process grew at most while `work` ran."""
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak begins anew
    before = resident()
    work()  # type: ignore[operator]
    with open("/proc/self/status") as file:
        high = next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    return high - before


@pytest.mark.ticket("T-122")
def test_a_million_events_over_many_segments_hold_no_more_than_the_first(tmp_path: Path) -> None:
    """F18."""
    journal = JournalWriter.create(
        tmp_path / "wal", RUN_ID, code_version="0.1.0", schema_version=1, profile=profile(2 * MIB)
    )
    append = journal.append
    for seq in range(1, 100_001):
        append(seq, b'{"a":1}')
    gc.collect()  # what others left open
    held, opened = resident(), len(os.listdir("/proc/self/fd"))
    for seq in range(100_001, 1_000_001):
        append(seq, b'{"a":1}')
    assert resident() - held < 8 * MIB
    assert len(os.listdir("/proc/self/fd")) == opened
    journal.close()
    assert len(list((tmp_path / "wal").glob("*.wal"))) >= 20
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.records, tail.seq_last) == (End.CLEAN, 1_000_000, 1_000_000)


@pytest.mark.ticket("T-122")
def test_seqs_count_on_past_32_bits(tmp_path: Path) -> None:
    journal = JournalWriter.create(tmp_path / "wal", RUN_ID, code_version="0.1.0", schema_version=1)
    seqs = list(range(4_294_967_290, 4_294_967_300))
    for seq in seqs:
        journal.append(seq, b'{"seq":%d}' % seq)
    journal.close()
    assert told(lambda: records_of(tmp_path / "wal")) == [(seq, b'{"seq":%d}' % seq) for seq in seqs]


@lru_cache
def day() -> Script:
    script = Script()
    while len(script.journal.records) < 1_024:
        script.ticks(100_00)
    return script


def padded_journal(place: Place, size: int) -> Place:
    """The same events in a journal of `size` bytes: JSON may end in spaces."""
    place.root.mkdir(mode=0o700)
    script = day()
    length = size // len(script.journal.records) - 36
    journal = JournalWriter.create(
        place.wal, script.state.run_id, code_version="0.1.0", schema_version=1, profile=profile(64 * MIB)
    )
    for record in script.journal.records:
        journal.append(record.seq, record.payload.ljust(length))
    journal.close()
    return place


@pytest.mark.ticket("T-128")
def test_a_journal_sixteen_times_as_large_needs_no_more_memory(tmp_path: Path) -> None:
    """F18: 16 MiB and 256 MiB of the same events; 2 GB are measured in bench/journal/."""
    small = padded_journal(Place(tmp_path / "small"), 16 * MIB)
    huge = padded_journal(Place(tmp_path / "huge"), 256 * MIB)
    assert sum(path.stat().st_size for path in huge.wal.glob("*.wal")) > 255 * MIB
    found: list[str] = []

    def recover(place: Place) -> None:
        found.append(state_hash(place.restart(run_id=day().state.run_id).state))

    recover(small)
    peaks = [peak_of(lambda place=place: recover(place)) for place in (small, huge)]
    assert found == [day().hash] * 3
    assert peaks[1] - peaks[0] < 16 * MIB
