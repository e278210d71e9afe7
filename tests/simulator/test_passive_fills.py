"""Limit orders: they take, or they wait and trade pessimistically (specs/backtest/costs.md, S-073)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, MINUTE, usd
from tests.kit.players import puppet
from tests.simulator.desk import Candle, Desk, candles, minute

from veracity.domain.events import (
    CancelConfirmed,
    FeeCharged,
    OrderAcked,
    OrderExpired,
    OrderExpiryReported,
    OrderFilled,
    OrderRefused,
    OrderSubmitted,
)
from veracity.engine.decisions import Execution
from veracity.simulator.costs import CostModel
from veracity.simulator.passive_fills import Turn, turn
from veracity.simulator.tape import TapeBar

FLAT: Candle = (100_00, 100_50, 99_50, 100_00, 1_000)
HALF = 5 * 10**8
WHOLE = 10**9


def dips(*lows: int, volume: int = 1_000) -> list[Candle]:
    """Bars around 100.00 that go down to `lows`."""
    return [(100_00, 100_50, low, 100_00, volume) for low in lows]


def desk(rows: list[Candle], **costs: int) -> Desk:
    return Desk(candles(rows), CostModel(**costs))


def buys(at: Desk, limit: int, qty: int = 10, order_id: str = "o-1", **options: object) -> Desk:
    at.sends(order_id, "buy", qty, minute(0, 1), kind="limit", limit=limit, **options)  # type: ignore[arg-type]
    return at


def test_a_limit_that_is_only_touched_does_not_fill_and_one_that_the_price_goes_through_does() -> None:
    touched = buys(desk(dips(100_00, 99_00, 99_00)), 99_00)
    assert touched.fills() == []
    through = buys(desk(dips(100_00, 99_00, 98_99)), 99_00)
    (fill,) = through.fills()
    assert (fill.price, fill.qty, fill.liquidity, fill.ts) == (99_00, 10, "maker", minute(3))


def test_the_bar_in_which_it_arrives_fills_nothing_unless_it_arrives_with_the_open() -> None:
    inside = buys(desk(dips(98_00, 100_00)), 99_00)
    assert inside.fills() == []
    early = desk(dips(98_00, 100_00))
    early.sends("o-1", "buy", 10, minute(0), kind="limit", limit=99_00)
    assert [fill.ts for fill in early.fills()] == [minute(1)]


def test_a_bar_that_opens_beyond_the_limit_fills_at_the_limit_and_never_better() -> None:
    gapped = buys(desk([FLAT, (95_00, 96_00, 94_00, 95_00, 1_000)]), 99_00)
    assert [fill.price for fill in gapped.fills()] == [99_00]
    sold = desk([FLAT, (104_00, 105_00, 103_50, 104_00, 1_000)])
    sold.sends("o-1", "sell", 10, minute(0, 1), kind="limit", limit=103_00)
    assert [fill.price for fill in sold.fills()] == [103_00]


def test_a_touch_fills_what_the_queue_leaves() -> None:
    """Of 1,000 a bar half trades at the low; 1,000 wait before us, so the third touch is the first that is ours."""
    waits = buys(desk(dips(100_00, 99_00, 99_00, 99_00), queue_ahead=WHOLE, touch_share=HALF), 99_00, 700)
    assert [(fill.ts, fill.qty) for fill in waits.fills()] == [(minute(4), 500)]
    first = buys(desk(dips(100_00, 99_00, 99_00), queue_ahead=0, touch_share=HALF), 99_00, 700)
    assert [(fill.ts, fill.qty) for fill in first.fills()] == [(minute(2), 500), (minute(3), 200)]


def test_going_through_the_price_takes_the_whole_queue() -> None:
    waits = buys(desk(dips(100_00, 98_99, 99_00), queue_ahead=1_000 * WHOLE, touch_share=HALF), 99_00, 1_200)
    assert [fill.qty for fill in waits.fills()] == [1_000, 200]


def test_a_resting_order_takes_its_share_of_a_bar_only_and_shares_it_with_its_strategy() -> None:
    share = desk(dips(100_00, 98_00, 98_00), participation_max=10**8)
    buys(share, 99_00, 150)
    buys(share, 99_50, 50, "o-2")
    assert [(fill.order_id, fill.qty, fill.ts) for fill in share.fills()] == [
        ("o-1", 100, minute(2)),
        ("o-1", 50, minute(3)),
        ("o-2", 50, minute(3)),
    ]


def test_a_bar_without_volume_fills_no_resting_order() -> None:
    assert buys(desk([FLAT, *dips(98_00, volume=0)]), 99_00).fills() == []


def test_a_limit_at_the_market_takes_it_and_pays_as_a_taker() -> None:
    takes = desk([FLAT, FLAT], half_spread=1_000_000, fee_taker=1_000_000, fee_maker=200_000)
    takes.sends("o-1", "buy", 10, minute(0), kind="limit", limit=100_10)
    (fill,) = takes.fills()
    assert (fill.price, fill.liquidity, fill.fee_rate, fill.ts) == (100_10, "taker", 1_000_000, minute(0))


@pytest.mark.ticket("T-190")
def test_a_resting_order_that_trades_later_pays_the_makers_rate() -> None:
    rests = desk([FLAT, *dips(98_00)], half_spread=1_000_000, fee_taker=1_000_000, fee_maker=200_000)
    rests.sends("o-1", "buy", 10, minute(0), kind="limit", limit=100_09)
    (fill,) = rests.fills()
    assert (fill.price, fill.liquidity, fill.fee_rate, fill.ts) == (100_09, "maker", 200_000, minute(1))
    assert (fill.spread_cost, fill.impact_cost, fill.rounding_cost) == (0, 0, 0)


def test_impact_does_not_carry_a_taker_beyond_its_limit() -> None:
    """The whole bar's range of 1.00 is its impact at a full share: the order would pay 101.00, so it waits instead."""
    waits = desk([FLAT, *dips(98_00)], impact=WHOLE)
    waits.sends("o-1", "buy", 1_000, minute(0), kind="limit", limit=100_50)
    assert [(fill.price, fill.liquidity, fill.ts) for fill in waits.fills()] == [(100_50, "maker", minute(2))]


