"""After a crash: every whole record, and nothing that was not one."""

import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.journal.journals import (
    FailingFiles,
    Killed,
    everything,
    line_ends,
    new_journal,
    numbered,
    told,
    write_journal,
)

from veracity.domain.errors import ExitCode
from veracity.journal.errors import JournalDamaged, JournalDead, JournalLocked, JournalTorn, JournalUnsafe
from veracity.journal.reader import End, Tail, read, scan
from veracity.journal.recover import recover, salvage, truncate_tail

FIRST = "00000001.wal"


def recovered(directory: Path) -> tuple[Tail, list[tuple[int, bytes]]]:
    tail, records = recover(directory)
    return tail, [(record.seq, record.payload) for record in records]


def torn_journal(directory: Path) -> bytes:
    """A journal of five records, the last without its last three bytes: those of it that are there."""
    write_journal(directory, numbered(5))
    data = (directory / FIRST).read_bytes()
    os.truncate(directory / FIRST, len(data) - 3)
    return data[line_ends(data)[-2] : -3]


def test_an_empty_directory_recovers_to_no_record_and_takes_a_new_journal(tmp_path: Path) -> None:
    directory = tmp_path / "wal"
    directory.mkdir(mode=0o700)
    tail, records = recovered(directory)
    assert (tail.end, tail.records, tail.seq_last, records) == (End.CLEAN, 0, 0, [])
    assert everything(directory) == {}
    journal = new_journal(directory)
    journal.append(1, b"{}")
    journal.close()
    tail, records = recovered(directory)
    assert tail.head is not None
    assert (tail.head.seq_first, records) == (1, [(1, b"{}")])


def test_a_journal_that_ends_behind_any_record_recovers_that_many(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(40))
    ends = line_ends((directory / FIRST).read_bytes())
    assert len(ends) == 41  # the head's first
    for kept in range(40, 0, -1):
        os.truncate(directory / FIRST, ends[kept])
        tail, records = recovered(directory)
        assert (tail.end, records) == (End.CLEAN, numbered(kept))


@pytest.mark.ticket("T-099")
def test_a_cut_at_any_byte_costs_only_the_record_it_falls_in(tmp_path: Path) -> None:
    """F01, over two segments: the last one cut at every byte, its head included."""
    directory = write_journal(tmp_path / "wal", numbered(9), segment_bytes=400)
    first, last = (path.read_bytes() for path in sorted(directory.glob("*.wal")))
    path = directory / "00000002.wal"
    in_first = len(line_ends(first)) - 1
    assert len(line_ends(last)) >= 4
    for cut in range(len(last), -1, -1):
        path.write_bytes(last[:cut])
        whole = [end for end in line_ends(last) if end <= cut]
        expected = numbered(in_first + max(0, len(whole) - 1))
        torn = last[whole[-1] if whole else 0 : cut]

        assert told(lambda: recovered(directory)[1]) == expected, cut
        tail, _ = recovered(directory)
        assert tail.end is (End.TORN if torn else End.CLEAN), cut
        assert truncate_tail(directory)[:-1] == tail[:-1]
        kept = directory / f"00000002.wal.torn-{cut - len(torn)}"
        assert path.read_bytes() == last[: cut - len(torn)]
        assert not torn or kept.read_bytes() == torn

        before = everything(directory)
        tail, records = recovered(directory)
        assert (tail.end, records) == (End.CLEAN, expected), cut
        truncate_tail(directory)
        assert everything(directory) == before
        kept.unlink(missing_ok=True)


def test_a_torn_tail_is_told(tmp_path: Path) -> None:
    torn = torn_journal(tmp_path / "wal")
    before = everything(tmp_path / "wal")
    tail, records = recovered(tmp_path / "wal")
    assert records == numbered(4)
    assert isinstance(tail.fault, JournalTorn)
    size = (tmp_path / "wal" / FIRST).stat().st_size
    assert (tail.segment, tail.offset, tail.seq_last) == (FIRST, size - len(torn), 4)
    assert (tail.fault.offset, tail.fault.record, tail.fault.seq_after) == (tail.offset, 5, 4)
    assert everything(tmp_path / "wal") == before
    with pytest.raises(JournalTorn, match="the last record was never finished"):
        list(read(tmp_path / "wal"))


