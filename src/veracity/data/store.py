"""Columns of whole numbers back into files: decimals of the units that they are in, the same bytes for the same numbers."""

import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veracity.data.columns import STAMP, SYMBOL
from veracity.data.csv_reader import is_csv
from veracity.data.series import Series
from veracity.domain.market import Column
from veracity.domain.time import ts_text

DIGITS: Final = 18  # of a decimal128 that Parquet stores as a 64-bit integer
STAMP_TYPE: Final = pa.timestamp("ns", "UTC")


class Named(NamedTuple):
    """A series and its symbol; None: the file holds one series and does not name it."""

    symbol: str | None
    series: Series


def write_series(path: Path, held: Sequence[Named]) -> None:
    """Write series of one kind and equal scales, one behind the other, as Parquet or, by the file's name, as text."""
    columns: dict[str, pa.Array] = {STAMP: pa.array(_joined([one.series.ts for one in held]), STAMP_TYPE)}
    if held[0].symbol is not None:
        names = [[one.symbol] * len(one.series.ts) for one in held]
        columns[SYMBOL] = pa.array([name for same in names for name in same], pa.string())
    first = held[0].series
    for name, role in first.kind.numbers.items():
        cells = _joined([one.series.columns[name] for one in held])
        columns[name] = decimals(cells, first.scales.of(role))
    if is_csv(path):
        _write_text(path, columns)
    else:
        write_parquet(path, pa.table(columns))


def write_parquet(path: Path, table: pa.Table, metadata: Mapping[str, str] | None = None) -> None:
    """Write a table as datasets are stored: small, and without anything that another day would change."""
    symbols = [SYMBOL] if SYMBOL in table.column_names else False
    pq.write_table(
        table.replace_schema_metadata(metadata),
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=symbols,
        column_encoding={name: "DELTA_BINARY_PACKED" for name in table.column_names if name != SYMBOL},
        store_decimal_as_integer=True,
    )


def decimals(cells: Column, scale: int) -> pa.Array:
    """Whole numbers as decimals of that many places."""
    largest = max(int(cells.max(initial=0)), -int(cells.min(initial=0)))
    halves = np.stack((cells, cells >> 63), axis=1).astype("<i8")
    kind = pa.decimal128(max(DIGITS, len(str(largest))), scale)
    return pa.Array.from_buffers(kind, len(cells), [None, pa.py_buffer(halves.tobytes())])


def _joined(columns: Sequence[Column]) -> Column:
    return columns[0] if len(columns) == 1 else np.concatenate(columns)


def _write_text(path: Path, columns: Mapping[str, pa.Array]) -> None:
    """A header and a line a row; stamps are RFC 3339 in UTC."""
    texts = []
    for name, cells in columns.items():
        if name == STAMP:
            texts.append([ts_text(ts) for ts in cells.cast(pa.int64()).to_pylist()])
        else:
            texts.append(cells.cast(pa.string()).to_pylist())
    lines = [",".join(columns), *(",".join(row) for row in zip(*texts, strict=True)), ""]
    stored = "\n".join(lines).encode()
    path.write_bytes(gzip.compress(stored, mtime=0) if path.suffix == ".gz" else stored)
