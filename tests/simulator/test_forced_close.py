"""What is still held when the data ends is closed at the last close, by each strategy for itself."""

import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, ETH, bars_of, usd
from tests.kit.players import puppet
from tests.simulator.desk import candles

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import FeeCharged, IntentCreated, OrderFilled, OrderSubmitted, RunFinished
from veracity.research.results import collect
from veracity.simulator.costs import CostModel

BP = RATE_ONE // 10_000
COSTS = CostModel(fee_taker=5 * BP, half_spread=10 * BP, participation_max=RATE_ONE)
CLOSES = [100_00 + 10 * number for number in range(49)] + [200_00]


def forced(run: SmallRun) -> list[OrderSubmitted]:
    """The orders whose intent says forced_close."""
    intents = {intent.intent_id for intent in run.all(IntentCreated) if intent.reason == "forced_close"}
    return [order for order in run.all(OrderSubmitted) if order.intent_id in intents]


@pytest.mark.ticket("T-025")
def test_each_strategy_gets_one_closing_order_at_the_last_close() -> None:
    """A spread of 10 bp of 200.00 is 0.20, and 5 bp of the fee on 399.60 are 0.1998, on 200.20 0.1001."""
    players = [puppet("long", (0, 2_000)), puppet("short", (0, -1_000))]
    run = run_small_backtest({BTC: bars_of(CLOSES)}, players, costs=COSTS)
    orders = forced(run)
    assert [(o.strategy_id, o.side, o.qty, o.purpose) for o in orders] == [
        ("long", "sell", 2_000, "close"),
        ("short", "buy", 1_000, "close"),
    ]
    fills = {fill.order_id: fill for fill in run.all(OrderFilled)}
    assert [fills[order.order_id].price for order in orders] == [199_80, 200_20]
    fees = {fee.order_id: fee.amount for fee in run.all(FeeCharged)}
    assert [fees[order.order_id] for order in orders] == [usd("0.1998"), usd("0.1001")]
    finished = run.events.index(run.all(RunFinished)[0])
    assert max(run.events.index(fill) for fill in fills.values()) < finished
    assert {p.qty for account in run.state.accounts.values() for p in account.positions.values()} == {0}


def test_without_a_position_nothing_is_closed() -> None:
    run = run_small_backtest({BTC: bars_of(CLOSES)}, [puppet("flat", (0, 1_000, 0))], costs=COSTS)
    assert len(run.all(OrderFilled)) == 2
    assert forced(run) == []


def test_a_run_may_keep_what_it_holds() -> None:
    run = run_small_backtest({BTC: bars_of(CLOSES)}, [puppet("a", (1_000,))], close_at_end=False)
    assert forced(run) == []
    assert run.state.accounts["a"].positions[BTC].qty == 1_000


@pytest.mark.ticket("T-208")
def test_the_results_show_the_forced_close_of_each_book() -> None:
    """Half a coin at 200.00 less a spread of 0.20: sold at 199.80, bought back at 200.20."""
    players = [puppet("up", (500,)), puppet("down", (-500,))]
    run = run_small_backtest({BTC: bars_of(CLOSES)}, players, costs=COSTS)
    results = collect(run.events, run.dataset, run.state)
    for name, price, exit_fee in (("up", 199_80, "0.04995"), ("down", 200_20, "0.05005")):
        (trade,) = results.books[name].trades
        assert (trade.exit_reason, trade.entry_reason, trade.qty) == ("forced_close", "as_told", 500)
        assert trade.exit_price == price * 10**6  # average prices are in 10^-8
        last = results.books[name].fills[-1]
        assert (last.reason, last.price, last.qty, last.fee) == ("forced_close", price, 500, usd(exit_fee))
        assert (last.latency_cost, last.spread_cost, last.impact_cost) == (0, usd("0.1"), 0)
        assert results.books[name].holdings[BTC].qty == 0
        assert run.state.accounts[name].positions[BTC].qty == 0


def test_an_instrument_whose_bars_ended_earlier_is_closed_at_its_own_last_close() -> None:
    """Also whole, although its last bar let only ten through."""
    thin = candles([(50_00, 50_00, 50_00, 50_00, 10**6)] * 3 + [(50_00, 50_00, 40_00, 40_00, 10)])
    run = run_small_backtest(
        {ETH: thin, BTC: bars_of(CLOSES)},
        [puppet("a", (3_000,), ETH)],
        costs=CostModel(participation_max=RATE_ONE),
    )
    assert [(fill.side, fill.qty, fill.price) for fill in run.all(OrderFilled)] == [
        ("buy", 3_000, 50_00),
        ("sell", 3_000, 40_00),
    ]
