"""Volatility regimes: their labels, and the rule that gives a bar its label (specs/backtest/evaluation.md, S-076).

One rule for all: the engine keeps a regime by it while it trades, and reports cut a run by it. Unknown is a label of its
own, which equals no other and no default: where a regime is not known, nothing that needs one is opened (S-015).
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from veracity.domain.events import RegimeLabel
from veracity.domain.time import NS_PER_DAY

REGIME: Final = "regime"
"""Name of the series that a strategy declares where it decides by the regime of its leading leg."""


UNKNOWN: Final[RegimeLabel] = "UNKNOWN"
LOW_VOL: Final[RegimeLabel] = "low_vol"
MID_VOL: Final[RegimeLabel] = "mid_vol"
HIGH_VOL: Final[RegimeLabel] = "high_vol"

CODE: Final[Mapping[RegimeLabel, int]] = {UNKNOWN: 0, LOW_VOL: 1, MID_VOL: 2, HIGH_VOL: 3}
"""Labels as whole numbers, in columns and rows. In a row the unknown one is the interface's UNKNOWN and no number."""
LABEL: Final = {code: label for label, code in CODE.items()}

WINDOW_BARS, HISTORY_WINDOWS, HISTORY_MAX = (20, 240), 10, 1_000
ROUNDED: Final = 10**4
"""Squares of 10^-18 become squares of 10^-14: 90,000 squared returns of 100 % fit 64 bits."""


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


STANDARD: Final = Regimes(0, 0, 0)
"""For its thresholds, which are the same for all bars."""


def settings_for(interval_ns: int) -> Regimes:
    """A day of bars (20 to 240) ranked among ten such windows (1,000 bars at most); half a window of dwell."""
    shortest, longest = WINDOW_BARS
    window = min(max(NS_PER_DAY // interval_ns, shortest), longest)
    return Regimes(window, min(HISTORY_WINDOWS * window, HISTORY_MAX), window // 2)


def label_after(label: RegimeLabel, rank: int, chosen: Regimes = STANDARD) -> RegimeLabel:
    """The label that a rank (twice its percentile) asks for, coming from `label`: each is left later than it is entered."""
    if rank >= 2 * (chosen.high_leave if label == HIGH_VOL else chosen.high_enter):
        return HIGH_VOL
    if rank <= 2 * (chosen.low_leave if label == LOW_VOL else chosen.low_enter):
        return LOW_VOL
    return MID_VOL


def rank_of(own: int, earlier: Sequence[int]) -> int:
    """Percent of the `earlier` volatilities that are lower, equals counting half, times two."""
    return (2 * sum(map(own.__gt__, earlier)) + earlier.count(own)) * 100 // len(earlier)


def regime_or_unknown(published: RegimeLabel | None, age_ns: int, ttl_ns: int | None) -> RegimeLabel:
    """The published regime where there is one and it is no older than `ttl_ns`; else UNKNOWN, never a default.

    None is one that was never published. An age of just the limit is young enough; one below 0 is of the future and cannot
    be believed. A `ttl_ns` of None is no limit.
    """
    if published is None or age_ns < 0 or (ttl_ns is not None and age_ns > ttl_ns):
        return UNKNOWN
    return published
