"""What was written is read; what was not is named."""

import subprocess
import sys
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.journal.journals import (
    change,
    damage_of,
    everything,
    line_ends,
    new_journal,
    numbered,
    parse,
    profile,
    records_of,
    told,
    write_journal,
    write_segment,
)

from veracity.domain.errors import ExitCode
from veracity.domain.events import decode_event
from veracity.journal.errors import JournalVersionMismatch
from veracity.journal.reader import End, read, scan

ROOT = Path(__file__).parents[2]
FIRST = "00000001.wal"

payloads = st.one_of(
    st.binary(min_size=2, max_size=300), st.text(min_size=2, max_size=100).map(str.encode)
).map(lambda data: data.replace(b"\n", b"n"))


@pytest.mark.ticket("T-097")
@settings(max_examples=40, deadline=None)
@given(st.lists(payloads, max_size=20))
@example([b"{}", "é".encode() * 4, b"x" * 65536, b"[]"])
def test_what_is_appended_is_what_an_independent_parser_reads(
    tmp_path_factory: pytest.TempPathFactory, appended: list[bytes]
) -> None:
    directory = tmp_path_factory.mktemp("run") / "wal"
    expected = list(enumerate(appended, start=1))
    told(lambda: write_journal(directory, expected))
    assert told(lambda: parse(directory)) == expected
    assert told(lambda: records_of(directory)) == expected


def test_the_reader_in_the_manual_reads_the_journal(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(50), segment_bytes=900)
    manual = (ROOT / "docs/journal-format.md").read_text()
    script = manual.split("```python\n")[1].split("```")[0]
    assert len(script.splitlines()) <= 20

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", script, str(directory)], capture_output=True, text=True)

    assert run().stdout.splitlines() == [f"{seq} {payload.decode()}" for seq, payload in numbered(50)]
    start = line_ends((directory / "00000002.wal").read_bytes())[4]
    change(directory / "00000002.wal", start + 40, b"!")
    assert run().stderr == f"00000002.wal: bad record at byte {start}\n"


def test_an_empty_directory_is_a_journal_without_records(tmp_path: Path) -> None:
    (tmp_path / "wal").mkdir(mode=0o700)
    assert records_of(tmp_path / "wal") == []
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.head, tail.records, tail.seq_last, tail.segment) == (End.CLEAN, None, 0, 0, "")


def test_a_journal_with_only_a_head_and_one_with_an_empty_last_segment_are_clean(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", [])
    tail = scan(directory)
    assert tail.head is not None
    assert (tail.end, tail.head.seq_first, tail.records) == (End.CLEAN, 1, 0)
    write_segment(directory / "00000002.wal", [])
    assert scan(directory).end is End.CLEAN


def test_scan_says_where_a_journal_ends(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", [(3, b"{}"), (8, b'{"a":1}')])
    size = (directory / FIRST).stat().st_size
    tail = scan(directory)
    crc = (directory / FIRST).read_bytes().splitlines()[-1][26:34].decode()
    assert (tail.end, tail.records, tail.seq_last, f"{tail.chain:08x}") == (End.CLEAN, 2, 8, crc)
    assert (tail.segment, tail.offset, tail.fault) == (FIRST, size, None)


def test_reading_in_small_windows_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = write_journal(tmp_path / "wal", numbered(30), segment_bytes=600)
    for size in (1, 7, 4096):
        monkeypatch.setattr("veracity.journal.reader.WINDOW_BYTES", size)
        assert records_of(directory) == numbered(30)


def test_what_is_written_while_a_reader_reads_is_read_and_no_damage(tmp_path: Path) -> None:
    """The window that the reader holds has zeros where the records are by the time that it looks behind them."""
    writer = new_journal(tmp_path / "wal", profile=profile(10_000, live=True))
    for seq, payload in numbered(3):
        writer.append(seq, payload)
    writer.barrier()
    reading = read(tmp_path / "wal")
    seen = [next(reading) for _ in range(3)]
    for seq, payload in numbered(60)[3:]:
        writer.append(seq, payload)
    writer.barrier()
    assert [(record.seq, record.payload) for record in (*seen, *reading)] == numbered(60)
    writer.close()


def test_a_missing_journal_is_named(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="cannot be opened: No such file or directory") as refusal:
        scan(tmp_path / "wal")
    assert refusal.value.exit_code is ExitCode.DATA  # type: ignore[attr-defined]


@pytest.mark.ticket("T-116")
@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"format_version":2',
            '"format_version":3',
            "journal format 3 cannot be read: this version reads 2 (read it",
        ),
        (
            '"format_version":2',
            '"format_version":1',
            "journal format 1 cannot be read: this version reads 2 (`veracity wal upgrade`",
        ),
        (
            '"schema_version":1',
            '"schema_version":1,"packed":true',
            "no head of journal format 2: Object contains unknown field `packed`",
        ),
    ],
)
def test_another_version_is_refused_and_left_alone(tmp_path: Path, old: str, new: str, message: str) -> None:
    directory = write_journal(tmp_path / "wal", numbered(3))
    head = (directory / FIRST).read_bytes().splitlines()[0][35:].decode()
    write_segment(directory / FIRST, [(0, head.replace(old, new).encode()), *numbered(3)])
    before = everything(directory)
    with pytest.raises(JournalVersionMismatch) as refusal:
        list(read(directory))
    assert message in str(refusal.value)
    assert refusal.value.where == f"{directory}/{FIRST}"
    assert refusal.value.exit_code is ExitCode.UNSAFE
    with pytest.raises(JournalVersionMismatch):
        scan(directory)
    assert everything(directory) == before


@pytest.mark.ticket("T-121")
def test_a_length_beyond_the_cap_is_refused_before_anything_is_allocated_for_it(tmp_path: Path) -> None:
    """F18."""
    directory = write_journal(tmp_path / "wal", numbered(3))
    start = line_ends((directory / FIRST).read_bytes())[2]
    change(directory / FIRST, start, b"ffffffff", old=8)
    tracemalloc.start()
    try:
        damage = damage_of(directory)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert damage.what == "the length 4294967295 is over 1048576"
    assert damage.record == 3
    assert peak < 4 << 20


def test_json_nested_ten_thousand_deep_is_refused() -> None:
    """F18."""
    deep = b'{"kind":"order_accepted","seq":' + b"[" * 10_000 + b"]" * 10_000 + b"}"
    tracemalloc.start()
    try:
        with pytest.raises(msgspec.ValidationError, match="Expected `int`, got `array`"):
            decode_event(deep)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 << 20


def test_reading_a_long_journal_takes_little_memory(tmp_path: Path) -> None:
    directory = write_journal(
        tmp_path / "wal", [(seq, b"x" * 1000) for seq in range(1, 8001)], segment_bytes=3 << 20
    )
    tracemalloc.start()
    try:
        assert sum(1 for _ in read(directory)) == 8000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20  # of 8 MB
