"""Volatility of bars per bar, from opens, highs, lows and closes. Floats for reports: no strategy decides on them.

Parkinson 1980 (J. of Business 53); Garman & Klass 1980 (same issue); Rogers & Satchell 1991 (Annals of Applied
Probability 1); Yang & Zhang 2000 (J. of Business 73); RiskMetrics 1996. Prices must be above zero.
"""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Bars
from veracity.research.metrics import Ratio, ratio, unknown

RISK_METRICS_DAILY: Final = 0.94
DAYS_PER_YEAR: Final = 365
Logs = NDArray[np.float64]


def parkinson(bars: Bars) -> Ratio:
    """Root of mean ln(H/L)^2 / (4 ln 2)."""
    return _root(_log(bars.high, bars.low) ** 2 / (4 * math.log(2)))


def garman_klass(bars: Bars) -> Ratio:
    """Root of mean ln(H/L)^2 / 2 - (2 ln 2 - 1) ln(C/O)^2."""
    wide, body = _log(bars.high, bars.low), _log(bars.close, bars.open)
    return _root(wide**2 / 2 - (2 * math.log(2) - 1) * body**2)


def rogers_satchell(bars: Bars) -> Ratio:
    """Root of mean ln(H/C) ln(H/O) + ln(L/C) ln(L/O): right also under a drift."""
    return _root(_rogers_satchell(bars))


def yang_zhang(bars: Bars) -> Ratio:
    """Root of overnight + k * body + (1 - k) * Rogers-Satchell variance, k = 0.34 / (1.34 + (n + 1) / (n - 1))."""
    count = len(bars.ts) - 1
    if count < 2:
        return unknown("fewer than 3 bars")
    later = Bars(*(column[1:] for column in bars))
    overnight = _log(later.open, bars.close[:-1])
    body = _log(later.close, later.open)
    k = 0.34 / (1.34 + (count + 1) / (count - 1))
    variance = overnight.var(ddof=1) + k * body.var(ddof=1) + (1 - k) * _rogers_satchell(later).mean()
    return ratio(math.sqrt(float(variance)))


def close_to_close(bars: Bars) -> Ratio:
    """Standard deviation (n - 1) of the log returns."""
    moves = _log(bars.close[1:], bars.close[:-1])
    return ratio(float(moves.std(ddof=1))) if len(moves) > 1 else unknown("fewer than 3 bars")


def ewma(bars: Bars, decay: float = RISK_METRICS_DAILY) -> Ratio:
    """Root of the exponentially weighted mean of squared log returns; the last one weighs 1 - decay."""
    moves = _log(bars.close[1:], bars.close[:-1])
    if len(moves) == 0:
        return unknown("fewer than 2 bars")
    weights = decay ** np.arange(len(moves) - 1, -1, -1)
    return ratio(math.sqrt(float(weights @ moves**2 / weights.sum())))


def annual(per_bar: Ratio, bars_per_day: float) -> Ratio:
    """The same for a year of 365 days, these markets do not close."""
    if per_bar.value is None:
        return per_bar
    return ratio(per_bar.value * math.sqrt(bars_per_day * DAYS_PER_YEAR))


def _rogers_satchell(bars: Bars) -> Logs:
    high = _log(bars.high, bars.close) * _log(bars.high, bars.open)
    return high + _log(bars.low, bars.close) * _log(bars.low, bars.open)


def _root(variances: Logs) -> Ratio:
    return ratio(math.sqrt(max(float(variances.mean()), 0.0))) if len(variances) else unknown("no bar")


def _log(above: NDArray[np.int64], below: NDArray[np.int64]) -> Logs:
    found: Logs = np.log(above / below)
    return found
