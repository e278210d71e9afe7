"""What the bytes behind the last good record are: an end, a write that was cut off, or rot."""

from itertools import islice
from pathlib import Path

import pytest
from tests.journal.journals import line_ends, new_journal, profile, records_of

from veracity.journal.errors import Damage, JournalDamaged, JournalTorn
from veracity.journal.reader import End, read, scan
from veracity.journal.recover import classify_damage, recover, truncate_tail

FIRST = "00000001.wal"
PAYLOAD = b'{"kind":"filler","text":"' + b"x" * 200 + b'"}'


def records(count: int) -> list[tuple[int, bytes]]:
    return [(seq, PAYLOAD) for seq in range(1, count + 1)]


def killed_journal(directory: Path, batches: list[int], **options: int) -> bytes:
    """What a live writer leaves that was killed: batches of records, each synced, and zeros ahead; its first segment's bytes."""
    options.setdefault("witness_records", 0)
    journal = new_journal(directory, profile=profile(live=True, **options))
    seq = 0
    for count in batches:
        for _ in range(count):
            seq += 1
            journal.append(seq, PAYLOAD)
        journal.barrier()
    abandon(journal)
    return (directory / FIRST).read_bytes()


def abandon(journal: object) -> None:
    """As after SIGKILL: the lock is free, and nothing was tidied up."""
    journal._lock.release()  # type: ignore[attr-defined]


def holed(data: bytes, start: int, end: int) -> bytes:
    return data[:start] + b"\0" * (end - start) + data[end:]


def tail_of(directory: Path, data: bytes) -> tuple[End, int, Damage]:
    (directory / FIRST).write_bytes(data)
    tail = scan(directory)
    return tail.end, tail.seq_last, classify_damage(tail)


@pytest.mark.ticket("T-127")
def test_zeros_ahead_of_the_writer_are_a_clean_end(tmp_path: Path) -> None:
    """F05, F06: the slack of a preallocated segment is no rot."""
    data = killed_journal(tmp_path / "wal", [1, 2])
    assert len(data) == 4096
    assert data.endswith(b"\0" * 2000)
    tail = scan(tmp_path / "wal")
    assert (tail.end, tail.seq_last, tail.torn_bytes) == (End.CLEAN, 3, 0)
    assert records_of(tmp_path / "wal") == records(3)


def test_a_write_that_a_kill_cut_off_before_zeros_is_torn(tmp_path: Path) -> None:
    """F01 in a preallocated segment: at every byte of the last record."""
    data = killed_journal(tmp_path / "wal", [2, 1])
    *_, start, end = line_ends(data)
    for cut in range(start + 1, end):
        assert tail_of(tmp_path / "wal", holed(data, cut, end)) == (End.TORN, 2, Damage.TORN_TAIL), cut
    assert tail_of(tmp_path / "wal", holed(data, start, end)) == (End.CLEAN, 2, Damage.NONE)


