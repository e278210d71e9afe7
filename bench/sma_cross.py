"""The SMA task, measured: SMA(10) against SMA(50) of the close, level signal, market orders at the next open.

    python bench/sma_cross.py --data DIR --bars 1000000 [--path event|kernel|sweep] [--full] [--reps 3]

Flat and fast above slow: buy 0.1; long and fast below slow: sell 0.1. Fee 5 bp of the notional, cash 1,000,000, no
slippage, latency or funding; a position that is still open is marked at the last close. DIR/bars_1000000.parquet has
the columns ts, open, high, low, close (tick 0.01) and volume (lot 0.001): `bench/make_data.py` makes one.

Prints one JSON line. `seconds_engine` is the median over the repetitions from features to the durable end of the
journal, without import and load; the journal is on (a new directory each time, removed after) and every guard of the
rulebook has a limit to check. Below the rate that the path is held to on this machine (`bench/machine.py`; of what is
compiled, the stated one) it says so on stderr. The kernel writes no journal; the sweep runs 200 pairs (fast 5 to 24, slow 30 to 120).
"""

import argparse
import gc
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec.structs import replace

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
from veracity.research.kernel.run import CompiledRun, Kernel, Prepared
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel
from veracity.state.model import ORDER_TIMES_MAX, equity
from veracity.strategies import momentum

sys.path.append(str(Path(__file__).parents[1]))  # run as a file, it finds the rest of `bench`

from bench.machine import plain_python

CACHE: Final = Path(__file__).parents[1] / "build" / "kernel"
WORKERS: Final = 2
FASTS: Final = range(5, 25)
SLOWS: Final = range(30, 121, 10)
_WORKER: Final[list[Any]] = []  # what a worker of the sweep was started with
CASH: Final = units_exact(Decimal(1_000_000), MONEY_SCALE)
SYMBOL: Final = "BTCUSDT"
NO_LIMIT: Final = 10**18
HASH: Final = "0" * 64  # a benchmark is no run that anybody replays
IDENTITY: Final = RunIdentity("0" * 16, HASH, HASH, HASH, 0)
COMPILED_LIMITS: Final = RiskLimits(
    max_exposure=NO_LIMIT,
    leverage_max=RATE_ONE,
    max_position={SYMBOL: NO_LIMIT},
    daily_loss=RATE_ONE - 1,
    trades_per_day=NO_LIMIT,
    cooldown_ns=1,
    stale_ns=NS_PER_MINUTE,
)
"""What the compiled paths keep in the plain task; with --full they keep LIMITS as the event path does, and pay all costs."""
LIMITS: Final = replace(
    COMPILED_LIMITS,
    drawdown=RATE_ONE - 1,
    order_rate=ORDER_TIMES_MAX,
    order_rate_ns=NS_PER_MINUTE,
    price_jump=RATE_ONE,
    price_band=RATE_ONE,
    slippage=RATE_ONE,
    volatility=VolatilityLimits(window=20, pause=RATE_ONE, resume=0, dwell=20),
)
PLAIN: Final = CostModel(fee_taker=500_000)
FULL: Final = CostModel(
    fee_taker=500_000,
    half_spread=100_000,
    volatility_share=50_000_000,
    impact=100_000_000,
    participation_max=RATE_ONE,
    latency_submit_ns=50_000_000,
    latency_cancel_ns=50_000_000,
    latency_jitter_ns=20_000_000,
)


class Setting(NamedTuple):
    """What a run keeps and pays."""

    limits: RiskLimits = LIMITS
    costs: CostModel = PLAIN


DEFENDED: Final = Setting()
COMPARED: Final = Setting(COMPILED_LIMITS)


class Measured(NamedTuple):
    """One repetition."""

    seconds: float
    seconds_cpu: float
    fills: int
    final_equity: int
    combos: int = 1


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


def run_event(dataset: Dataset, setting: Setting = DEFENDED) -> Measured:
    """The event path, journal and guards on."""
    plan = _plan_of(dataset, momentum.Params(10, 50, 100), setting)
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


