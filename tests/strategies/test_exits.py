"""Exits that a config adds to a strategy: stop, target, longest holding (specs/strategies/registry.md, S-137)."""

from multiprocessing.reduction import ForkingPickler

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, dataset_of, usd
from tests.kit.players import Player, player, puppet
from tests.kit.script import IDENTITY
from tests.simulator.desk import Candle, candles, minute
from tests.strategies.desk import library

from veracity.domain.events import IntentCreated, MemoUpdated, OrderFilled
from veracity.research.lookahead import search_leaks
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.strategies.exits import NONE, SCALE, STOP_LOSS, TAKE_PROFIT, TIME_STOP, Terms, exit_of, guarded

TWO_PERCENT, THREE_PERCENT = 20_000, 30_000
FLAT: Candle = (100_00, 100_00, 100_00, 100_00, 1_000_000)


def bar(low: int = 100_00, high: int = 100_00, opened: int = 100_00, close: int = 100_00) -> Candle:
    return (opened, high, low, close, 1_000_000)


def guarded_puppet(targets: tuple[int, ...], terms: Terms) -> Player:
    plain = puppet("a", targets, cash=usd(10_000)).bound
    strategy, params = guarded(plain.strategy, plain.params, terms)
    return player("a", strategy=strategy, params=params, cash=usd(10_000))


def run(rows: list[Candle], terms: Terms, targets: tuple[int, ...] = (1_000,), **bars: object) -> SmallRun:
    """One unit (or `targets`) is wanted from the first bar on: it is bought at the open of bar 1."""
    return run_small_backtest(
        {BTC: candles(rows, **bars)},  # type: ignore[arg-type]
        [guarded_puppet(targets, terms)],
        close_at_end=False,
    )


def exits(found: SmallRun) -> list[tuple[int, str]]:
    """When each close was decided, and why."""
    return [(one.ts, one.reason) for one in found.all(IntentCreated) if one.purpose == "close"]


@pytest.mark.parametrize(("low", "left"), [(98_01, False), (98_00, True)])
def test_a_long_from_100_with_a_stop_of_2_percent_is_left_at_a_low_of_98_and_not_one_unit_above(
    low: int, left: bool
) -> None:
    found = run([FLAT, FLAT, bar(low=low), FLAT, FLAT], Terms(stop=TWO_PERCENT))
    assert exits(found) == ([(minute(3), "stop_loss")] if left else [])
    if left:
        assert [(fill.ts, fill.side) for fill in found.all(OrderFilled)] == [
            (minute(1), "buy"),
            (minute(3), "sell"),
        ]


@pytest.mark.parametrize(("high", "left"), [(103_00, False), (103_01, True)])
def test_a_target_of_3_percent_is_reached_beyond_103_and_not_by_a_touch(high: int, left: bool) -> None:
    found = run([FLAT, FLAT, bar(high=high), FLAT, FLAT], Terms(target=THREE_PERCENT))
    assert exits(found) == ([(minute(3), "take_profit")] if left else [])


def test_a_bar_that_reaches_both_takes_the_stop() -> None:
    found = run([FLAT, FLAT, bar(low=98_00, high=104_00), FLAT], Terms(TWO_PERCENT, THREE_PERCENT))
    assert exits(found) == [(minute(3), "stop_loss")]


@pytest.mark.parametrize(
    ("high", "low", "reason"), [(102_00, 100_00, "stop_loss"), (100_00, 96_99, "take_profit")]
)
def test_a_short_is_the_mirror(high: int, low: int, reason: str) -> None:
    found = run([FLAT, FLAT, bar(low, high), FLAT], Terms(TWO_PERCENT, THREE_PERCENT), (-1_000,))
    assert exits(found) == [(minute(3), reason)]


def test_the_bar_of_the_entry_can_be_that_of_the_exit() -> None:
    """Bought at its open of 100.00, stopped at its close: the market of the next open is what it gets."""
    found = run([FLAT, bar(low=97_00, close=97_50), bar(97_00, 97_50, 97_40, 97_40)], Terms(stop=TWO_PERCENT))
    assert exits(found) == [(minute(2), "stop_loss")]
    assert found.all(OrderFilled)[-1].price == 97_40


@pytest.mark.ticket("T-370")
def test_after_ten_bars_it_is_decided_at_the_close_of_the_tenth_and_left_at_the_next_open() -> None:
    """Filled at the open of bar 5: held at the close of bar 13, decided at that of bar 14, left at the open of bar 15."""
    found = run([FLAT] * 20, Terms(bars=10), (0, 0, 0, 0, 1_000))
    assert [fill.ts for fill in found.all(OrderFilled)] == [minute(5), minute(15)]
    assert exits(found) == [(minute(15), "time_stop")]  # known at its close: when bar 15 opens