def test_sectors_that_a_power_cut_left_out_of_the_last_write_are_torn(tmp_path: Path) -> None:
    """F11: each sector of an unsynced write of 8 records is lost by itself; those behind it arrived."""
    data = killed_journal(tmp_path / "wal", [2, 8])
    ends = line_ends(data)
    durable = ends[2]
    for sector in range(durable // 512 * 512, ends[-1], 512):
        start = max(sector, durable)
        whole = [end for end in ends if end <= start]
        end, seq, damage = tail_of(tmp_path / "wal", holed(data, start, sector + 512))
        if start <= ends[-1] - 1:
            assert (end, damage) == (End.TORN, Damage.TORN_TAIL), sector
            assert seq == len(whole) - 1


def test_a_lost_sector_before_a_record_that_was_written_after_its_sync_is_rot(tmp_path: Path) -> None:
    """F05: the same hole, but a later record says that it was durable."""
    data = killed_journal(tmp_path / "wal", [2, 8, 1])
    durable, last = line_ends(data)[2], line_ends(data)[-2]
    for sector in range(durable // 512 * 512 + 512, last // 512 * 512, 512):
        end, _, damage = tail_of(tmp_path / "wal", holed(data, sector, sector + 512))
        assert (end, damage) == (End.DAMAGED, Damage.ROT), sector
        with pytest.raises(JournalDamaged):
            truncate_tail(tmp_path / "wal")
        assert (tmp_path / "wal" / FIRST).read_bytes() == holed(data, sector, sector + 512)


@pytest.mark.parametrize(("start", "size"), [(1, 512), (0, 511), (7, 3)])
def test_a_hole_that_is_no_whole_sector_is_rot(tmp_path: Path, start: int, size: int) -> None:
    data = killed_journal(tmp_path / "wal", [2, 8])
    sector = line_ends(data)[3] // 512 * 512 + 512
    hole = holed(data, sector + start, sector + start + size)
    assert tail_of(tmp_path / "wal", hole)[::2] == (End.DAMAGED, Damage.ROT)


def test_a_changed_byte_in_the_last_record_is_rot_whatever_it_is(tmp_path: Path) -> None:
    """F02: a write that was cut off leaves no wrong bytes."""
    data = killed_journal(tmp_path / "wal", [2, 1])
    *_, start, end = line_ends(data)
    for at in range(start, end):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            assert tail_of(tmp_path / "wal", flipped)[::2] == (End.DAMAGED, Damage.ROT), (at, bit)


def test_stale_bytes_behind_the_tail_are_rot(tmp_path: Path) -> None:
    """F05: a line of an older file in the same blocks has another chain."""
    stale = killed_journal(tmp_path / "old", [4])
    data = killed_journal(tmp_path / "wal", [2])
    end = line_ends(data)[-1]
    old_line = stale[line_ends(stale)[3] : line_ends(stale)[4]]
    assert tail_of(tmp_path / "wal", data[:end] + old_line + data[end + len(old_line) :])[::2] == (
        End.DAMAGED,
        Damage.ROT,
    )


@pytest.mark.ticket("T-099")
def test_what_looks_torn_and_was_acknowledged_is_refused(tmp_path: Path) -> None:
    """The witness tells rot in the last record from a write that was never finished."""
    data = killed_journal(tmp_path / "wal", [2, 2], witness_records=2)
    start, end = line_ends(data)[-2:]
    torn = holed(data, start + 40, end)
    end_found, seq, damage = tail_of(tmp_path / "wal", torn)
    assert (end_found, seq, damage) == (End.TORN, 3, Damage.ROT)
    for mode in (recover, truncate_tail):
        with pytest.raises(JournalDamaged, match="seq 4 to 4 were acknowledged and are not there") as refusal:
            mode(tmp_path / "wal")
        assert not isinstance(refusal.value, JournalTorn)
    assert (tmp_path / "wal" / FIRST).read_bytes() == torn
    assert lost_at_the_end(tmp_path / "wal") is Damage.ROT

    assert tail_of(tmp_path / "wal", holed(data, start, end)) == (End.CLEAN, 3, Damage.GAP)
    assert lost_at_the_end(tmp_path / "wal") is Damage.GAP
    (tmp_path / "wal" / "witness").unlink()
    assert tail_of(tmp_path / "wal", torn) == (End.TORN, 3, Damage.TORN_TAIL)


def lost_at_the_end(directory: Path) -> Damage:
    """A plain reader gets the three records that are there, and is then refused."""
    reading = read(directory)
    assert [record.seq for record in islice(reading, 3)] == [1, 2, 3]
    with pytest.raises(JournalDamaged, match="seq 4 to 4 were acknowledged and are not there") as refusal:
        next(reading)
    assert not isinstance(refusal.value, JournalTorn)
    return refusal.value.damage


def test_a_torn_write_of_many_records_is_kept_aside_whole(tmp_path: Path) -> None:
    data = killed_journal(tmp_path / "wal", [2, 8])
    ends = line_ends(data)
    sector = ends[4] // 512 * 512 + 512
    torn = holed(data, sector, sector + 512)
    assert tail_of(tmp_path / "wal", torn)[0] is End.TORN
    tail = truncate_tail(tmp_path / "wal")
    kept = tmp_path / "wal" / f"{FIRST}.torn-{tail.offset}"
    assert kept.read_bytes() == torn[tail.offset : ends[-1]]
    assert (tmp_path / "wal" / FIRST).read_bytes() == data[: tail.offset]
    assert scan(tmp_path / "wal").end is End.CLEAN
