"""What is not as it was written is refused, with its place."""

import os
from pathlib import Path

import msgspec
import pytest
from tests.journal.journals import (
    change,
    crc32c,
    damage_of,
    everything,
    line_ends,
    new_journal,
    numbered,
    profile,
    records_of,
    write_journal,
    write_segment,
)

from veracity.domain.errors import ExitCode
from veracity.domain.events import SegmentOpened
from veracity.journal.errors import JournalDamaged, JournalTorn, JournalUnsafe
from veracity.journal.frame import chain_crc, take
from veracity.journal.reader import read, scan
from veracity.journal.recover import recover

FIRST = "00000001.wal"


def test_every_flipped_bit_of_a_journal_is_refused(tmp_path: Path) -> None:
    """F02, over three segments."""
    directory = write_journal(tmp_path / "wal", numbered(12), segment_bytes=420)
    names = sorted(path.name for path in directory.glob("*.wal"))
    assert len(names) == 3
    flipped = 0
    for name in names:
        file = os.open(directory / name, os.O_RDWR)
        for at, byte in enumerate((directory / name).read_bytes()):
            for bit in range(8):
                os.pwrite(file, bytes((byte ^ 1 << bit,)), at)
                flipped += 1
                with pytest.raises(JournalDamaged) as refusal:
                    records_of(directory)
                assert refusal.type is JournalDamaged, f"{name} byte {at} bit {bit}"  # not even called torn
            os.pwrite(file, bytes((byte,)), at)
        os.close(file)
    assert flipped == 8 * sum(len(data) for data in everything(directory).values())
    assert records_of(directory) == numbered(12)


@pytest.mark.ticket("T-114")
def test_the_checksum_is_the_known_one() -> None:
    assert chain_crc(0, b"123456789") == 0xE3069283 == crc32c(b"123456789")


@pytest.mark.ticket("T-114")
def test_every_flipped_bit_of_forty_records_is_noticed_at_its_record() -> None:
    lines, crcs = [], [0]
    for seq, payload in numbered(40):
        covered = b"%08x %016x " % (len(payload), seq)
        crcs.append(crc32c(covered + payload, crcs[-1]))
        lines.append(covered + b"%08x " % crcs[-1] + payload + b"\n")
    assert len(take(b"".join(lines), chain=0, seq_last=0, offset=0).records) == 40
    for number, line in enumerate(lines):
        later = b"".join(lines[number + 1 : number + 3])
        for at, byte in enumerate(line):
            for bit in range(8):
                flipped = line[:at] + bytes((byte ^ 1 << bit,)) + line[at + 1 :]
                taken = take(flipped + later, chain=crcs[number], seq_last=number, offset=0)
                assert list(taken.records) == [], f"record {number + 1} byte {at} bit {bit}"


@pytest.mark.ticket("T-114")
@pytest.mark.parametrize(
    ("order", "bad_line"),
    [
        ([1, 2, 4, 3, 5], 3),
        ([1, 2, 2, 3, 4, 5], 3),
        ([1, 2, 4, 5], 3),
        ([2, 3, 4, 5], 1),
        ([5, 1, 2, 3, 4], 1),
    ],
)
def test_exchanged_doubled_and_removed_records_break_the_chain(
    tmp_path: Path, order: list[int], bad_line: int
) -> None:
    """F03: every line is whole, and its seq may even rise."""
    directory = write_journal(tmp_path / "wal", numbered(5))
    lines = (directory / FIRST).read_bytes().splitlines(keepends=True)
    (directory / FIRST).write_bytes(b"".join([lines[0], *(lines[number] for number in order)]))
    damage = damage_of(directory)
    offset = sum(len(lines[number]) for number in [0, *order[: bad_line - 1]])
    assert (damage.record, damage.offset) == (bad_line, offset)
    assert damage.exit_code is ExitCode.FINDING


