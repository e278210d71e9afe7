"""The market data of a run: read, checked and converted as one, or refused as one with every reason.

What comes out is only whole numbers in the units of its instrument. Nothing is filled in, clipped or repaired on the way;
the one row that may go is the exact repetition of another, and only where the source says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pyarrow as pa

from veracity.data.aux_series import AuxData, AuxSource, read_aux
from veracity.data.checks import (
    DuplicatePolicy,
    FundingGapPolicy,
    GapLimits,
    GapPolicy,
    check_settlements,
)
from veracity.data.columns import BARS, FUNDING
from veracity.data.findings import Report, faults_of
from veracity.data.fingerprint import combined_hash, content_hash
from veracity.data.gaps import Gap
from veracity.data.manifest import check_manifest
from veracity.data.outliers import OutlierLimits
from veracity.data.series import Scales, Window, read_raw, to_series
from veracity.data.validation import Facts, Policy, validate
from veracity.domain.errors import OperatorFault, OperatorFaults
from veracity.domain.market import Bars, FundingSeries
from veracity.domain.time import TS_NEVER

UNCHECKED_ROWS: Final = "row_count"  # the check that a file without a manifest cannot pass


@dataclass(frozen=True)
class Source:
    """One instrument, the units of its numbers, and the files that hold its market data.

    `tick` is in price units, `lot` in quantity units, `notional_min` in 10^-8 quote. Bars with start_ts <= ts < end_ts are read.
    """

    symbol: str
    kind: Literal["spot", "perp"]
    base: str
    quote: str
    price_scale: int
    qty_scale: int
    tick: int
    lot: int
    notional_min: int
    interval_ns: int
    bars: Path
    funding: Path | None = None
    start_ts: int | None = None
    end_ts: int | None = None
    gaps: GapPolicy = "reject"
    gap_limits: GapLimits = field(default_factory=GapLimits)
    duplicates: DuplicatePolicy = "reject"
    funding_gaps: FundingGapPolicy = "reject"
    outliers: OutlierLimits = field(default_factory=OutlierLimits)
    aux: tuple[AuxSource, ...] = ()

    @property
    def scales(self) -> Scales:
        """The units of its files."""
        return Scales(self.price_scale, self.qty_scale, self.tick)

    @property
    def window(self) -> Window:
        """The stamps that are read."""
        return Window(self.start_ts, self.end_ts)

    @property
    def policy(self) -> Policy:
        """What its files may be like."""
        return Policy(self.gaps, self.gap_limits, self.duplicates, self.outliers)


@dataclass(frozen=True)
class InstrumentData:
    """The checked data of one instrument. `gaps` are missing bars that the source allows."""

    source: Source
    bars: Bars
    funding: FundingSeries | None
    gaps: tuple[Gap, ...]
    zero_volume: int = 0  # bars in which nothing was traded
    duplicates_dropped: int = 0
    unchecked: tuple[str, ...] = ()  # names of checks that could not be made
    funding_missing: tuple[
        Gap, ...
    ] = ()  # settlements that the source allows to be missing: what they paid is unknown
    aux: tuple[AuxData, ...] = ()


@dataclass(frozen=True)
class Dataset:
    """All market data of a run. `dataset_hash` is over its content: not over files, paths or the order of instruments."""

    instruments: tuple[InstrumentData, ...]
    dataset_hash: str


def load(sources: Iterable[Source]) -> Dataset:
    """Read and check the files of all `sources`.

    Raises OperatorFaults with exit code 4 and every finding of every file, where any of them refuses its file.
    """
    faults: list[OperatorFault] = []
    instruments: dict[str, InstrumentData] = {}
    for source in sources:
        if source.symbol in instruments:
            report = Report(source.bars)
            report.add("twice", f"instrument {source.symbol} is there twice", value=source.symbol)
            faults += faults_of(source.bars, report.findings)
            continue
        data = _load_one(source, faults)
        if data is not None:
            instruments[source.symbol] = data
    pa.default_memory_pool().release_unused()  # Arrow keeps what it read with; a run has other uses for it
    if faults:
        raise OperatorFaults.of(faults)
    return Dataset(tuple(instruments.values()), hash_of(instruments.values()))


def hash_of(instruments: Iterable[InstrumentData]) -> str:
    """`dataset_hash` of these instruments."""
    return combined_hash({data.source.symbol: _content_hash(data) for data in instruments})


def _load_one(source: Source, faults: list[OperatorFault]) -> InstrumentData | None:
    report = Report(source.bars)
    facts, listed = _read_bars(source, report)
    if source.kind == "perp" and source.funding is None:
        report.add("funding_missing", f"{source.symbol} is a perpetual without funding settlements")
    if source.kind == "spot" and source.funding is not None:
        report.add("funding_on_spot", f"{source.symbol} is spot and has funding settlements")
    found = faults_of(source.bars, report.findings)
    funding: FundingSeries | None = None
    holes: tuple[Gap, ...] = ()
    if source.funding is not None:
        of_funding = Report(source.funding)
        funding, holes = _read_funding(source, source.funding, None if found else facts, of_funding)
        found += faults_of(source.funding, of_funding.findings)
    aux = _read_aux(source, None if found else facts, found)
    faults += found
    if facts is None or found:
        return None
    return InstrumentData(
        source,
        Bars(facts.series.ts, *facts.series.columns.values()),
        funding,
        facts.gaps,
        zero_volume=facts.zero_volume,
        duplicates_dropped=facts.rows_read - len(facts.series.ts),
        unchecked=() if listed else (UNCHECKED_ROWS,),
        funding_missing=holes,
        aux=aux,
    )


def _read_bars(source: Source, report: Report) -> tuple[Facts | None, bool]:
    """The bars, and whether a manifest lists their file."""
    raw = read_raw(source.bars, BARS, report)
    if raw is None:
        return None, False
    series = to_series(raw, source.scales, report, symbol=source.symbol, window=source.window)
    listed = check_manifest(source.bars, report)
    if series is None:
        return None, listed
    return validate(series, source.interval_ns, report, source.policy, source.window), listed


def _read_funding(
    source: Source, path: Path, bars: Facts | None, report: Report
) -> tuple[FundingSeries | None, tuple[Gap, ...]]:
    """The settlements from the open of the first bar to the close of the last, and the holes among them."""
    raw = read_raw(path, FUNDING, report)
    series = None if raw is None else to_series(raw, source.scales, report, symbol=source.symbol)
    if series is None:
        return None, ()
    check_manifest(path, report)
    validate(series, None, report, source.policy)
    if bars is None or report.refuses:
        return None, ()
    first, last = int(bars.series.ts[0]), int(bars.series.ts[-1]) + source.interval_ns
    holes = check_settlements(series, first, last, report, source.funding_gaps)
    held = series.kept(np.asarray((series.ts >= first) & (series.ts <= last)))
    return FundingSeries(held.ts, held.columns["rate"], held.columns["mark"]), holes


def _read_aux(source: Source, bars: Facts | None, faults: list[OperatorFault]) -> tuple[AuxData, ...]:
    """The series beside the bars, as far as these go; what is wrong with them is added to `faults`."""
    first, last = 0, TS_NEVER - 1
    if bars is not None:
        first, last = int(bars.series.ts[0]), int(bars.series.ts[-1]) + source.interval_ns
    found: dict[str, AuxData] = {}
    for one in source.aux:
        report = Report(one.file)
        if one.name in found:
            report.add("aux_twice", f"{one.name} of {source.symbol} is there twice", value=one.name)
        data = read_aux(one, source.symbol, first, last, report)
        if data is not None:
            found[one.name] = data
        faults += faults_of(one.file, report.findings)
    return tuple(found.values())


def _content_hash(data: InstrumentData) -> str:
    source = data.source
    header = {
        "interval_ns": source.interval_ns,
        "price_scale": source.price_scale,
        "qty_scale": source.qty_scale,
        "symbol": source.symbol,
    }
    columns = data.bars._asdict()
    if data.funding is not None:
        columns |= {f"funding_{name}": cells for name, cells in data.funding._asdict().items()}
    for one in data.aux:
        columns |= {f"aux_{one.source.name}_{name}": cells for name, cells in one.series._asdict().items()}
        header[f"aux_{one.source.name}_scale"] = one.source.scale
    return content_hash(header, columns)