def test_post_only_is_refused_where_it_would_take_and_rests_where_it_would_not() -> None:
    at = desk([FLAT, *dips(98_00)])
    at.sends("taker", "buy", 10, minute(0), kind="post_only", limit=100_00)
    at.sends("maker", "buy", 10, minute(0), kind="post_only", limit=99_99)
    assert [fill.order_id for fill in at.fills()] == ["maker"]
    assert [report.order_id for report in at.all(OrderRefused)] == ["taker"]
    assert [report.order_id for report in at.all(OrderAcked)] == ["maker"]


def test_a_limit_order_expires_when_its_time_is_over_and_is_cancelled_when_asked() -> None:
    at = desk([FLAT] * 5, limit_ttl_ns=2 * MINUTE)
    buys(at, 90_00)
    buys(at, 90_00, order_id="o-2")
    at.cancels("o-2", minute(1))
    at.hears()
    assert [(report.order_id, report.ts) for report in at.all(OrderExpiryReported)] == [("o-1", minute(2, 1))]
    assert [report.order_id for report in at.all(CancelConfirmed)] == ["o-2"]


@given(
    low=st.integers(9_800, 10_200),
    volume=st.integers(0, 10_000),
    queue=st.integers(0, 20_000),
    touch=st.integers(0, WHOLE),
)
def test_nothing_is_had_that_was_not_traded_and_the_queue_never_grows(
    low: int, volume: int, queue: int, touch: int
) -> None:
    bar = TapeBar(0, MINUTE, 10_200, 10_300, low, 10_200, volume)
    had = turn(bar, 100_00, 1, queue, 1, CostModel(touch_share=touch))
    assert 0 <= had.qty <= volume
    assert 0 <= had.queue <= queue
    if low > 100_00:
        assert had == Turn(0, queue)
    if low < 100_00:
        assert had == Turn(volume, 0)


def test_a_strategy_that_waits_earns_the_spread_and_re_quotes_when_its_order_expires() -> None:
    """Wants 1.000 from the first close on: quotes 100.00, which expires; quotes 101.00, which the fifth bar goes through."""
    rows: list[Candle] = [
        (100_00, 100_10, 100_00, 100_00, 10_000),
        (100_50, 101_00, 100_40, 101_00, 10_000),
        (101_20, 101_50, 101_10, 101_20, 10_000),
        (101_20, 101_50, 101_00, 101_00, 10_000),
        (101_20, 101_50, 100_90, 101_20, 10_000),
        (101_20, 101_50, 101_00, 101_20, 10_000),
        (101_20, 101_50, 101_00, 101_20, 10_000),
    ]
    waits = puppet("a", (1_000,) * 5 + (0,))
    waits = waits._replace(bound=waits.bound._replace(execution=Execution("post_only")))
    run = run_small_backtest(
        {BTC: candles(rows)},
        [waits],
        costs=CostModel(limit_ttl_ns=130 * 10**9, fee_taker=10**6, fee_maker=10**5),
    )
    orders = run.all(OrderSubmitted)
    assert [(order.order_kind, order.limit_price) for order in orders] == [
        ("post_only", 100_00),
        ("post_only", 101_00),
        ("market", None),
    ]
    assert [expired.order_id for expired in run.all(OrderExpired)] == [orders[0].order_id]
    entry, leave = run.all(OrderFilled)
    assert (entry.price, entry.liquidity, entry.ts) == (101_00, "maker", minute(5))
    assert [fee.amount for fee in run.all(FeeCharged)] == [usd("0.0101"), usd("0.1012")]
    assert (leave.liquidity, run.state.accounts["a"].positions[BTC].qty) == ("taker", 0)
