"""How much of an order a bar lets through (specs/backtest/costs.md, S-073)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, bars_of, usd
from tests.kit.players import puppet
from tests.simulator.desk import Candle, Desk, candles, minute, steady

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import OrderAcked, OrderFilled, OrderSubmitted
from veracity.simulator.costs import CostModel
from veracity.simulator.partial_fills import fillable

TENTH = CostModel(participation_max=RATE_ONE // 10)
WHOLE = CostModel(participation_max=RATE_ONE)


def thin(*volumes: int) -> list[Candle]:
    """Bars at 100.00 with these volumes."""
    return [(100_00, 100_00, 100_00, 100_00, volume) for volume in volumes]


@pytest.mark.ticket("T-189")
def test_a_large_order_takes_a_share_of_each_bar_and_a_second_one_what_it_leaves() -> None:
    desk = Desk(candles(thin(100, 50, 200, 1_000)), TENTH)
    desk.sends("o-1", "buy", 25, minute(0))
    desk.sends("o-2", "buy", 25, minute(0))
    assert [(fill.ts, fill.qty) for fill in desk.fills("o-1")] == [
        (minute(0), 10),
        (minute(1), 5),
        (minute(2), 10),
    ]
    assert [(fill.ts, fill.qty) for fill in desk.fills("o-2")] == [(minute(2), 10), (minute(3), 15)]


@pytest.mark.ticket("T-189")
def test_a_partly_filled_order_ends_filled_also_beside_another_symbol() -> None:
    def run(*more: str) -> list[OrderFilled]:
        market = {BTC: candles(thin(1, 100, 50, 200, 1_000))} | {
            symbol: bars_of([50_00] * 5) for symbol in more
        }
        done = run_small_backtest(market, [puppet("a", (25,))], costs=TENTH, close_at_end=False)
        (order,) = done.all(OrderSubmitted)
        assert done.state.closed[order.order_id].state.value == "filled"
        return done.all(OrderFilled)

    alone = run()
    assert [fill.qty for fill in alone] == [10, 5, 10]
    assert [fill.qty for fill in run()] == [10, 5, 10]
    assert [(fill.ts, fill.qty, fill.price) for fill in run(ETH)] == [(f.ts, f.qty, f.price) for f in alone]


def test_two_orders_of_one_strategy_share_a_bar_and_those_of_two_do_not() -> None:
    desk = Desk(candles(thin(100, 0, 0)), TENTH)
    desk.sends("close", "sell", 8, minute(0))
    desk.sends("open", "sell", 8, minute(0))
    desk.sends("other", "sell", 8, minute(0), strategy_id="b")
    assert [(fill.order_id, fill.qty) for fill in desk.fills()] == [("close", 8), ("open", 2), ("other", 8)]


def test_the_second_order_in_a_bar_pays_for_the_first_too() -> None:
    wide = (100_00, 110_00, 100_00, 100_00, 400)
    desk = Desk(candles([wide]), CostModel(impact=RATE_ONE))
    for order_id in ("o-1", "o-2"):
        desk.sends(order_id, "buy", 50, minute(0))
    prices = [fill.price for fill in desk.fills()]
    assert prices == [103_54, 105_00]  # 10.00 * sqrt(50/400) = 3.5355.., 10.00 * sqrt(100/400) = 5


@pytest.mark.ticket("T-216")
@pytest.mark.parametrize(("volume", "cost", "profit"), [(10_000, 3_030, 270), (10**9, 3_000, 300)])
def test_partial_fills_pay_the_later_prices(volume: int, cost: int, profit: int) -> None:
    prices = [(price, price, price, price, volume) for price in (99_00, 100_00, 101_00, 102_00, 110_00)]
    run = run_small_backtest(
        {BTC: candles(prices)}, [puppet("a", (30_000,))], costs=WHOLE, close_at_end=False
    )
    account = run.state.accounts["a"]
    assert account.positions[BTC].qty == 30_000
    assert usd(10_000) - account.cash == usd(cost)
    marked = account.cash + account.positions[BTC].qty * 110_00 * 1_000
    assert marked - usd(10_000) == usd(profit)


@pytest.mark.ticket("T-237")
def test_a_bar_without_volume_fills_nothing_and_the_next_one_does() -> None:
    desk = Desk(
        candles([(100_00, 100_00, 100_00, 100_00, 0), (101_00, 101_00, 101_00, 101_00, 5_000)]), WHOLE
    )
    desk.sends("o-1", "buy", 1_000, minute(0))
    assert [type(report) for report in desk.hears(minute(1, -1))] == [OrderAcked]
    (fill,) = desk.fills()
    assert (fill.ts, fill.price, fill.qty) == (minute(1), 101_00, 1_000)


@pytest.mark.ticket("T-237")
def test_on_bars_without_volume_nothing_trades_and_the_order_stays_accepted() -> None:
    run = run_small_backtest(
        {BTC: steady([100_00, 102_00] * 3, volume=0)}, [puppet("a", (1_000,))], costs=WHOLE
    )
    assert run.all(OrderFilled) == []
    (order,) = run.state.closed.values()
    assert (order.state.value, order.filled, order.venue_order_id is not None) == ("cancelled", 0, True)
    assert run.state.markets[BTC].last == 102_00


@pytest.mark.ticket("T-237")
def test_a_forced_close_on_a_bar_without_volume_pays_the_impact_of_all_of_it() -> None:
    """The last bar closes at 100.00 with a range of 4.00: at a participation of 100 % that is what a sale costs."""
    rows = [*thin(10**9, 10**9), (100_00, 102_00, 98_00, 100_00, 0)]
    run = run_small_backtest({BTC: candles(rows)}, [puppet("a", (1_000,))], costs=CostModel(impact=RATE_ONE))
    bought, sold = run.all(OrderFilled)
    assert bought.price == 100_00
    assert (sold.side, sold.qty, sold.price) == ("sell", 1_000, 96_00)


@given(
    leaves=st.integers(1, 10**9),
    volume=st.integers(0, 10**9),
    taken=st.integers(0, 10**9),
    share=st.integers(1, RATE_ONE),
    lot=st.integers(1, 1_000),
)
def test_what_fits_is_the_share_in_whole_lots_less_what_was_taken(
    leaves: int, volume: int, taken: int, share: int, lot: int
) -> None:
    leaves, taken = leaves * lot, min(taken, volume * share // RATE_ONE) // lot * lot
    assert fillable(leaves, volume, taken, None, lot) == leaves
    found = fillable(leaves, volume, taken, share, lot)
    room = Fraction(volume * share, RATE_ONE) - taken
    assert found % lot == 0
    assert 0 <= found <= leaves
    assert found <= max(room, 0)
    assert found == leaves or room - found < lot
