"""What a run's equity and trades amount to. Money stays whole; ratios are floats for people.

A ratio that cannot be computed is None with a reason, never 0 and never infinite. Returns are simple returns,
equity / equity before - 1. The risk-free rate is taken as zero. A year has 365 days: these markets do not close.
"""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Column
from veracity.domain.time import NS_PER_DAY
from veracity.research.trades import Trade

DAYS_PER_YEAR: Final = 365
SIGNIFICANT_DIGITS: Final = 12
"""Sums of floats differ between processors in the last digits; what is written does not."""

Returns = NDArray[np.float64]

NO_VARIANCE: Final = "no variance"
NOT_POSITIVE: Final = "equity is not above zero throughout"


class Ratio(NamedTuple):
    """A number for people, or why there is none."""

    value: float | None
    reason: str | None = None


def ratio(value: float) -> Ratio:
    """A known ratio, rounded to the digits that are the same on every machine."""
    assert math.isfinite(value), value
    return Ratio(float(f"{value:.{SIGNIFICANT_DIGITS}g}"))


def unknown(reason: str) -> Ratio:
    """No number, and why."""
    return Ratio(None, reason)


def quotient(part: float, whole: float, reason: str) -> Ratio:
    """`part / whole`; unknown for `reason` where `whole` is not above zero."""
    return ratio(part / whole) if whole > 0 else unknown(reason)


def total_return(start: int, end: int) -> Ratio:
    """end / start - 1."""
    return quotient(end - start, start, "the starting equity is not above zero")


def returns(start: int, equity: Column) -> Returns | None:
    """Simple returns from row to row, the first from `start`; None where an equity is not above zero."""
    if start <= 0 or (len(equity) and int(equity.min()) <= 0):
        return None
    before = np.concatenate([np.array([start], dtype=np.int64), equity[:-1]]) if len(equity) else equity
    return (equity - before) / before


def daily(known: Column, equity: Column) -> Column:
    """Equity at the end of each UTC day that has a bar. A bar that closes at midnight ends the day it opened in."""
    days = (known - 1) // NS_PER_DAY
    last = np.append(np.flatnonzero(np.diff(days)), len(days) - 1) if len(days) else days
    return equity[last]


def sharpe(period: Returns | None, periods_per_year: int = 1) -> Ratio:
    """Mean over standard deviation (n - 1) of the returns, times sqrt(periods_per_year).

    Sharpe 1994, "The Sharpe Ratio", J. Portfolio Management 21(1), with a risk-free rate of zero.
    """
    spread = volatility(period)
    if period is None or spread.value is None:
        return spread
    return ratio(float(np.mean(period)) / float(np.std(period, ddof=1)) * math.sqrt(periods_per_year))


def volatility(period: Returns | None, periods_per_year: int = 1) -> Ratio:
    """Standard deviation (n - 1) of the returns, times sqrt(periods_per_year). Equal returns have none to speak of."""
    if period is None:
        return unknown(NOT_POSITIVE)
    if len(period) < 2:
        return unknown("fewer than 2 returns")
    if float(period.max()) == float(period.min()):
        return unknown(NO_VARIANCE)
    return ratio(float(np.std(period, ddof=1)) * math.sqrt(periods_per_year))


class TradeCount(NamedTuple):
    """What the closed trades came to; `net` is after fees and funding."""

    closed: int
    open: int
    wins: int  # net above zero
    losses: int  # net below zero
    win_rate: Ratio  # wins / closed
    profit_factor: Ratio  # net won by the winners / net lost by the losers
    bars_mean: Ratio  # bars held
    best: int | None
    worst: int | None


def count_trades(trades: Sequence[Trade]) -> TradeCount:
    """Statistics of round trips; open ones are only counted."""
    closed = [trade for trade in trades if trade.exit_ts is not None]
    nets = [trade.net for trade in closed]
    won = sum(net for net in nets if net > 0)
    lost = -sum(net for net in nets if net < 0)
    none_closed = "no closed trade"
    return TradeCount(
        closed=len(closed),
        open=len(trades) - len(closed),
        wins=sum(net > 0 for net in nets),
        losses=sum(net < 0 for net in nets),
        win_rate=quotient(sum(net > 0 for net in nets), len(nets), none_closed),
        profit_factor=quotient(won, lost, "no losing trade" if nets else none_closed),
        bars_mean=quotient(sum(trade.bars for trade in closed), len(closed), none_closed),
        best=max(nets, default=None),
        worst=min(nets, default=None),
    )


def turnover(traded: int, equity: Column) -> Ratio:
    """Value of all fills over the mean equity: 2 is one full round trip."""
    if len(equity) == 0:
        return unknown("no bar")
    return quotient(traded, float(np.mean(equity)), "the mean equity is not above zero")
