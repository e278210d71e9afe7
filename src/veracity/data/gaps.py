"""Stamps of a series: their order, repeated ones, and the ones that are not there (specs/data/datasets.md, S-119)."""

from typing import Final, NamedTuple

import numpy as np

from veracity.domain.market import Column

HOLE_FACTOR: Final = (
    3,
    2,
)  # a settlement is missing where a step is more than 3/2 of both neighbouring steps


class Gap(NamedTuple):
    """Grid stamps between the first and the last bar for which there is no row. Both ends are missing stamps."""

    first: int
    last: int
    bars: int

    @property
    def stamps(self) -> list[int]:
        """All of them, as far apart from each other."""
        step = (self.last - self.first) // max(1, self.bars - 1)
        return [self.first + number * step for number in range(self.bars)]


class Short(NamedTuple):
    """Bars that a range asked for and the file does not hold, before its first and after its last bar."""

    start: int
    end: int


def find_gaps(ts: Column, interval_ns: int) -> tuple[Gap, ...]:
    """The gaps of a series in time order, whatever the order of its rows.

    A stamp off the grid stands for the grid stamp before it: it is a finding of its own, and no gap besides.
    """
    steps = ts // interval_ns
    if np.any(steps[1:] < steps[:-1]):
        steps = np.sort(steps)
    before = np.flatnonzero(np.diff(steps) > 1)
    return tuple(
        Gap((first + 1) * interval_ns, (last - 1) * interval_ns, last - first - 1)
        for first, last in zip(steps[before].tolist(), steps[before + 1].tolist(), strict=True)
    )


def range_short(ts: Column, interval_ns: int, start: int | None, end: int | None) -> Short:
    """How many bars are missing at either end of the range start <= open < end; time outside a series is no gap."""
    first, last = int(ts.min()), int(ts.max())
    late = 0 if start is None else first // interval_ns + (-start // interval_ns)
    early = 0 if end is None else (end - 1) // interval_ns - last // interval_ns
    return Short(max(0, late), max(0, early))


def find_holes(ts: Column) -> tuple[Gap, ...]:
    """Settlements that are missing from ordered stamps, without assuming an interval: it may change inside a series.

    A step that is more than half longer than the steps on both sides has a settlement missing; a step of a new length that
    lasts is a new interval, and the first and the last step could be either. `bars` counts steps of the longer neighbour;
    the stamps are estimates.
    """
    steps = np.diff(ts)
    if len(steps) < 3:
        return ()
    usual = np.zeros(len(steps), dtype=np.int64)
    usual[1:-1] = np.maximum(steps[:-2], steps[2:])
    more, than = HOLE_FACTOR
    holes = np.flatnonzero((usual > 0) & (steps * than > usual * more))
    found = []
    for index in holes.tolist():
        step = int(usual[index])
        count = max(1, (2 * int(steps[index]) + step) // (2 * step) - 1)  # nearest whole number of steps
        first = int(ts[index]) + step
        found.append(Gap(first, first + (count - 1) * step, count))
    return tuple(found)


def usual_step(ts: Column) -> int | None:
    """The most common step between neighbouring different stamps (the shorter of equally common ones); None without one."""
    steps = np.diff(np.sort(ts))
    steps = steps[steps > 0]
    if not len(steps):
        return None
    lengths, counts = np.unique(steps, return_counts=True)
    return int(lengths[np.argmax(counts)])
