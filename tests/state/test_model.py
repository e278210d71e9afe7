import pytest
from tests.kit.market import BTC, ETH, usd
from tests.kit.players import player
from tests.kit.says import lost
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.state.model import Market, accounts_in_order, equity, working_qty


@pytest.mark.ticket("T-020")
def test_equity_is_cash_and_what_is_held_at_the_last_price() -> None:
    script = Script(player("a", cash=usd(10_000))).ticks(100_00)
    trade(script, "buy", 2_000, 100_00, fee=usd("0.10"))
    script.ticks(110_00)
    assert equity(script.state, script.account()) == 1_001_990_000_000  # 10,000.00 - 200.00 - 0.10 + 220.00
    assert script.account().cash == usd("9799.90")
    assert script.account().fees == usd("0.10")


@pytest.mark.ticket("T-020")
def test_each_instrument_is_marked_at_its_own_price() -> None:
    script = Script(player("a", BTC, ETH)).ticks(100_00, BTC).ticks(50_00, ETH)
    trade(script, "buy", 1_000, 100_00)
    trade(script, "sell", 4_000, 50_00, symbol=ETH)
    script.ticks(110_00, BTC).ticks(49_00, ETH)
    assert equity(script.state, script.account()) == usd("10014.00")  # + 10.00 and + 4 * 1.00


@pytest.mark.ticket("T-020")
def test_equity_without_a_price_of_what_is_held_is_unknown_and_not_zero() -> None:
    script = Script(player("a"))
    assert equity(script.state, script.account()) == usd(10_000)
    trade(script, "buy", 1, 100_00)
    assert equity(script.state, script.account()) is None


def test_working_quantity_is_signed_and_only_of_the_asked_instrument() -> None:
    script = Script(player("a", BTC, ETH), player("b")).ticks(100_00, BTC).ticks(100_00, ETH)
    script.wants("a", 2_000)
    script.wants("b", -500)
    assert working_qty(script.state, script.account("a"), BTC) == 2_000
    assert working_qty(script.state, script.account("a"), ETH) == -2_000
    assert working_qty(script.state, script.account("b"), BTC) == -500


def test_an_order_of_unknown_outcome_still_counts_in_full() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(lost(script.order))
    assert working_qty(script.state, script.account(), BTC) == 2_000


def test_the_order_of_accounts_is_that_of_their_ids_and_not_of_their_start() -> None:
    script = Script(player("b"), player("c"), player("a"))
    assert [account.strategy_id for account in accounts_in_order(script.state)] == ["a", "b", "c"]


def test_a_market_without_a_bar_has_no_price() -> None:
    assert Script().state.markets == {BTC: Market(last=None)}
