"""What is wrong with a file: every finding at once, each with a stable code, the place, the value and what to do.

Many rows can have the same fault, so each code names its first rows of each column and counts the rest.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.market import Column
from veracity.domain.policies import DATA_CHECKS
from veracity.domain.time import ts_text

ROWS_NAMED_MAX: Final = 5

HINTS: Final = MappingProxyType(
    {
        "missing_file": "check the path; a path in a config is relative to the config file",
        "is_directory": "name the file in it",
        "unreadable": "check the permissions, or fetch the file again",
        "not_parquet": "write the table as Parquet, or name it .csv or .csv.gz when it is text",
        "not_csv": "write the file as UTF-8 text with commas",
        "missing_column": "name the column so; columns are matched by name, never by position",
        "unexpected_column": "leave the column out; only ts, symbol and the columns of the kind are read",
        "wrong_type": "store decimals (exact), or floats that lie on the instrument's grid; text is never cast",
        "naive_stamps": "store stamps in UTC with their offset; the machine's time zone is never assumed",
        "bad_stamp": "write 2023-03-01T00:00:00Z, or whole seconds, milliseconds, microseconds or nanoseconds",
        "no_rows": "an empty file is not a dataset",
        "unknown_symbol": "name one of the symbols of the file",
        "field_count": "quote nothing, and write one field for each column",
        "empty": "a missing value is not zero: remove the row, or fetch it again",
        "not_a_number": "write a plain decimal number",
        "not_finite": "a value that is not a number cannot be priced: fetch the row again",
        "too_large": "check the unit; the value does not fit 64 bits exactly at the instrument's scale",
        "off_grid": "raise the instrument's scale or refine its tick; nothing is rounded",
        "zero_price": "a price of zero is a missing price: fetch the row again",
        "negative_price": "prices are above zero",
        "negative_volume": "volume is zero or more",
        "high_below_low": "the columns may be swapped",
        "open_outside_range": "low <= open <= high must hold",
        "close_outside_range": "low <= close <= high must hold",
        "unordered": "sort the rows by ts",
        "duplicate": "keep one row for each stamp, or set duplicates = drop_identical",
        "duplicate_conflict": "two rows disagree about one stamp: find out which one is right",
        "off_interval": "check the interval; a bar is stamped with its open",
        "gap": "fetch the missing bars, or set gaps = allow; nothing is ever filled in",
        "gap_limit": "fetch the missing bars, or allow as many",
        "range_short": "move start or end to what the file holds, or set gaps = allow",
        "empty_range": "move start and end to what the file holds",
        "outlier_return": "fetch the row again; if the move was real, except its stamp and say why",
        "outlier_wick": "fetch the row again; if the wick was real, except its stamp and say why",
        "funding_missing": "name the file of its settlements; missing funding is not zero funding",
        "funding_on_spot": "leave funding out: only perpetuals pay it",
        "funding_short": "move start or end to the settlements, or fetch the rest; missing funding is not zero",
        "funding_gap": "fetch the missing settlements; missing funding is not zero",
        "aux_twice": "give each series of an instrument a name of its own",
        "aux_short": "fetch the series for the time of the bars, or leave it out",
        "known_early": "a value is known when it was published: check the columns, and the period that a stamp begins",
        "lag_guessed": 'the file knows when its values were published: set available = "available"',
        "manifest_unreadable": "write the manifest again with its conversion script",
        "manifest_mismatch": "restore the file, or write a new file and manifest; a published file never changes",
        "twice": "name each instrument once",
    }
)


CHECK_OF: Final = MappingProxyType({code: check.name for check in DATA_CHECKS for code in check.codes})
"""The check of the policy (specs/policies/data.yaml) that each code belongs to."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong (`refuses`) or worth knowing about a file."""

    code: str
    message: str
    hint: str
    refuses: bool = True
    symbol: str | None = None
    column: str | None = None
    row: int | None = None  # of the data, the first is 1; a header is not counted
    line: int | None = None  # of a text file, the first is 1; the header is line 1
    ts: int | None = None  # nanoseconds UTC
    value: str | None = None
    count: int = 1  # of this code in this column; only the first ones are told

    @property
    def check(self) -> str:
        """The check of the policy that found it."""
        return CHECK_OF[self.code]

    def place(self) -> str:
        """Where in the file, in words; empty where it concerns all of it."""
        parts = [f"row {self.row}"] if self.row is not None else []
        parts += [f"line {self.line}"] if self.line is not None else []
        parts += [ts_text(self.ts)] if self.ts is not None else []
        parts += [f"column {self.column}"] if self.column is not None else []
        return ", ".join(parts)


