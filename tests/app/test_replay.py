"""A run directory and its data are enough to get the final state back; whatever was changed in them is told."""

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    EXAMPLES,
    HOLD,
    TREND,
    document,
    events_of,
    run,
    snapshot_of,
    waves,
    write_config,
    write_market,
)
from tests.kit.doubles import RecordingJournal

from veracity.app.backtest import RunOutcome, identify, plan_of
from veracity.app.config import LoadedConfig, load
from veracity.app.replay import replay_run
from veracity.data.dataset import Dataset
from veracity.data.dataset import load as load_data
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import CheckpointMarked, OrderFilled, decode_event
from veracity.journal.reader import read
from veracity.journal.writer import JournalWriter
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fold
from veracity.runtime.simulation import simulate
from veracity.state.apply import apply
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.strategies.registry import REGISTRY, Registry

Example = Callable[[str], RunOutcome]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> RunOutcome:
    """A run of two strategies that trade on 120 bars."""
    folder = tmp_path_factory.mktemp("small")
    return run(write_config(folder, TREND, HOLD), folder / "runs")


@pytest.fixture
def copy(small: RunOutcome, tmp_path: Path) -> Path:
    """A copy of it, to be damaged; the data file too."""
    run_dir = tmp_path / "run"
    shutil.copytree(small.run_dir, run_dir)
    shutil.copy(small.run_dir.parent.parent / "bars.parquet", tmp_path / "bars.parquet")
    config = run_dir / "config.resolved.toml"
    text = config.read_text(encoding="utf-8")
    before = str(small.run_dir.parent.parent / "bars.parquet")
    assert before in text
    config.write_text(text.replace(before, str(tmp_path / "bars.parquet")), encoding="utf-8")
    return run_dir


def flip(file: Path, offset: int) -> None:
    """Change one bit of the byte at `offset`."""
    content = bytearray(file.read_bytes())
    content[offset] ^= 1
    file.write_bytes(content)


def data_of(run_dir: Path) -> tuple[LoadedConfig, Dataset]:
    loaded = load(run_dir / "config.resolved.toml")
    return loaded, load_data(loaded.sources())


# ---------------------------------------------------------------- it agrees


@pytest.mark.ticket("T-003")
@pytest.mark.parametrize("name", EXAMPLES)
def test_replay_reports_the_hash_of_the_summary(example: Example, name: str) -> None:
    run_dir = example(name).run_dir
    said = veracity("replay", run_dir, "--json", "-q")
    assert said.code == 0, said.err
    stored = document(run_dir / "summary.json")["state_hash"]
    assert said.document["state_hash"] == said.document["state_hash_expected"] == stored
    assert (said.document["same"], said.document["first_difference"]) == (True, None)


@pytest.mark.ticket("T-003")
@pytest.mark.parametrize("name", EXAMPLES)
def test_a_plain_fold_has_the_hash_of_every_checkpoint(example: Example, name: str) -> None:
    """The fold is written out here: apply each record, and before it the facts that its seq leaves room for."""
    run_dir = example(name).run_dir
    facts = iter(Feed(data_of(run_dir)[1]))
    state, checked = EngineState(), 0
    for record in read(run_dir / "wal"):
        while state.seq + 1 < record.seq:
            make, values, _ = next(facts)
            apply(state, make(state.seq + 1, *values))
        event = decode_event(record.payload)
        if isinstance(event, CheckpointMarked):
            assert state_hash(state) == event.state_hash
            checked += 1
        apply(state, event)
    assert checked == 1
    assert next(facts, None) is None
    assert event.state_hash == document(run_dir / "summary.json")["state_hash"]


@pytest.mark.ticket("T-003")
def test_the_fold_is_the_live_state_in_every_field(small: RunOutcome) -> None:
    """Also in those that later decisions read, such as the day book's entries and the memory of each strategy."""
    loaded, dataset = data_of(small.run_dir)
    journal = RecordingJournal()
    live = simulate(plan_of(loaded, dataset, identify(loaded, dataset, "c" * 64)), journal)
    folded = fold(journal.records, Feed(dataset))
    assert folded == live
    assert state_hash(folded) == state_hash(live)
    assert {name: account.day.entries for name, account in live.accounts.items()} == {"trend": 6, "hold": 1}
    assert live.accounts["hold"].memo == (1,)


@pytest.mark.ticket("T-224")
@pytest.mark.parametrize("name", EXAMPLES)
def test_running_again_finds_every_event_equal(example: Example, name: str) -> None:
    ran = example(name)
    outcome = replay_run(ran.run_dir, rerun=True)
    assert outcome.first_difference is None
    assert outcome.state_hash_found == outcome.state_hash_expected == ran.state_hash
    assert outcome.events == len(events_of(ran.run_dir))
    bars = ran.summary["period"]["bars"]
    assert outcome.facts >= bars


