"""Text files: read once, as text, into exact decimals; what cannot be read is named with its line.

RFC 4180 with a header that names the columns in any order. Binary floats never come in between.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Final, TypeVar

import pyarrow as pa

from veracity.data.columns import STAMP, SYMBOL, SeriesKind, kind_of
from veracity.data.findings import Report
from veracity.data.raw import CellFault, RawTable, check_names, is_file
from veracity.data.stamps import NaiveStamp, parse_stamp
from veracity.data.units import DECIMAL_DIGITS_MAX

_NUMBER: Final = re.compile(r"[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d{1,3})?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[+-]?(?:nan|inf(?:inity)?)", re.IGNORECASE | re.ASCII)
_DECIMALS_MAX: Final = 18
_NUMBER_TYPE: Final = pa.decimal128(DECIMAL_DIGITS_MAX, _DECIMALS_MAX)
_NUMBER_MAX: Final = Decimal(10) ** (DECIMAL_DIGITS_MAX - _DECIMALS_MAX)
_STAMP_TYPE: Final = pa.timestamp("ns", "UTC")

_T = TypeVar("_T")


def is_csv(path: Path) -> bool:
    """Whether the name says that the file is text."""
    return path.name.endswith((".csv", ".csv.gz"))


def read_csv(path: Path, kind: SeriesKind | None, report: Report) -> RawTable | None:
    """The table in `path`, of `kind` or of the kind that its columns are most like; None after a finding that refuses it."""
    records = read_records(path, report)
    if records is None:
        return None
    header = records.pop(0)
    kind = kind or kind_of(header)
    check_names(header, kind, report)
    if report.refuses:
        return None
    return table_of(kind, header, records, 1)


def read_records(path: Path, report: Report) -> list[list[str]] | None:
    """The lines of a file, each as its fields, at least one; None after a finding that refuses it."""
    if not is_file(path, report):
        return None
    try:
        records = _records(path)
    except (OSError, EOFError, zlib.error) as problem:
        report.add("unreadable", f"cannot be read: {problem}")
        return None
    except (UnicodeDecodeError, csv.Error) as problem:
        report.add("not_csv", f"is not a text file in UTF-8: {problem}")
        return None
    if not records:
        report.add("no_rows", "is empty: there is no header")
        return None
    return records


def table_of(kind: SeriesKind, header: list[str], records: list[list[str]], header_lines: int) -> RawTable:
    """The table of lines whose fields are named by `header`."""
    return _Cells(kind, header).table(records, header_lines)


def _records(path: Path) -> list[list[str]]:
    stored = path.read_bytes()
    text = (gzip.decompress(stored) if path.suffix == ".gz" else stored).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


class _Unread(Exception):
    """A cell that means nothing; `code` is its finding."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def _stamp(cell: str) -> int:
    try:
        return parse_stamp(cell)
    except NaiveStamp:
        raise _Unread("naive_stamps") from None
    except ValueError:
        raise _Unread("bad_stamp") from None


def _number(cell: str) -> Decimal:
    if not _NUMBER.fullmatch(cell):
        raise _Unread("not_finite" if _NOT_FINITE.fullmatch(cell) else "not_a_number")
    number = Decimal(cell)
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int), cell
    if abs(number) >= _NUMBER_MAX:
        raise _Unread("too_large")
    if -exponent > _DECIMALS_MAX:
        raise _Unread("off_grid")
    return number


class _Cells:
    """Turns records of text into columns, and collects the cells that it could not turn."""

    def __init__(self, kind: SeriesKind, header: list[str]) -> None:
        self._kind = kind
        self._header = header
        self._faults: list[CellFault] = []

    def table(self, records: list[list[str]], header_lines: int) -> RawTable:
        read = {SYMBOL, *self._kind.columns}
        columns: dict[str, list[str | None]] = {name: [] for name in self._header if name in read}
        for row, record in enumerate(records):
            for name, cell in zip(self._header, self._whole(row, record), strict=True):
                if name in read:
                    columns[name].append(cell)
        arrays = {name: self._array(name, cells) for name, cells in columns.items()}
        names = tuple(self._header)
        faults = tuple(self._faults)
        return RawTable(self._kind, names, len(records), arrays.__getitem__, header_lines, faults)

    def _whole(self, row: int, record: list[str]) -> Sequence[str | None]:
        width = len(self._header)
        if len(record) == width:
            return record
        found = f"{len(record)} fields instead of {width}"
        self._faults.append(CellFault("field_count", row, None, found))
        # A stamp in front is still one: a broken row is not to be reported as a gap too.
        known = record[:1] if self._header[0] == STAMP else []
        return [*known, *[None] * (width - len(known))]

    def _array(self, name: str, cells: list[str | None]) -> pa.Array:
        if name == SYMBOL:
            return pa.array(cells, pa.string())
        if name in (STAMP, *self._kind.stamps):
            return pa.array(
                [self._read(name, row, cell, _stamp) for row, cell in enumerate(cells)], _STAMP_TYPE
            )
        return pa.array(
            [self._read(name, row, cell, _number) for row, cell in enumerate(cells)], _NUMBER_TYPE
        )

    def _read(self, name: str, row: int, cell: str | None, parse: Callable[[str], _T]) -> _T | None:
        if cell is None:  # its row is a fault already
            return None
        try:
            if not cell:
                raise _Unread("empty")
            return parse(cell)
        except _Unread as unread:
            self._faults.append(CellFault(unread.code, row, name, cell))
            return None
