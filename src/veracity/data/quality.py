"""What a file holds and what is wrong with it, without an instrument: units and interval are read off the file itself.

A guess here is for a person to read; a run never guesses (its units and interval come from its config).
"""

from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from veracity.data.columns import BARS, Role
from veracity.data.findings import Finding, Report
from veracity.data.gaps import usual_step
from veracity.data.manifest import MissingBars, check_manifest
from veracity.data.raw import RawTable, damage_reported
from veracity.data.series import Scales, Series, read_raw, symbols_of, to_series
from veracity.data.units import decimals_of
from veracity.data.validation import STRICT, Facts, Policy, validate
from veracity.domain.amounts import MONEY_SCALE, RATE_ONE, RATE_SCALE, units_text
from veracity.domain.time import ts_text

QUALITY_VERSION: Final = 1


class Move(msgspec.Struct, frozen=True):
    """The largest change from one close to the next."""

    at: str  # open of the later bar
    rate: str  # signed fraction of the earlier close, rounded towards zero at 9 decimals


class SeriesQuality(msgspec.Struct, frozen=True, kw_only=True):
    """One series of a file. Stamps are RFC 3339 in UTC."""

    symbol: str | None
    rows_read: int
    rows_kept: int  # without rows that repeat a stamp
    first: str
    last: str
    interval_ns: int | None
    interval_guessed: bool
    price_scale: int
    qty_scale: int
    gaps: tuple[MissingBars, ...]
    missing: int  # bars in all gaps
    duplicates: int
    zero_volume: int
    flat: int  # bars with one price only
    outliers: int
    largest_move: Move | None


class Quality(msgspec.Struct, frozen=True, kw_only=True):
    """The whole file. The counts add up those of its series."""

    version: int
    path: str
    kind: str | None  # None: the file could not be opened
    verdict: str  # accepted or rejected
    rules: tuple[str, ...]  # codes that rejected it, the deciding one first
    rows_read: int
    rows_kept: int
    duplicates: int
    gaps: int
    missing: int
    zero_volume: int
    flat: int
    outliers: int
    series: tuple[SeriesQuality, ...]
    findings: tuple[Finding, ...]

    @property
    def accepted(self) -> bool:
        """Whether a run with the same policy would read the file."""
        return not self.rules

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON; the stamps of findings as text."""
        values: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(self))
        for finding in values["findings"]:
            finding["ts"] = None if finding["ts"] is None else ts_text(finding["ts"])
        return values


def inspect(path: Path, interval_ns: int | None = None, policy: Policy = STRICT) -> Quality:
    """All that a file holds and all that is wrong with it. Without `interval_ns` the most common step is taken.

    Never raises for what is in the file: that is a finding.
    """
    report = Report(path)
    raw = read_raw(path, None, report)
    found = []
    if raw is not None:
        with damage_reported(report):
            scales = guess_scales(raw)
            for symbol in symbols_of(raw) or (None,):
                one = Report(path, symbol)
                series = to_series(raw, scales, one, symbol=symbol)
                if series is not None:
                    found.append(_judge(series, symbol, interval_ns, policy, one))
                report.findings += one.findings
            check_manifest(path, report)
    return _quality(path, raw, tuple(found), report)


def _quality(path: Path, raw: RawTable | None, found: tuple[SeriesQuality, ...], report: Report) -> Quality:
    rules = tuple(dict.fromkeys(finding.code for finding in report.findings if finding.refuses))
    return Quality(
        version=QUALITY_VERSION,
        path=str(path),
        kind=raw.kind.name if raw else None,
        verdict="rejected" if rules else "accepted",
        rules=rules,
        rows_read=raw.rows if raw else 0,
        rows_kept=sum(one.rows_kept for one in found),
        duplicates=sum(one.duplicates for one in found),
        gaps=sum(len(one.gaps) for one in found),
        missing=sum(one.missing for one in found),
        zero_volume=sum(one.zero_volume for one in found),
        flat=sum(one.flat for one in found),
        outliers=sum(one.outliers for one in found),
        series=found,
        findings=tuple(report.findings),
    )


def _judge(
    series: Series, symbol: str | None, interval_ns: int | None, policy: Policy, report: Report
) -> SeriesQuality:
    stamps = series.ts[series.rows.ts_good]
    regular = Role.RATE not in series.kind.numbers.values()  # settlements may change their interval
    guess = usual_step(stamps) if interval_ns is None and regular else None
    interval = guess if interval_ns is None else interval_ns
    facts = validate(series, interval, report, policy)
    return SeriesQuality(
        symbol=symbol,
        rows_read=facts.rows_read,
        rows_kept=facts.rows_read - facts.duplicates,
        first=ts_text(int(stamps.min())) if len(stamps) else "",
        last=ts_text(int(stamps.max())) if len(stamps) else "",
        interval_ns=interval,
        interval_guessed=guess is not None,
        price_scale=series.scales.price,
        qty_scale=series.scales.qty,
        gaps=tuple(MissingBars(ts_text(gap.first), ts_text(gap.last), gap.bars) for gap in facts.gaps),
        missing=sum(gap.bars for gap in facts.gaps),
        duplicates=facts.duplicates,
        zero_volume=facts.zero_volume,
        flat=facts.flat,
        outliers=facts.outliers,
        largest_move=_largest_move(facts),
    )


def _largest_move(facts: Facts) -> Move | None:
    series = facts.series
    if series.kind is not BARS or len(series.rows) < 2:
        return None
    close, good = series.columns["close"], series.good["close"] & (series.columns["close"] > 0)
    both = np.flatnonzero(good[1:] & good[:-1])
    if not len(both):
        return None
    size = np.abs(close[both + 1] - close[both]) / close[both]
    at = int(both[np.argmax(size)])
    before, after = int(close[at]), int(close[at + 1])
    magnitude = abs(after - before) * RATE_ONE // before
    return Move(
        ts_text(int(series.ts[at + 1])), units_text(magnitude if after >= before else -magnitude, RATE_SCALE)
    )


def guess_scales(raw: RawTable) -> Scales:
    """The fewest decimals that hold each column; 8 where that is not enough, so that the finding names the cells."""
    decimals = {Role.PRICE: 0, Role.QTY: 0}
    for column, role in raw.kind.numbers.items():
        if role in decimals:
            found = decimals_of(raw.column(column))
            decimals[role] = max(decimals[role], MONEY_SCALE if found is None else found)
    if Role.MARK in raw.kind.numbers.values():
        decimals[Role.PRICE] = MONEY_SCALE
    return Scales(decimals[Role.PRICE], decimals[Role.QTY])
