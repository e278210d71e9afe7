"""A restarted engine goes on in the same journal, and the chain goes on with it."""

from pathlib import Path
from typing import Any

import pytest
from tests.journal.journals import (
    RUN_ID,
    FailingFiles,
    Killed,
    everything,
    new_journal,
    numbered,
    parse,
    profile,
    records_of,
    resumed,
    write_journal,
)
from tests.journal.test_tail import abandon

from veracity.domain.errors import ExitCode
from veracity.journal.errors import (
    JournalDamaged,
    JournalLocked,
    JournalTorn,
    JournalUnsafe,
    JournalVersionMismatch,
)
from veracity.journal.reader import End, Since, read, scan
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.segments import opened_directory
from veracity.journal.space import LIVE
from veracity.journal.witness import Acknowledged, read_witness
from veracity.journal.writer import JournalWriter

FIRST = "00000001.wal"


def add(journal: JournalWriter, first: int, last: int) -> None:
    for seq, payload in numbered(last)[first - 1 :]:
        journal.append(seq, payload)
        journal.barrier()


def witness_of(directory: Path) -> Acknowledged | None:
    with opened_directory(directory) as opened:
        return read_witness(opened, str(directory))


@pytest.mark.ticket("T-127")
def test_every_shape_of_empty_file_recovers_and_takes_the_next_record(tmp_path: Path) -> None:
    """F06."""
    full = tmp_path / "full"
    write_journal(full, numbered(12), segment_bytes=400)
    heads = tmp_path / "heads"
    write_journal(heads, [])
    in_three = len([*full.glob("*.wal")])
    assert in_three == 3

    def shape(name: str, files: dict[str, bytes]) -> Path:
        directory = tmp_path / name
        directory.mkdir(mode=0o700)
        for file, data in files.items():
            (directory / file).write_bytes(data)
            (directory / file).chmod(0o600)
        return directory

    three = {path.name: path.read_bytes() for path in full.glob("*.wal")}
    head_only = (heads / FIRST).read_bytes()
    shapes = [
        (shape("nothing", {}), 0),
        (shape("no_bytes", {FIRST: b""}), 0),
        (shape("head", {FIRST: head_only}), 0),
        (shape("zeros", {FIRST: b"\0" * 4096}), 0),
        (shape("head_and_zeros", {FIRST: head_only + b"\0" * 4096}), 0),
        (shape("after_three", {**three, "00000004.wal": b""}), 12),
        (shape("zeros_after_three", {**three, "00000004.wal": b"\0" * 4096}), 12),
    ]
    for directory, count in shapes:
        tail = scan(directory)
        assert (tail.end, tail.records, tail.seq_last) == (End.CLEAN, count, count), directory
        journal = resumed(directory)
        journal.append(count + 1, b"{}")
        journal.close()
        assert parse(directory) == [*numbered(count), (count + 1, b"{}")], directory
        assert records_of(directory) == [*numbered(count), (count + 1, b"{}")], directory


def test_a_journal_that_was_closed_goes_on_in_its_segment(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(3), profile=profile(live=True))
    before = (tmp_path / "wal" / FIRST).read_bytes()
    journal = resumed(tmp_path / "wal")
    add(journal, 4, 6)
    journal.close()
    assert parse(tmp_path / "wal") == numbered(6)
    after = (tmp_path / "wal" / FIRST).read_bytes()
    assert after.startswith(before)
    assert after.endswith(b"}\n")  # the zeros ahead were cut off


def test_a_killed_writer_is_followed_over_its_zeros_and_rotations(tmp_path: Path) -> None:
    small = profile(600, live=True)
    journal = new_journal(tmp_path / "wal", profile=small)
    add(journal, 1, 7)
    for done in range(7, 40, 3):
        abandon(journal)
        assert records_of(tmp_path / "wal") == numbered(done)
        journal = resumed(tmp_path / "wal", profile=small)
        add(journal, done + 1, done + 3)
    journal.close()
    assert parse(tmp_path / "wal") == numbered(40)
    assert len(list((tmp_path / "wal").glob("*.wal"))) > 4


def test_what_was_believed_is_durable_before_anything_is_built_on_it(tmp_path: Path) -> None:
    """The records of a killed writer are in memory, and perhaps not on the disk."""
    journal = new_journal(tmp_path / "wal")
    add(journal, 1, 3)
    abandon(journal)
    files = FailingFiles()
    journal = resumed(tmp_path / "wal", files=files, profile=profile())
    assert files.calls == ["open", "sync"]
    journal.close()


