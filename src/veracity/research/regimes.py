"""Volatility regimes: where a bar's trailing volatility stands among those of the bars before it (S-076).

Whole numbers only, and one pass that never looks ahead: cutting the future off changes no label. The label of bar i is
known at its close, so it is in force from bar i + 1 on. Unknown is a label of its own, and it comes at once: neither
hysteresis nor dwell keeps an old label alive on input that cannot be judged.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Column
from veracity.domain.time import NS_PER_DAY
from veracity.strategies.features import rolling_sum

UNKNOWN, LOW, MID, HIGH = 0, 1, 2, 3
NAMES: Final = ("UNKNOWN", "low_vol", "mid_vol", "high_vol")
SHOWN: Final = (LOW, MID, HIGH, UNKNOWN)
"""Order of the rows of a table."""

RETURN_UNIT: Final = 10**7  # a squared return of 100 % is 10^14: 90,000 of them fit 64 bits
WINDOW_BARS, HISTORY_WINDOWS, HISTORY_MAX = (20, 240), 10, 1_000


class Regimes(NamedTuple):
    """How to tell regimes. Bars; thresholds in percent of the earlier volatilities that are lower."""

    window: int  # returns in one volatility
    history: int  # earlier volatilities that it is ranked among
    dwell: int  # bars for which a label stays at least
    high_enter: int = 80
    high_leave: int = 60
    low_enter: int = 20
    low_leave: int = 40

    @property
    def warmup(self) -> int:
        """Bars at the beginning that cannot have a label."""
        return self.window + self.history


def settings_for(interval_ns: int) -> Regimes:
    """A day of bars (20 to 240) ranked among ten such windows (1,000 bars at most); half a window of dwell."""
    shortest, longest = WINDOW_BARS
    window = min(max(NS_PER_DAY // interval_ns, shortest), longest)
    return Regimes(window, min(HISTORY_WINDOWS * window, HISTORY_MAX), window // 2)


def log_returns(ts: Column, close: Column, interval_ns: int) -> tuple[Column, NDArray[np.bool_]]:
    """Log returns in 10^-7, and where they are known: not on the first bar, behind a gap, or at a price of zero."""
    known = np.zeros(len(close), dtype=bool)
    good = close > 0
    known[1:] = good[1:] & good[:-1] & (np.diff(ts) == interval_ns)
    moves = np.zeros(len(close), dtype=np.int64)
    at = np.flatnonzero(known)
    moves[at] = np.rint(np.log(close[at] / close[at - 1]) * RETURN_UNIT).astype(np.int64)
    return moves, known


def classify(returns: Column, known: NDArray[np.bool_], chosen: Regimes) -> Column:
    """A label for every bar: UNKNOWN, LOW, MID or HIGH.

    `returns` are whole numbers of any unit; `known` is False where there is none (warm-up, NaN, stale). A label needs
    `window + history` known returns up to its bar. Of equal volatilities half count as lower, so that a market that
    never changes is in the middle.
    """
    reach = chosen.warmup
    volatility = rolling_sum(np.where(known, returns, 0) ** 2, chosen.window)
    judged = rolling_sum(known.astype(np.int64), reach) == reach
    ranks = _ranks(volatility.tolist(), chosen.history)
    labels: list[int] = []
    label, since = UNKNOWN, 0
    for index, (is_judged, rank) in enumerate(zip(judged.tolist(), ranks, strict=True)):
        if not is_judged:
            label = UNKNOWN
        elif label == UNKNOWN or index - since >= chosen.dwell:
            wanted = _wanted(label, rank, chosen)
            if wanted != label:
                label, since = wanted, index
        labels.append(label)
    return np.array(labels, dtype=np.int64)


def in_force(labels: Column) -> Column:
    """For each bar the label that was known when it opened: that of the bar before, UNKNOWN on the first."""
    return np.concatenate([np.full(min(len(labels), 1), UNKNOWN, dtype=np.int64), labels[:-1]])


def _wanted(label: int, rank: int, chosen: Regimes) -> int:
    """The label that a rank (twice its percentile) asks for, coming from `label`."""
    if rank >= 2 * (chosen.high_leave if label == HIGH else chosen.high_enter):
        return HIGH
    if rank <= 2 * (chosen.low_leave if label == LOW else chosen.low_enter):
        return LOW
    return MID


def _ranks(volatility: list[int], history: int) -> Iterator[int]:
    """Percent of the `history` values before each that are lower, equals counting half, times two; 0 before there are."""
    sorted_history: list[int] = []
    for index, own in enumerate(volatility):
        if index < history:
            yield 0
        else:
            below = bisect_left(sorted_history, own)
            yield (below + bisect_right(sorted_history, own)) * 100 // history
            del sorted_history[bisect_left(sorted_history, volatility[index - history])]
        insort(sorted_history, own)
