"""Volatility regimes: where a bar's trailing volatility stands among those of the bars before it (S-076).

Whole numbers only, and one pass that never looks ahead: cutting the future off changes no label. The label of bar i is
known at its close, so it is in force from bar i + 1 on. Unknown is a label of its own, and it comes at once: neither
hysteresis nor dwell keeps an old label alive on input that cannot be judged.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Column
from veracity.domain.regimes import CODE, LABEL, ROUNDED, Regimes, label_after, settings_for
from veracity.domain.returns import UNKNOWN as UNKNOWN_SQUARE
from veracity.domain.returns import squared_returns
from veracity.strategies.features import rolling_sum

UNKNOWN, LOW, MID, HIGH = CODE.values()
NAMES: Final = tuple(CODE)
SHOWN: Final = (LOW, MID, HIGH, UNKNOWN)
"""Order of the rows of a table."""


def label_bars(ts: Column, close: Column, interval_ns: int) -> Column:
    """The label of every bar, as an engine that watches these bars has it when each is closed."""
    return _labels(*moves(ts, close, interval_ns), settings_for(interval_ns))


def moves(ts: Column, close: Column, interval_ns: int) -> tuple[Column, NDArray[np.bool_]]:
    """The squared return (10^-14) of every bar, and whether it is known; 0 where it is not."""
    follows = np.diff(ts, prepend=ts[:1] - 2 * interval_ns) == interval_ns
    squares = squared_returns(close, follows)
    known = squares != UNKNOWN_SQUARE
    return np.where(known, squares // ROUNDED, 0), known


def classify(returns: Column, known: NDArray[np.bool_], chosen: Regimes) -> Column:
    """A label for every bar: UNKNOWN, LOW, MID or HIGH.

    `returns` are whole numbers of any unit; `known` is False where there is none (warm-up, NaN, stale). A label needs
    `window + history` known returns up to its bar. Of equal volatilities half count as lower, so that a market that
    never changes is in the middle.
    """
    return _labels(np.where(known, returns, 0) ** 2, known, chosen)


def _labels(squares: Column, known: NDArray[np.bool_], chosen: Regimes) -> Column:
    reach = chosen.warmup
    volatility = rolling_sum(squares, chosen.window)
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
    return CODE[label_after(LABEL[label], rank, chosen)]


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
