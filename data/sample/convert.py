"""Makes the Parquet files and the manifest of this directory from the collected files, the same bytes every time.

    python data/sample/convert.py SOURCE_DIR

SOURCE_DIR holds the files of `SAMPLES` (gzipped CSV, stamps in milliseconds UTC) and MANIFEST.json, which says where each
came from. Nothing is cleaned: decimal text becomes decimal128 as it is. README.md says what the files are.
"""

import csv
import gzip
import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec
import pyarrow as pa

from veracity.data.columns import BARS, FUNDING, OPEN_INTEREST, SYMBOL, SeriesKind
from veracity.data.findings import Report
from veracity.data.manifest import (
    MANIFEST_NAME,
    MANIFEST_VERSION,
    Description,
    FileEntry,
    Manifest,
    Origin,
    Units,
    describe_dataset,
)
from veracity.data.series import Scales, read_raw, symbols_of
from veracity.data.store import DIGITS, write_parquet

HERE: Final = Path(__file__).parent
LICENCES: Final = ("MIT", "Apache-2.0", "Unlicense (public domain)")  # of what may be bundled
MS_PER_HOUR: Final = 3_600_000
HOUR_NS: Final = MS_PER_HOUR * 1_000_000
MINUTE_NS: Final = HOUR_NS // 60

Record: TypeAlias = Mapping[str, str]  # one line of a source
Row: TypeAlias = dict[str, Any]  # one row of the output: ts in milliseconds, decimals as text


@dataclass(frozen=True)
class Sample:
    """One file to make: from which sources, how, and in which units."""

    file: str
    kind: SeriesKind
    sources: tuple[str, ...]
    rows: Callable[..., Iterable[Row]]  # one argument for each source: its lines
    scales: Scales
    interval_ns: int | None
    decimals: Mapping[str, int]  # of the columns as stored


def klines(lines: Iterable[Record]) -> Iterable[Row]:
    """Exchange archive lines; of their twelve columns the six of a bar."""
    for line in lines:
        yield {"ts": int(line["open_time"]), **{name: line[name] for name in BARS.numbers}}


def carry(pair: str) -> Callable[[Iterable[Record]], Iterable[Row]]:
    """The bars of one of the instruments that share a file."""

    def rows(lines: Iterable[Record]) -> Iterable[Row]:
        for line in lines:
            if line["pair"] == pair:
                yield {"ts": int(line["open_time_ms"]), **{name: line[name] for name in BARS.numbers}}

    return rows