def run_kernel(dataset: Dataset, setting: Setting = COMPARED) -> Measured:
    """The compiled kernel, from features to the final equity; tapes are part of the load, as columns are."""
    plan = _plan_of(dataset, momentum.Params(10, 50, 100), setting)
    prepared = Prepared(plan)
    kernel = Kernel(CACHE)
    kernel.run(
        plan, prepared
    )  # compiled, or loaded, before it is measured; `seconds_first` of a sweep has it
    gc.collect()
    begin, begin_cpu = time.perf_counter(), time.process_time()
    run = kernel.run(plan, prepared)
    seconds, seconds_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    return Measured(seconds, seconds_cpu, run.fills, run.final_equity)


def run_sweep_of_pairs(dataset: Dataset, setting: Setting = COMPARED) -> Measured:
    """All pairs of FASTS and SLOWS on two processes; the final equity is the sum of all."""
    _WORKER[:] = [_prepare(dataset, setting)]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("fork")) as pool:
        list(pool.map(_warm, range(4 * WORKERS)))
        pairs = [(fast, slow) for slow in SLOWS for fast in FASTS]
        parts = [pairs[start :: 2 * WORKERS] for start in range(2 * WORKERS)]
        begin, begin_cpu = time.perf_counter(), time.process_time()
        found = [one for part in pool.map(_pairs, parts) for one in part]
        seconds, seconds_cpu = time.perf_counter() - begin, time.process_time() - begin_cpu
    return Measured(
        seconds, seconds_cpu, sum(fills for fills, _ in found), sum(worth for _, worth in found), len(found)
    )


def _prepare(dataset: Dataset, setting: Setting) -> tuple[Dataset, Setting, Kernel, Prepared]:
    plan = _plan_of(dataset, momentum.Params(10, 50, 100), setting)
    kernel, prepared = Kernel(CACHE), Prepared(plan, share=True)
    kernel.run(plan, prepared)
    return dataset, setting, kernel, prepared


def _warm(_: int) -> None:
    _pairs([(5, 30)])


def _pairs(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Fills and final equity of each pair, in a worker."""
    dataset, setting, kernel, prepared = _WORKER[0]
    plans = [_plan_of(dataset, momentum.Params(fast, slow, 100), setting) for fast, slow in pairs]
    found = []
    for run in kernel.run_all(plans, prepared):
        assert isinstance(run, CompiledRun), run
        found.append((run.fills, run.final_equity))
    return found


def _plan_of(dataset: Dataset, params: momentum.Params, setting: Setting) -> Plan:
    legs = (Leg(SYMBOL, 1),)
    bound = BoundStrategy("sma", momentum.STRATEGY, params, legs, setting.limits)
    started = StrategyStarted(1, 0, "sma", "momentum", 1, HASH, legs, "USDT", CASH)
    return Plan(IDENTITY, dataset, [bound], [started], setting.costs, close_at_end=False)


PATHS: Final = {"event": run_event, "kernel": run_kernel, "sweep": run_sweep_of_pairs}
RATES_MIN: Final = {"event": 500_000, "kernel": 60_000_000, "sweep": 300_000_000}
"""Stated bars a second of each path; of the sweep, combo-bars."""
RATES_FULL_MIN: Final = {"event": 0, "kernel": 20_000_000, "sweep": 60_000_000}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--path", choices=sorted(PATHS), default="event")
    parser.add_argument("--full", action="store_true", help="all guards, all costs of market orders")
    parser.add_argument("--reps", type=int, default=1)
    arguments = parser.parse_args()
    dataset = first_bars(arguments.data, arguments.bars)
    setting = DEFENDED if arguments.path == "event" else COMPARED
    if arguments.full:
        setting = Setting(costs=FULL)
    measured = [PATHS[arguments.path](dataset, setting) for _ in range(arguments.reps)]
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
        "full": arguments.full,
    }
    bars = arguments.bars * measured[0].combos
    rates = RATES_FULL_MIN if arguments.full else RATES_MIN
    machine, stated = plain_python(), rates[arguments.path]
    held_to = round(stated * machine.share) if arguments.path == "event" else stated
    line |= {"machine": machine.as_dict(), "stated_per_s": stated, "held_to_per_s": held_to}
    if arguments.path == "sweep":
        line |= {"combos": measured[0].combos, "combo_bars_per_s": round(bars / seconds), "workers": WORKERS}
    print(json.dumps(line))
    if bars / seconds < held_to:
        print(f"below {held_to:,} bars/s: {bars / seconds:,.0f}", file=sys.stderr)


if __name__ == "__main__":
    main()
