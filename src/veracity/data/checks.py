"""The row and stamp rules of a series, in the order of specs/data/datasets.md S-128. Nothing here changes a value.

A rule only judges rows whose cells it can read, and only what a rule before it has not refused, so one fault in a file is one
finding: a bar with its high below its low is not also one whose open lies outside its range.
"""

from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np

from veracity.data.columns import PRICES, Role
from veracity.data.findings import ROWS_NAMED_MAX, Report
from veracity.data.gaps import Gap, find_gaps, find_holes, range_short
from veracity.data.series import Series, Window
from veracity.data.units import Mask
from veracity.domain.market import Column
from veracity.domain.time import NS_PER_MINUTE, ts_text

DuplicatePolicy: TypeAlias = Literal["reject", "drop_identical"]
GapPolicy: TypeAlias = Literal["reject", "allow"]
FundingGapPolicy: TypeAlias = Literal["reject", "mark_unknown"]


SETTLEMENT_JITTER_NS: Final = NS_PER_MINUTE  # a venue may settle that much late (Binance: about one minute)


class GapLimits(NamedTuple):
    """How much may be missing where gaps are allowed; None: any amount."""

    bars_total_max: int | None = None
    bars_run_max: int | None = None


def check_signs(series: Series, report: Report) -> Mask:
    """Prices and marks are above zero, volumes are not below it. The rows whose prices can be compared."""
    comparable = np.ones(len(series.rows), dtype=np.bool_)
    for column, role in series.kind.numbers.items():
        cells, good = series.columns[column], series.good[column]
        if role in (Role.PRICE, Role.MARK):
            series.tell(report, "zero_price", good & (cells == 0), column, "is zero")
            series.tell(report, "negative_price", good & (cells < 0), column, "is below zero")
            comparable &= good & (cells > 0)
        elif role in (Role.QTY, Role.MONEY):
            series.tell(report, "negative_volume", good & (cells < 0), column, "is below zero")
    return comparable


def check_ranges(series: Series, comparable: Mask, report: Report) -> Mask:
    """low <= open, close <= high in every comparable bar. The bars where it holds."""
    opened, high, low, close = (series.columns[name] for name in PRICES)
    upright = comparable & (high >= low)
    series.tell(
        report,
        "high_below_low",
        comparable & ~upright,
        "high",
        lambda index: f"is below low {series.text('low', index)}",
    )

    def outside_words(index: int) -> str:
        return f"lies outside low {series.text('low', index)} to high {series.text('high', index)}"

    sound = upright.copy()
    for column, cells in (("open", opened), ("close", close)):
        outside = upright & ((cells < low) | (cells > high))
        sound &= ~outside
        series.tell(report, f"{column}_outside_range", outside, column, outside_words)
    return sound


def check_order(series: Series, report: Report) -> None:
    """Stamps rise from row to row; equal ones are duplicates."""
    ts, good, number = series.ts, series.rows.ts_good, series.rows.number
    falls = np.zeros(len(ts), dtype=np.bool_)
    falls[1:] = (ts[1:] < ts[:-1]) & good[1:] & good[:-1]
    report.add_rows(
        "unordered",
        series.rows,
        falls,
        "ts",
        lambda index: ts_text(int(ts[index])),
        lambda index: (
            f"row {number[index]} is earlier than row {number[index - 1]} at {ts_text(int(ts[index - 1]))}"
        ),
    )


class Deduplicated(NamedTuple):
    """A series without the rows that a policy drops; how many rows repeat a stamp; which of the rows were kept."""

    series: Series
    repeated: int
    kept: Mask


def drop_duplicates(series: Series, policy: DuplicatePolicy, report: Report) -> Deduplicated:
    """Drops repeated rows, where `policy` allows that; rows that disagree about a stamp are always refused.

    Rows that differ in another stamp of theirs are no repetition: what became known later is a revision.
    """
    every = np.ones(len(series.rows), dtype=np.bool_)
    original = _first_rows(series.ts, *(series.columns[name] for name in series.kind.stamps))
    if original is None:
        return Deduplicated(series, 0, every)
    repeated = (original != np.arange(len(original))) & series.rows.ts_good
    equal = repeated.copy()
    for column in series.kind.numbers:
        cells, good = series.columns[column], series.good[column]
        equal &= (cells == cells[original]) & (good == good[original])
    _tell_repeated(series, report, "duplicate_conflict", repeated & ~equal, original)
    if policy == "drop_identical":
        series, every = series.kept(~equal), ~equal
    else:
        _tell_repeated(series, report, "duplicate", equal, original)
    return Deduplicated(series, int(np.count_nonzero(repeated)), every)


def check_cadence(series: Series, interval_ns: int, report: Report) -> None:
    """Every stamp lies on the grid of the interval."""
    ts = series.ts
    report.add_rows(
        "off_interval",
        series.rows,
        series.rows.ts_good & (ts % interval_ns != 0),
        "ts",
        lambda index: ts_text(int(ts[index])),
        lambda index: f"{ts_text(int(ts[index]))} is not on the grid of the interval",
    )