def settlements(rates: Iterable[Record], marks: Iterable[Record]) -> Iterable[Row]:
    """Paid rates with the exchange's own stamps; the mark is the open of the mark candle of that hour."""
    opens = {int(line["open_time_ms"]): line["open"] for line in marks}
    for line in rates:
        ts = int(line["funding_time_ms"])
        yield {"ts": ts, "rate": line["funding_rate"], "mark": opens[ts // MS_PER_HOUR * MS_PER_HOUR]}


def perps(lines: Iterable[Record]) -> Iterable[Row]:
    """Bars of several perpetuals of one venue in one file."""
    for line in lines:
        numbers = {name: line[name] for name in BARS.numbers}
        yield {"ts": int(line["open_time_ms"]), SYMBOL: f"{line['coin']}USDT", **numbers}


def perp_settlements(rates: Iterable[Record], bars: Iterable[Record]) -> Iterable[Row]:
    """Paid rates of several perpetuals; nobody kept their marks, so the open of the perpetual's own bar of that hour stands in."""
    opens = {(line["coin"], int(line["open_time_ms"])): line["open"] for line in bars}
    for line in rates:
        ts = int(line["funding_time_ms"])
        mark = opens.get((line["coin"], ts // MS_PER_HOUR * MS_PER_HOUR))
        if mark is not None:
            yield {"ts": ts, SYMBOL: f"{line['coin']}USDT", "rate": line["funding_rate"], "mark": mark}


def open_interest(lines: Iterable[Record]) -> Iterable[Row]:
    """Open interest of several coins in one file."""
    for line in lines:
        value = line["open_interest_usd"]
        yield {"ts": int(line["time_ms"]), SYMBOL: line["coin"], "open_interest_usd": value}


def _bars(
    file: str, source: str, rows: Callable[..., Iterable[Row]], price: int, qty: int, interval_ns: int
) -> Sample:
    decimals = {"open": price, "high": price, "low": price, "close": price, "volume": qty}
    return Sample(file, BARS, (source,), rows, Scales(price, qty), interval_ns, decimals)


def _funding(coin: str) -> Sample:
    span = "2023-12_2025-11"
    return Sample(
        f"binance_usdm_{coin}USDT_funding_{span}.parquet",
        FUNDING,
        (
            f"funding/binance_usdm_{coin}USDT_8h_{span}.csv.gz",
            f"mark/binance_usdm_{coin}USDT_8h_mark_{span}.csv.gz",
        ),
        settlements,
        Scales(8, 0),
        None,
        {"rate": 8, "mark": 8},
    )


_CARRY: Final = "carry/binance_spot_usdm_coinm_8h_2023-01_2024-07.csv.gz"
_SPAN: Final = "2023-01_2024-07"

SAMPLES: Final = (
    _bars(
        "binance_spot_BTCUSDT_1m_2023-02.parquet",
        "depeg/binance_spot_BTCUSDT_1m_2023-02.csv.gz",
        klines,
        2,
        5,
        MINUTE_NS,
    ),
    _bars(
        "binance_spot_BTCUSDT_1m_2023-03.parquet",
        "depeg/binance_spot_BTCUSDT_1m_2023-03_svb.csv.gz",
        klines,
        2,
        5,
        MINUTE_NS,
    ),
    _bars(
        "binance_spot_USDCUSDT_1m_2023-03.parquet",
        "depeg/binance_spot_USDCUSDT_1m_2023-03_svb.csv.gz",
        klines,
        4,
        0,
        MINUTE_NS,
    ),
    _bars(f"binance_spot_BTCUSDT_8h_{_SPAN}.parquet", _CARRY, carry("BTC/USDT"), 2, 6, 8 * HOUR_NS),
    _bars(f"binance_usdm_BTCUSDT_8h_{_SPAN}.parquet", _CARRY, carry("BTCUSDT"), 1, 3, 8 * HOUR_NS),
    _bars(f"binance_spot_ETHUSDT_8h_{_SPAN}.parquet", _CARRY, carry("ETH/USDT"), 2, 4, 8 * HOUR_NS),
    _bars(f"binance_usdm_ETHUSDT_8h_{_SPAN}.parquet", _CARRY, carry("ETHUSDT"), 2, 3, 8 * HOUR_NS),
    _funding("BTC"),
    _funding("ETH"),
    _bars(
        "binance_usdm_perps_1h_2025-03_2026-03.parquet",
        "multi/perp_candles_1h_2025-03_2026-03.csv.gz",
        perps,
        2,
        3,
        HOUR_NS,
    ),
    Sample(
        "binance_usdm_perps_funding_2025-03_2026-03.parquet",
        FUNDING,
        ("multi/perp_funding_2025-03_2026-03.csv.gz", "multi/perp_candles_1h_2025-03_2026-03.csv.gz"),
        perp_settlements,
        Scales(2, 0),
        None,
        {"rate": 8, "mark": 2},
    ),
    Sample(
        "hyperliquid_open_interest_1h_2025-12_2026-03.parquet",
        OPEN_INTEREST,
        ("oi/hyperliquid_open_interest_1h_2025-12_2026-03.csv.gz",),
        open_interest,
        Scales(0, 0),
        HOUR_NS,
        {"open_interest_usd": 7},
    ),
)


def origins_of(source_dir: Path, sample: Sample) -> tuple[Origin, ...]:
    """Where the sources of a sample came from. Raises ValueError for another content or a licence that forbids bundling."""
    listed = {
        entry["file"]: entry for entry in json.loads((source_dir / "MANIFEST.json").read_bytes())["files"]
    }
    origins = []
    for name in sample.sources:
        entry = listed[name]
        sha256 = hashlib.sha256((source_dir / name).read_bytes()).hexdigest()
        if sha256 != entry["sha256"]:
            raise ValueError(f"{name} has sha256 {sha256}, its manifest {entry['sha256']}")
        if entry["licence"] not in LICENCES:
            raise ValueError(
                f"{name} has licence {entry['licence']}, which is not one of {', '.join(LICENCES)}"
            )
        licence = entry["licence"].partition(" ")[0]
        origins += [
            Origin(one["repo"], one["path"], one["commit"], licence, sha256) for one in entry["sources"]
        ]
    return tuple(origins)


def described(path: Path, sample: Sample, report: Report) -> tuple[Description, ...]:
    """The series of a file that was written, as it can be read again."""
    raw = read_raw(path, sample.kind, report)
    if raw is None:
        return ()
    units = dict.fromkeys(symbols_of(raw) or (None,), Units(sample.scales, sample.interval_ns))
    return tuple(describe_dataset(raw, units, report).values())


def convert(source_dir: Path, sample: Sample, out_dir: Path) -> FileEntry:
    """Write one file into `out_dir`; its entry in the manifest."""
    origins = origins_of(source_dir, sample)
    rows = list(sample.rows(*(_lines(source_dir / name) for name in sample.sources)))
    columns: dict[str, pa.Array] = {
        "ts": pa.array([row["ts"] * 1_000_000 for row in rows], pa.timestamp("ns", "UTC"))
    }
    if SYMBOL in rows[0]:
        columns[SYMBOL] = pa.array([row[SYMBOL] for row in rows], pa.string())
    for name, decimals in sample.decimals.items():
        columns[name] = pa.array([Decimal(row[name]) for row in rows], pa.decimal128(DIGITS, decimals))
    metadata = {
        "source": "; ".join(f"{origin.repository} {origin.path}" for origin in origins),
        "commit": "; ".join(dict.fromkeys(origin.commit for origin in origins)),
        "licence": "; ".join(dict.fromkeys(origin.licence for origin in origins)),
    }
    path = out_dir / sample.file
    write_parquet(path, pa.table(columns), metadata)
    report = Report(path)
    series = described(path, sample, report)
    if report.findings or sum(one.rows for one in series) != len(rows):
        raise ValueError(f"{path}: {report.findings}")
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return FileEntry(sample.file, sha256, sample.kind.name, origins, series)


def main(source_dir: Path, out_dir: Path = HERE) -> None:
    """Write all files, and last the manifest that lists them."""
    manifest = Manifest(MANIFEST_VERSION, tuple(convert(source_dir, sample, out_dir) for sample in SAMPLES))
    text = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
    (out_dir / MANIFEST_NAME).write_bytes(text + b"\n")


def _lines(path: Path) -> Iterable[Record]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
