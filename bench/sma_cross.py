"""The SMA task, measured: SMA(10) against SMA(50) of the close, level signal, market orders at the next open.

    python bench/sma_cross.py --data DIR --bars 1000000 [--path event] [--reps 3]

Flat and fast above slow: buy 0.1; long and fast below slow: sell 0.1. Fee 5 bp of the notional, cash 1,000,000, no
slippage, latency or funding; a position that is still open is marked at the last close. DIR/bars_1000000.parquet has
the columns ts, open, high, low, close (tick 0.01) and volume (lot 0.001): `bench/make_data.py` makes one.

Prints one JSON line. `seconds_engine` is the median over the repetitions from features to the durable end of the
journal, without import and load; the journal is on (a new directory each time, removed after) and every guard of the
rulebook has a limit to check. Below the stated ratio of 500,000 bars a second it says so on stderr.
"""

import argparse
import gc
import json
import resource
import statistics
import sys
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

import veracity
from veracity.data.dataset import Dataset, InstrumentData, Source, load
from veracity.domain.amounts import MONEY_SCALE, RATE_ONE, units_exact
from veracity.domain.events import Leg, StrategyStarted
from veracity.domain.market import Bars
from veracity.domain.time import NS_PER_MINUTE
from veracity.engine.core import BoundStrategy
from veracity.engine.opening import RunIdentity
from veracity.guards.view import RiskLimits, VolatilityLimits
from veracity.journal.writer import JournalWriter
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel
from veracity.state.model import ORDER_TIMES_MAX, equity
from veracity.strategies import momentum

BARS_A_SECOND_MIN: Final = 500_000
CASH: Final = units_exact(Decimal(1_000_000), MONEY_SCALE)
SYMBOL: Final = "BTCUSDT"
NO_LIMIT: Final = 10**18
HASH: Final = "0" * 64  # a benchmark is no run that anybody replays
IDENTITY: Final = RunIdentity("0" * 16, HASH, HASH, HASH, 0)
LIMITS: Final = RiskLimits(
    max_exposure=NO_LIMIT,
    leverage_max=RATE_ONE,
    max_position={SYMBOL: NO_LIMIT},
    daily_loss=RATE_ONE - 1,
    trades_per_day=NO_LIMIT,
    cooldown_ns=1,
    stale_ns=NS_PER_MINUTE,
    drawdown=RATE_ONE - 1,
    order_rate=ORDER_TIMES_MAX,
    order_rate_ns=NS_PER_MINUTE,
    price_jump=RATE_ONE,
    price_band=RATE_ONE,
    slippage=RATE_ONE,
    volatility=VolatilityLimits(window=30, pause=RATE_ONE, resume=0, dwell=10),
)


class Measured(NamedTuple):
    """One repetition."""

    seconds: float
    seconds_cpu: float
    fills: int
    final_equity: int


def first_bars(directory: Path, count: int) -> Dataset:
    """The first `count` bars of the file, as a dataset of one instrument."""
    with tempfile.TemporaryDirectory() as scratch:
        return _first_bars(_in_utc(directory / "bars_1000000.parquet", Path(scratch)), count)


def _in_utc(path: Path, scratch: Path) -> Path:
    """The file, or a copy of it whose `ts` says that it is UTC: a backtest refuses a stamp that does not, but the file
    of this task is UTC by its definition, whatever wrote it."""
    kind = pq.read_schema(path).field("ts").type
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return path
    table = pq.read_table(path)
    stamps = table["ts"]
    if pa.types.is_integer(kind):
        unit = {10: "s", 13: "ms", 16: "us", 19: "ns"}[len(str(stamps[0].as_py()))]
        stamps = stamps.cast(pa.int64()).cast(pa.timestamp(unit))
    table = table.set_column(table.schema.get_field_index("ts"), "ts", stamps.cast(pa.timestamp("ns", "UTC")))
    pq.write_table(table, scratch / path.name)
    return scratch / path.name


def _first_bars(path: Path, count: int) -> Dataset:
    source = Source(
        symbol=SYMBOL,
        kind="spot",
        base="BTC",
        quote="USDT",
        price_scale=2,
        qty_scale=3,
        tick=1,
        lot=1,
        notional_min=0,
        interval_ns=NS_PER_MINUTE,
        bars=path,
        funding=None,
        start_ts=None,
        end_ts=None,
        gaps="reject",
    )
    loaded = load([source])
    whole = loaded.instruments[0]
    bars = Bars(*(column[:count] for column in whole.bars))
    if len(bars.ts) < count:
        sys.exit(f"{source.bars} has only {len(bars.ts)} bars")
    return Dataset((InstrumentData(source, bars, None, whole.gaps),), loaded.dataset_hash)


def run_event(dataset: Dataset) -> Measured:
    """The event path, journal and guards on."""
    legs = (Leg(SYMBOL, 1),)
    bound = BoundStrategy("sma", momentum.STRATEGY, momentum.Params(10, 50, 100), legs, LIMITS)
    started = StrategyStarted(1, 0, "sma", "momentum", 1, HASH, legs, "USDT", CASH)
    plan = Plan(IDENTITY, dataset, [bound], [started], CostModel(fee_taker=500_000), close_at_end=False)
    with tempfile.TemporaryDirectory() as directory:
        gc.collect()
        gc.disable()
        begin, begin_cpu = time.perf_counter(), time.process_time()
        journal = JournalWriter.create(
            Path(directory) / "wal", IDENTITY.run_id, code_version=veracity.__version__, schema_version=1
        )
        state = simulate(plan, journal)
        journal.close()
        seconds, seconds_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
        gc.enable()
    account = state.accounts["sma"]
    worth = equity(state, account)
    assert worth is not None
    return Measured(seconds, seconds_cpu, account.fills, worth)


PATHS: Final = {"event": run_event}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--path", choices=sorted(PATHS), default="event")
    parser.add_argument("--reps", type=int, default=1)
    arguments = parser.parse_args()
    dataset = first_bars(arguments.data, arguments.bars)
    measured = [PATHS[arguments.path](dataset) for _ in range(arguments.reps)]
    assert len({(one.fills, one.final_equity) for one in measured}) == 1, "repetitions differ"
    seconds = statistics.median(one.seconds for one in measured)
    line: dict[str, Any] = {
        "peer": "veracity",
        "version": veracity.__version__,
        "mode": arguments.path,
        "bars": arguments.bars,
        "seconds_engine": round(seconds, 6),
        "seconds_cpu": round(statistics.median(one.seconds_cpu for one in measured), 6),
        "bars_per_s": round(arguments.bars / seconds),
        "fills": measured[0].fills,
        "trades": measured[0].fills // 2,
        "final_equity": float(Decimal(measured[0].final_equity).scaleb(-MONEY_SCALE)),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "reps": arguments.reps,
    }
    print(json.dumps(line))
    if arguments.bars / seconds < BARS_A_SECOND_MIN:
        print(f"below {BARS_A_SECOND_MIN:,} bars/s: {arguments.bars / seconds:,.0f}", file=sys.stderr)


if __name__ == "__main__":
    main()