def test_a_torn_end_is_repaired_before_it_is_gone_on_from(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", profile=profile(live=True, witness_records=0))
    add(journal, 1, 3)
    abandon(journal)
    data = (tmp_path / "wal" / FIRST).read_bytes()
    end = data.index(b"\0")
    (tmp_path / "wal" / FIRST).write_bytes(data[: end - 3] + b"\0" * (len(data) - end + 3))
    before = everything(tmp_path / "wal")
    with pytest.raises(JournalTorn):
        resumed(tmp_path / "wal")
    assert everything(tmp_path / "wal") == before
    truncate_tail(tmp_path / "wal")
    journal = resumed(tmp_path / "wal")
    add(journal, 3, 5)
    journal.close()
    assert parse(tmp_path / "wal") == numbered(5)


def test_a_writer_holds_the_journal_alone_while_it_goes_on(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(3))
    journal = resumed(tmp_path / "wal")
    with pytest.raises(JournalLocked):
        resumed(tmp_path / "wal")
    journal.close()
    resumed(tmp_path / "wal").close()


def test_the_journal_of_another_run_or_schema_is_not_gone_on_in(tmp_path: Path) -> None:
    write_journal(tmp_path / "wal", numbered(3))
    before = everything(tmp_path / "wal")
    with pytest.raises(JournalUnsafe, match=f"the journal is of run {RUN_ID}") as refusal:
        resumed(tmp_path / "wal", "ffffffffffffffff")
    assert refusal.value.exit_code is ExitCode.UNSAFE
    with pytest.raises(
        JournalVersionMismatch, match="are of schema 1: this version reads and writes schema 2"
    ):
        JournalWriter.resume(tmp_path / "wal", RUN_ID, code_version="0.1.0", schema_version=2)
    assert everything(tmp_path / "wal") == before


def test_other_code_begins_a_new_segment(tmp_path: Path) -> None:
    """F14: a segment's head says whose code wrote it."""
    write_journal(tmp_path / "wal", numbered(3))
    journal = resumed(tmp_path / "wal", code_version="0.2.0")
    add(journal, 4, 5)
    journal.close()
    heads = [path.read_bytes().split(b"\n")[0] for path in sorted((tmp_path / "wal").glob("*.wal"))]
    assert [b'"code_version":"0.2.0"' in head for head in heads] == [False, True]
    assert records_of(tmp_path / "wal") == numbered(5)


def test_the_witness_sees_what_was_acknowledged_and_never_more(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", profile=profile(live=True, witness_records=4))
    seen = []
    for seq, payload in numbered(10):
        journal.append(seq, payload)
        journal.barrier()
        seen.append(witness_of(tmp_path / "wal").seq)  # type: ignore[union-attr]
    assert seen == [0, 0, 0, 4, 4, 4, 4, 8, 8, 8]
    journal.acknowledge()
    assert witness_of(tmp_path / "wal") == Acknowledged(10, journal.since.chain)
    journal.append(11, b"{}")
    assert witness_of(tmp_path / "wal").seq == 10  # type: ignore[union-attr]
    journal.close()
    assert witness_of(tmp_path / "wal").seq == 11  # type: ignore[union-attr]


def test_a_witness_that_filled_its_page_goes_on_in_another(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal", profile=profile(live=True, witness_records=1))
    witness = tmp_path / "wal" / "witness"
    sizes = []
    for seq in range(1, 251):
        journal.append(seq, b"{}")
        journal.barrier()
        assert witness_of(tmp_path / "wal") == Acknowledged(seq, journal.since.chain)
        sizes.append(witness.stat().st_size)
    # The first line and 116 more end before byte 4096, the next one crosses it and brings zeros; so again at 8192.
    assert sizes == [4096] * 116 + [118 * 35 + 4096] * 117 + [235 * 35 + 4096] * 17
    journal.close()


@pytest.mark.parametrize("cut", [1, 34, 35, 36])
def test_a_witness_that_lost_its_end_is_older_and_not_wrong(tmp_path: Path, cut: int) -> None:
    journal = new_journal(tmp_path / "wal", profile=profile(live=True, witness_records=4))
    add(journal, 1, 8)
    abandon(journal)
    witness = tmp_path / "wal" / "witness"
    data = witness.read_bytes().rstrip(b"\0")
    assert len(data) == 3 * 35
    witness.write_bytes(data[:-cut])
    assert witness_of(tmp_path / "wal").seq == (4 if cut <= 35 else 0)  # type: ignore[union-attr]
    flipped = bytearray(data)
    flipped[-20] ^= 1
    witness.write_bytes(flipped)
    assert witness_of(tmp_path / "wal").seq == 4  # type: ignore[union-attr]


def test_a_journal_that_the_witness_did_not_see_is_refused(tmp_path: Path) -> None:
    """Another journal of the same run in the place of this one."""
    write_journal(tmp_path / "wal", numbered(8), profile=profile(live=True))
    write_journal(tmp_path / "other", [(seq, b'{"other":%d}' % seq) for seq in range(1, 9)])
    (tmp_path / "wal" / FIRST).write_bytes((tmp_path / "other" / FIRST).read_bytes())
    with pytest.raises(JournalDamaged, match="the witness saw chain") as refusal:
        resumed(tmp_path / "wal")
    assert refusal.value.damage == "foreign"


def test_reading_behind_a_record_needs_only_what_is_behind_it(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(40), segment_bytes=500)
    records = {record.seq: record.crc for record in read(directory)}
    segments = sorted(directory.glob("*.wal"))
    for path in segments[:3]:
        path.unlink()
    first = int(segments[3].read_bytes().split(b'"seq_first":')[1].split(b",")[0])
    for seq in (first - 1, first, 39, 40):
        tail = scan(directory, Since(seq, records[seq]))
        assert (tail.end, tail.records, tail.seq_last) == (End.CLEAN, 40 - seq, 40), seq
    with pytest.raises(JournalDamaged, match=f"seq {first - 1} to {first - 1} are missing"):
        resumed(directory, since=Since(first - 2, records[first - 2]))
    with pytest.raises(JournalDamaged, match=f"seq 1 to {first - 1} are missing"):
        resumed(directory)
    with pytest.raises(JournalDamaged, match="saw chain") as refusal:
        resumed(directory, since=Since(first + 2, 7))
    assert refusal.value.damage == "foreign"


def test_a_start_that_is_killed_is_done_again(tmp_path: Path) -> None:
    """F12: at each file call of a resumption, which here rotates too."""
    for at in range(1, 100):
        directory = tmp_path / f"{at}"
        journal = new_journal(directory, profile=profile(live=True))
        add(journal, 1, 6)
        abandon(journal)
        files = FailingFiles(at=at)
        try:
            resumed(directory, code_version="0.2.0", files=files).close()
        except Killed:
            pass
        else:
            break
        truncate_tail(directory)
        journal = resumed(directory, code_version="0.2.0")
        add(journal, 7, 8)
        journal.close()
        assert parse(directory) == numbered(8)
        assert records_of(directory) == numbered(8)
    assert 10 < at < 60


def test_behind_a_rotation_the_witness_and_a_snapshot_name_the_last_record_and_not_the_new_head(
    tmp_path: Path,
) -> None:
    """The chain goes on through the head; a witness that took its value for the record's would refuse a good journal."""
    careful = LIVE._replace(
        segment_bytes=300, preallocate_bytes=0, reserve_bytes=0, low_water_bytes=0, witness_records=1
    )
    words: Any = {"code_version": "0.1.0", "schema_version": 1, "profile": careful}
    journal = JournalWriter.resume(tmp_path / "wal", RUN_ID, **words)
    seq = 0
    while not (tmp_path / "wal/00000002.wal").exists():
        seq += 1
        journal.append(seq, b'{"fill":"0123456789"}')
    journal.acknowledge()
    last = list(read(tmp_path / "wal"))[-1]
    assert journal.since == (last.seq, last.crc) == (seq, last.crc)
    assert scan(tmp_path / "wal").last == journal.since
    journal.close()
    for _ in range(2):  # a start that adds nothing, and the next one
        again = JournalWriter.resume(tmp_path / "wal", RUN_ID, **words)
        assert again.since == (last.seq, last.crc)
        again.close()
    assert recover(tmp_path / "wal").tail.end is End.CLEAN