class Rows(msgspec.Struct, frozen=True):
    """Which rows of a file are looked at: their numbers and stamps, all equally long."""

    number: Column  # in the file, the first is 1
    ts: Column
    ts_good: NDArray[np.bool_]
    header_lines: int  # 1 in a text file, whose findings name lines too; 0 otherwise

    def __len__(self) -> int:
        """How many rows are looked at."""
        return len(self.number)

    def kept(self, chosen: NDArray[np.bool_]) -> "Rows":
        """Only the rows where `chosen` holds."""
        return Rows(self.number[chosen], self.ts[chosen], self.ts_good[chosen], self.header_lines)


class Report:
    """Collects the findings of one file (and of one series in it)."""

    def __init__(self, path: Path, symbol: str | None = None) -> None:
        self.path = path
        self.symbol = symbol
        self.findings: list[Finding] = []

    @property
    def refuses(self) -> bool:
        """Whether any finding refuses the file."""
        return any(finding.refuses for finding in self.findings)

    def add(
        self,
        code: str,
        message: str,
        *,
        column: str | None = None,
        value: str | None = None,
        ts: int | None = None,
        refuses: bool = True,
        count: int = 1,
    ) -> None:
        """A finding about the file, a column or a stamp; `count` of its kind, where more are not told one by one."""
        self.findings.append(
            Finding(
                code=code,
                message=message,
                hint=HINTS[code],
                refuses=refuses,
                symbol=self.symbol,
                column=column,
                ts=ts,
                value=value,
                count=count,
            )
        )

    def add_rows(
        self,
        code: str,
        rows: Rows,
        wrong: NDArray[np.bool_],
        column: str | None,
        value: Callable[[int], str],
        message: Callable[[int], str],
    ) -> None:
        """A finding for each of the first rows where `wrong` holds; `value` and `message` take an index into `rows`."""
        found = np.flatnonzero(wrong)
        for index in found[:ROWS_NAMED_MAX].tolist():
            number = int(rows.number[index])
            self.findings.append(
                Finding(
                    code=code,
                    message=message(index),
                    hint=HINTS[code],
                    symbol=self.symbol,
                    column=column,
                    row=number,
                    line=number + rows.header_lines if rows.header_lines else None,
                    ts=int(rows.ts[index]) if rows.ts_good[index] else None,
                    value=value(index),
                    count=len(found),
                )
            )


def with_rest(findings: Iterable[Finding]) -> Iterator[tuple[Finding, int]]:
    """Each finding, and behind the last one that is told of its kind how many more there are."""
    named: dict[tuple[str, str | None, str | None], int] = {}
    for finding in findings:
        key = (finding.code, finding.column, finding.symbol)
        named[key] = named.get(key, 0) + 1
        yield finding, max(0, finding.count - ROWS_NAMED_MAX) if named[key] == ROWS_NAMED_MAX else 0


def faults_of(path: Path, findings: list[Finding]) -> list[OperatorFault]:
    """The findings that refuse the file, as operator faults with exit code 4."""
    faults = []
    for finding, more in with_rest(finding for finding in findings if finding.refuses):
        rest = f"; {more} more like this" if more else ""
        place = finding.place()
        faults.append(
            OperatorFault(
                f"{finding.message}{rest}",
                where=f"{path}, {place}" if place else str(path),
                hint=f"{finding.code}: {finding.hint}",
                exit_code=ExitCode.DATA,
            )
        )
    return faults