def check_gaps(
    series: Series, interval_ns: int, window: Window, policy: GapPolicy, limits: GapLimits, report: Report
) -> tuple[Gap, ...]:
    """The gaps of the series; each is a finding, which refuses the file unless `policy` and `limits` allow it."""
    ts = series.ts
    if not series.rows.ts_good.all():  # who knows which stamps are missing; the file is refused already
        return ()
    gaps = find_gaps(ts, interval_ns)
    for gap in gaps[:ROWS_NAMED_MAX]:
        report.add(
            "gap",
            f"{_missing(gap.bars)}, {ts_text(gap.first)} to {ts_text(gap.last)}",
            column="ts",
            ts=gap.first,
            refuses=policy == "reject",
            count=len(gaps),
        )
    if policy == "allow":
        _check_limits(gaps, limits, report)
    short = range_short(ts, interval_ns, window.start, window.end)
    for count, end, row in ((short.start, "start", ts.min()), (short.end, "end", ts.max())):
        if count:
            report.add(
                "range_short",
                f"{_missing(count)} at the {end} of the range: the {'first' if end == 'start' else 'last'} "
                f"is {ts_text(int(row))}",
                column="ts",
                refuses=policy == "reject",
                ts=int(row),
            )
    return gaps


def _check_limits(gaps: tuple[Gap, ...], limits: GapLimits, report: Report) -> None:
    total = sum(gap.bars for gap in gaps)
    longest = max((gap.bars for gap in gaps), default=0)
    for bars, allowed, words in (
        (total, limits.bars_total_max, "missing in all"),
        (longest, limits.bars_run_max, "missing in a row"),
    ):
        if allowed is not None and bars > allowed:
            report.add("gap_limit", f"{bars} bars are {words}, allowed are {allowed}", column="ts")


def check_settlements(
    series: Series, first: int, last: int, report: Report, policy: FundingGapPolicy = "reject"
) -> tuple[Gap, ...]:
    """Settlements cover the time from `first` to `last`, and none in between is missing, unless `policy` says that one may
    be: then what it paid is unknown. Answers the holes, with the estimated stamps of what is missing.

    One at the very end counts (what is held then pays), one at the very beginning does not (nothing is held yet).
    """
    ts = series.ts
    holes = [hole for hole in find_holes(ts) if first <= hole.last and hole.first <= last]
    for hole in holes:
        about = f"about {ts_text(hole.first)}" + (f" to {ts_text(hole.last)}" if hole.bars > 1 else "")
        report.add(
            "funding_gap",
            f"{_missing(hole.bars, 'settlement')}, {about}",
            column="ts",
            ts=hole.first,
            refuses=policy == "reject",
        )
    steps = np.diff(ts) if len(ts) > 1 else np.zeros(1, dtype=np.int64)
    late = int(ts[0]) - first > int(steps[0]) + SETTLEMENT_JITTER_NS
    early = last - int(ts[-1]) > int(steps[-1]) - SETTLEMENT_JITTER_NS
    if late or early:
        report.add(
            "funding_short",
            f"settlements {ts_text(int(ts[0]))} to {ts_text(int(ts[-1]))} do not cover the bars, "
            f"{ts_text(first)} to {ts_text(last)}",
            column="ts",
        )
    return tuple(holes)


def _missing(count: int, noun: str = "bar") -> str:
    return f"1 {noun} is missing" if count == 1 else f"{count} {noun}s are missing"


def _first_rows(ts: Column, *others: Column) -> Column | None:
    """For each row, the index of the first row with its stamps; None where `ts` rises, so that every row is the first."""
    if np.all(ts[1:] > ts[:-1]):
        return None
    stamps = (ts, *others)
    order = np.lexsort(stamps)
    starts = np.ones(len(ts), dtype=np.bool_)
    starts[1:] = np.any([stamp[order][1:] != stamp[order][:-1] for stamp in stamps], axis=0)
    original = np.empty(len(ts), dtype=np.int64)
    original[order] = order[starts][np.cumsum(starts) - 1]
    return original


def _tell_repeated(series: Series, report: Report, code: str, wrong: Mask, original: Column) -> None:
    rows = series.rows
    offset = rows.header_lines  # a text file is talked about in lines
    noun = "lines" if offset else "rows"

    def message(index: int) -> str:
        first = int(original[index])
        pair = f"{noun} {rows.number[first] + offset} and {rows.number[index] + offset}"
        stamp = ts_text(int(series.ts[index]))
        if code == "duplicate":
            return f"{pair} are both about {stamp}"
        differences = ", ".join(
            f"{column} {series.text(column, first)} and {series.text(column, index)}"
            for column in series.kind.numbers
            if series.columns[column][index] != series.columns[column][first]
        )
        return f"{pair} disagree about {stamp}: {differences}"

    report.add_rows(code, rows, wrong, "ts", lambda index: ts_text(int(series.ts[index])), message)
