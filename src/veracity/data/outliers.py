"""Prices that moved further than a market is likely to (specs/backtest/data.md, S-087): refused, never clipped.

Both limits look at a bar and the one before it and nowhere else: a limit taken from the whole sample would be lookahead.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from veracity.data.columns import PRICES
from veracity.data.findings import Report
from veracity.data.series import Series
from veracity.data.units import Mask
from veracity.domain.amounts import RATE_ONE, RATE_SCALE, units_text
from veracity.domain.market import Column

LIMIT_DEFAULT: Final = RATE_ONE // 4  # 25 %: BTC's hour of 2020-03-12T10:00Z fell 18.21 %, and that was real
_FLOAT_DOUBT: Final = 1e-9  # relative; what floats find within this of a limit, whole numbers decide


@dataclass(frozen=True)
class OutlierLimits:
    """Largest moves that pass, in units of 10^-9; a move equal to its limit passes. `exceptions`: stamp and reason."""

    return_abs_max: int = LIMIT_DEFAULT
    wick_abs_max: int = LIMIT_DEFAULT
    exceptions: tuple[tuple[int, str], ...] = ()


def check_outliers(series: Series, sound: Mask, limits: OutlierLimits, report: Report) -> int:
    """Reports the `sound` bars that break a limit and are not excepted; how many there are."""
    excepted = np.isin(series.ts, [ts for ts, _ in limits.exceptions])
    judged = sound & ~excepted
    opened, high, low, close = (series.columns[name] for name in PRICES)
    before = np.concatenate((close[:1], close[:-1]))
    comparable = judged.copy()
    comparable[1:] &= sound[:-1]
    jumps = _beyond(close, before, limits.return_abs_max, comparable)
    series.tell(
        report,
        "outlier_return",
        jumps,
        "close",
        lambda index: (
            f"after {series.text('close', index - 1)} is beyond return_abs_max {_share(limits.return_abs_max)}"
        ),
    )
    top, bottom = np.maximum(opened, close), np.minimum(opened, close)
    wicks = np.zeros(len(judged), dtype=np.bool_)
    for column, cells, body in (("high", high, top), ("low", low, bottom)):
        far = _beyond(cells, body, limits.wick_abs_max, judged)
        wicks |= far
        words = f"is beyond wick_abs_max {_share(limits.wick_abs_max)} of its bar's body"
        series.tell(report, "outlier_wick", far, column, words)
    return int(np.count_nonzero(jumps | wicks))


def _beyond(cells: Column, base: Column, limit: int, judged: Mask) -> Mask:
    """Where |cells - base| > limit * base, exactly. `base` is positive in the judged rows."""
    move = np.abs(cells - base).astype(np.float64)
    suspects = np.flatnonzero(judged & (move * RATE_ONE >= base * (limit * (1 - _FLOAT_DOUBT))))
    found = np.zeros(len(cells), dtype=np.bool_)
    for index in suspects.tolist():
        found[index] = abs(int(cells[index]) - int(base[index])) * RATE_ONE > limit * int(base[index])
    return found


def _share(rate: int) -> str:
    return units_text(rate, RATE_SCALE).rstrip("0")
