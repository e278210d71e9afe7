"""What a run reads of its data, by the policy that its config declares: one line for each series that it would be told."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from veracity.app.run_notes import bars_without
from veracity.data.dataset import Dataset
from veracity.data.gaps import Gap
from veracity.domain.market import Column
from veracity.domain.time import ts_text


class Accepted(NamedTuple):
    """One series. Stamps are RFC 3339 in UTC: a bar's open, a settlement's own, and when a value became known."""

    symbol: str
    series: str  # bars, funding, or the name of a series beside them
    file: str
    rows: int
    first: str
    last: str
    gaps: int  # declared: the config allows them
    missing: int  # rows in them
    dropped: int  # rows that repeated another one, or told what was no news
    zero_volume: int
    unknown: int  # at how many bars a run has no value of it, or one that is too old
    unchecked: tuple[str, ...]  # checks that could not be made


def accepted(dataset: Dataset) -> Iterator[Accepted]:
    """The series of a dataset, instrument by instrument."""
    for data in dataset.instruments:
        source = data.source
        yield _line(
            source.symbol,
            "bars",
            source.bars,
            data.bars.ts,
            data.gaps,
            dropped=data.duplicates_dropped,
            zero_volume=data.zero_volume,
            unchecked=data.unchecked,
        )
        if source.funding is not None and data.funding is not None:
            missing = data.funding_missing
            yield _line(source.symbol, "funding", source.funding, data.funding.ts, missing)
        for one in data.aux:
            yield _line(
                source.symbol,
                one.source.name,
                one.source.file,
                one.series.ts,
                one.gaps,
                dropped=one.dropped,
                unknown=bars_without(data, one),
            )


def _line(
    symbol: str,
    series: str,
    file: Path,
    stamps: Column,
    gaps: tuple[Gap, ...],
    *,
    dropped: int = 0,
    zero_volume: int = 0,
    unknown: int = 0,
    unchecked: tuple[str, ...] = (),
) -> Accepted:
    first, last = (ts_text(int(stamps[0])), ts_text(int(stamps[-1]))) if len(stamps) else ("", "")
    missing = sum(gap.bars for gap in gaps)
    return Accepted(
        symbol,
        series,
        file.name,
        len(stamps),
        first,
        last,
        len(gaps),
        missing,
        dropped,
        zero_volume,
        unknown,
        unchecked,
    )
