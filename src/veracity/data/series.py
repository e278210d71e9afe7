"""One series out of a file: its rows, its stamps and its numbers as integers, with a finding for each cell that is none."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from veracity.data.columns import STAMP, SYMBOL, Role, SeriesKind
from veracity.data.csv_reader import is_csv, read_csv
from veracity.data.findings import Report, Rows
from veracity.data.parquet import read_parquet
from veracity.data.raw import RawTable, damage_reported
from veracity.data.units import Mask, Units, to_ns, to_units
from veracity.domain.amounts import MONEY_SCALE, RATE_SCALE, units_text
from veracity.domain.market import Column
from veracity.domain.time import TS_NEVER, ts_text

_CELL_MESSAGES: Final = MappingProxyType(
    {
        "field_count": "the row has {value}",
        "empty": "{column} is empty",
        "not_a_number": "{column} is {value!r}, not a number",
        "not_finite": "{column} is {value}, not a finite number",
        "too_large": "{column} {value} does not fit 64 bits exactly at {scale} decimals",
        "off_grid": "{column} {value} is not a multiple of {step}",
        "bad_stamp": "{column} {value!r} is not a stamp",
        "naive_stamps": "{column} {value} has no offset from UTC",
    }
)


@dataclass(frozen=True)
class Scales:
    """The units that the numbers of a file are stored in; `tick` is in price units."""

    price: int
    qty: int
    tick: int = 1
    value: int = RATE_SCALE

    def of(self, role: Role) -> int:
        """Decimals of a column's unit."""
        match role:
            case Role.PRICE | Role.MARK:
                return self.price
            case Role.QTY:
                return self.qty
            case Role.RATE:
                return RATE_SCALE
            case Role.MONEY:
                return MONEY_SCALE
            case Role.VALUE:
                return self.value

    def step(self, role: Role) -> int:
        """The grid of a column, in its units. A tape's volume adds up orders of any lot, so its grid is the unit."""
        return self.tick if role is Role.PRICE else 1


@dataclass(frozen=True)
class Window:
    """The stamps that are read: start <= ts < end, nanoseconds UTC."""

    start: int | None = None
    end: int | None = None

    def holds(self, ts: Column) -> Mask:
        """Which stamps are in the window."""
        return np.asarray((ts >= (self.start or 0)) & (ts < (TS_NEVER if self.end is None else self.end)))


WHOLE: Final = Window()


@dataclass(frozen=True)
class Series:
    """Rows of one series as they stand in the file. A cell is 0 wherever `good` does not hold."""

    kind: SeriesKind
    scales: Scales
    rows: Rows
    columns: dict[str, Column]
    good: dict[str, Mask]

    @property
    def ts(self) -> Column:
        """Stamps, nanoseconds UTC."""
        return self.rows.ts

    def text(self, column: str, index: int) -> str:
        """A cell as decimal text."""
        return units_text(int(self.columns[column][index]), self.scales.of(self.kind.numbers[column]))

    def tell(
        self, report: Report, code: str, wrong: Mask, column: str, words: Callable[[int], str] | str
    ) -> None:
        """Report the cells of `column` where `wrong` holds; `words` say what is wrong, behind the column and its value."""

        def value(index: int) -> str:
            return self.text(column, index)

        def message(index: int) -> str:
            return f"{column} {value(index)} {words if isinstance(words, str) else words(index)}"

        report.add_rows(code, self.rows, wrong, column, value, message)

    def kept(self, chosen: Mask) -> "Series":
        """Only the rows where `chosen` holds."""
        return Series(
            self.kind,
            self.scales,
            self.rows.kept(chosen),
            {name: cells[chosen] for name, cells in self.columns.items()},
            {name: good[chosen] for name, good in self.good.items()},
        )


def read_raw(path: Path, kind: SeriesKind | None, report: Report) -> RawTable | None:
    """The table in a Parquet or text file; None after a finding that refuses it."""
    return (read_csv if is_csv(path) else read_parquet)(path, kind, report)


def symbols_of(raw: RawTable) -> tuple[str, ...]:
    """The symbols of a file in the order in which they come up; none where the file has no such column."""
    if SYMBOL not in raw.names:
        return ()
    return tuple(name for name in raw.column(SYMBOL).unique().to_pylist() if name is not None)


def to_series(
    raw: RawTable, scales: Scales, report: Report, *, symbol: str | None = None, window: Window = WHOLE
) -> Series | None:
    """The rows of `symbol` (of the file, where it has no symbols) in `window`; None where there is none.

    Cells that are no numbers in their unit are reported; a row with an unreadable stamp stays, so that it is.
    """
    series: Series | None = None
    with damage_reported(report):
        series = _series(raw, scales, report, symbol, window)
    return series


