"""All checks of a series in their order (specs/data/datasets.md, S-128): every finding is collected before the verdict."""

from dataclasses import dataclass, field

import numpy as np

from veracity.data.checks import (
    DuplicatePolicy,
    GapLimits,
    GapPolicy,
    check_cadence,
    check_gaps,
    check_order,
    check_ranges,
    check_signs,
    drop_duplicates,
)
from veracity.data.columns import BARS
from veracity.data.findings import Report
from veracity.data.gaps import Gap
from veracity.data.outliers import OutlierLimits, check_outliers
from veracity.data.series import WHOLE, Series, Window


@dataclass(frozen=True)
class Policy:
    """What a file may be like and still be accepted. Everything else refuses it."""

    gaps: GapPolicy = "reject"
    gap_limits: GapLimits = field(default_factory=GapLimits)
    duplicates: DuplicatePolicy = "reject"
    outliers: OutlierLimits = field(default_factory=OutlierLimits)


STRICT = Policy()


@dataclass(frozen=True)
class Facts:
    """A series after its checks, without dropped rows, and what was counted on the way."""

    series: Series
    gaps: tuple[Gap, ...]
    rows_read: int
    duplicates: int  # rows that repeat a stamp, dropped or not
    zero_volume: int
    flat: int  # bars with open = high = low = close
    outliers: int


def validate(
    series: Series, interval_ns: int | None, report: Report, policy: Policy = STRICT, window: Window = WHOLE
) -> Facts:
    """Report all that is wrong with `series`; without an interval neither cadence nor gaps are judged."""
    rows_read = len(series.rows)
    comparable = check_signs(series, report)
    sound = check_ranges(series, comparable, report) if series.kind is BARS else comparable
    check_order(series, report)
    series, repeated, kept = drop_duplicates(series, policy.duplicates, report)
    gaps: tuple[Gap, ...] = ()
    if interval_ns is not None:
        check_cadence(series, interval_ns, report)
        gaps = check_gaps(series, interval_ns, window, policy.gaps, policy.gap_limits, report)
    zero = flat = outliers = 0
    if series.kind is BARS:
        outliers = check_outliers(series, sound[kept], policy.outliers, report)
        zero, flat = _quiet_bars(series)
    return Facts(series, gaps, rows_read, repeated, zero, flat, outliers)


def _quiet_bars(series: Series) -> tuple[int, int]:
    """How many bars have no volume, and how many a single price; both are facts of a market and are kept."""
    opened, high, low, close = (series.columns[name] for name in ("open", "high", "low", "close"))
    zero = series.good["volume"] & (series.columns["volume"] == 0)
    flat = (opened == high) & (high == low) & (low == close) & series.good["close"]
    return int(np.count_nonzero(zero)), int(np.count_nonzero(flat))
