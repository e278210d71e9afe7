"""A strategy can change nothing that it does not own: what it sees is read-only, and an attempt ends the run."""

from dataclasses import replace

import numpy as np
import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, bars_of, dataset_of, funding_of, listed
from tests.kit.players import DIARIST, PUPPET, player, puppet
from tests.kit.script import Script
from tests.strategies.desk import SETTINGS

from veracity.domain.errors import EngineFault
from veracity.domain.instruments import Instrument
from veracity.domain.market import AuxSeries, Column
from veracity.state.hash import state_hash
from veracity.strategies.interface import Decision, Memo, Row, Strategy, Window
from veracity.strategies.registry import REGISTRY


def features_that(act) -> Strategy:  # type: ignore[no-untyped-def]
    def features(window: Window, params: object) -> tuple[Column, ...]:
        act(window)
        return (window.legs[0].close,)

    return replace(PUPPET, features=features)


def decide_that(act) -> Strategy:  # type: ignore[no-untyped-def]
    def decide(params: object, row: Row, position: int, memo: Memo) -> Decision:
        act(row, memo)
        return position, 0, memo

    return replace(DIARIST, decide=decide)


def write_to_bars(window: Window) -> None:
    window.legs[0].close[0] = 1


def write_to_stamps(window: Window) -> None:
    window.known_ts[0] = 1


def write_to_funding(window: Window) -> None:
    window.aux["funding_rate"].value[0] = 1


@pytest.mark.ticket("T-380")
@pytest.mark.parametrize("act", [write_to_bars, write_to_stamps, write_to_funding])
def test_features_cannot_write_to_the_tape(act) -> None:  # type: ignore[no-untyped-def]
    bars = bars_of([100_00, 101_00])
    data = dataset_of({PERP: bars}, {PERP: funding_of([(START + MINUTE, 1, 100_00)])})
    with pytest.raises(EngineFault, match=r"strategy a failed in its features: ValueError: .* read-only"):
        run_small_backtest(data, [player("a", PERP, strategy=features_that(act))])
    assert bars.close.tolist() == [100_00, 101_00]


def write_to_row(row: Row, memo: Memo) -> None:
    row[0] = 1  # type: ignore[index]


def write_to_memo(row: Row, memo: Memo) -> None:
    memo[0] = 1  # type: ignore[index]


@pytest.mark.ticket("T-380")
@pytest.mark.parametrize("act", [write_to_row, write_to_memo])
def test_a_decision_cannot_write_to_its_row_or_memo(act) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(EngineFault, match="strategy a failed in its decision: TypeError: 'tuple' object"):
        run_small_backtest(
            {BTC: bars_of([100_00] * 3)}, [player("a", strategy=decide_that(act), params=(1,))]
        )


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_thousand_decisions_leave_the_state_as_it_was(name: str) -> None:
    strategy = REGISTRY[name]
    symbols = (PERP, BTC) if strategy.legs == 2 else (BTC,)
    params = strategy.bind(SETTINGS[name], Instrument.listed(listed(symbols[0])))
    ticks = np.array([START, START + MINUTE])
    aux = {series: AuxSeries(ticks, ticks, ticks) for series in strategy.aux}
    window = Window((bars_of([100_00] * 2),) * strategy.legs, ticks, aux)
    width = len(strategy.features(window, params)) + 2 * len(strategy.optional)  # value and age of each
    script = Script(player("a", *symbols, strategy=strategy, params=params)).ticks(100_00)
    rows = np.random.default_rng(5).integers(-(10**9), 10**9, (1_000, width)).tolist()
    before = state_hash(script.state)
    for row in rows:
        script.loop.engine.holds(script.state, "a", (tuple(row),), 0, 1)
    assert state_hash(script.state) == before


def test_a_feature_of_another_length_or_kind_is_a_fault() -> None:
    for column in (np.zeros(1, dtype=np.int64), np.zeros(3, dtype=np.float64)):
        strategy = replace(PUPPET, features=lambda window, params, column=column: (column,))
        with pytest.raises(EngineFault, match="is not one 64-bit whole number a bar"):
            run_small_backtest({BTC: bars_of([100_00] * 3)}, [player("a", strategy=strategy)])


def test_accounts_of_two_strategies_are_apart() -> None:
    run = run_small_backtest(
        {BTC: bars_of([100_00] * 4), ETH: bars_of([50_00] * 4)}, [puppet("a", (1,)), puppet("b", (2,), ETH)]
    )
    assert list(run.state.accounts["a"].positions) == [BTC]
    assert list(run.state.accounts["b"].positions) == [ETH]