def test_a_bad_last_line_is_rot_and_not_torn(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(5))
    size = (directory / FIRST).stat().st_size
    change(directory / FIRST, size - 3, b"!")
    damage = damage_of(directory)
    assert not isinstance(damage, JournalTorn)
    assert (damage.what, damage.record, damage.records_later) == ("the checksum is wrong", 5, 0)


@pytest.mark.parametrize(
    "rest", [b"\0" * 40 + b"x", b"garbage", b"00000002 0000000000000003 00000000 {}\n", b"\n"]
)
def test_bytes_behind_the_last_record_that_no_cut_leaves_are_damage(tmp_path: Path, rest: bytes) -> None:
    """F05; a stale line of another journal has its own chain."""
    directory = write_journal(tmp_path / "wal", numbered(5))
    with (directory / FIRST).open("ab") as segment:
        segment.write(rest)
    assert not isinstance(damage_of(directory), JournalTorn)


def test_the_message_of_damage_says_where_it_is(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(20), segment_bytes=800)
    second = (directory / "00000002.wal").read_bytes()
    first_seq = next(seq for seq, payload in numbered(20) if payload == second.splitlines()[1][35:])
    start = line_ends(second)[0]
    change(directory / "00000002.wal", start + 40, b"!")
    damage = damage_of(directory)
    assert (damage.segment, damage.offset, damage.record) == ("00000002.wal", start, first_seq)
    assert (damage.seq_read, damage.seq_after, damage.records_later) == (
        first_seq,
        first_seq - 1,
        20 - first_seq,
    )
    assert str(damage) == (
        f"{directory}/00000002.wal: the checksum is wrong: record {first_seq} at byte {start} "
        f"(seq {first_seq}, after seq {first_seq - 1}), {20 - first_seq} later records"
    )


def three_segments(directory: Path) -> tuple[list[Path], list[int]]:
    """A journal of three segments, and the first seq of each."""
    write_journal(directory, numbered(12), segment_bytes=420)
    segments = sorted(directory.glob("*.wal"))
    return segments, [int(path.read_bytes().splitlines()[1][9:25], 16) for path in segments]


@pytest.mark.ticket("T-112")
def test_a_removed_segment_is_refused_with_the_range_that_is_missing(tmp_path: Path) -> None:
    segments, firsts = three_segments(tmp_path / "wal")
    segments[1].unlink()
    damage = damage_of(tmp_path / "wal")
    assert damage.what == (f"the segment before is missing; seq {firsts[1]} to {firsts[2] - 1} are missing")
    assert (damage.segment, damage.record, damage.seq_after) == ("00000003.wal", 0, firsts[1] - 1)


@pytest.mark.ticket("T-112")
def test_a_removed_first_segment_is_refused(tmp_path: Path) -> None:
    segments, firsts = three_segments(tmp_path / "wal")
    segments[0].unlink()
    assert damage_of(tmp_path / "wal").what.endswith(f"; seq 1 to {firsts[1] - 1} are missing")


@pytest.mark.ticket("T-112")
def test_a_segment_under_another_number_is_refused(tmp_path: Path) -> None:
    segments, firsts = three_segments(tmp_path / "wal")
    segments[1].unlink()
    segments[2].rename(segments[1])
    assert damage_of(tmp_path / "wal").what == (
        f"the file holds segment 3; seq {firsts[1]} to {firsts[2] - 1} are missing"
    )


@pytest.mark.ticket("T-112")
def test_a_segment_under_another_name_is_refused(tmp_path: Path) -> None:
    segments, _ = three_segments(tmp_path / "wal")
    segments[2].rename(tmp_path / "wal/00000003.wal.bak")
    with pytest.raises(JournalUnsafe, match=r"00000003\.wal\.bak: not a file of a journal"):
        list(read(tmp_path / "wal"))


