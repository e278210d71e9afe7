"""From files that somebody has to a dataset that runs may read: checked as one, joined, and stored with its manifest.

All that is wrong with all files is found before anything is written. Gaps are no reason to refuse: they are told one by one,
stored in the manifest, and left to the run that reads it (specs/data/datasets.md, S-119 and S-129).
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from msgspec.structs import replace

from veracity.data.checks import DuplicatePolicy
from veracity.data.columns import Role
from veracity.data.findings import Report, faults_of
from veracity.data.gaps import find_gaps, usual_step
from veracity.data.joining import Part, joined
from veracity.data.manifest import (
    FileEntry,
    Origin,
    Units,
    check_manifest,
    describe_dataset,
    entry_of,
    write_manifest,
)
from veracity.data.outliers import OutlierLimits
from veracity.data.quality import guess_scales
from veracity.data.raw import RawTable
from veracity.data.series import Scales, Series, read_raw, symbols_of, to_series
from veracity.data.store import Named, write_series
from veracity.data.validation import Policy, validate
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.time import ts_text

UNSTATED: Final = "unknown"


@dataclass(frozen=True)
class Wanted:
    """What is to be read, and what is said of it. `symbol` is that of files without such a column; without an interval the most
    common step is taken."""

    files: tuple[Path, ...]
    symbol: str | None = None
    interval_ns: int | None = None
    duplicates: DuplicatePolicy = "reject"
    outliers: OutlierLimits = field(default_factory=OutlierLimits)
    source: str = UNSTATED
    licence: str = UNSTATED

    @property
    def policy(self) -> Policy:
        """What a file may be like."""
        return Policy(gaps="allow", duplicates=self.duplicates, outliers=self.outliers)


class Stored(NamedTuple):
    """One series as it will be stored."""

    symbol: str | None
    series: Series
    interval_ns: int | None
    duplicates: int  # rows that repeated another one and were left out


class Collected(NamedTuple):
    """What was read: the series where nothing refuses them, what refuses them, and a record for each thing worth a line in a log."""

    series: tuple[Stored, ...]
    origins: tuple[Origin, ...]
    faults: tuple[OperatorFault, ...]
    records: tuple[dict[str, Any], ...]


class _Input(NamedTuple):
    path: Path
    sha256: str
    raw: RawTable | None
    report: Report


def collect(wanted: Wanted, threads: int = 1, heard: Callable[[int, int], None] | None = None) -> Collected:
    """Read and check all files. What they come to does not depend on their order, nor on how many `threads` read them.

    `heard` is told how many of them are read, and how many there are. Raises OperatorFault (exit code 2) for files that cannot
    be one dataset.
    """
    inputs: list[_Input] = []
    with ThreadPoolExecutor(threads) as pool:
        for one in pool.map(_read, wanted.files):
            inputs.append(one)
            if heard is not None:
                heard(len(inputs), len(wanted.files))
    inputs.sort(key=lambda one: (one.sha256, one.path.name))
    records = [_mismatch(one) for one in inputs if _names_refuse(one.report)]
    series: list[Stored] = []
    kinds = {one.raw.kind.name: one.raw.kind for one in inputs if one.raw is not None}
    if len(kinds) > 1:
        raise OperatorFault(
            f"the files hold {' and '.join(sorted(kinds))}",
            hint="ingest each kind for itself: a dataset file has one",
            exit_code=ExitCode.USAGE,
        )
    readable = [one for one in inputs if one.raw is not None]
    _refuse_nameless(readable, wanted)
    for symbol in _symbols(readable, wanted):
        stored = _collect_one(readable, symbol, _scales(readable), wanted)
        if stored is not None:
            series.append(stored)
            records += _gaps(stored, _declared(readable))
    faults = [fault for one in inputs for fault in faults_of(one.path, one.report.findings)]
    origins = tuple(Origin(wanted.source, one.path.name, "", wanted.licence, one.sha256) for one in inputs)
    return Collected(tuple(series), origins, tuple(faults), tuple(records))


def publish(collected: Collected, out: Path) -> FileEntry:
    """Store what was collected in a new directory, with its manifest; it is there whole or not at all.

    Raises OperatorFault (exit code 7) where there is something of that name.
    """
    if out.exists() or out.is_symlink():
        raise OperatorFault(
            "there is something already",
            where=str(out),
            why="a dataset is written once and never changed",
            hint="choose another directory",
            exit_code=ExitCode.UNSAFE,
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        staging.chmod(0o755)
        entry = _store(collected, staging)
        write_manifest(staging, (entry,))
        _sync(staging)
        staging.rename(out)
        _sync(out.parent)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    return entry


def _store(collected: Collected, folder: Path) -> FileEntry:
    kind = collected.series[0].series.kind
    path = folder / f"{kind.name}.parquet"
    write_series(path, [Named(one.symbol, one.series) for one in collected.series])
    _sync(path)
    report = Report(path)
    raw = read_raw(path, kind, report)
    assert raw is not None, report.findings
    units = {one.symbol: Units(one.series.scales, one.interval_ns) for one in collected.series}
    described = tuple(describe_dataset(raw, units, report).values())
    assert not report.refuses, report.findings
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return FileEntry(path.name, sha256, kind.name, collected.origins, described)


def _sync(path: Path) -> None:
    """Make a file, or the names in a directory, durable."""
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def _read(path: Path) -> _Input:
    report = Report(path)
    raw = read_raw(path, None, report)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    return _Input(path, sha256, raw, report)


def _names_refuse(report: Report) -> bool:
    return any(one.code in ("missing_column", "unexpected_column") for one in report.findings)


def _mismatch(one: _Input) -> dict[str, Any]:
    """A file whose columns are not those of its kind: no row of it was read."""
    findings = one.report.findings
    near = [found.value for found in findings if found.code == "missing_column" and found.value is not None]
    return {
        "kind": "schema_mismatch",
        "file": str(one.path),
        "sha256": one.sha256,
        "missing": [found.column for found in findings if found.code == "missing_column"],
        "unexpected": [*near, *(found.column for found in findings if found.code == "unexpected_column")],
    }


def _refuse_nameless(inputs: Sequence[_Input], wanted: Wanted) -> None:
    """Files with and without a column of symbols are no series of one dataset, unless one is named for those without."""
    without = [one.path for one in inputs if one.raw is not None and not symbols_of(one.raw)]
    if without and len(without) < len(inputs) and wanted.symbol is None:
        raise OperatorFault(
            "names no symbol, other files do",
            where=str(without[0]),
            hint="say whose bars it holds: --symbol NAME",
            exit_code=ExitCode.USAGE,
        )


def _symbols(inputs: Sequence[_Input], wanted: Wanted) -> list[str | None]:
    found = {symbol for one in inputs for symbol in _held(one, wanted)}
    return sorted(found, key=lambda symbol: symbol or "")


def _held(one: _Input, wanted: Wanted) -> tuple[str | None, ...]:
    assert one.raw is not None
    return symbols_of(one.raw) or (wanted.symbol,)


def _scales(inputs: Sequence[_Input]) -> Scales:
    """The fewest decimals that hold all files."""
    found = [guess_scales(one.raw) for one in inputs if one.raw is not None]
    return Scales(max(one.price for one in found), max(one.qty for one in found))


def _collect_one(
    inputs: Sequence[_Input], symbol: str | None, scales: Scales, wanted: Wanted
) -> Stored | None:
    """The rows of one symbol from all files that have it; None where any of them is refused."""
    parts = []
    for one in inputs:
        if symbol not in _held(one, wanted):
            continue
        assert one.raw is not None
        series = to_series(one.raw, scales, one.report, symbol=symbol)
        check_manifest(one.path, one.report)
        if series is not None:
            parts.append(Part(series, one.report))
    if not parts:
        return None
    regular = Role.RATE not in parts[0].series.kind.numbers.values()
    stamps = np.concatenate([part.series.ts[part.series.rows.ts_good] for part in parts])
    interval = wanted.interval_ns or (usual_step(stamps) if regular else None)
    repeated = 0
    for number, part in enumerate(parts):
        facts = validate(part.series, interval, part.report, wanted.policy)
        repeated += facts.duplicates
        parts[number] = part._replace(series=facts.series)
    if any(part.report.refuses for part in parts):
        return None
    whole = joined(parts, wanted.duplicates)
    if whole is None:
        return None
    _check_seams(whole.series, parts, interval, wanted.policy)
    if any(part.report.refuses for part in parts):
        return None
    return Stored(symbol, whole.series, interval, repeated + whole.repeated)


def _check_seams(series: Series, parts: Sequence[Part], interval: int | None, policy: Policy) -> None:
    """What is only wrong where one file ends and another begins, such as a jump of the price."""
    if len(parts) == 1:
        return
    scratch = Report(parts[0].report.path)
    validate(series, interval, scratch, policy)
    for found in scratch.findings:
        if found.refuses:
            message = f"{found.message}, where one file goes on behind another"
            parts[0].report.findings.append(replace(found, message=message, row=None, line=None))


def _declared(inputs: Iterable[_Input]) -> frozenset[tuple[str | None, str, int]]:
    """Gaps that the manifests beside the files list."""
    found = []
    for one in inputs:
        entry = entry_of(one.path, Report(one.path))
        found += (
            []
            if entry is None
            else [(series.symbol, gap.first, gap.bars) for series in entry.series for gap in series.gaps]
        )
    return frozenset(found)


def _gaps(stored: Stored, declared: frozenset[tuple[str | None, str, int]]) -> list[dict[str, Any]]:
    """A record for each gap, in time order."""
    if stored.interval_ns is None:
        return []
    records = []
    for gap in find_gaps(stored.series.ts, stored.interval_ns):
        first = ts_text(gap.first)
        records.append(
            {
                "kind": "data_gap",
                "symbol": stored.symbol,
                "first": first,
                "last": ts_text(gap.last),
                "bars": gap.bars,
                "declared": (stored.symbol, first, gap.bars) in declared,
            }
        )
    return records
