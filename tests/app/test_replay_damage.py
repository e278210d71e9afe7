"""A journal that was changed, forged or cut: what replay says of it."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    document,
    events_of,
)

from veracity.app.replay import replay_run
from veracity.app.wal.fold import CODE_CHANGED
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import CheckpointMarked, OrderFilled
from veracity.journal.reader import read
from veracity.journal.writer import JournalWriter
from veracity.state.schema import SCHEMA_VERSION


def flip(file: Path, offset: int) -> None:
    """Change one bit of the byte at `offset`."""
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)


# ---------------------------------------------------------------- changed


def records_of(run_dir: Path) -> list[tuple[int, int, int]]:
    """Number, seq and offset of every record."""
    return [
        (number, record.seq, record.offset) for number, record in enumerate(read(run_dir / "wal"), start=1)
    ]


@pytest.mark.ticket("T-224")
@pytest.mark.parametrize("place", [1, 10, 24, 26, 33, 35, 60])
def test_a_changed_byte_is_a_finding_that_names_its_record(copy: Path, place: int) -> None:
    """In the length, seq, crc and payload of one record in the middle; what a broken header says is not believed."""
    records = records_of(copy)
    number, seq, offset = records[len(records) // 2]
    flip(copy / "wal" / "00000001.wal", offset + place)
    said = veracity("replay", copy)
    assert said.code == 5
    assert f"record {number} at byte {offset} " in said.err
    assert f"after seq {records[number - 2][1]})" in said.err
    if place >= 35:  # the payload: the header is whole and says the seq
        assert f"seq {seq}, after seq" in said.err


@pytest.mark.ticket("T-224")
def test_any_changed_byte_of_the_journal_is_a_finding(copy: Path) -> None:
    segment = copy / "wal" / "00000001.wal"
    size = segment.stat().st_size
    for offset in range(0, size, size // 40):
        flip(segment, offset)
        with pytest.raises(OperatorFault) as refusal:
            replay_run(copy)
        assert refusal.value.exit_code in (ExitCode.FINDING, ExitCode.UNSAFE), offset
        assert refusal.value.where.endswith("00000001.wal")
        flip(segment, offset)
    assert replay_run(copy).first_difference is None


def rewritten(copy: Path, change: Callable[[int, bytes], bytes | None]) -> None:
    """Write the journal anew, with good checksums, from payloads that `change` made or (None) left out."""
    records = [(record.seq, change(record.seq, record.payload)) for record in read(copy / "wal")]
    shutil.rmtree(copy / "wal")
    run_id = document(copy / "manifest.json")["run_id"]
    journal = JournalWriter.create(copy / "wal", run_id, code_version="0", schema_version=SCHEMA_VERSION)
    for seq, payload in records:
        if payload is not None:
            journal.append(seq, payload)
    journal.close()


@pytest.mark.ticket("T-224")
def test_a_record_that_was_forged_with_its_checksums_is_found_by_the_state(copy: Path) -> None:
    fill = next(event for event in events_of(copy) if isinstance(event, OrderFilled))

    def cheaper(seq: int, payload: bytes) -> bytes:
        price = f'"price":{fill.price}'.encode()
        return payload.replace(price, price[:-1] + b"1") if seq == fill.seq else payload

    checkpoint = events_of(copy)[-1]
    rewritten(copy, cheaper)
    said = veracity("replay", copy)
    assert said.code == 5
    assert f"journal record with seq {checkpoint.seq} does not fold" in said.err


@pytest.mark.parametrize("verb", [("replay",), ("wal", "replay")])
def test_records_of_other_code_that_do_not_fold_are_said_to_be_of_other_code(
    copy: Path, verb: tuple[str, ...]
) -> None:
    """Damage is one cause of it, and another code the other: the journal says which code wrote it."""
    hashes = {event.state_hash.encode() for event in events_of(copy) if isinstance(event, CheckpointMarked)}

    def other_hash(_: int, payload: bytes) -> bytes:
        return payload.replace(min(hashes), b"0" * 64)

    def other_code(seq: int, payload: bytes) -> bytes:
        return re.sub(rb'"code_hash":"[0-9a-f]{64}"', b'"code_hash":"%b"' % (b"0" * 64), payload)

    rewritten(copy, other_hash)
    said = veracity(*verb, copy)
    assert (said.code, CODE_CHANGED in said.err) == (5, False)
    rewritten(copy, other_code)
    said = veracity(*verb, copy)
    assert (said.code, CODE_CHANGED in said.err) == (5, True)


def test_a_record_that_the_fold_does_not_see_is_found_by_running_again(copy: Path) -> None:
    """An intent changes no state; only the engine itself can tell that it would have said something else."""
    seqs = []

    def other_reason(seq: int, payload: bytes) -> bytes:
        if b'"reason":"sma_cross_up"' in payload and not seqs:
            seqs.append(seq)
            return payload.replace(b"sma_cross_up", b"sma_cross_at")
        return payload

    rewritten(copy, other_reason)
    assert veracity("replay", copy).code == 0
    said = veracity("replay", copy, "--rerun")
    assert said.code == 5
    assert f"run again   seq {seqs[0]} of the journal is " in said.out
    assert said.out.splitlines()[-1] == "DIFFERENT"


def test_a_journal_without_a_record_is_a_finding(copy: Path) -> None:
    rewritten(copy, lambda seq, payload: None)
    said = veracity("replay", copy)
    assert said.code == 5
    assert "the journal does not begin with run_started: nothing was journaled" in said.err


def test_a_journal_that_begins_in_the_middle_is_a_finding(copy: Path) -> None:
    rewritten(copy, lambda seq, payload: payload if seq > 1 else None)
    said = veracity("replay", copy)
    assert said.code == 5
    assert "the journal does not begin with run_started: its first record is another event" in said.err


def test_a_journal_whose_first_record_is_no_event_is_a_finding(copy: Path) -> None:
    rewritten(
        copy, lambda seq, payload: payload.replace(b"run_started", b"run_begun") if seq == 1 else payload
    )
    said = veracity("replay", copy)
    assert said.code == 5
    assert "does not begin with run_started: its first record is not an event: Invalid value" in said.err


# ---------------------------------------------------------------- unfinished


def cut(copy: Path, records: int, extra: int = 0) -> None:
    """Leave the first `records` records, and `extra` bytes of the next."""
    segment = copy / "wal" / "00000001.wal"
    segment.write_bytes(segment.read_bytes()[: records_of(copy)[records][2] + extra])
    (copy / "SEALED").unlink()


def test_a_journal_that_stops_early_folds_as_far_as_it_goes(copy: Path) -> None:
    whole = events_of(copy)
    cut(copy, 20)
    said = veracity("replay", copy)
    assert said.code == 5
    facts = whole[19].seq - 20
    assert f"folded      20 events of the journal, {facts} market facts of the dataset" in said.out
    assert "expected    none: the run did not end in order" in said.out
    outcome = replay_run(copy, rerun=True)
    assert outcome.first_difference == (
        f"the journal ends before seq {whole[20].seq}, where the new run has {type(whole[20]).__name__}"
    )


def test_a_record_that_was_never_finished_is_named(copy: Path) -> None:
    whole = events_of(copy)
    cut(copy, 20, extra=50)
    said = veracity("replay", copy)
    assert said.code == 5
    assert "the last record was never finished: record 21 at byte" in said.err
    assert f"seq {whole[20].seq}, after seq {whole[19].seq}" in said.err


def test_a_run_without_a_journal_is_refused(copy: Path) -> None:
    shutil.rmtree(copy / "wal")
    said = veracity("replay", copy)
    assert said.code in (4, 5)
    assert str(copy / "wal") in said.err
    assert said.out == ""
