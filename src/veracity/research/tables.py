"""The run's tables as Parquet: trades, fills, the equity of every bar, and thinned curves of the baselines.

Amounts are decimal128, so that every reader gets them exactly; stamps are UTC. The same results give the same bytes:
one row group for each strategy, no metadata of tools, no clock. Bars are named by their open, as everywhere.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veracity.domain.amounts import MONEY_SCALE
from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.research.downsample import keep
from veracity.research.results import Results
from veracity.research.trades import FillRow, Trade

MONEY: Final = pa.decimal128(19, MONEY_SCALE)  # 19 digits hold any int64
WIDE: Final = pa.decimal128(38, MONEY_SCALE)  # prices and quantities of any scale, in one column
STAMP: Final = pa.timestamp("ns", "UTC")
CURVE_POINTS_MAX: Final = 2_000
LOW_WORD: Final = (1 << 64) - 1

Row = TypeVar("Row")
Fields = Sequence[tuple[str, pa.DataType, Callable[[Row], Any]]]

_TRADE: Final[Fields[Trade]] = (
    ("strategy_id", pa.string(), lambda trade: trade.strategy_id),
    ("symbol", pa.string(), lambda trade: trade.symbol),
    ("side", pa.string(), lambda trade: trade.side),
    ("entry_ts", STAMP, lambda trade: trade.entry_ts),
    ("exit_ts", STAMP, lambda trade: trade.exit_ts),
    ("entry_price", WIDE, lambda trade: trade.entry_price),
    ("exit_price", WIDE, lambda trade: trade.exit_price),
    ("realized", MONEY, lambda trade: trade.realized),
    ("fees", MONEY, lambda trade: trade.fees),
    ("funding", MONEY, lambda trade: trade.funding),
    ("net", MONEY, lambda trade: trade.net),
    ("bars", pa.int64(), lambda trade: trade.bars),
    ("fills", pa.int64(), lambda trade: trade.fills),
    ("entry_reason", pa.string(), lambda trade: trade.entry_reason),
    ("exit_reason", pa.string(), lambda trade: trade.exit_reason),
)
_FILL: Final[Fields[FillRow]] = (
    ("seq", pa.int64(), lambda fill: fill.seq),
    ("ts", STAMP, lambda fill: fill.ts),
    ("strategy_id", pa.string(), lambda fill: fill.strategy_id),
    ("symbol", pa.string(), lambda fill: fill.symbol),
    ("side", pa.string(), lambda fill: fill.side),
    ("liquidity", pa.string(), lambda fill: fill.liquidity),
    ("fee", MONEY, lambda fill: fill.fee),
    ("latency_cost", MONEY, lambda fill: fill.latency_cost),
    ("spread_cost", MONEY, lambda fill: fill.spread_cost),
    ("impact_cost", MONEY, lambda fill: fill.impact_cost),
    ("rounding_cost", MONEY, lambda fill: fill.rounding_cost),
    ("reason", pa.string(), lambda fill: fill.reason),
    ("trade_id", pa.string(), lambda fill: fill.trade_id),
    ("order_id", pa.string(), lambda fill: fill.order_id),
    ("intent_id", pa.string(), lambda fill: fill.intent_id),
)


class Curve(NamedTuple):
    """A thinned equity curve; its lowest and highest points survive."""

    name: str
    start: int  # money before the first bar
    open_ts: Column
    equity: Column


def write_tables(results: Results, directory: Path) -> None:
    """Write trades.parquet, fills.parquet and equity.parquet into `directory`."""
    directory.mkdir(parents=True, exist_ok=True)
    _write(trades_table(results), directory / "trades.parquet")
    _write(fills_table(results), directory / "fills.parquet")
    write_equity(results, directory / "equity.parquet")


def trades_table(results: Results) -> pa.Table:
    """One row a round trip, by strategy and entry; the exit is null while a trade is open."""
    trades = [trade for book in results.books.values() for trade in book.trades]
    qty = _scaled(
        trades, results.instruments, lambda one, scale: one.qty * 10 ** (MONEY_SCALE - scale.qty_scale)
    )
    return _table(_TRADE, trades).add_column(5, "qty", qty)


def fills_table(results: Results) -> pa.Table:
    """One row an execution, by strategy and time; a cost that the venue does not state is null."""
    fills = [fill for book in results.books.values() for fill in book.fills]
    price = _scaled(
        fills, results.instruments, lambda one, scale: one.price * 10 ** (MONEY_SCALE - scale.price_scale)
    )
    qty = _scaled(
        fills, results.instruments, lambda one, scale: one.qty * 10 ** (MONEY_SCALE - scale.qty_scale)
    )
    return _table(_FILL, fills).add_column(5, "price", price).add_column(6, "qty", qty)


def write_equity(results: Results, path: Path) -> None:
    """One row a strategy and bar: the bar's open, and the equity right after its close."""
    schema = pa.schema([("strategy_id", pa.string()), ("ts", STAMP), ("equity", MONEY)])
    opens = pa.array(results.timeline.open_ts).cast(STAMP)
    with pq.ParquetWriter(path, schema, **_LAYOUT) as writer:
        for name, book in results.books.items():
            names = pa.array([name]).take(pa.array(np.zeros(len(opens), dtype=np.int64)))
            table = pa.table([names, opens, _money(book.equity)], schema=schema)
            writer.write_table(table, row_group_size=max(len(opens), 1))


