"""Safe mode and every strategy of the library: it is asked as ever and remembers; only the way out is open (S-105, S-137)."""

from dataclasses import replace
from typing import Any, NamedTuple

import pytest
from tests.kit.market import BTC, PERP
from tests.kit.players import Player, player
from tests.kit.says import resume, safe_mode
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.events import IntentCreated, IntentDenied, MemoUpdated, ModeChanged, OrderSubmitted, Side
from veracity.domain.regimes import CODE, LOW_VOL
from veracity.strategies import (
    buy_and_hold,
    funding_carry,
    mean_reversion,
    momentum,
    no_trade,
    open_interest_trend,
    vol_regime_switch,
)
from veracity.strategies.interface import Decision, Memo, Row
from veracity.strategies.registry import REGISTRY

QTY = 2_000
OWN = 10**9  # instead of a target: what the strategy itself wants


class Case(NamedTuple):
    """A strategy of the library with a row on which it wants to open; None where nothing makes it."""

    params: Any
    opening: Row | None
    symbols: tuple[str, ...] = (BTC,)
    side: Side = "buy"


CASES = {
    "buy_and_hold": Case(buy_and_hold.Params(QTY), (100_00,)),
    "no_trade": Case(no_trade.Params(), None),
    "momentum": Case(momentum.Params(2, 5, QTY), (2, 1)),
    "mean_reversion": Case(mean_reversion.Params(20, 2_000, 500, QTY), (-2_000,)),
    "funding_carry": Case(funding_carry.Params(1, 100_000, 50_000, QTY), (1, 100_000), (PERP, BTC), "sell"),
    "vol_regime_switch": Case(
        vol_regime_switch.Params(2, 5, 20, 2_000, 500, QTY), (2, 1, 0, CODE[LOW_VOL], 0)
    ),
    "open_interest_trend": Case(open_interest_trend.Params(2, 5, 3_600 * 10**9, 0, QTY), (2, 1, 0)),
}


def keeping_count(name: str) -> Player:
    """The library's own strategy, which counts its turns behind its own memory. A row ends with the target to take instead
    of the strategy's, or OWN."""
    strategy, case = REGISTRY[name], CASES[name]

    def decide(params: Any, row: Row, position: int, memo: Memo) -> Decision:
        target, reason, own = strategy.decide(params, row[:-1], position, memo[:-1])
        return target if row[-1] == OWN else row[-1], reason, (*own, memo[-1] + 1)

    counting = replace(strategy, decide=decide, memo=(*strategy.memo, 0), optional=())
    return player("a", *case.symbols, strategy=counting, params=case.params)


def turns_taken(script: Script) -> int:
    return script.account().memo[-1]


def prepared(name: str, held: int = 0) -> Script:
    """The strategy with a price on each leg and `held` on its leading leg, in safe mode."""
    script, case = Script(keeping_count(name)), CASES[name]
    for symbol in case.symbols:
        script.ticks(100_00, symbol, after=0)
    if held:
        trade(script, case.side, held, 100_00, symbol=case.symbols[0])
    return script.hears(safe_mode())


def asked(script: Script, row: Row, target: int = OWN) -> Script:
    return script.wants("a", *row, target)


def test_every_strategy_of_the_library_is_judged_here() -> None:
    assert set(CASES) == set(REGISTRY)
    opening = [name for name in REGISTRY if CASES[name].opening is None]
    assert opening == ["no_trade"]


@pytest.mark.ticket("T-379")
@pytest.mark.parametrize("name", REGISTRY)
def test_it_is_asked_on_every_bar_and_its_memory_moves_on_while_it_opens_nothing(name: str) -> None:
    script, opening = prepared(name), CASES[name].opening or (100_00,)
    for turn in range(1, 6):
        asked(script, opening).says(MemoUpdated)
        assert turns_taken(script) == turn


@pytest.mark.ticket("T-379")
@pytest.mark.parametrize("name", [name for name in REGISTRY if CASES[name].opening])
def test_after_the_return_only_that_bars_decision_is_acted_on(name: str) -> None:
    script, case = prepared(name), CASES[name]
    assert case.opening is not None
    for _ in range(5):
        asked(script, case.opening)
    script.hears(resume()).says(ModeChanged)
    asked(script, case.opening)
    sent = script.all(OrderSubmitted)
    assert [(order.symbol, order.qty) for order in sent] == [(symbol, QTY) for symbol in case.symbols]
    assert sent[0].side == case.side


@pytest.mark.ticket("T-379")
@pytest.mark.parametrize("name", REGISTRY)
def test_half_is_denied_and_all_is_closed(name: str) -> None:
    script, case = prepared(name, held=2_000), CASES[name]
    lead = case.symbols[0]
    sign = 1 if case.side == "buy" else -1
    row = case.opening or (100_00,)
    asked(script, row, sign * 1_000)
    denied = [event for event in script.said if isinstance(event, IntentDenied)]
    assert [(event.symbol, event.rule) for event in denied] == [(lead, "safe_mode")]
    assert script.all(OrderSubmitted)[1:] == []
    asked(script, row, 0)
    _, order = script.said[-2:]
    assert isinstance(order, OrderSubmitted)
    assert (order.symbol, order.purpose, order.qty) == (lead, "close", 2_000)
    assert len(script.all(OrderSubmitted)) == 2
    assert [intent.purpose for intent in script.all(IntentCreated)] == ["reduce", "close"]
