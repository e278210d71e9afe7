"""The tables of a run as CSV or Parquet for other tools: whole numbers stay whole, and each name says its unit.

Money and prices are whole numbers of 10^-8 (`_1e8`), stamps are nanoseconds UTC (`_ns`). The run is only read.
"""

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, Literal, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.summary_models import HoursFile, RegimesFile, Stratum, Summary
from veracity.forensics.run_directory import RunDirectory
from veracity.research.attribution import Lines
from veracity.research.files import publish
from veracity.research.strata_files import HOURS_FILE, REGIMES_FILE
from veracity.research.summary import SUMMARY_FILE, read_summary

Format: TypeAlias = Literal["csv", "parquet"]
MONEY_SUFFIX: Final = "_1e8"
STAMP_SUFFIX: Final = "_ns"
PARQUET: Final = ("trades", "fills", "equity")
BASELINE: Final = ("equity_start", "equity_end", "net", "fees", "funding")
LINES: Final = Lines._fields


def export_run(run_dir: Path, out: Path, shape: Format) -> list[Path]:
    """Write every table of the run that exists into the directory `out`; answers the files.

    Raises OperatorFault where `out` is inside the run (exit code 7: it is sealed) or the run has no results (5).
    """
    if out.resolve().is_relative_to(run_dir.resolve()):
        raise OperatorFault("a sealed run is not written into", where=str(out), exit_code=ExitCode.UNSAFE)
    results = run_dir / "results"
    RunDirectory(run_dir).require_summary()
    summary = read_summary(run_dir / SUMMARY_FILE)
    tables = {name: whole(pq.read_table(results / f"{name}.parquet")) for name in PARQUET}
    tables["attribution"] = _attribution(summary)
    if summary.baselines is not None:
        tables["baselines"] = _baselines(summary)
    for name, file, model in (("regimes", REGIMES_FILE, RegimesFile), ("hours", HOURS_FILE, HoursFile)):
        path = results / file
        if path.exists():
            tables[name] = _strata(model.model_validate_json(path.read_bytes()))
    written = []
    for name, table in tables.items():
        path = out / f"{name}.{shape}"
        content = io.BytesIO()
        _WRITE[shape](table, content)
        publish(path, content.getvalue())
        written.append(path)
    return written


def whole(table: pa.Table) -> pa.Table:
    """Decimals as whole numbers of 10^-8, stamps as nanoseconds; the names say so. What is null stays null."""
    names, columns = [], []
    for name in table.column_names:
        column = table[name].combine_chunks()
        if pa.types.is_decimal(column.type):
            names.append(f"{name}{MONEY_SUFFIX}")
            columns.append(_units(column))
        elif pa.types.is_timestamp(column.type):
            names.append(f"{name}{STAMP_SUFFIX}" if not name.endswith(STAMP_SUFFIX) else name)
            columns.append(column.cast(pa.int64()))
        else:
            names.append(name)
            columns.append(column)
    return pa.table(columns, names=names)


def _units(column: pa.Array) -> pa.Array:
    """The whole numbers of a decimal128 column. Raises OverflowError where one does not fit 64 bits."""
    words = np.frombuffer(column.buffers()[1], dtype=np.int64).reshape(-1, 2)
    low, high = words[column.offset : column.offset + len(column)].T
    valid = np.asarray(column.is_valid())
    if ((high != low >> 63) & valid).any():
        raise OverflowError("a number of the run's tables does not fit 64 bits of 10^-8")
    return pa.array(low, pa.int64(), mask=~valid)


def _attribution(summary: Summary) -> pa.Table:
    rows = [(one.strategy_id, part) for one in summary.strategies for part in one.attribution]
    columns: dict[str, Any] = {
        "strategy_id": [name for name, _ in rows],
        "symbol": [part.symbol for _, part in rows],
    }
    return pa.table(columns | _money([part for _, part in rows], LINES))


def _baselines(summary: Summary) -> pa.Table:
    rows = summary.baselines or ()
    columns: dict[str, Any] = {
        "name": [row.name for row in rows],
        "status": [row.status for row in rows],
        "reason": pa.array([row.reason for row in rows], pa.string()),
        "total_return": [None if row.total_return is None else row.total_return.value for row in rows],
        "max_drawdown": [None if row.max_drawdown is None else row.max_drawdown.value for row in rows],
        "trades": pa.array([row.trades for row in rows], pa.int64()),
    }
    return pa.table(columns | _money(rows, BASELINE))


def _strata(file: RegimesFile | HoursFile) -> pa.Table:
    rows: list[tuple[str, Stratum]] = []
    for one in file.strategies:
        rows += [(one.strategy_id, row) for row in (one.rows if hasattr(one, "rows") else one.hours)]
    columns: dict[str, Any] = {
        "strategy_id": [name for name, _ in rows],
        "name": [row.name for _, row in rows],
        "bars": pa.array([row.bars for _, row in rows], pa.int64()),
        "trades": pa.array([row.trades for _, row in rows], pa.int64()),
        "hit_rate": [row.hit_rate.value for _, row in rows],
        "sharpe_bar": [row.sharpe_bar.value for _, row in rows],
    }
    return pa.table(columns | _money([row for _, row in rows], ("pnl", "fees", "drawdown")))


def _money(rows: Sequence[Any], names: Sequence[str]) -> dict[str, pa.Array]:
    found = {}
    for name in names:
        amounts = [getattr(row, name) for row in rows]
        units = [None if amount is None else amount.units for amount in amounts]
        found[f"{name}{MONEY_SUFFIX}"] = pa.array(units, pa.int64())
    return found


def _write_csv(table: pa.Table, file: BinaryIO) -> None:
    pyarrow.csv.write_csv(table, file)


def _write_parquet(table: pa.Table, file: BinaryIO) -> None:
    pq.write_table(table, file, compression="zstd")


_WRITE: Final[dict[Format, Callable[[pa.Table, BinaryIO], None]]] = {
    "csv": _write_csv,
    "parquet": _write_parquet,
}
