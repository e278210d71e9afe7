"""Why each intent was made: a reason that its strategy declares (S-143)."""

from dataclasses import replace

import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, PERP, bars_of, dataset_of, funding_of
from tests.kit.players import PUPPET, player
from tests.kit.script import Script
from tests.simulator.desk import minute
from tests.strategies.desk import SETTINGS, library

from veracity.domain.errors import EngineFault
from veracity.domain.events import IntentCreated
from veracity.strategies.interface import Decision, Memo, Row
from veracity.strategies.registry import REGISTRY

HOLD = "hold"  # the first reason of each: what is held is wanted, so there is no intent
WAVES = [100_00, 100_00, 100_00, 100_00, 60_00, 110_00, 120_00, 90_00, 80_00, 120_00, 130_00, 90_00] * 3


@pytest.fixture(scope="module")
def everything() -> SmallRun:
    """One run of all registered strategies over waves, with funding that comes and goes."""
    rates = [200_000 if number // 6 % 2 == 0 else -100_000 for number in range(len(WAVES))]
    settled = funding_of([(minute(number, 1), rate, 100_00) for number, rate in enumerate(rates)])
    market = dataset_of({BTC: bars_of(WAVES), PERP: bars_of(WAVES)}, {PERP: settled})
    players = [library(name, *((PERP, BTC) if name == "funding_carry" else (BTC,))) for name in REGISTRY]
    return run_small_backtest(market, players)


@pytest.mark.ticket("T-382")
@pytest.mark.parametrize("name", list(REGISTRY))
def test_every_declared_reason_occurs_and_no_other(name: str, everything: SmallRun) -> None:
    intents = [intent for intent in everything.all(IntentCreated) if intent.strategy_id == name[:12]]
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