@pytest.mark.ticket("T-112")
def test_a_segment_of_another_run_is_refused(tmp_path: Path) -> None:
    segments, firsts = three_segments(tmp_path / "wal")
    journal = new_journal(tmp_path / "other", run_id="ffff000000000000", segment_bytes=420)
    for seq, payload in numbered(12):
        journal.append(seq, payload)
    journal.close()
    (tmp_path / "other/00000002.wal").replace(segments[1])
    damage = damage_of(tmp_path / "wal")
    assert (damage.record, damage.offset, damage.seq_read) == (0, 0, None)
    assert damage.what == (
        "a segment of another run (ffff000000000000, schema 1; wanted 00112233445566ff, schema 1); "
        f"seq {firsts[1]} to {firsts[2] - 1} are missing"
    )


def test_records_lost_at_the_end_of_a_segment_are_noticed_by_the_next_head(tmp_path: Path) -> None:
    segments, firsts = three_segments(tmp_path / "wal")
    data = segments[0].read_bytes()
    segments[0].write_bytes(data[: line_ends(data)[-2]])
    damage = damage_of(tmp_path / "wal")
    assert damage.what.startswith(f"the segment does not follow (seq {firsts[1]}, chain ")
    assert damage.what.endswith(f"; seq {firsts[1] - 1} to {firsts[1] - 1} are missing")


@pytest.mark.ticket("T-112")
def test_another_history_of_the_same_run_is_noticed_by_the_chain(tmp_path: Path) -> None:
    segments, _ = three_segments(tmp_path / "wal")
    write_journal(tmp_path / "other", [(seq, b'{"SEQ":%d}' % seq) for seq in range(1, 13)], segment_bytes=420)
    (tmp_path / "other/00000002.wal").replace(segments[1])
    assert damage_of(tmp_path / "wal").what.startswith("the segment does not follow")


@pytest.mark.parametrize("seq_first", [5, 7])
def test_a_segment_begins_with_the_seq_after_the_last(tmp_path: Path, seq_first: int) -> None:
    directory = write_journal(tmp_path / "wal", numbered(5))
    head = msgspec.structs.replace(
        msgspec.json.decode((directory / FIRST).read_bytes().splitlines()[0][35:], type=SegmentOpened),
        segment=2,
        seq_first=seq_first,
        chain=f"{scan(directory).chain:08x}",
    )
    write_segment(directory / "00000002.wal", [(0, msgspec.json.encode(head))])
    assert damage_of(directory).what.startswith(
        f"the segment does not follow (seq {seq_first}, chain {head.chain}; wanted 6,"
    )


@pytest.mark.parametrize("kept", [0, 20, 250])
def test_a_segment_cut_short_before_another_is_damage_not_a_torn_tail(tmp_path: Path, kept: int) -> None:
    segments, _ = three_segments(tmp_path / "wal")
    os.truncate(segments[1], kept)
    damage = damage_of(tmp_path / "wal")
    assert not isinstance(damage, JournalTorn)
    assert damage.segment == "00000002.wal"


def test_a_segment_without_a_head_is_refused(tmp_path: Path) -> None:
    (tmp_path / "wal").mkdir(mode=0o700)
    write_segment(tmp_path / "wal" / FIRST, numbered(3))
    assert damage_of(tmp_path / "wal").what.startswith("the segment has no head")


@pytest.mark.parametrize("size", [512, 4096])
def test_a_lost_sector_or_page_is_refused_wherever_it_lies(tmp_path: Path, size: int) -> None:
    """F05: zeros where a part of the disk was, in each place of a live journal of three segments that was closed."""
    payload = b'{"fill":"%b"}' % (b"x" * 200)
    wal = write_journal(
        tmp_path / "wal", [(seq, payload) for seq in range(1, 101)], profile=profile(10_000, live=True)
    )
    places = 0
    for segment in sorted(wal.glob("*.wal")):
        whole = segment.read_bytes()
        for at in range(0, len(whole), size):
            change(segment, at, bytes(len(whole[at : at + size])))
            with pytest.raises(JournalDamaged):
                recover(wal)
            segment.write_bytes(whole)
            places += 1
    assert places > 20_000 / size
    assert sum(1 for _ in recover(wal).records) == 100
