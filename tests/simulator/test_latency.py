"""When an order arrives, and at which price it then trades (specs/backtest/costs.md, S-071)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, MINUTE, usd
from tests.kit.players import puppet
from tests.simulator.desk import Desk, candles, minute, steady

from veracity.domain.events import CancelConfirmed, CancelRefused, FillReported, OrderAcked, OrderFilled
from veracity.simulator.costs import CostModel
from veracity.simulator.latency import LatencyModel

SECOND = 10**9
RISING = [
    (1_000 + number * 10, 1_000 + number * 10, 1_000 + number * 10, 1_000 + number * 10, 10**6)
    for number in range(15)
]


def one_order(side: int, latency_ns: int, bars: list[tuple[int, int, int, int, int]]) -> OrderFilled:
    """The fill of an order that is decided on the bar opened 00:10 (known 00:11)."""
    run = run_small_backtest(
        {BTC: candles(bars)},
        [puppet("a", (0,) * 10 + (side,))],
        costs=CostModel(latency_submit_ns=latency_ns, latency_cancel_ns=7 * latency_ns),
    )
    return run.all(OrderFilled)[0]


@pytest.mark.ticket("T-187")
@pytest.mark.parametrize(
    ("side", "latency_s", "bar", "seconds", "price"),
    [
        (1, 0, 11, 0, 99_00),
        (1, 60, 12, 0, 100_00),
        (1, 90, 12, 30, 101_00),
        (-1, 90, 12, 30, 100_00),
        (1, 120, 13, 0, 103_00),
    ],
)
def test_an_order_trades_where_the_market_is_when_it_arrives(
    side: int, latency_s: int, bar: int, seconds: int, price: int
) -> None:
    flat = [(99_00, 99_00, 99_00, 99_00, 10**6)] * 12
    climbs, after = (100_00, 102_00, 100_00, 102_00, 10**6), (103_00, 103_00, 103_00, 103_00, 10**6)
    fill = one_order(side, latency_s * SECOND, [*flat, climbs, after, after])
    assert (fill.ts, fill.price) == (minute(bar, seconds * SECOND), price)


@pytest.mark.parametrize(
    ("side", "opened", "closed", "price"),
    [
        (1, 100_00, 98_00, 100_00),
        (-1, 100_00, 98_00, 99_00),
        (1, 100_00, 100_01, 100_01),
        (-1, 100_00, 99_99, 99_99),
    ],
)
def test_inside_a_bar_the_line_counts_only_where_it_is_worse_and_is_rounded_against_us(
    side: int, opened: int, closed: int, price: int
) -> None:
    flat = [(100_00, 100_00, 100_00, 100_00, 10**6)] * 12
    bar = (opened, max(opened, closed), min(opened, closed), closed, 10**6)
    fill = one_order(side, 90 * SECOND, [*flat, bar, flat[0]])
    assert fill.price == price
    assert fill.latency_cost == abs(price - 100_00) * 1_000  # a cost, whichever side


def test_one_nanosecond_is_not_zero() -> None:
    flat = [(100_00, 100_00, 100_00, 100_00, 10**6)] * 11
    climbs = (100_00, 160_00, 100_00, 160_00, 10**6)
    at_once, late = (one_order(1, delay, [*flat, climbs, climbs]) for delay in (0, 1))
    assert (at_once.ts, at_once.price) == (minute(11), 100_00)
    assert (late.ts, late.price) == (minute(11, 1), 100_01)


def test_an_order_that_arrives_exactly_at_an_open_trades_there() -> None:
    early, on_time = (one_order(1, 60 * SECOND - short, RISING) for short in (1, 0))
    assert (early.ts, early.price) == (minute(12, -1), 1_110)
    assert (on_time.ts, on_time.price) == (minute(12), 1_120)


def test_an_order_in_a_gap_waits_for_the_next_bar() -> None:
    desk = Desk(candles(RISING, without=[3, 4]), CostModel(latency_submit_ns=90 * SECOND))
    desk.sends("o-1", "buy", 1_000, minute(2))
    (fill,) = desk.fills()
    assert (fill.ts, fill.price) == (minute(5), 1_050)
    assert fill.latency_cost == (1_050 - 1_020) * 1_000 * 1_000


@pytest.mark.ticket("T-187")
def test_a_cancel_has_its_own_latency_and_never_overtakes_its_own_submit() -> None:
    costs = CostModel(latency_submit_ns=30 * SECOND, latency_cancel_ns=20 * SECOND)
    for sent, arrives in ((9, 30), (11, 31)):
        desk = Desk(steady([100_00] * 3), costs)
        desk.sends("o-1", "buy", 1_000, minute(0))
        desk.cancels("o-1", minute(0, sent * SECOND))
        assert [fill.ts for fill in desk.fills()] == [minute(0, 30 * SECOND)]
        assert [report.ts for report in desk.all(CancelRefused)] == [minute(0, arrives * SECOND)]


def test_a_cancel_wins_over_what_has_not_traded_yet() -> None:
    share = CostModel(participation_max=10**8, latency_cancel_ns=20 * SECOND)
    desk = Desk(steady([100_00] * 3, volume=10_000), share)
    desk.sends("o-1", "buy", 5_000, minute(0))
    desk.hears(minute(0))
    desk.cancels("o-1", minute(0, 39 * SECOND))
    assert [fill.qty for fill in desk.fills()] == [1_000]
    assert [report.ts for report in desk.all(CancelConfirmed)] == [minute(0, 59 * SECOND)]


def test_a_cancel_that_arrives_with_the_open_comes_after_the_fill_there() -> None:
    share = CostModel(participation_max=10**8, latency_cancel_ns=MINUTE)
    desk = Desk(steady([100_00, 101_00, 102_00], volume=10_000), share)
    desk.sends("o-1", "buy", 5_000, minute(0))
    desk.hears(minute(0))
    desk.cancels("o-1", minute(0))
    assert [(fill.ts, fill.qty) for fill in desk.fills()] == [(minute(0), 1_000), (minute(1), 1_000)]
    assert [report.ts for report in desk.all(CancelConfirmed)] == [minute(1)]


@given(bits=st.integers(0, 2**64 - 1), jitter=st.integers(0, 10**12), latency=st.integers(0, 10**12))
def test_jitter_adds_between_nothing_and_its_limit(bits: int, jitter: int, latency: int) -> None:
    costs = CostModel(latency_submit_ns=latency, latency_cancel_ns=2 * latency, latency_jitter_ns=jitter)
    assert latency <= LatencyModel.of(costs).arrival_ns(0, "submit", bits) <= latency + jitter
    assert 2 * latency <= LatencyModel.of(costs).arrival_ns(0, "cancel", bits) <= 2 * latency + jitter


def delays(seed: int, others: int = 0, jitter_ns: int = 10 * SECOND) -> list[int]:
    """Arrival delays of 20 orders of strategy a, with `others` orders of strategy b between them."""
    desk = Desk(steady([100_00] * 30), CostModel(latency_submit_ns=5, latency_jitter_ns=jitter_ns), seed=seed)
    for number in range(20):
        for other in range(others):
            desk.sends(f"b-{number}-{other}", "buy", 1, minute(number), strategy_id="b")
        desk.sends(f"a-{number}", "buy", 1, minute(number))
    desk.hears()
    acks = [report for report in desk.all(OrderAcked) if report.order_id.startswith("a-")]
    return [report.ts - minute(number) for number, report in enumerate(sorted(acks, key=lambda ack: ack.ts))]


def test_jitter_follows_the_seed_and_no_other_strategy() -> None:
    assert delays(1) == delays(1)
    assert delays(1) != delays(2)
    assert delays(1, others=3) == delays(1)
    assert len(set(delays(1))) == 20
    assert set(delays(1, jitter_ns=0)) == {5}


def profit_of_cycles(costs: CostModel) -> int:
    """Bought on bar 4k, sold on bar 4k + 1, 50 times, on opens that repeat 100, 100, 101, 101."""
    run: SmallRun = run_small_backtest(
        {BTC: steady([100_00, 100_00, 101_00, 101_00] * 51)},
        [puppet("a", (1_000, 0, 0, 0) * 50)],
        costs=costs,
    )
    assert len(run.all(OrderFilled)) == 100
    return run.state.accounts["a"].cash - usd(10_000)


@pytest.mark.ticket("T-213")
def test_one_bar_of_latency_takes_the_whole_edge() -> None:
    assert profit_of_cycles(CostModel()) == usd(50)
    assert profit_of_cycles(CostModel(latency_submit_ns=MINUTE)) == 0


@pytest.mark.parametrize(
    ("bits", "added"),
    [(0, 10), (2**62, 15), (2**63, 20), (2**63 + 2**62, 60), (2**64 - 1, 99)],
)
def test_a_measured_latency_lies_on_the_line_between_two_samples(bits: int, added: int) -> None:
    """Of 10, 20 and 100 a quarter of the way is 15, half is 20, three quarters are 60; the largest draw is just below 100."""
    model = LatencyModel.of(CostModel(latency_submit_ns=1_000, latency_samples_ns=(10, 20, 100)))
    assert model.arrival_ns(7, "submit", bits) == 1_007 + added
    assert model.arrival_ns(7, "cancel", bits) == 7 + added


def test_one_sample_is_a_constant() -> None:
    assert LatencyModel.of(CostModel(latency_samples_ns=(5,))).arrival_ns(0, "ack", 2**64 - 1) == 5


def test_a_report_is_known_later_and_the_fill_keeps_its_price() -> None:
    costs = CostModel(latency_submit_ns=30 * SECOND, latency_ack_ns=20 * SECOND)
    desk = Desk(candles([(100_00, 102_00, 100_00, 102_00, 1_000_000)] * 3), costs)
    desk.sends("o-1", "buy", 1_000, minute(0))
    acked, filled = desk.hears()
    assert [acked.ts, filled.ts] == [minute(0, 50 * SECOND)] * 2
    assert isinstance(acked, OrderAcked)
    assert isinstance(filled, FillReported)
    assert filled.price == 101_00  # half-way through the bar, where it arrived


def test_reports_about_one_order_keep_their_order_however_long_each_takes() -> None:
    costs = CostModel(latency_ack_ns=1, latency_samples_ns=(0, 10 * MINUTE))
    for seed in range(20):
        desk = Desk(steady([100_00] * 30), costs, seed=seed)
        desk.sends("o-1", "buy", 1_000, minute(0))
        kinds = [type(report) for report in desk.hears()]
        assert kinds == [OrderAcked, FillReported]
