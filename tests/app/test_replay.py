"""A run directory and its data are enough to get the final state back; whatever was changed in them is told."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    EXAMPLES,
    document,
    events_of,
    snapshot_of,
    waves,
    write_market,
)
from tests.kit.doubles import RecordingJournal

from veracity.app.backtest import RunOutcome, identify, plan_of
from veracity.app.config import LoadedConfig, load
from veracity.app.replay import replay_run
from veracity.data.dataset import Dataset
from veracity.data.dataset import load as load_data
from veracity.domain.errors import EngineFault, ExitCode, OperatorFault
from veracity.domain.events import CheckpointMarked, decode_event
from veracity.journal.reader import read
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fold
from veracity.runtime.simulation import simulate
from veracity.state.apply import apply
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.strategies.registry import REGISTRY, Registry

Example = Callable[[str], RunOutcome]


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
        dataclasses.replace(strategy, features=asked, decide=asked, warmup=asked)
        for strategy in REGISTRY.values()
    )
    monkeypatch.setattr("veracity.app.config_strategies.REGISTRY", deaf)
    outcome = replay_run(copy)
    assert outcome.state_hash_found == outcome.state_hash_expected
    with pytest.raises(EngineFault, match="AssertionError: a strategy was asked"):
        replay_run(copy, rerun=True)


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
@pytest.mark.parametrize("first", [0, 1], ids=["the_last", "the_first"])
def test_data_without_a_row_are_refused_with_both_hashes(copy: Path, tmp_path: Path, first: int) -> None:
    table = pq.read_table(tmp_path / "bars.parquet")
    pq.write_table(table.slice(first, 119), tmp_path / "bars.parquet")
    said = veracity("replay", copy)
    assert said.code == 4
    assert data_of(copy)[1].dataset_hash in said.err
    assert document(copy / "manifest.json")["dataset_hash"] in said.err


@pytest.mark.ticket("T-224")
def test_data_without_a_row_in_the_middle_are_refused_as_data(copy: Path, tmp_path: Path) -> None:
    table = pq.read_table(tmp_path / "bars.parquet")
    pq.write_table(pa.concat_tables([table.slice(0, 60), table.slice(61)]), tmp_path / "bars.parquet")
    said = veracity("replay", copy)
    assert said.code == 4
    assert "1 bar is missing" in said.err


@pytest.mark.ticket("T-224")
def test_the_fold_itself_counts_the_rows(copy: Path, tmp_path: Path) -> None:
    """Where a hash were not compared: one row less, and one more, than the journal counted."""
    records = list(read(copy / "wal"))
    loaded, whole = data_of(copy)
    for rows, words in (
        (119, "has fewer facts than the journal counted"),
        (121, "has more facts than the journal counted"),
    ):
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
    assert (
        f"strategy trend cannot be run again: it ran momentum version {version}, here is version {version + 1}"
        in said.err
    )
    assert "hold" not in said.err  # the other strategy has the version that it ran with
    assert veracity("replay", copy).code == 0  # the fold needs no strategy