@pytest.mark.ticket("T-100")
def test_damage_in_the_middle_is_refused_by_every_mode_and_nothing_is_changed(tmp_path: Path) -> None:
    directory = write_journal(tmp_path / "wal", numbered(40))
    data = bytearray((directory / FIRST).read_bytes())
    offset = line_ends(bytes(data))[11]
    data[offset + 38] ^= 1
    (directory / FIRST).write_bytes(data)
    before = everything(directory)
    for mode in (recover, truncate_tail):
        with pytest.raises(JournalDamaged) as refusal:
            mode(directory)  # no record was handed out
        damage = refusal.value
        assert damage.exit_code is ExitCode.FINDING
        assert (damage.segment, damage.offset, damage.record, damage.seq_read) == (FIRST, offset, 12, 12)
        assert (damage.seq_after, damage.records_later) == (11, 28)
        assert (
            f"{FIRST}: the checksum is wrong: record 12 at byte {offset} (seq 12, after seq 11), 28 later records"
            in str(damage)
        )
        assert everything(directory) == before
    found = salvage(directory)
    assert [record.seq for record in found.good] == list(range(1, 12))
    assert [one.seq for one in found.strays] == list(range(13, 41))
    assert everything(directory) == before


def test_a_repair_that_is_killed_is_done_again(tmp_path: Path) -> None:
    """F12: at each of its file calls."""
    probe = FailingFiles()
    torn = torn_journal(tmp_path / "probe")
    truncate_tail(tmp_path / "probe", files=probe)
    repaired = everything(tmp_path / "probe")
    assert probe.calls == ["create", "write", "sync", "replace", "sync", "open", "truncate", "sync"]
    for at in range(1, len(probe.calls) + 1):
        directory = tmp_path / f"{at}"
        torn_journal(directory)
        with pytest.raises(Killed):
            truncate_tail(directory, files=FailingFiles(at=at))
        _, records = recovered(directory)
        assert records == numbered(4)
        truncate_tail(directory)
        assert everything(directory) == repaired
    assert repaired[f"{FIRST}.torn-{len(repaired[FIRST])}"] == torn


def test_a_repair_that_cannot_write_is_fatal(tmp_path: Path) -> None:
    torn_journal(tmp_path / "wal")
    with pytest.raises(JournalDead, match="cannot repair the journal: No space"):
        truncate_tail(
            tmp_path / "wal", files=FailingFiles(at=2, error=OSError(28, "No space left on device"))
        )
    assert recovered(tmp_path / "wal")[1] == numbered(4)


def test_bytes_that_were_set_aside_are_never_written_over(tmp_path: Path) -> None:
    torn_journal(tmp_path / "wal")
    offset = scan(tmp_path / "wal").offset
    kept = tmp_path / "wal" / f"{FIRST}.torn-{offset}"
    kept.write_bytes(b"of another crash")
    kept.chmod(0o600)
    before = everything(tmp_path / "wal")
    with pytest.raises(JournalUnsafe, match="other bytes are kept here already"):
        truncate_tail(tmp_path / "wal")
    assert everything(tmp_path / "wal") == before


def test_a_journal_is_not_repaired_while_it_is_written(tmp_path: Path) -> None:
    journal = new_journal(tmp_path / "wal")
    with pytest.raises(JournalLocked):
        truncate_tail(tmp_path / "wal")
    journal.close()
    assert truncate_tail(tmp_path / "wal").end is End.CLEAN


records_lists = st.lists(
    st.tuples(
        st.integers(1, 4), st.binary(max_size=60).map(lambda data: data.replace(b"\n", b"")), st.booleans()
    ),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(records_lists, st.integers(1, 800), st.data())
def test_a_journal_is_a_list_and_a_torn_one_a_prefix_of_it(
    steps: list[tuple[int, bytes, bool]], segment_bytes: int, data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as place:
        directory = Path(place) / "wal"
        journal = new_journal(directory, segment_bytes=segment_bytes)
        model: list[tuple[int, bytes]] = []
        seq = 0
        for gap, payload, durable in steps:
            seq += gap
            journal.append(seq, payload)
            model.append((seq, payload))
            if durable:
                journal.barrier()
                assert recovered(directory)[1] == model
        journal.close()
        assert (
            recovered(directory)[1] == model == [(record.seq, record.payload) for record in read(directory)]
        )

        last = max(directory.glob("*.wal"))
        whole = last.read_bytes()
        cut = data.draw(st.integers(0, len(whole)), label="cut")
        os.truncate(last, cut)
        lost = len(line_ends(whole)) - max(1, len(line_ends(whole[:cut])))  # a head is no record
        expected = model[: len(model) - lost]
        assert recovered(directory)[1] == expected
        truncate_tail(directory)
        assert [(record.seq, record.payload) for record in read(directory)] == expected
