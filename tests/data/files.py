"""Small files of bars and settlements for tests, and the sources that read them."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from veracity.data.dataset import Source, load
from veracity.domain.errors import OperatorFaults
from veracity.domain.time import NS_PER_MINUTE

START = 19_401 * 86_400 * 10**9  # 2023-02-13T00:00:00Z
MINUTE = NS_PER_MINUTE
UTC_NS = pa.timestamp("ns", "UTC")
NUMBERS = ("open", "high", "low", "close", "volume")
GOOD = {"open": "100.00", "high": "101.00", "low": "99.00", "close": "100.50", "volume": "1.500"}


def bars(
    count: int, changes: Mapping[int, Mapping[str, Any]] | None = None, step: int = MINUTE
) -> dict[str, list[Any]]:
    """Columns of `count` equal bars as text; `changes` name cells by row (the first is 1) and column."""
    columns: dict[str, list[Any]] = {"ts": [START + step * row for row in range(count)]}
    columns |= {name: [GOOD[name]] * count for name in NUMBERS}
    for row, cells in (changes or {}).items():
        for name, cell in cells.items():
            columns[name][row - 1] = cell
    return columns


def without(columns: dict[str, list[Any]], *rows: int) -> dict[str, list[Any]]:
    """The columns without some rows (the first is 1)."""
    gone = {row - 1 for row in rows}
    return {
        name: [cell for index, cell in enumerate(cells) if index not in gone]
        for name, cells in columns.items()
    }


def decimal_table(columns: Mapping[str, Sequence[Any]], scale: int = 8) -> pa.Table:
    """A table with decimal128 numbers, as files are stored."""
    kind = pa.decimal128(38, scale)
    return pa.table(
        {
            name: pa.array(cells, UTC_NS)
            if name == "ts"
            else pa.array(cells, pa.string())
            if name == "symbol"
            else pa.array([None if cell is None else Decimal(cell) for cell in cells], kind)
            for name, cells in columns.items()
        }
    )


def float_table(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """A table with float64 numbers."""
    return pa.table(
        {
            name: pa.array(cells, UTC_NS)
            if name == "ts"
            else pa.array([None if cell is None else float(cell) for cell in cells], pa.float64())
            for name, cells in columns.items()
        }
    )


def write(path: Path, table: pa.Table, **options: Any) -> Path:
    """Store a table as Parquet."""
    pq.write_table(table, path, **options)
    return path


def write_bars(path: Path, columns: Mapping[str, Sequence[Any]]) -> Path:
    """Store columns of text as decimals."""
    return write(path, decimal_table(columns))


def write_csv(
    path: Path, columns: Mapping[str, Sequence[Any]], *, end: str = "\n", start: bytes = b""
) -> Path:
    """Store columns as text, stamps in milliseconds."""
    lines = [",".join(columns)]
    for row in zip(*columns.values(), strict=True):
        cells = dict(zip(columns, row, strict=True))
        cells["ts"] = cells["ts"] // 1_000_000 if isinstance(cells["ts"], int) else cells["ts"]
        lines.append(",".join(str(cell) for cell in cells.values()))
    path.write_bytes(start + end.join([*lines, ""]).encode())
    return path


def source(path: Path, **changes: Any) -> Source:
    """BTCUSDT spot with 2 decimals of a price and 3 of a quantity, one-minute bars."""
    values: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "kind": "spot",
        "base": "BTC",
        "quote": "USDT",
        "price_scale": 2,
        "qty_scale": 3,
        "tick": 1,
        "lot": 1,
        "notional_min": 0,
        "interval_ns": MINUTE,
        "bars": path,
    }
    return Source(**values | changes)


def codes_of(one: Source) -> list[str]:
    """The codes of what refuses the files of a source; none where they load."""
    try:
        load([one])
    except OperatorFaults as raised:
        return told(raised)
    return []


def told(raised: OperatorFaults) -> list[str]:
    """The codes of all faults, in order."""
    return [fault.hint.partition(":")[0] for fault in raised.faults]
