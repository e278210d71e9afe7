"""Strategies that look ahead, each in one of the ways in which it is done by mistake (S-070), and honest relatives.

All decide alike: long while the feature is above the close, so that what they know in advance pays.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from veracity.domain.market import Column
from veracity.strategies.features import as_of, rolling_sum
from veracity.strategies.interface import Decision, Memo, Row, Strategy, Window

WINDOW = 8
HOUR = 60  # bars of a resampled period
Features = Callable[[Window, int], tuple[Column, ...]]


def shifted_close(window: Window, params: int) -> tuple[Column, ...]:
    """The next bar's close, by a shift in the wrong direction."""
    close = window.legs[0].close
    return (np.append(close[1:], close[-1:]), close)


def whole_sample(window: Window, params: int) -> tuple[Column, ...]:
    """The close against the mean of the whole sample."""
    close = window.legs[0].close
    return (np.full_like(close, int(close.sum()) // len(close)), close)


def future_maximum(window: Window, params: int) -> tuple[Column, ...]:
    """The highest high of the bars that follow."""
    high = window.legs[0].high
    ahead = [int(high[at : at + WINDOW].max()) for at in range(len(high))]
    return (np.asarray(ahead, dtype=np.int64), window.legs[0].close)


def centred_window(window: Window, params: int) -> tuple[Column, ...]:
    """A mean over bars on both sides."""
    close = window.legs[0].close
    padded = np.concatenate((close, np.repeat(close[-1:], WINDOW // 2)))
    sums = rolling_sum(padded, WINDOW)[WINDOW // 2 :]
    return (sums // WINDOW, close)


def resample_leak(window: Window, params: int) -> tuple[Column, ...]:
    """The close of the hour, on every minute of that hour."""
    close = window.legs[0].close
    last = np.minimum(np.arange(len(close)) // HOUR * HOUR + HOUR - 1, len(close) - 1)
    return (close[last], close)


def aux_at_period_start(window: Window, params: int) -> tuple[Column, ...]:
    """A value joined from the start of the period that it covers, not from when it was published."""
    series = window.aux["funding_rate"]
    early = series._replace(ts=series.ts - HOUR * 60 * 10**9)
    at = as_of(window.known_ts, early)
    value = np.append(series.value, 0)[at]  # -1: not known yet
    return (window.legs[0].close + value, window.legs[0].close)


def aux_before_publication(window: Window, params: int) -> tuple[Column, ...]:
    """A value joined from the moment that it is about, before anybody had published it."""
    series = window.aux["interest"]
    at = np.searchsorted(series.observed, window.known_ts, side="right") - 1
    value = np.append(series.value, 0)[at]  # -1: not known yet
    return (window.legs[0].close + value, window.legs[0].close)


def aux_once_published(window: Window, params: int) -> tuple[Column, ...]:
    """Honest: the same value from when it was published on."""
    series = window.aux["interest"]
    value = np.append(series.value, 0)[as_of(window.known_ts, series)]
    return (window.legs[0].close + value, window.legs[0].close)


def trailing_mean(window: Window, params: int) -> tuple[Column, ...]:
    """Honest: a mean over the bars so far."""
    close = window.legs[0].close
    return (rolling_sum(close, WINDOW) // WINDOW, close)


def endless_average(window: Window, params: int) -> tuple[Column, ...]:
    """Honest, but never warm: an exponential average remembers its first bar for long."""
    average, averages = 0, []
    for value in window.legs[0].close.tolist():
        average += (value - average) // 64
        averages.append(average)
    return (np.asarray(averages, dtype=np.int64), window.legs[0].close)


def _decide(params: int, row: Row, position: int, memo: Memo) -> Decision:
    return (params if row[0] > row[1] else 0), 0, memo


def strategy(features: Features, aux: tuple[str, ...] = ()) -> Strategy:
    """The strategy that decides on `features`."""
    return Strategy(
        features.__name__, 1, ("as_seen",), aux, 1,
        lambda settings, instrument: 1_000, lambda params: WINDOW, features, _decide,
    )  # fmt: skip


def peeking_decision(features: Features, tape: Column) -> Strategy:
    """Honest features; the decision itself reads a tape that it was not given."""

    def decide(params: int, row: Row, position: int, memo: Memo) -> Decision:
        turn = memo[0] if memo else 0
        return (params if tape[min(turn + WINDOW, len(tape) - 1)] > row[1] else 0), 0, (turn + 1,)

    return replace(strategy(features), decide=decide)
