"""A small market on disk, and a config for it: four hours of minutes in which the price rises and falls twice."""

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.app.configs import spot

BARS = 240
START_MS = 1_675_209_600_000  # 2023-02-01T00:00:00Z
CONFIG = f"""\
[run]
label = "small"
{spot("BTCUSDT_1m.parquet")}[[strategies]]
id = "sma"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 100000
[strategies.params]
fast = 5
slow = 20
qty = 0.5
[report]
baselines = false
"""


def closes() -> list[int]:
    """Prices in cents: a triangle of 60 bars up and 60 bars down, twice."""
    return [2_000_000 + 500 * min(bar % 120, 120 - bar % 120) for bar in range(BARS)]


def write_bars(path: Path, close: list[int] | None = None) -> Path:
    """Bars that open at the close before."""
    close = close or closes()
    opened = [close[0], *close[:-1]]
    columns = {
        "open": opened,
        "high": [max(pair) for pair in zip(opened, close, strict=True)],
        "low": [min(pair) for pair in zip(opened, close, strict=True)],
        "close": close,
    }
    stamps = [START_MS + 60_000 * bar for bar in range(len(close))]
    table = {"ts": pa.array(stamps, pa.timestamp("ms", tz="UTC"))}
    for name, values in columns.items():
        table[name] = pa.array([Decimal(value).scaleb(-2) for value in values], pa.decimal128(18, 2))
    table["volume"] = pa.array([Decimal("1000.125")] * len(close), pa.decimal128(18, 3))
    pq.write_table(pa.table(table), path)
    return path


def write_funding(path: Path, hours: int = 4) -> Path:
    """A settlement at each full hour, at a rate that changes from one to the next."""
    table = {
        "ts": pa.array(
            [START_MS + 3_600_000 * hour for hour in range(1, hours + 1)], pa.timestamp("ms", tz="UTC")
        ),
        "rate": pa.array(
            [Decimal(hour % 5 - 1).scaleb(-4) for hour in range(1, hours + 1)], pa.decimal128(12, 8)
        ),
        "mark": pa.array([Decimal("20000.00")] * hours, pa.decimal128(18, 2)),
    }
    pq.write_table(pa.table(table), path)
    return path


def write_config(folder: Path, text: str = CONFIG) -> Path:
    """The config beside its data."""
    write_bars(folder / "BTCUSDT_1m.parquet")
    path = folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return path