def thinned(results: Results, names: Mapping[str, str]) -> list[Curve]:
    """Equity curves of the strategies whose ids `names` maps to the names to show, small enough to keep and to draw."""
    curves = []
    for strategy_id, name in names.items():
        book = results.books[strategy_id]
        points = keep(book.equity, CURVE_POINTS_MAX)
        curves.append(Curve(name, book.equity_start, results.timeline.open_ts[points], book.equity[points]))
    return curves


def write_curves(curves: Iterable[Curve], path: Path) -> None:
    """Write thinned curves: name, start, ts (bar open), equity."""
    tables = [
        pa.table(
            {
                "name": pa.array([curve.name] * len(curve.open_ts), pa.string()),
                "start": _money(np.full(len(curve.open_ts), curve.start, dtype=np.int64)),
                "ts": pa.array(curve.open_ts).cast(STAMP),
                "equity": _money(curve.equity),
            }
        )
        for curve in curves
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(pa.concat_tables(tables), path)


def read_curves(path: Path) -> list[Curve]:
    """The curves that `write_curves` wrote, in their order."""
    table = pq.read_table(path)
    names = table["name"].to_pylist()
    stamps = table["ts"].cast(pa.int64()).to_numpy()
    equity, start = (_units(table[column]) for column in ("equity", "start"))
    curves = []
    for name in dict.fromkeys(names):
        rows = np.array([index for index, found in enumerate(names) if found == name], dtype=np.int64)
        curves.append(Curve(name, int(start[rows[0]]), stamps[rows], equity[rows]))
    return curves


_LAYOUT: Final[Mapping[str, Any]] = {
    "compression": "zstd",
    "compression_level": 1,
    "use_dictionary": [
        "strategy_id",
        "symbol",
        "side",
        "liquidity",
        "reason",
        "entry_reason",
        "exit_reason",
        "name",
    ],
    "column_encoding": {"ts": "DELTA_BINARY_PACKED"},
}


def _write(table: pa.Table, path: Path) -> None:
    encoding = {
        name: value for name, value in _LAYOUT["column_encoding"].items() if name in table.column_names
    }
    pq.write_table(table, path, **{**_LAYOUT, "column_encoding": encoding})


def _table(fields: Fields[Row], rows: Sequence[Row]) -> pa.Table:
    columns = {name: _column(kind, [value(row) for row in rows]) for name, kind, value in fields}
    return pa.table(columns)


def _column(kind: pa.DataType, values: list[Any]) -> pa.Array:
    return decimals(values, kind) if pa.types.is_decimal(kind) else pa.array(values, kind)


def _scaled(
    rows: Sequence[Row], instruments: Mapping[str, Instrument], units: Callable[[Any, Instrument], int]
) -> pa.Array:
    return decimals([units(row, instruments[row.symbol]) for row in rows], WIDE)  # type: ignore[attr-defined]


def decimals(units: Sequence[int | None], kind: pa.DataType) -> pa.Array:
    """Units of the type's scale as decimal128, None as null."""
    words = np.empty((len(units), 2), dtype=np.uint64)
    words[:, 0] = [(value or 0) & LOW_WORD for value in units]
    words[:, 1] = [(value or 0) >> 64 & LOW_WORD for value in units]
    valid = pa.array([value is not None for value in units], pa.bool_())
    return pa.Array.from_buffers(kind, len(units), [valid.buffers()[1], pa.py_buffer(words)])


def _money(units: Column) -> pa.Array:
    """Money of int64 units, without a detour through Python numbers."""
    words = np.empty((len(units), 2), dtype=np.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    return pa.Array.from_buffers(MONEY, len(units), [None, pa.py_buffer(words)])


def _units(column: pa.ChunkedArray) -> Column:
    return np.array([int(value.scaleb(MONEY_SCALE)) for value in column.to_pylist()], dtype=np.int64)
