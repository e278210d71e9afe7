"""Which bars of recorded data may begin or end a volatility pause: found for a whole column at once, so that a backtest
can pass over all others. The engine decides on those bars, by its state (specs/risk/pauses.md, S-100)."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.data.dataset import InstrumentData
from veracity.domain.amounts import INT64_MAX
from veracity.domain.market import Column
from veracity.domain.returns import UNKNOWN, squared_returns
from veracity.engine.core import BoundStrategy
from veracity.guards.view import VolatilityLimits
from veracity.strategies.features import rolling_sum


class Watched(NamedTuple):
    """One instrument's squared returns (10^-18), and the indices of the bars that may change a pause, ascending."""

    squares: Column
    loud: Column

    def loud_in(self, part: slice) -> list[int]:
        """The loud bars of a part of the column, counted from its start."""
        first, last = np.searchsorted(self.loud, (part.start, part.stop))
        found: list[int] = (self.loud[first:last] - part.start).tolist()
        return found


def loud_bars(closes: Column, part: slice, seen: Watched | None) -> list[int]:
    """The bars of a part, counted from its start, that are not passed over: those that may change a pause, and those
    without a price. `closes` are the part's own."""
    found = [] if seen is None else seen.loud_in(part)
    if int(closes.min(initial=1)) > 0:
        return found
    return sorted({*found, *np.flatnonzero(closes <= 0).tolist()})


def trades(bound: BoundStrategy, data: InstrumentData) -> bool:
    """Whether the instrument is a leg of the strategy."""
    return any(leg.symbol == data.source.symbol for leg in bound.legs)


def watched(data: InstrumentData, limits: Iterable[VolatilityLimits | None]) -> Watched | None:
    """What the strategies with these limits watch on the instrument; None where none does."""
    wanted = sorted({one for one in limits if one is not None})
    if not wanted:
        return None
    bars = data.bars
    follows = np.diff(bars.ts, prepend=bars.ts[:1]) == data.source.interval_ns
    squares = squared_returns(bars.close, follows)
    loud = [_loud(squares, one) for one in wanted]
    return Watched(squares, np.unique(np.concatenate(loud)))


def _loud(squares: Column, limits: VolatilityLimits) -> Column:
    """Bars on which the mean square comes above the pause's threshold, or the last of `dwell` calm ones in a row."""
    known = squares != UNKNOWN
    sums = window_sums(np.where(known, squares, 0), limits.window)
    full = _in_a_row(known) >= limits.window
    hot = full & (sums > limits.window * limits.pause**2)
    calm = full & (sums <= limits.window * limits.resume**2)
    begins = hot & ~np.concatenate(([False], hot[:-1]))
    found: Column = np.flatnonzero(begins | (_in_a_row(calm) == limits.dwell))
    return found


def window_sums(squares: Column, window: int) -> NDArray[np.object_] | Column:
    """Exact sums of the last `window` squares; in Python's own whole numbers where 64 bits may not hold them."""
    if int(squares.max(initial=0)) * window <= INT64_MAX:
        return rolling_sum(squares, window)
    total = np.cumsum(squares.astype(object))
    total[window:] -= total[:-window].copy()
    return total


def _in_a_row(flags: NDArray[np.bool_]) -> Column:
    """How many flags up to and with each one are set without a break."""
    index = np.arange(1, len(flags) + 1)
    return index - np.maximum.accumulate(np.where(flags, 0, index))
