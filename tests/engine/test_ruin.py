"""A strategy that cannot pay the smallest order any more is stopped, once."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, bars_of, usd
from tests.kit.players import player, puppet
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted, StrategyStopped
from veracity.guards.view import RiskLimits

ONE = 10**9


def with_cash(amount: str, leverage: int | None = ONE) -> Script:
    return Script(player("a", cash=usd(amount), limits=RiskLimits(leverage_max=leverage))).ticks(100_00)


def test_cash_below_one_lot_ends_the_strategy_and_says_why() -> None:
    """One lot is 0.001 at 100.00: worth 0.10."""
    script = with_cash("0.09999999").wants("a", 1)
    script.says(IntentCreated, IntentDenied, StrategyStopped)
    stopped = script.last(StrategyStopped)
    assert (stopped.strategy_id, stopped.reason) == ("a", "ruined")
    assert (
        stopped.detail == "the account may buy for 9999999, the smallest order of BTCUSDT is worth 10000000"
    )
    assert script.account().stopped


def test_cash_for_exactly_one_lot_is_enough() -> None:
    with_cash("0.10").wants("a", 5).says(IntentCreated, OrderSubmitted)


def test_a_stopped_strategy_is_not_asked_again() -> None:
    script = with_cash("0.05").wants("a", 1)
    script.ticks(1_00).wants("a", 1).says()


def test_without_a_leverage_limit_nobody_is_too_poor() -> None:
    with_cash("0.05", None).wants("a", 1).says(IntentCreated, OrderSubmitted)


def test_a_refusal_that_money_does_not_explain_stops_nothing() -> None:
    limits = RiskLimits(leverage_max=ONE, trades_per_day=0)
    script = Script(player("a", limits=limits)).ticks(100_00)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)


@pytest.mark.parametrize("bars", [50, 3_000])
def test_a_ruined_strategy_does_not_fill_the_journal(bars: int) -> None:
    one = puppet("a", (1,), cash=usd("0.05"), limits=RiskLimits(leverage_max=ONE))
    run = run_small_backtest({BTC: bars_of([100_00] * bars)}, [one])
    assert (len(run.all(IntentDenied)), len(run.all(StrategyStopped))) == (1, 1)
