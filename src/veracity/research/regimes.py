"""Volatility regimes: where a bar's trailing volatility stands among those of the bars before it (S-076).

Whole numbers only, and one pass that never looks ahead: cutting the future off changes no label. The label of bar i is
known at its close, so it is in force from bar i + 1 on. Unknown is a label of its own, and it comes at once: neither
hysteresis nor dwell keeps an old label alive on input that cannot be judged.
"""

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

RANKED_AT_ONCE: Final = 2**14  # with the longest history before them their places fit 16 bits
COUNTED_AT_ONCE: Final = 127  # twice that fits 8 bits


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
    volatility = rolling_sum(squares, chosen.window)
    judged = rolling_sum(known.astype(np.int64), chosen.warmup) == chosen.warmup
    wanted = _wanted(chosen)[:, _ranks(volatility, chosen.history)]
    wanted[:, ~judged] = UNKNOWN
    differs = [np.flatnonzero(row != label) for label, row in enumerate(wanted)]
    unjudged, end = np.flatnonzero(~judged), len(squares)
    labels = np.full(end, UNKNOWN, dtype=np.int64)
    label, at = UNKNOWN, 0
    while at < end:  # from change to change: most bars keep the label of the one before
        if label == UNKNOWN:
            change = _first(differs[label], at, end)
        else:
            change = min(
                _first(differs[label], at + max(chosen.dwell, 1), end), _first(unjudged, at + 1, end)
            )
        labels[at:change] = label
        label, at = int(wanted[label, change]) if change < end else label, change
    return labels


def _first(indexes: Column, start: int, none: int) -> int:
    """The first of the ordered `indexes` that is `start` or above, or `none`."""
    place = int(np.searchsorted(indexes, start))
    return int(indexes[place]) if place < len(indexes) else none


def in_force(labels: Column) -> Column:
    """For each bar the label that was known when it opened: that of the bar before, UNKNOWN on the first."""
    return np.concatenate([np.full(min(len(labels), 1), UNKNOWN, dtype=np.int64), labels[:-1]])


def _wanted(chosen: Regimes) -> Column:
    """The label that each rank, 0 to 200, asks for, coming from each label: a row a label."""
    return np.array(
        [[CODE[label_after(LABEL[label], rank, chosen)] for rank in range(201)] for label in sorted(LABEL)]
    )


def _ranks(volatility: Column, history: int) -> Column:
    """Percent of the `history` values before each that are lower, equals counting half, times two; 0 before there are.

    Of some thousands of values at a time the places in order, which fit 16 bits, are compared with those of one bar before,
    two bars before, and so on. A million bars take 0.7 s; a sorted history, kept bar after bar, took 1.7.
    """
    assert history + RANKED_AT_ONCE <= 2**15, history
    ranks = np.zeros(len(volatility), dtype=np.int64)
    for begin in range(history, len(volatility), RANKED_AT_ONCE):
        here = volatility[begin - history : begin + RANKED_AT_ONCE]
        places = np.unique(here, return_inverse=True)[1].astype(np.int16)
        own, total = places[history:], np.zeros(len(here) - history, dtype=np.int64)
        held, counted = np.empty(len(own), dtype=np.bool_), np.zeros(len(own), dtype=np.uint8)
        for back in range(1, history + 1):
            earlier = places[history - back : len(places) - back]
            counted += np.less(earlier, own, out=held).view(np.uint8)
            counted += np.less_equal(earlier, own, out=held).view(np.uint8)
            if back % COUNTED_AT_ONCE == 0 or back == history:
                total += counted
                counted[:] = 0
        ranks[begin : begin + RANKED_AT_ONCE] = total * 100 // history
    return ranks
