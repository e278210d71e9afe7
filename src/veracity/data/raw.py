"""A file as it was read, before its numbers are converted, and the checks that both readers share."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import pyarrow as pa

from veracity.data.columns import SYMBOL, SeriesKind
from veracity.data.findings import Report


@dataclass(frozen=True)
class CellFault:
    """A cell (or, without a column, a whole row) of a text file that could not be read; it is null in the table."""

    code: str
    row: int  # index, the first is 0
    column: str | None
    value: str


@dataclass(frozen=True)
class RawTable:
    """The columns of one file: `ts` a timestamp with a time zone, the numbers decimal128, integer or float64.

    `column` reads one of them; it can raise OSError or pyarrow.ArrowException where the file is damaged. Columns are read
    one by one, so that a file is never in memory as a whole beside what is made of it.
    """

    kind: SeriesKind
    names: tuple[str, ...]
    rows: int
    column: Callable[[str], pa.Array]
    header_lines: int  # 1 in a text file, 0 otherwise
    cell_faults: tuple[CellFault, ...] = ()


def is_file(path: Path, report: Report) -> bool:
    """Whether `path` is a file; reports what it is otherwise."""
    if path.is_dir():
        report.add("is_directory", "is a directory, not a file")
    elif not path.exists():
        report.add("missing_file", "does not exist")
    else:
        return True
    return False


def check_names(names: Sequence[str], kind: SeriesKind, report: Report) -> None:
    """Reports every column that is missing, there twice, or not one of the kind; a missing one may have a near miss.

    A kind that lets others stand beside its columns says nothing of them.
    """
    unexpected = [name for name in dict.fromkeys(names) if name not in kind.columns and name != SYMBOL]
    for column in kind.columns:
        if column in names:
            continue
        near = get_close_matches(column, unexpected, n=1) or [
            name for name in unexpected if column.startswith(name)
        ]
        wanted = f"column {column} is missing, wanted {kind.wanted(column)}"
        if near:
            unexpected.remove(near[0])
            report.add(
                "missing_column",
                f"{wanted}, found {near[0]}: did you mean {column}?",
                column=column,
                value=near[0],
            )
        else:
            report.add("missing_column", f"{wanted}, found {', '.join(names) or 'no column'}", column=column)
    for name in () if kind.others else unexpected:
        report.add("unexpected_column", f"column {name} is not one of {', '.join(kind.columns)}", column=name)
    for name in dict.fromkeys(names):
        if names.count(name) > 1 and (name in (SYMBOL, *kind.columns) or not kind.others):
            report.add("unexpected_column", f"column {name} is there {names.count(name)} times", column=name)


@contextmanager
def damage_reported(report: Report) -> Iterator[None]:
    """Turns what the library raises on a damaged file into a finding."""
    try:
        yield
    except (OSError, pa.ArrowException) as problem:
        report.add("unreadable", f"cannot be read: {str(problem).partition(chr(10))[0]}")
