"""Series of one symbol out of several files, as one: in the order of their stamps, each stamp once."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from veracity.data.checks import DuplicatePolicy
from veracity.data.findings import HINTS, ROWS_NAMED_MAX, Finding, Report, Rows
from veracity.data.series import Series
from veracity.domain.market import Column


class Part(NamedTuple):
    """What one file has of it, checked for itself, and where to report what it does not share with another."""

    series: Series
    report: Report


class Whole(NamedTuple):
    """All parts together, and how many rows repeated one of another file."""

    series: Series
    repeated: int


def joined(parts: Sequence[Part], policy: DuplicatePolicy) -> Whole | None:
    """The parts as one series; None after a finding. Rows that disagree about a stamp are refused under every policy."""
    series, came = _stacked(parts)
    ts = series.ts
    repeats = np.flatnonzero(ts[1:] == ts[:-1]) + 1
    differs = np.zeros(len(repeats), dtype=np.bool_)
    for name in series.kind.numbers:
        differs |= series.columns[name][repeats] != series.columns[name][repeats - 1]
    refused = repeats[differs] if policy == "drop_identical" else repeats
    for index in refused[:ROWS_NAMED_MAX].tolist():
        for column in _unlike(series, index) or (None,):
            finding = _repeated(series, parts, came, index, column, len(refused))
            parts[int(came[index])].report.findings.append(finding)
    if len(refused):
        return None
    kept = np.ones(len(ts), dtype=np.bool_)
    kept[repeats] = False
    return Whole(series.kept(kept), len(repeats))


def _stacked(parts: Sequence[Part]) -> tuple[Series, Column]:
    """All rows in the order of their stamps, each with the number of its part."""
    came = np.repeat(np.arange(len(parts)), [len(part.series.rows) for part in parts])
    order = np.argsort(np.concatenate([part.series.ts for part in parts]), kind="stable")
    number, ts, good = (
        np.concatenate([getattr(part.series.rows, name) for part in parts])[order]
        for name in ("number", "ts", "ts_good")
    )
    first = parts[0].series
    columns, fine = (
        {
            name: np.concatenate([getattr(part.series, held)[name] for part in parts])[order]
            for name in first.columns
        }
        for held in ("columns", "good")
    )
    return Series(first.kind, first.scales, Rows(number, ts, good, 0), columns, fine), came[order]


def _unlike(series: Series, index: int) -> list[str]:
    """Columns in which a row differs from the one before."""
    return [
        name for name in series.kind.numbers if series.columns[name][index] != series.columns[name][index - 1]
    ]


def _repeated(
    series: Series, parts: Sequence[Part], came: Column, index: int, column: str | None, count: int
) -> Finding:
    """That a row has the stamp of the one before, which comes from another file; `column`: and another value there."""
    code = "duplicate" if column is None else "duplicate_conflict"
    place, before = (
        f"row {int(series.rows.number[at])} of {parts[int(came[at])].report.path.name}"
        for at in (index, index - 1)
    )
    text = "" if column is None else f"{column} {series.text(column, index)} in "
    other = "repeats " if column is None else f"is {series.text(column, index - 1)} in "
    return Finding(
        code=code,
        message=f"{text}{place} {other}{before}",
        hint=HINTS[code],
        symbol=parts[0].report.symbol,
        column=column,
        row=int(series.rows.number[index]),
        ts=int(series.ts[index]),
        value=None if column is None else series.text(column, index),
        count=count,
    )
