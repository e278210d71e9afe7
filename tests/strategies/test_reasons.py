"""Why each intent was made: a reason that its strategy declares (S-143)."""

from dataclasses import replace

import numpy as np
import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, MINUTE, PERP, aux_of, bars_of, dataset_of, funding_of, listed
from tests.kit.players import PUPPET, player
from tests.kit.script import Script
from tests.simulator.desk import minute
from tests.strategies.desk import SETTINGS, library

from veracity.domain.errors import EngineFault
from veracity.domain.events import IntentCreated
from veracity.simulator.chance import draw
from veracity.strategies.interface import Decision, Memo, Row
from veracity.strategies.registry import REGISTRY

HOUR = 60 * MINUTE
HOLD = "hold"  # the first reason of each: what is held is wanted, so there is no intent
WAVES = [100_00, 100_00, 100_00, 100_00, 60_00, 110_00, 120_00, 90_00, 80_00, 120_00, 130_00, 90_00] * 3


@pytest.fixture(scope="module")
def everything() -> SmallRun:
    """One run of all registered strategies over waves, with funding that comes and goes."""
    rates = [200_000 if number // 6 % 2 == 0 else -100_000 for number in range(len(WAVES))]
    settled = funding_of([(minute(number, 1), rate, 100_00) for number, rate in enumerate(rates)])
    joined = aux_of(
        "open_interest", [(minute(number), 1_000 + number, minute(number)) for number in range(len(WAVES))]
    )
    market = dataset_of({BTC: bars_of(WAVES), PERP: bars_of(WAVES)}, {PERP: settled}, aux={BTC: [joined]})
    players = [library(name, *((PERP, BTC) if name == "funding_carry" else (BTC,))) for name in REGISTRY]
    return run_small_backtest(market, players)


@pytest.fixture(scope="module")
def regimes() -> SmallRun:
    """Hours that are restless until labels are known, then calm, restless again, and wild."""
    sizes = np.repeat([60, 20, 60, 200], [300, 100, 120, 120])
    steps = [(draw(382, number) % 21 - 10) * int(size) for number, size in enumerate(sizes)]
    closes = (50_000_00 + np.cumsum(steps)).tolist()
    market = dataset_of({BTC: bars_of(closes, interval=HOUR)}, rules={BTC: listed(BTC, interval_ns=HOUR)})
    asked = library("vol_regime_switch", settings={"entry_z": 1}, cash=10**15)
    return run_small_backtest(market, [asked])


@pytest.mark.ticket("T-382")
@pytest.mark.parametrize("name", list(REGISTRY))
def test_every_declared_reason_occurs_and_no_other(
    name: str, everything: SmallRun, regimes: SmallRun
) -> None:
    run = regimes if REGISTRY[name].needs_regime else everything
    intents = [intent for intent in run.all(IntentCreated) if intent.strategy_id == name[:12]]
    declared = REGISTRY[name].reasons
    assert declared[0] == HOLD
    assert len(set(declared)) == len(declared)
    assert {intent.reason for intent in intents} - {"forced_close"} == set(declared[1:])


@pytest.mark.ticket("T-382")
def test_an_exit_never_has_the_reason_of_an_entry(everything: SmallRun) -> None:
    entries, exits = set(), set()
    for intent in everything.all(IntentCreated):
        (entries if intent.purpose in ("open", "increase") else exits).add(
            (intent.strategy_id, intent.reason)
        )
    assert entries & exits == set()
    assert ("momentum", "sma_cross_up") in entries
    assert ("momentum", "sma_cross_down") in exits


@pytest.mark.ticket("T-382")
@pytest.mark.parametrize("number", [2, -1])
def test_a_reason_that_is_not_declared_never_becomes_an_intent(number: int) -> None:
    def undeclared(params: object, row: Row, position: int, memo: Memo) -> Decision:
        return 1_000, number, memo

    rogue = replace(PUPPET, name="rogue", reasons=("hold", "entry"), decide=undeclared)
    script = Script(player("a", strategy=rogue)).ticks(100_00)
    with pytest.raises(EngineFault, match=f"strategy a gives reason {number}, it has declared 2"):
        script.wants("a", 0)
    assert script.all(IntentCreated) == []


def test_every_strategy_has_settings_for_these_tests() -> None:
    assert sorted(SETTINGS) == sorted(REGISTRY)
