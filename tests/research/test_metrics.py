"""Ratios by hand, and the reasons where there is none."""

from math import sqrt
from statistics import mean, stdev

import numpy as np
import pytest
from tests.kit.market import BTC

from veracity.domain.time import NS_PER_DAY, NS_PER_MINUTE
from veracity.research import metrics
from veracity.research.metrics import Ratio
from veracity.research.trades import Trade


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


def trade(net: int, exit_ts: int | None = 9, bars: int = 4) -> Trade:
    return Trade("a", BTC, "long", 1, exit_ts, 1, 1, 1, net, 0, 0, bars, 2, "in", "out")


def test_total_return_is_the_change_over_the_start() -> None:
    assert metrics.total_return(400, 500) == Ratio(0.25)
    assert metrics.total_return(0, 5) == Ratio(None, "the starting equity is not above zero")


def test_returns_begin_at_the_starting_equity() -> None:
    found = metrics.returns(100, column(110, 99, 99))
    assert found is not None
    assert found.tolist() == pytest.approx([0.1, -0.1, 0.0])


def test_returns_of_an_equity_that_was_not_above_zero_mean_nothing() -> None:
    assert metrics.returns(100, column(110, 0, 50)) is None
    assert metrics.returns(0, column(110, 120)) is None
    assert metrics.sharpe(None) == Ratio(None, "equity is not above zero throughout")


def test_sharpe_is_mean_over_deviation_and_grows_with_the_root_of_the_periods() -> None:
    found = metrics.returns(100, column(102, 101, 104))
    sample = [2 / 100, -1 / 102, 3 / 101]
    assert metrics.sharpe(found).value == pytest.approx(mean(sample) / stdev(sample), rel=1e-11)
    assert metrics.sharpe(found, 365).value == pytest.approx(
        mean(sample) / stdev(sample) * sqrt(365), rel=1e-11
    )
    assert metrics.volatility(found, 365).value == pytest.approx(stdev(sample) * sqrt(365), rel=1e-11)


def test_equal_returns_have_no_sharpe_and_too_few_have_none_either() -> None:
    assert metrics.sharpe(metrics.returns(100, column(100, 100, 100))) == Ratio(None, "no variance")
    assert metrics.sharpe(metrics.returns(100, column(110))) == Ratio(None, "fewer than 2 returns")
    assert metrics.sharpe(metrics.returns(100, column())) == Ratio(None, "fewer than 2 returns")


def test_a_day_ends_with_the_last_bar_that_opened_in_it() -> None:
    """The bar that closes at midnight opened at 23:59 of the day before."""
    known = column(NS_PER_DAY - NS_PER_MINUTE, NS_PER_DAY, NS_PER_DAY + NS_PER_MINUTE, 3 * NS_PER_DAY)
    assert metrics.daily(known, column(1, 2, 3, 4)).tolist() == [2, 3, 4]
    assert metrics.daily(column(), column()).tolist() == []


def test_ratios_carry_twelve_digits() -> None:
    assert metrics.ratio(1 / 3).value == 0.333333333333
    assert metrics.ratio(200_000 / 3).value == 66666.6666667


def test_trades_are_counted_by_what_they_netted() -> None:
    count = metrics.count_trades(
        [trade(30), trade(-10, bars=8), trade(0), trade(10), trade(99, exit_ts=None)]
    )
    assert (count.closed, count.open, count.wins, count.losses) == (4, 1, 2, 1)
    assert count.win_rate == Ratio(0.5)
    assert count.profit_factor == Ratio(4.0)
    assert count.bars_mean == Ratio(5.0)
    assert (count.best, count.worst) == (30, -10)


def test_without_a_losing_trade_the_profit_factor_is_unknown_not_infinite() -> None:
    assert metrics.count_trades([trade(30)]).profit_factor == Ratio(None, "no losing trade")


def test_without_a_closed_trade_there_are_no_rates() -> None:
    count = metrics.count_trades([trade(30, exit_ts=None)])
    assert count.win_rate == count.profit_factor == count.bars_mean == Ratio(None, "no closed trade")
    assert (count.best, count.worst) == (None, None)


def test_turnover_is_what_was_traded_over_the_mean_equity() -> None:
    assert metrics.turnover(600, column(100, 200, 300)) == Ratio(3.0)
    assert metrics.turnover(0, column()) == Ratio(None, "no bar")
    assert metrics.turnover(600, column(-100, 50)) == Ratio(None, "the mean equity is not above zero")
