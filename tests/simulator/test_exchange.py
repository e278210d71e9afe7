"""The exchange in a box: what it says, when, and what becomes of orders at the end of the tape."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, FACTOR, MINUTE, START
from tests.kit.players import puppet
from tests.simulator.desk import Candle, Desk, candles, minute, steady

from veracity.domain.amounts import RATE_ONE
from veracity.domain.errors import OperatorFault
from veracity.domain.events import (
    CancelConfirmed,
    CancelRefused,
    CancelRejected,
    FillReported,
    IntentCreated,
    OrderAcked,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
)
from veracity.domain.time import TS_NEVER
from veracity.simulator.costs import CostModel

SECOND = 10**9


def test_an_order_is_acknowledged_before_it_trades() -> None:
    desk = Desk(steady([100_00] * 2), CostModel(latency_submit_ns=7))
    assert desk.exchange.due == TS_NEVER
    desk.sends("o-1", "buy", 1_000, minute(0))
    assert desk.exchange.due == minute(0, 7)
    assert desk.hears(minute(0, 6)) == []
    acked, filled = desk.hears(minute(0, 7))
    assert isinstance(acked, OrderAcked)
    assert isinstance(filled, FillReported)
    assert (acked.ts, filled.ts, filled.side, filled.qty) == (minute(0, 7), minute(0, 7), "buy", 1_000)
    assert desk.exchange.due == TS_NEVER


def test_reports_come_in_time_order_and_trades_have_numbers_of_their_own() -> None:
    desk = Desk(steady([100_00] * 9), CostModel(latency_jitter_ns=3 * MINUTE))
    for number in range(6):
        desk.sends(f"o-{number}", "buy", 1_000, minute(number))
    stamps = [report.ts for report in desk.hears()]
    assert stamps == sorted(stamps)
    assert len({fill.trade_id for fill in desk.all(FillReported)}) == 6


def test_a_fill_that_no_record_can_hold_is_refused_before_there_is_a_record() -> None:
    price = 2**63 // (1_000 * FACTOR)  # of so many units, 1.000 is worth just less than 2^63 * 10^-8
    desk = Desk(steady([price] * 2))
    desk.sends("o-1", "buy", 1_000, minute(0))
    (fill,) = [report for report in desk.hears(minute(0)) if isinstance(report, FillReported)]
    assert 0 <= 2**63 - fill.price * fill.qty * FACTOR <= 1_000 * FACTOR
    desk.sends("o-2", "buy", 1_001, minute(1))
    with pytest.raises(OperatorFault, match="a fill of BTCUSDT is worth more than 64 bits hold"):
        desk.hears(minute(1))


def test_nothing_is_reported_before_it_is_due() -> None:
    """Two orders trade at the opens of bars 1 and 3; after the first fill the exchange sleeps until the second."""
    desk = Desk(steady([100_00] * 5), CostModel(latency_submit_ns=MINUTE))
    desk.sends("o-1", "buy", 1_000, minute(0))
    desk.sends("o-2", "buy", 1_000, minute(2))
    assert [report.ts for report in desk.hears(minute(3, -1))] == [minute(1)] * 2
    assert desk.exchange.due == minute(3)
    assert [(report.ts, report.order_id) for report in desk.hears(minute(3))] == [(minute(3), "o-2")] * 2


def test_a_cancel_after_the_fill_or_of_a_stranger_is_refused() -> None:
    desk = Desk(steady([100_00] * 2))
    desk.sends("o-1", "buy", 1_000, minute(0))
    assert len(desk.fills()) == 1
    for order_id in ("o-1", "nobody"):
        desk.cancels(order_id, minute(1))
        (refused,) = desk.hears()
        assert refused == CancelRefused(minute(1), order_id, "no such open order")


def test_a_cancelled_order_never_trades_again() -> None:
    desk = Desk(steady([100_00] * 3, volume=10), CostModel(participation_max=RATE_ONE))
    desk.sends("o-1", "buy", 25, minute(0))
    desk.hears(minute(0))
    desk.cancels("o-1", minute(0, 1))
    desk.hears()
    assert [fill.qty for fill in desk.fills()] == [10]
    assert [report.ts for report in desk.all(CancelConfirmed)] == [minute(0, 1)]


def test_a_cancel_that_loses_the_race_changes_nothing_in_a_run() -> None:
    """25 are wanted, 10 a bar go through; that 20 are enough is heard a minute late, with the last fill."""
    costs = CostModel(participation_max=RATE_ONE, latency_cancel_ns=MINUTE)
    run = run_small_backtest(
        {BTC: steady([100_00] * 8, volume=10)}, [puppet("a", (25, 20))], costs=costs, close_at_end=False
    )
    fills = [(fill.ts, fill.side, fill.qty) for fill in run.all(OrderFilled)]
    assert fills == [
        (minute(1), "buy", 10),
        (minute(2), "buy", 10),
        (minute(3), "buy", 5),
        (minute(3), "sell", 5),
    ]
    assert [event.ts for event in run.all(CancelRejected)] == [minute(3)]


def test_an_order_that_arrives_after_the_tape_waits_for_its_cancel() -> None:
    desk = Desk(steady([100_00] * 2), CostModel(latency_submit_ns=2, latency_cancel_ns=9))
    desk.sends("late", "buy", 1_000, minute(2, -1))
    assert [type(report) for report in desk.hears()] == [OrderAcked]
    desk.exchange.end_tape()
    desk.cancels("late", minute(2))
    assert [type(report) for report in desk.hears()] == [CancelConfirmed]


def test_only_what_is_sent_after_the_tape_trades_at_the_last_close() -> None:
    desk = Desk(
        candles([(100_00, 100_00, 100_00, 104_00, 10)] * 2),
        CostModel(participation_max=RATE_ONE, half_spread=10**6),
    )
    desk.sends("late", "buy", 1_000, minute(2))
    desk.exchange.end_tape()
    desk.sends("forced", "sell", 5_000, minute(2))
    (fill,) = desk.fills()
    assert (fill.order_id, fill.qty, fill.price, fill.spread_cost) == (
        "forced",
        5_000,
        103_89,
        11 * 5_000 * FACTOR,
    )
    assert fill.latency_cost == 0


@pytest.mark.parametrize("cancel_s", [0, 1, 5])
def test_an_entry_decided_on_the_last_bar_never_trades(cancel_s: int) -> None:
    """However slow its cancel is: its price would be the close that it was decided on."""
    costs = CostModel(latency_submit_ns=SECOND, latency_cancel_ns=cancel_s * SECOND)
    run = run_small_backtest({BTC: steady([100_00] * 5)}, [puppet("a", (0, 0, 0, 0, 1_000))], costs=costs)
    assert run.all(OrderFilled) == []
    assert len(run.all(OrderCancelled)) == 1
    assert [intent.reason for intent in run.all(IntentCreated)] == ["as_told"]


@pytest.mark.parametrize("cancel_s", [0, 1, 5])
def test_an_exit_decided_on_the_last_bar_becomes_the_forced_close(cancel_s: int) -> None:
    costs = CostModel(latency_submit_ns=SECOND, latency_cancel_ns=cancel_s * SECOND)
    run = run_small_backtest({BTC: steady([100_00] * 5)}, [puppet("a", (1_000,) * 4 + (0,))], costs=costs)
    reasons = {order.order_id: order for order in run.all(OrderSubmitted)}
    bought, sold = run.all(OrderFilled)
    assert (bought.side, sold.side, sold.qty) == ("buy", "sell", 1_000)
    intent = next(i for i in run.all(IntentCreated) if i.intent_id == reasons[sold.order_id].intent_id)
    assert intent.reason == "forced_close"


# ------------------------------------------------------------------------------------------------ any market, any order

PRICE = st.integers(1, 10**7)


@st.composite
def markets(draw: st.DrawFn) -> list[Candle]:
    rows = []
    for _ in range(draw(st.integers(2, 6))):
        prices = sorted(draw(st.tuples(PRICE, PRICE, PRICE, PRICE)))
        inside = prices[1:3] if draw(st.booleans()) else prices[2:0:-1]
        rows.append((inside[0], prices[3], prices[0], inside[1], draw(st.integers(0, 10**6))))
    return rows


ORDERS = st.lists(
    st.tuples(
        st.sampled_from(["buy", "sell"]),
        st.integers(1, 10**6),
        st.integers(0, 5 * MINUTE),
        st.sampled_from("ab"),
    ),
    min_size=1,
    max_size=5,
)
COSTS = st.builds(
    CostModel,
    fee_taker=st.integers(0, RATE_ONE // 10),
    half_spread=st.integers(0, RATE_ONE // 10),
    volatility_share=st.integers(0, RATE_ONE),
    impact=st.integers(0, RATE_ONE),
    participation_max=st.one_of(st.none(), st.integers(1, RATE_ONE)),
    latency_submit_ns=st.integers(0, 3 * MINUTE),
    latency_jitter_ns=st.integers(0, MINUTE),
)


@given(
    rows=markets(),
    orders=ORDERS,
    costs=COSTS,
    gap=st.sets(st.integers(1, 4), max_size=2),
    tick=st.sampled_from([1, 5, 100]),
)
def test_the_cost_lines_of_every_fill_are_all_that_separates_it_from_its_reference(
    rows: Sequence[Candle],
    orders: Sequence[tuple[str, int, int, str]],
    costs: CostModel,
    gap: set[int],
    tick: int,
) -> None:
    gap = {number for number in gap if number < len(rows) - 1}
    desk = Desk(candles(rows, without=sorted(gap)), costs, tick=tick)
    kept = [number for number in range(len(rows)) if number not in gap]
    sent = {}
    for number, (side, qty, after, strategy_id) in enumerate(sorted(orders, key=lambda order: order[2])):
        desk.sends(f"o-{number}", side, qty, START + after, strategy_id=strategy_id)
        sent[f"o-{number}"] = (side, qty, START + after, strategy_id)
    traded: dict[tuple[str, int], int] = {}
    for fill in desk.fills():
        side, _, at, strategy_id = sent[fill.order_id]
        sign = 1 if side == "buy" else -1
        reference = next(rows[number][0] for number in kept if minute(number + 1) > at)
        bar = next(number for number in kept if minute(number + 1) > fill.ts)
        lines = fill.latency_cost + fill.spread_cost + fill.impact_cost + fill.rounding_cost
        assert lines == sign * (fill.price - reference) * fill.qty * FACTOR
        assert fill.ts >= max(at + costs.latency_submit_ns, minute(bar))  # never early, never in a gap
        assert fill.price % tick == 0
        assert fill.price >= tick
        assert fill.fee * RATE_ONE >= fill.price * fill.qty * FACTOR * costs.fee_taker
        traded[strategy_id, bar] = traded.get((strategy_id, bar), 0) + fill.qty
    if costs.participation_max is not None:
        for (_, bar), qty in traded.items():
            assert qty * RATE_ONE <= rows[bar][4] * costs.participation_max
    for order_id, (_, qty, _, _) in sent.items():
        assert sum(fill.qty for fill in desk.fills(order_id)) <= qty