@pytest.mark.ticket("T-370")
def test_more_of_a_position_does_not_begin_its_time_again_and_missing_bars_are_no_time() -> None:
    """Bars 1 to 3 and 6 to 7 are five: two are missing between them, and a second unit comes with bar 3."""
    found = run([FLAT] * 12, Terms(bars=5), (1_000, 1_000, 2_000), without=[4, 5])
    assert exits(found) == [(minute(8), "time_stop")]
    assert found.all(OrderFilled)[-1].qty == 2_000


def test_what_was_left_is_not_entered_again_until_the_strategy_has_wanted_something_else() -> None:
    rows = [FLAT, FLAT, bar(low=98_00), *[FLAT] * 7]
    found = run(rows, Terms(stop=TWO_PERCENT), (1_000, 1_000, 1_000, 1_000, 1_000, 0, 1_000))
    assert [(fill.ts, fill.side) for fill in found.all(OrderFilled)] == [
        (minute(1), "buy"),
        (minute(3), "sell"),
        (minute(7), "buy"),
    ]


def test_the_other_side_may_be_entered_at_once() -> None:
    rows = [FLAT, FLAT, bar(low=98_00), *[FLAT] * 5]
    found = run(rows, Terms(stop=TWO_PERCENT), (1_000, 1_000, 1_000, -1_000))
    assert [(fill.ts, fill.side) for fill in found.all(OrderFilled)][2:] == [(minute(4), "sell")]


def test_a_position_of_the_other_side_has_a_price_of_its_own() -> None:
    """Long from 100, short from 110: 2 % above 110 is 112.20."""
    high = (110_00, 110_00, 110_00, 110_00, 1_000_000)
    rows = [
        FLAT,
        FLAT,
        high,
        (110_00, 112_19, 110_00, 110_00, 10**6),
        (110_00, 112_20, 110_00, 110_00, 10**6),
        high,
    ]
    found = run(rows, Terms(stop=TWO_PERCENT), (1_000, -1_000))
    assert [one for one in exits(found) if one[1] == "stop_loss"] == [(minute(5), "stop_loss")]


def test_its_memory_is_journaled_where_it_changes_and_not_bar_by_bar() -> None:
    """Entered, and left: two changes, whatever lies between; a longest holding has to count."""
    quiet = run([FLAT] * 40, Terms(stop=TWO_PERCENT))
    assert len(quiet.all(MemoUpdated)) == 1
    assert len(run([FLAT] * 40, Terms(bars=100)).all(MemoUpdated)) == 39


def test_without_a_reason_to_leave_it_trades_as_the_strategy_alone() -> None:
    targets = (1_000, 0, -1_000, 1_000, 0, 0, 2_000)
    alone = run_small_backtest(
        {BTC: candles([FLAT] * 10)}, [puppet("a", targets, cash=usd(10_000))], close_at_end=False
    )
    beside = run([FLAT] * 10, Terms(stop=TWO_PERCENT, target=THREE_PERCENT), targets)
    assert [(one.ts, one.side, one.qty) for one in beside.all(OrderFilled)] == [
        (one.ts, one.side, one.qty) for one in alone.all(OrderFilled)
    ]


def test_looking_for_lookahead_finds_none_in_them() -> None:
    rows = [
        bar(97_00 + 37 * (n * n % 11), 103_00 + 41 * (n * n % 7), close=98_00 + n * n % 400)
        for n in range(200)
    ]
    momentum = library("momentum").bound
    strategy, params = guarded(momentum.strategy, momentum.params, Terms(TWO_PERCENT, THREE_PERCENT, 3))
    one = player("a", strategy=strategy, params=params)
    dataset = dataset_of({BTC: candles(rows)})
    plan = Plan(IDENTITY, dataset, [one.bound], [one.started], CostModel(), close_at_end=True)
    assert search_leaks(plan, cuts=12).leaks == ()


def test_it_travels_to_other_processes() -> None:
    strategy, params = guarded(puppet("a", (1,)).bound.strategy, (1,), Terms(stop=1))
    again = ForkingPickler.loads(ForkingPickler.dumps((strategy, params)))
    assert again == (strategy, params)


@given(
    sign=st.sampled_from([1, -1]),
    begun=st.integers(1, 10**12),
    low=st.integers(0, 10**12),
    rise=st.integers(0, 10**12),
    stop=st.integers(0, 990_000),
    target=st.integers(0, 100 * SCALE),
)
def test_the_stop_comes_first_and_each_is_what_its_fraction_says(
    sign: int, begun: int, low: int, rise: int, stop: int, target: int
) -> None:
    high = low + rise
    found = exit_of(Terms(stop, target), sign, begun, high, low, 1)
    worst, best = (low, high) if sign > 0 else (high, low)
    against, gained = sign * (begun - worst), sign * (best - begun)
    if stop and against * SCALE >= begun * stop:
        assert found == STOP_LOSS
    elif target and gained * SCALE > begun * target:
        assert found == TAKE_PROFIT
    else:
        assert found == NONE
    assert exit_of(Terms(bars=1), sign, begun, high, low, 1) == TIME_STOP
