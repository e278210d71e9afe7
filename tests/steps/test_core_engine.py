"""Collects the scenarios about the engine, and has the steps of the forced close."""

import pytest
from pytest_bdd import given, parsers, scenarios, then, when
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, bars_of, usd
from tests.kit.players import Player, puppet
from tests.steps.story import price, qty

from veracity.domain.events import FeeCharged, IntentCreated, OrderFilled, RunFinished
from veracity.domain.market import Bars
from veracity.simulator.costs import CostModel

BP = 100_000

scenarios("core-engine")


@pytest.fixture
def cast() -> list[Player]:
    return []


@given(parsers.parse("{count:d} minutes of BTC that end at {last}"), target_fixture="market")
def _(count: int, last: str) -> Bars:
    return bars_of([100_00] * (count - 1) + [price(last)])


@given(parsers.parse("a fee of {fee:d} bp and half a spread of {spread:d} bp"), target_fixture="costs")
def _(fee: int, spread: int) -> CostModel:
    return CostModel(fee_taker=fee * BP, half_spread=spread * BP)


@given(parsers.parse("strategy {name} holds {quantity} BTC to the end"))
def _(cast: list[Player], name: str, quantity: str) -> None:
    cast.append(puppet(name, (qty(quantity),)))


@when("the data end", target_fixture="run")
def _(market: Bars, costs: CostModel, cast: list[Player]) -> SmallRun:
    return run_small_backtest({BTC: market}, cast, costs=costs)


@then("the forced closes are")
def _(run: SmallRun, datatable: list[list[str]]) -> None:
    forced = {intent.intent_id for intent in run.all(IntentCreated) if intent.reason == "forced_close"}
    fees = {fee.order_id: fee.amount for fee in run.all(FeeCharged)}
    closes = [fill for fill in run.all(OrderFilled) if fill.intent_id in forced]
    found = [(fill.strategy_id, fill.side, fill.qty, fill.price, fees[fill.order_id]) for fill in closes]
    expected = [
        (name, side, qty(quantity), price(at), usd(fee)) for name, side, quantity, at, fee in datatable[1:]
    ]
    assert sorted(found) == sorted(expected)


@then("there is no forced close")
def _(run: SmallRun) -> None:
    assert [intent for intent in run.all(IntentCreated) if intent.reason == "forced_close"] == []


@then("nobody holds anything when the run is finished")
def _(run: SmallRun) -> None:
    events = run.events
    finished = events.index(run.all(RunFinished)[0])
    held = dict.fromkeys(run.state.accounts, 0)
    for event in events[:finished]:
        if isinstance(event, OrderFilled):
            held[event.strategy_id] += event.qty if event.side == "buy" else -event.qty
    assert set(held.values()) == {0}
