"""Manifests: what a published file contained when it was published, kept beside it and compared at every read.

`manifest.json` in the file's directory lists the file, or the file has none. All numbers are computed again from the columns
that are there now; the content hash does not see the file's bytes, so a recompressed file passes and a changed price does not.
"""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from veracity.data.columns import KINDS
from veracity.data.findings import Report
from veracity.data.fingerprint import content_hash
from veracity.data.gaps import find_gaps
from veracity.data.raw import RawTable, damage_reported
from veracity.data.series import Scales, Series, read_raw, symbols_of, to_series
from veracity.domain.time import ts_text

MANIFEST_NAME: Final = "manifest.json"
MANIFEST_VERSION: Final = 1

_KINDS: Final = MappingProxyType({kind.name: kind for kind in KINDS})


class MissingBars(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A gap: its first and last missing stamp as text, and how many bars it misses."""

    first: str
    last: str
    bars: int


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one series of a file contains. Stamps are RFC 3339 in UTC."""

    symbol: str | None  # None: the file holds one series and does not name it
    rows: int
    first: str
    last: str
    interval_ns: int | None  # None: settlements have no fixed interval
    price_scale: int
    qty_scale: int
    gaps: tuple[MissingBars, ...]
    content_hash: str


class Origin(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file that a published file was converted from."""

    repository: str
    path: str
    commit: str
    licence: str
    sha256: str  # of the copy that the conversion read


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A published file."""

    file: str
    sha256: str
    kind: str
    origins: tuple[Origin, ...]
    series: tuple[Description, ...]


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All published files of a directory."""

    version: int
    files: tuple[FileEntry, ...]


class Units(NamedTuple):
    """How the numbers of one series are written, and how far apart its stamps are."""

    scales: Scales
    interval_ns: int | None


def describe_dataset(
    raw: RawTable, units: Mapping[str | None, Units], report: Report
) -> dict[str | None, Description]:
    """What each series of `units` holds now, by its symbol, computed from its columns and from nothing that is stored.

    A series that is not there has no entry; what cannot be read of one is reported.
    """
    found = {}
    for symbol in symbols_of(raw) or (None,):
        if symbol in units:
            series = to_series(raw, units[symbol].scales, report, symbol=symbol)
            if series is not None:
                found[symbol] = _describe(series, symbol, units[symbol].interval_ns)
    return found


def check_manifest(path: Path, report: Report) -> bool:
    """Compare a file with the manifest beside it; False where that does not list the file (or is not there)."""
    entry = entry_of(path, report)
    if entry is None:
        return False
    scratch = Report(path)  # what is wrong with the cells, the run's own reading of the file reports
    raw = read_raw(path, _KINDS[entry.kind], scratch)
    if raw is not None:
        with damage_reported(scratch):
            _compare(raw, entry, report, scratch)
    return True


def _compare(raw: RawTable, entry: FileEntry, report: Report, scratch: Report) -> None:
    held, listed = symbols_of(raw) or (None,), tuple(stored.symbol for stored in entry.series)
    if {*held} != {*listed}:
        report.add("manifest_mismatch", f"holds {_named(held)}, manifest {_named(listed)}")
    units = {
        stored.symbol: Units(Scales(stored.price_scale, stored.qty_scale), stored.interval_ns)
        for stored in entry.series
    }
    described = describe_dataset(raw, units, scratch)
    for stored in entry.series:
        found = described.get(stored.symbol)
        if found is None or found == stored:
            continue
        report.add(
            "manifest_mismatch",
            "; ".join(
                f"{name} {_words(getattr(found, name))}, manifest {_words(getattr(stored, name))}"
                for name in Description.__struct_fields__
                if getattr(found, name) != getattr(stored, name)
            ),
        )


def read_manifest(path: Path) -> Manifest:
    """The manifest in `path`. Raises OSError, msgspec.DecodeError or msgspec.ValidationError."""
    return msgspec.json.decode(path.read_bytes(), type=Manifest)


def write_manifest(folder: Path, files: tuple[FileEntry, ...]) -> Path:
    """Write the manifest of a directory, once and last: the files that it lists are there, durable and what it says.

    Raises ValueError where one of them has another sha256, FileExistsError where there is a manifest already.
    """
    for entry in files:
        found = hashlib.sha256((folder / entry.file).read_bytes()).hexdigest()
        if found != entry.sha256:
            raise ValueError(f"{folder / entry.file} has sha256 {found}, its manifest {entry.sha256}")
    path = folder / MANIFEST_NAME
    text = msgspec.json.format(msgspec.json.encode(Manifest(MANIFEST_VERSION, files)), indent=2)
    with path.open("xb") as file:
        file.write(text + b"\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def entry_of(path: Path, report: Report) -> FileEntry | None:
    """What the manifest beside a file says of it; None where that does not list the file (or is not there)."""
    beside = path.parent / MANIFEST_NAME
    if not beside.is_file():
        return None
    try:
        manifest = read_manifest(beside)
    except (OSError, msgspec.DecodeError) as problem:
        report.add("manifest_unreadable", f"its manifest {beside.name} cannot be read: {problem}")
        return None
    entry = next((entry for entry in manifest.files if entry.file == path.name), None)
    if entry is not None and (manifest.version != MANIFEST_VERSION or entry.kind not in _KINDS):
        report.add(
            "manifest_unreadable",
            f"its manifest {beside.name} has version {manifest.version} and calls the file {entry.kind}; "
            f"wanted version {MANIFEST_VERSION} and {', '.join(_KINDS)}",
        )
        return None
    return entry


def _describe(series: Series, symbol: str | None, interval_ns: int | None) -> Description:
    ts, scales = series.ts, series.scales
    gaps = () if interval_ns is None else find_gaps(ts, interval_ns)
    header = {
        "interval_ns": interval_ns,
        "kind": series.kind.name,
        "price_scale": scales.price,
        "qty_scale": scales.qty,
        "symbol": symbol,
    }
    return Description(
        symbol=symbol,
        rows=len(ts),
        first=ts_text(int(ts[0])),
        last=ts_text(int(ts[-1])),
        interval_ns=interval_ns,
        price_scale=scales.price,
        qty_scale=scales.qty,
        gaps=tuple(MissingBars(ts_text(gap.first), ts_text(gap.last), gap.bars) for gap in gaps),
        content_hash=content_hash(header, {"ts": ts, **series.columns}),
    )


def _named(symbols: tuple[str | None, ...]) -> str:
    return ", ".join("one series without a symbol" if symbol is None else symbol for symbol in symbols)


def _words(value: object) -> str:
    return str(value) if isinstance(value, int | str) else msgspec.json.encode(value).decode()
