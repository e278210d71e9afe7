"""One file into another form: what an exchange publishes, or one of our own, as canonical Parquet or text."""

import os
from pathlib import Path
from typing import Final

from veracity.data.columns import BARS, STAMP
from veracity.data.csv_reader import is_csv, read_records, table_of
from veracity.data.findings import Report, faults_of
from veracity.data.gaps import usual_step
from veracity.data.quality import guess_scales
from veracity.data.raw import RawTable
from veracity.data.series import read_raw, symbols_of, to_series
from veracity.data.store import Named, write_series
from veracity.data.validation import Policy, validate
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults

OPENED: Final = "open_time"
ARCHIVE: Final = (
    *(OPENED, *BARS.numbers, "close_time", "quote_volume", "count"),
    *("taker_buy_volume", "taker_buy_quote_volume", "ignore"),
)
"""Columns of an archive's file of bars, in their order; newer files name them in a header."""


def convert_archive(source: Path, out: Path, *, force: bool = False) -> int:
    """Write `source` as canonical Parquet or, by its name, as text to `out`; how many rows it has.

    `source` is text as exchanges keep it (plain or gzip, with or without a header, milliseconds or microseconds, which their
    digits tell apart), or a file that runs can read. Digits are taken as they are. Raises OperatorFaults (exit code 4) with
    every reason where it is refused, as an ingest refuses it; OperatorFault (exit code 7) where `out` is there and not `force`.
    """
    if out.exists() and not force:
        raise OperatorFault(
            "is there already",
            where=str(out),
            hint="choose another name, or overwrite it with --force",
            exit_code=ExitCode.UNSAFE,
        )
    report = Report(source)
    raw = read_archive(source, report)
    held = [] if raw is None else _checked(raw, report)
    if report.refuses:
        raise OperatorFaults.of(faults_of(source, report.findings))
    beside = out.with_name(f".{out.name}.tmp{''.join(out.suffixes)}")
    try:
        write_series(beside, held)
        with beside.open("rb") as file:
            os.fsync(file.fileno())
        beside.replace(out)
    finally:
        beside.unlink(missing_ok=True)
    return sum(len(one.series.ts) for one in held)


def read_archive(path: Path, report: Report) -> RawTable | None:
    """The bars of an archive's file, stamped with their open; any other file as a run reads it."""
    if not is_csv(path):
        return read_raw(path, None, report)
    records = read_records(path, report)
    if records is None:
        return None
    has_header = not records[0][0].isdigit()
    if has_header and OPENED not in records[0]:
        return read_raw(path, None, report)
    header = records[0] if has_header else list(ARCHIVE[: len(records[0])])
    named = [STAMP if name == OPENED else name for name in header]
    for column in BARS.columns:
        if column not in named:
            report.add(
                "missing_column", f"column {column} is missing, found {', '.join(header)}", column=column
            )
    return None if report.refuses else table_of(BARS, named, records[has_header:], int(has_header))


def _checked(raw: RawTable, report: Report) -> list[Named]:
    """Its series, by the checks of an ingest."""
    held = []
    for symbol in symbols_of(raw) or (None,):
        series = to_series(raw, guess_scales(raw), report, symbol=symbol)
        if series is not None:
            interval = usual_step(series.ts) if raw.kind is BARS else None
            validate(series, interval, report, Policy(gaps="allow"))
            held.append(Named(symbol, series))
    return held
