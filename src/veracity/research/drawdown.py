"""Falls of an equity curve below its highest point so far (N-36 in the tests is the worked example).

Depth of a fall = (peak - trough) / peak, of the peak that it fell from: 30 of 120 is 0.25, whatever comes first or last.
A bar is under water while equity is below that peak; touching the peak again ends the fall. So neither the peak's bar
nor the bar of the recovery is counted.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Column


class Fall(NamedTuple):
    """One time under water. Rows of the curve; a peak of -1 is the equity before the first row."""

    peak: int
    trough: int  # first row of the lowest equity
    recovery: int | None  # None: still under water at the end
    bars: int  # rows under water
    amount: int  # money from peak to trough
    depth: (
        float | None
    )  # amount over the peak's equity; above 1 where equity went below zero, None for a peak of 0


class Falls(NamedTuple):
    """All falls of a curve, oldest first, as equally long columns; see `Fall`. `recovery` is -1 where there is none."""

    peak: Column
    trough: Column
    recovery: Column
    bars: Column
    amount: Column
    depth: NDArray[np.float64]  # -1 where it has no meaning

    def at(self, index: int) -> Fall:
        """One of them."""
        recovery, depth = int(self.recovery[index]), float(self.depth[index])
        return Fall(
            int(self.peak[index]),
            int(self.trough[index]),
            recovery if recovery >= 0 else None,
            int(self.bars[index]),
            int(self.amount[index]),
            depth if depth >= 0 else None,
        )

    def deepest(self, count: int = 1) -> list[Fall]:
        """The `count` deepest, the deepest first and the older one first of equals."""
        order = np.argsort(-self.depth, kind="stable")[:count]
        return [self.at(int(index)) for index in order]

    def longest(self) -> int:
        """Most rows under water in one go; 0 where there is no fall."""
        return int(self.bars.max(initial=0))


def falls(start: int, equity: Column) -> Falls:
    """Every fall of a curve (money, one value a row) that begins at `start` before its first row."""
    path = np.concatenate([np.array([start], dtype=np.int64), equity])
    peaks = np.maximum.accumulate(path)
    under = path < peaks
    edges = np.flatnonzero(np.diff(under)) + 1  # under water from edges[0], over it again at edges[1], ...
    begins, ends = edges[0::2], edges[1::2]
    still_open = len(begins) > len(ends)
    if len(begins) == 0:
        none = np.zeros(0, dtype=np.int64)
        return Falls(none, none, none, none, none, np.zeros(0))
    stops = np.append(ends, len(path)) if still_open else ends
    lowest = np.minimum.reduceat(path, np.column_stack([begins, stops - 1]).ravel())[0::2]
    lowest = np.minimum(lowest, path[stops - 1])
    trough = _first_at(path, under, begins, stops, lowest)
    height = peaks[begins]
    amount = height - lowest
    depth = np.where(height > 0, amount / np.maximum(height, 1), -1.0)
    recovery = np.append(ends, 0) if still_open else ends
    # Rows of `path` are one above the rows of the curve.
    return Falls(begins - 2, trough - 1, recovery - 1, stops - begins, amount, depth)


def depths(start: int, equity: Column) -> NDArray[np.float64]:
    """How far below its highest point so far the curve is at each row, as a fraction of it: 0 at a peak."""
    peaks = np.maximum(np.maximum.accumulate(equity), start) if len(equity) else equity
    return (peaks - equity) / np.maximum(peaks, 1)


def _first_at(
    path: Column, under: NDArray[np.bool_], begins: Column, stops: Column, lowest: Column
) -> Column:
    """First row of each fall at which the path is at the fall's lowest value."""
    number = np.cumsum(np.isin(np.arange(len(path)), begins)) - 1
    rows = np.flatnonzero(under)
    hits = rows[path[rows] == lowest[number[rows]]]
    first: Column = hits[np.searchsorted(hits, begins)]
    return first
