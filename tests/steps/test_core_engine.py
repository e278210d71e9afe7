"""Collects the scenarios about the engine, and has the steps of the forced close and of the operator."""

import pytest
from pytest_bdd import given, parsers, scenarios, then, when
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, bars_of, usd
from tests.kit.players import Player, puppet
from tests.kit.says import (
    agreed,
    cancel_all,
    cancelled,
    clock,
    close_all,
    close_only,
    halt,
    resume,
    safe_mode,
    stop,
)
from tests.steps.story import Story, price, qty

from veracity.domain.events import (
    CancelRequested,
    Command,
    CommandReceived,
    CommandRefused,
    FeeCharged,
    IntentCreated,
    OrderFilled,
    RunFinished,
)
from veracity.domain.market import Bars
from veracity.domain.time import NS_PER_MS, ts_text
from veracity.engine.commands import Given
from veracity.engine.modes import SafeMode
from veracity.simulator.costs import CostModel
from veracity.state.model import EngineState

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


# ------------------------------------------------------------------------------------------------ the operator

COMMANDS = {
    "halt": halt,
    "resume": resume,
    "close-only": close_only,
    "safe": safe_mode,
    "cancel-all": cancel_all,
    "close-all": close_all,
    "stop": stop,
}


def asked(story: Story, command: str, why: str, blocked: str = "") -> None:
    said: Command = COMMANDS[command](f"ada: {why}")
    number = len(story.script.all(CommandReceived)) + 1
    story.script.hears(Given(f"request-{number}", said, blocked))


@when(parsers.parse('the operator asks to {command} because of "{why}"'))
def _(story: Story, command: str, why: str) -> None:
    asked(story, command, why)


@when(parsers.parse('the operator asks to {command} because of "{why}" while the file is there'))
def _(story: Story, command: str, why: str) -> None:
    asked(story, command, why, "KILL exists")


@then(parsers.parse("the command was {answer}"))
def _(story: Story, answer: str) -> None:
    refused = [event for event in story.script.said if isinstance(event, CommandRefused)]
    assert ("refused" if refused else "obeyed") == answer


@then(parsers.parse("the journal says who asked to {command} and why"))
def _(story: Story, command: str) -> None:
    first = story.script.said[0]
    assert isinstance(first, CommandReceived)
    assert first.command == COMMANDS[command]().__struct_config__.tag
    assert (first.detail, first.reason) == ("ada: drill", "operator")


@then("the order that opens is being cancelled")
def _(story: Story) -> None:
    assert story.script.last(CancelRequested).order_id == story.script.order


@when("the cancel is confirmed")
def _(story: Story) -> None:
    story.script.hears(cancelled(story.script.last(CancelRequested).order_id))


# ------------------------------------------------------------------------------------------------ leaving safe mode


@when(parsers.parse("the clock is {ms:d} ms off the venue's"))
def _(story: Story, ms: int) -> None:
    story.script.hears(clock(ms * NS_PER_MS))


@when("the venue agrees on BTC")
def _(story: Story) -> None:
    story.script.hears(agreed(BTC))


def standing(state: EngineState) -> list[list[str]]:
    return [[cause.what, ts_text(cause.since), cause.check] for cause in SafeMode(state).causes]


@then("what stands in the way is")
def _(story: Story, datatable: list[list[str]]) -> None:
    assert standing(story.script.state) == datatable[1:]


@then("what stands in the way of the restarted engine is")
def _(restarted: EngineState, datatable: list[list[str]]) -> None:
    assert standing(restarted) == datatable[1:]
