from pathlib import Path

import pytest
from tests.kit.market import BTC, ETH, START, bars_of, dataset_of, listed
from tests.kit.players import player, puppet
from tests.kit.script import IDENTITY

from veracity.domain.events import InstrumentListed, ModeChanged, RunFinished, RunStarted, StrategyStarted
from veracity.domain.machines import Mode
from veracity.engine.opening import Cast, opening
from veracity.journal.recover import recover
from veracity.journal.writer import JournalWriter
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fold, follow
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel
from veracity.state.hash import state_hash
from veracity.state.model import EngineState


def test_a_run_opens_with_itself_its_instruments_its_strategies_and_its_mode() -> None:
    cast = Cast([listed(BTC), listed(ETH)], [player("b", BTC).started, player("a", ETH).started])
    step = opening(IDENTITY, cast, START)
    assert [type(event) for event in step.events] == [
        RunStarted,
        InstrumentListed,
        InstrumentListed,
        StrategyStarted,
        StrategyStarted,
        ModeChanged,
    ]
    assert [event.seq for event in step.events] == [1, 2, 3, 4, 5, 6]
    assert {event.ts for event in step.events} == {START}
    assert step.effects == ()


@pytest.mark.ticket("T-010")
def test_an_empty_journal_is_a_new_state_and_the_run_begins_at_seq_1(tmp_path: Path) -> None:
    wal = tmp_path / "wal"
    wal.mkdir(mode=0o700)
    recovered = recover(wal)
    state = EngineState()
    assert list(follow(state, recovered.records)) == []
    assert recovered.tail.seq_last == 0
    assert state_hash(state) == state_hash(EngineState())
    assert state.mode is Mode.RECOVERING

    one = puppet("a", (1_000, 0))
    dataset = dataset_of({BTC: bars_of([100_00, 101_00, 102_00])})
    writer = JournalWriter.create(wal, IDENTITY.run_id, code_version="0.1.0", schema_version=1)
    plan = Plan(IDENTITY, dataset, [one.bound], [one.started], CostModel(), close_at_end=True)
    ended = simulate(plan, writer)
    writer.close()

    events: list[object] = []
    again = fold(recover(wal).records, Feed(dataset), events.append)
    assert state_hash(again) == state_hash(ended)
    first = events[0]
    assert isinstance(first, RunStarted)
    assert first.seq == 1
    changes = [(event.mode_from, event.mode_to) for event in events if isinstance(event, ModeChanged)]
    assert changes == [(Mode.RECOVERING, Mode.RUNNING), (Mode.RUNNING, Mode.STOPPED)]
    assert sum(isinstance(event, RunFinished) for event in events) == 1