def _series(
    raw: RawTable, scales: Scales, report: Report, symbol: str | None, window: Window
) -> Series | None:
    if raw.rows == 0:
        report.add("no_rows", "has no rows")
        return None
    chosen = _rows_of(raw, symbol, report)
    if chosen is None:
        return None
    stamps = to_ns(raw.column(STAMP))
    inside = chosen & (window.holds(stamps.values) | ~stamps.good)
    if not inside.any():
        held = stamps.values[chosen]
        report.add(
            "empty_range",
            f"no row lies in the range: the file holds {ts_text(int(held.min()))} to {ts_text(int(held.max()))}",
        )
        return None
    every = Rows(np.arange(1, raw.rows + 1, dtype=np.int64), stamps.values, stamps.good, raw.header_lines)
    cells = _Cells(raw, every, inside, scales, report)
    cells.tell_unread()
    cells.tell_faults(STAMP, stamps.faults)
    numbers = {name: cells.convert(name, role) for name, role in raw.kind.numbers.items()}
    for name in raw.kind.stamps:
        numbers[name] = to_ns(raw.column(name))
        cells.tell_faults(name, numbers[name].faults)
    series = Series(
        raw.kind,
        scales,
        every,
        {name: units.values for name, units in numbers.items()},
        {name: units.good for name, units in numbers.items()},
    )
    return series if inside.all() else series.kept(inside)


class _Cells:
    """Converts a file column by column, and reports the cells of the chosen rows that are no number."""

    def __init__(self, raw: RawTable, rows: Rows, inside: Mask, scales: Scales, report: Report) -> None:
        self._raw = raw
        self._rows = rows
        self._inside = inside
        self._scales = scales
        self._report = report
        self._known: dict[str | None, Mask] = {}  # cells that the reader has reported; None: whole rows

    def tell_unread(self) -> None:
        """Report what the reader could not read."""
        faults: dict[tuple[str, str | None], dict[int, str]] = {}
        for fault in self._raw.cell_faults:
            faults.setdefault((fault.code, fault.column), {})[fault.row] = fault.value
        for (code, column), values in faults.items():
            wrong = np.zeros(len(self._rows), dtype=np.bool_)
            wrong[list(values)] = True
            self._known[column] = wrong | self._known.get(column, wrong)
            self._tell(code, column, wrong, values.__getitem__)

    def convert(self, column: str, role: Role) -> Units:
        """A number column in its units."""
        units = to_units(self._raw.column(column), self._scales.of(role), rounded=role is Role.MARK)
        step = self._scales.step(role)
        if step > 1:
            on_step = units.values % step == 0
            faults = (*units.faults, ("off_grid", units.good & ~on_step))
            units = Units(units.values, units.good & on_step, faults)
        self.tell_faults(column, units.faults, role)
        return units

    def tell_faults(self, column: str, faults: Iterable[tuple[str, Mask]], role: Role | None = None) -> None:
        """Report the bad cells of a column, but for those that the reader has reported."""
        for code, wrong in faults:
            if wrong.any():
                for known in (self._known.get(column), self._known.get(None)):
                    wrong = wrong if known is None else wrong & ~known
                self._tell(code, column, wrong, partial(_text, self._raw.column(column)), role)

    def _tell(
        self,
        code: str,
        column: str | None,
        wrong: Mask,
        value: Callable[[int], str],
        role: Role | None = None,
    ) -> None:
        scale = self._scales.of(role) if role else 0
        step = units_text(self._scales.step(role), scale) if role else ""

        def message(index: int) -> str:
            return _CELL_MESSAGES[code].format(column=column, value=value(index), scale=scale, step=step)

        self._report.add_rows(code, self._rows, wrong & self._inside, column, value, message)


def _rows_of(raw: RawTable, symbol: str | None, report: Report) -> Mask | None:
    if SYMBOL not in raw.names:
        return np.ones(raw.rows, dtype=np.bool_)
    held = symbols_of(raw)
    if symbol not in held:
        report.add("unknown_symbol", f"holds {', '.join(held)}, not {symbol}", column=SYMBOL, value=symbol)
        return None
    return np.asarray(pc.equal(raw.column(SYMBOL), symbol).fill_null(False).to_numpy(zero_copy_only=False))


def _text(cells: pa.Array, index: int) -> str:
    cell = cells[index]
    if not cell.is_valid:
        return ""
    text = str(cell.cast(pa.string()).as_py())
    return text.rstrip("0").rstrip(".") if pa.types.is_decimal128(cells.type) and "." in text else text
