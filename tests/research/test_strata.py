"""A run in parts that add up: regimes, hours, weekdays."""

import numpy as np
import pytest
from tests.kit.market import BTC, START, bars_of, dataset_of, listed, usd
from tests.kit.players import puppet
from tests.research.runs import played, targets, walk

from veracity.domain.market import Bars
from veracity.domain.time import NS_PER_DAY, NS_PER_MINUTE
from veracity.research import strata, strata_files, time_of_day
from veracity.research.results import Results
from veracity.simulator.costs import CostModel

HOUR = NS_PER_DAY // 24
PAID = CostModel(fee_taker=500_000)


def hourly(closes: list[int]) -> Results:
    """A constant long of 1.000 over hourly bars."""
    bars = bars_of(closes, interval=HOUR)
    market = dataset_of({BTC: bars}, rules={BTC: listed(interval_ns=HOUR)})
    return played(market, puppet("a", (1_000,)))


def rising_at(hour: int, days: int) -> list[int]:
    """Closes that rise by 1.00 in the bar opened at that hour of every day."""
    steps = (np.arange(24 * days) % 24 == hour) * 100
    return (100_00 + np.cumsum(steps)).tolist()


@pytest.mark.ticket("T-240")
def test_what_the_bar_opened_at_13_earns_belongs_to_hour_13() -> None:
    results = hourly(rising_at(13, 10))
    found = time_of_day.stratify(results.books["a"], results.timeline.open_ts)
    earned = {row.name: row.pnl.units for row in found.rows}
    assert earned == {f"{hour:02d}": usd(10) if hour == 13 else 0 for hour in range(24)}
    book = results.books["a"]
    assert sum(earned.values()) == book.equity_end - book.equity_start


@pytest.mark.ticket("T-240")
def test_a_day_has_24_hours_and_thin_ones_have_no_ratio() -> None:
    results = hourly(rising_at(13, 2))
    rows = time_of_day.stratify(results.books["a"], results.timeline.open_ts).rows
    assert [row.bars for row in rows] == [2] * 24
    assert {row.sharpe_bar.reason for row in rows} == {"fewer than 30 bars"}


def test_an_hour_that_always_earns_stands_out_after_the_correction_and_noise_does_not() -> None:
    noise = np.random.default_rng(1).integers(-50, 51, 24 * 40)
    noisy = (1_000_00 + np.cumsum(noise)).tolist()
    quiet = hourly(noisy)
    assert time_of_day.stratify(quiet.books["a"], quiet.timeline.open_ts).test.verdict == "no evidence"
    loud = hourly((np.array(noisy) + np.array(rising_at(13, 40)) - 100_00).tolist())
    test = time_of_day.stratify(loud.books["a"], loud.timeline.open_ts).test
    assert (test.best, test.verdict) == ("13", "evidence")


def test_the_correction_is_over_24_hours() -> None:
    """A single hour with p = 0.004 alone is p = 0.096 among 24: no evidence."""
    rng = np.random.default_rng(12)
    changes = rng.normal(size=24 * 60)
    labels = np.arange(24 * 60) % 24
    alone = [time_of_day._p_value(changes[labels == h], changes[labels != h]) for h in range(24)]
    test = time_of_day._test(changes, labels)
    assert test.p_adjusted.value == pytest.approx(min(1.0, min(alone) * 24), rel=1e-9)


def test_hours_and_weekdays_are_utc() -> None:
    """2023-03-26 01:00 UTC, when London's clocks changed, is hour 1 of a Sunday; 1970-01-01 was a Thursday."""
    stamps = np.array([0, 1679792400 * 10**9, 1679796000 * 10**9], dtype=np.int64)
    assert strata.hours(stamps).tolist() == [0, 1, 2]
    assert [strata.WEEKDAYS[day] for day in strata.weekdays(stamps).tolist()] == ["Thu", "Sun", "Sun"]


@pytest.fixture(scope="module")
def traded() -> tuple[Results, Bars]:
    bars = walk(5, 900, step=90)
    return played({BTC: bars}, puppet("a", targets(6, 900)), costs=PAID), bars


@pytest.mark.ticket("T-207")
def test_bars_trades_money_and_fees_of_the_regimes_are_those_of_the_run(traded: tuple[Results, Bars]) -> None:
    results, bars = traded
    (only,) = strata_files.regimes_file(results, dataset_of({BTC: bars}), "0" * 16).strategies
    book = results.books["a"]
    assert [row.name for row in only.rows] == ["low_vol", "mid_vol", "high_vol", "UNKNOWN"]
    assert sum(row.bars for row in only.rows) == 900
    assert sum(row.pnl.units for row in only.rows) == book.equity_end - book.equity_start
    assert sum(row.fees.units for row in only.rows) == sum(fill.fee for fill in book.fills)
    assert sum(row.trades for row in only.rows) == len(book.trades)


@pytest.mark.ticket("T-207")
def test_a_trade_counts_in_the_regime_of_its_entry_alone_and_a_bar_in_the_label_known_before() -> None:
    """Rows 0 and 1 are label 0, the rest label 1: entered in row 1, left in row 3."""
    results = played({BTC: bars_of([100_00, 101_00, 103_00, 106_00, 106_00])}, puppet("a", (1_000, 1_000, 0)))
    first, second = strata.cut(results.books["a"], np.array([0, 0, 1, 1, 1]), ("calm", "wild"))
    assert (first.trades, second.trades) == (1, 0)
    assert (first.pnl.units, second.pnl.units) == (usd(1) - usd(1) + usd(1), usd(2))
    assert (first.bars, second.bars) == (2, 3)


def test_a_row_bears_the_label_that_was_known_when_its_bar_opened(traded: tuple[Results, Bars]) -> None:
    results, bars = traded
    from veracity.research import regimes

    labels = regimes.label_bars(bars.ts, bars.close, NS_PER_MINUTE)
    found = strata.row_labels(dataset_of({BTC: bars}), BTC, results.timeline)
    assert found.tolist() == regimes.in_force(labels).tolist()
    assert results.timeline.open_ts[0] == START


def test_the_fall_of_a_stratum_is_that_of_its_own_changes() -> None:
    results = played({BTC: bars_of([100_00, 100_00, 104_00, 101_00, 103_00, 99_00])}, puppet("a", (1_000,)))
    even, odd = strata.cut(results.books["a"], np.array([0, 1, 0, 1, 0, 1]), ("even", "odd"))
    assert (even.drawdown.units, odd.drawdown.units) == (0, usd(7))
