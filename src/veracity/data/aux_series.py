"""Series beside the bars: read as any file is, and put in the order in which their values became known.

A value is about one moment and known at another, later one: that of its file's own column, or the moment and a declared lag. Only
the second counts for who may use it, and only the first for its age (specs/data/aux.md).
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from veracity.data.checks import DuplicatePolicy, GapLimits, GapPolicy
from veracity.data.columns import aux_kind
from veracity.data.findings import Report
from veracity.data.gaps import Gap
from veracity.data.manifest import check_manifest
from veracity.data.series import Scales, Series, read_raw, to_series
from veracity.data.units import Mask
from veracity.data.validation import Facts, Policy, validate
from veracity.domain.amounts import INT64_MAX, RATE_SCALE
from veracity.domain.market import AuxSeries, Column
from veracity.domain.time import ts_text

AVAILABLE: Final = "available"  # the column that a file has by this name must be used


@dataclass(frozen=True)
class AuxSource:
    """One series beside an instrument's bars.

    A value is about its row's stamp, or about the period of `period_ns` that begins there, and so about its end. It is known
    `lag_ns` after that, or after the stamp in the column `available`. `interval_ns` apart are its rows; None: that is not judged.
    """

    name: str
    file: Path
    column: str
    symbol: str | None = None  # of the series, in a file that has several; None: the instrument's
    scale: int = RATE_SCALE  # the unit of a value is 10^-scale
    period_ns: int = 0
    lag_ns: int = 0
    available: str | None = None
    interval_ns: int | None = None
    gaps: GapPolicy = "reject"
    gap_limits: GapLimits = field(default_factory=GapLimits)
    duplicates: DuplicatePolicy = "reject"
    max_age_ns: int | None = None  # how old a value may be that is acted on; None: however old
    critical: bool = False  # whether nothing is opened on the instrument without it, whoever asks


@dataclass(frozen=True)
class AuxData:
    """A checked series, as far as a run can know it. `gaps` are missing rows that the source allows."""

    source: AuxSource
    series: AuxSeries
    gaps: tuple[Gap, ...] = ()
    dropped: int = 0  # rows that repeated another one, or came too late to be news


def read_aux(source: AuxSource, symbol: str, first: int, last: int, report: Report) -> AuxData | None:
    """What of the series is known from `first` on, the newest value of before included, up to `last`; None after a finding."""
    facts = _checked(source, symbol, report)
    if facts is None:
        return None
    known, observed = _moments(source, facts.series, report)
    if known.min() > last:
        report.add(
            "aux_short", f"its first value is known at {ts_text(int(known.min()))}, after the last bar"
        )
    if report.refuses:
        return None
    joined = in_order(AuxSeries(known, facts.series.columns[source.column], observed))
    return AuxData(source, known_within(joined, first, last), facts.gaps, facts.rows_read - len(joined.ts))


def _checked(source: AuxSource, symbol: str, report: Report) -> Facts | None:
    """The rows of the series as they stand in the file; None after a finding that refuses it."""
    raw = read_raw(source.file, aux_kind(source.column, source.available), report)
    if raw is None:
        return None
    if source.available is None and AVAILABLE in raw.names:
        report.add(
            "lag_guessed",
            f"has a column {AVAILABLE}, and {source.name} is said to be known by a lag",
            column=AVAILABLE,
        )
    series = to_series(raw, Scales(0, 0, value=source.scale), report, symbol=source.symbol or symbol)
    if series is None:
        return None
    check_manifest(source.file, report)
    policy = Policy(source.gaps, source.gap_limits, source.duplicates)
    facts = validate(series, source.interval_ns, report, policy)
    return None if report.refuses else facts


def in_order(series: AuxSeries) -> AuxSeries:
    """The values in the order in which they became known, without those that were no news by then."""
    order = np.lexsort((series.observed, series.ts))
    observed = series.observed[order]
    chosen = order[observed == np.maximum.accumulate(observed)]
    return AuxSeries(*(column[chosen] for column in series))


def known_within(series: AuxSeries, first: int, last: int) -> AuxSeries:
    """What becomes known up to `last`; of what is known by `first` the newest value, which is told then."""
    begin = max(int(np.searchsorted(series.ts, first, side="right")) - 1, 0)
    end = int(np.searchsorted(series.ts, last, side="right"))
    ts, value, observed = (column[begin:end] for column in series)
    return AuxSeries(np.maximum(ts, first), value, observed)


def _moments(source: AuxSource, series: Series, report: Report) -> tuple[Column, Column]:
    """When each value became known, and which moment it is about."""
    room = INT64_MAX - source.period_ns - source.lag_ns
    published = series.ts if source.available is None else series.columns[source.available]
    _tell(report, "bad_stamp", series, (series.ts > room) | (published > room), "is too late for 64 bits")
    observed = series.ts + source.period_ns
    if source.available is None:
        return observed + source.lag_ns, observed
    early = f"is known before {'the end of its period' if source.period_ns else 'it was measured'}"
    _tell(report, "known_early", series, published < observed, early)
    return published + source.lag_ns, observed


def _tell(report: Report, code: str, series: Series, wrong: Mask, words: str) -> None:
    report.add_rows(
        code,
        series.rows,
        wrong,
        "ts",
        lambda index: ts_text(int(series.ts[index])),
        lambda index: f"the value of {ts_text(int(series.ts[index]))} {words}",
    )