def test_replay_writes_nothing(copy: Path) -> None:
    before = snapshot_of(copy)
    replay_run(copy, rerun=True)
    assert snapshot_of(copy) == before


@pytest.mark.ticket("T-224")
def test_the_fold_asks_no_strategy(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(*_: object) -> NoReturn:
        raise AssertionError("a strategy was asked")

    deaf = Registry(
        dataclasses.replace(strategy, features=asked, decide=asked, warmup=asked) for strategy in REGISTRY.values()
    )
    monkeypatch.setattr("veracity.app.config_strategies.REGISTRY", deaf)
    outcome = replay_run(copy)
    assert outcome.state_hash_found == outcome.state_hash_expected
    with pytest.raises(AssertionError, match="a strategy was asked"):
        replay_run(copy, rerun=True)


# ---------------------------------------------------------------- a changed journal


def records_of(run_dir: Path) -> list[tuple[int, int, int]]:
    """Number, seq and offset of every record."""
    return [(number, record.seq, record.offset) for number, record in enumerate(read(run_dir / "wal"), start=1)]


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
    if place > 25:
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
    journal = JournalWriter.create(copy / "wal", run_id, code_version="0", schema_version=1)
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


# ---------------------------------------------------------------- other data


@pytest.mark.ticket("T-248")
def test_replaced_data_are_refused_with_both_hashes(copy: Path, tmp_path: Path) -> None:
    stored = document(copy / "manifest.json")["dataset_hash"]
    moved = waves(120)
    moved[60] += 1
    write_market(tmp_path / "bars.parquet", moved)
    said = veracity("replay", copy)
    found = data_of(copy)[1].dataset_hash
    assert said.code == 4
    assert f"its hash is {found}, the run has {stored}" in said.err


@pytest.mark.ticket("T-248")
def test_data_that_were_only_compressed_anew_are_the_same(copy: Path, tmp_path: Path) -> None:
    table = pq.read_table(tmp_path / "bars.parquet")
    pq.write_table(table, tmp_path / "bars.parquet", compression="gzip", row_group_size=11)
    assert replay_run(copy).state_hash_found == document(copy / "summary.json")["state_hash"]


@pytest.mark.ticket("T-224")
@pytest.mark.parametrize(("kept", "words"), [(slice(0, 119), "the run has"), (slice(1, 120), "the run has")])
def test_data_without_a_row_are_refused(copy: Path, tmp_path: Path, kept: slice, words: str) -> None:
    table = pq.read_table(tmp_path / "bars.parquet")
    pq.write_table(table.slice(kept.start, kept.stop - kept.start), tmp_path / "bars.parquet")
    said = veracity("replay", copy)
    assert said.code == 4
    assert words in said.err


@pytest.mark.ticket("T-224")
def test_the_fold_itself_counts_the_rows(copy: Path, tmp_path: Path) -> None:
    """Where a hash were not compared: one row less, and one more, than the journal counted."""
    records = list(read(copy / "wal"))
    loaded, whole = data_of(copy)
    for rows, words in ((119, "has fewer facts than the journal counted"), (121, "has more facts than the journal counted")):
        write_market(tmp_path / "bars.parquet", waves(rows))
        other = load_data(loaded.sources())
        with pytest.raises(OperatorFault, match="the dataset does not belong to this journal") as refusal:
            fold(records, Feed(other))
        assert refusal.value.exit_code is ExitCode.DATA
        assert words in refusal.value.why
    assert fold(records, Feed(whole)).seq == records[-1].seq


def test_data_that_are_gone_are_named(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "bars.parquet").unlink()
    said = veracity("replay", copy)
    assert said.code in (3, 4)
    assert "bars.parquet" in said.err


# ---------------------------------------------------------------- unfinished runs


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


# ---------------------------------------------------------------- other code


def with_version(version: int) -> Registry:
    """The registry, with momentum in another version."""
    return Registry(
        dataclasses.replace(strategy, version=version) if strategy.name == "momentum" else strategy
        for strategy in REGISTRY.values()
    )


@pytest.mark.ticket("T-391")
def test_another_version_of_a_strategy_is_not_run_again(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = REGISTRY["momentum"].version
    monkeypatch.setattr("veracity.app.config_strategies.REGISTRY", with_version(version + 1))
    said = veracity("replay", copy, "--rerun")
    assert said.code == 7
    assert f"strategy trend cannot be run again: it ran momentum version {version}, here is version {version + 1}" in said.err
    assert "hold" not in said.err  # the other strategy has the version that it ran with
    assert veracity("replay", copy).code == 0  # the fold needs no strategy
