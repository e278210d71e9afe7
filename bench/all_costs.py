"""The SMA task with every cost switched on, event by event and compiled: what realism takes.

    python bench/all_costs.py --data DIR --bars 100000 [--reps 3]

A perpetual with latency and jitter on every message, half a spread, volatility and impact slippage, at most a tenth of a bar's
volume, 5 bp of fees, a settlement of funding every eight hours, a margin account, and interest on what it borrows; every guard
of the rulebook has a limit. Prints a JSON line for each path with nothing switched on (`plain`) and with everything (`all`),
measured in turns. What the kernel does not cover is left out of *both* of its lines and of the event line `shared`, which must
come to the same equity and fills: `left_out` names it. Below the stated rate of the kernel with costs it says so on stderr.
"""

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from bench.sma_cross import CACHE, COMPILED_LIMITS, HASH, IDENTITY, LIMITS, SYMBOL, first_bars
from msgspec.structs import replace

from veracity.data.dataset import Dataset
from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import Leg, StrategyStarted
from veracity.domain.market import FundingSeries
from veracity.domain.time import NS_PER_HOUR
from veracity.engine.core import BoundStrategy
from veracity.engine.margin import Margin
from veracity.research.kernel.run import Kernel, Prepared
from veracity.research.kernel.scope import extent_of, uncovered
from veracity.research.memory_journal import MemoryJournal
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel
from veracity.state.model import equity
from veracity.strategies import momentum

CASH: Final = 10**14
BP: Final = RATE_ONE // 10_000
MS: Final = 1_000_000
ALL: Final = CostModel(
    fee_taker=5 * BP,
    fee_maker=2 * BP,
    half_spread=BP // 2,
    volatility_share=RATE_ONE // 20,
    impact=RATE_ONE // 5,
    participation_max=RATE_ONE // 10,
    latency_submit_ns=250 * MS,
    latency_cancel_ns=250 * MS,
    latency_ack_ns=50 * MS,
    latency_jitter_ns=100 * MS,
)
MARGIN: Final = Margin(maintenance=RATE_ONE // 200, liquidation_fee=10 * BP)
BORROWS: Final = MARGIN._replace(borrow_cash=BP // 10, borrow_coins=BP // 10)
FUNDING_RATE: Final = BP
KERNEL_RATE_MIN: Final = 20_000_000
"""Stated bars a second of the kernel with all costs and guards on."""


class Came(NamedTuple):
    """What a run came to, and how long it took."""

    seconds: float
    fills: int
    final_equity: int


def perpetual(dataset: Dataset) -> Dataset:
    """The same bars as a perpetual that settles every eight hours, on the close of the bar before."""
    (data,) = dataset.instruments
    bars, every = data.bars, 8 * NS_PER_HOUR
    last = int(bars.ts[-1]) + data.source.interval_ns
    stamps = np.arange(-(-int(bars.ts[0]) // every) * every, last + 1, every, dtype=np.int64)
    rows = np.maximum(np.searchsorted(bars.ts, stamps) - 1, 0)
    signs = np.where(np.arange(len(stamps)) % 3 == 0, -1, 1)
    funding = FundingSeries(stamps, (signs * FUNDING_RATE).astype(np.int64), bars.close[rows])
    source = type(data.source)(**(vars(data.source) | {"kind": "perp"}))
    return Dataset((type(data)(source, bars, funding, data.gaps),), dataset.dataset_hash)


def plan_of(dataset: Dataset, costs: CostModel, margin: Margin | None, limits: Any) -> Plan:
    """The task with these costs."""
    legs = (Leg(SYMBOL, 1),)
    bound = BoundStrategy("sma", momentum.STRATEGY, momentum.Params(10, 50, 100), legs, limits, margin=margin)
    started = StrategyStarted(1, 0, "sma", "momentum", 1, HASH, legs, "USDT", CASH)
    return Plan(IDENTITY, dataset, [bound], [started], costs, close_at_end=True)


def covered(perp: Dataset, left_out: list[str]) -> Plan:
    """The task with everything but what the kernel does not know."""
    unknown = [what.removeprefix("costs: ") for what in left_out if what.startswith("costs: ")]
    default = CostModel()
    costs = replace(ALL, **{name: getattr(default, name) for name in unknown})
    margin = MARGIN if any("interest" in what for what in left_out) else BORROWS
    limits = COMPILED_LIMITS if any("risk." in what for what in left_out) else LIMITS
    return plan_of(perp, costs, margin, limits)


def by_events(plan: Plan) -> Came:
    """Event by event, into a journal in memory."""
    gc.collect()
    begin = time.perf_counter()
    state = simulate(plan, MemoryJournal())
    seconds = time.perf_counter() - begin
    account = state.accounts["sma"]
    worth = equity(state, account)
    assert worth is not None
    return Came(seconds, account.fills, worth)


def compiled(plan: Plan, kernel: Kernel, prepared: Prepared) -> Came:
    """The same, compiled."""
    begin = time.perf_counter()
    run = kernel.run(plan, prepared)
    return Came(time.perf_counter() - begin, run.fills, run.final_equity)


def main() -> None:
    """Measure in turns and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--reps", type=int, default=3)
    arguments = parser.parse_args()
    spot = first_bars(arguments.data, arguments.bars)
    perp = perpetual(spot)
    every = plan_of(perp, ALL, BORROWS, LIMITS)
    left_out = [what for what, _ in uncovered(every, extent_of(perp))]
    shared = covered(perp, left_out)
    plain = plan_of(spot, CostModel(), None, shared.bound[0].limits)
    kernel = Kernel(CACHE)
    of_spot, of_perp = Prepared(plain), Prepared(shared)
    runs: dict[str, Callable[[], Came]] = {
        "event plain": lambda: by_events(plain),
        "event all": lambda: by_events(every),
        "event shared": lambda: by_events(shared),
        "kernel plain": lambda: compiled(plain, kernel, of_spot),
        "kernel shared": lambda: compiled(shared, kernel, of_perp),
    }
    for name in ("kernel plain", "kernel shared"):  # compiled before they are measured, each for its plan
        runs[name]()
    found: dict[str, list[Came]] = {name: [] for name in runs}
    for _ in range(arguments.reps):
        for name, run in runs.items():
            found[name].append(run())
    for name, came in found.items():
        assert len({one[1:] for one in came}) == 1, f"repetitions of {name} differ"
        seconds = statistics.median(one.seconds for one in came)
        line = {
            "run": name,
            "bars": arguments.bars,
            "seconds": round(seconds, 6),
            "bars_per_s": round(arguments.bars / seconds),
            "fills": came[0].fills,
            "final_equity": came[0].final_equity,
            "left_out": left_out if name.endswith("shared") else [],
        }
        print(json.dumps(line))
    assert found["event shared"][0][1:] == found["kernel shared"][0][1:], "kernel and events differ"
    assert found["event plain"][0][1:] == found["kernel plain"][0][1:], "kernel and events differ"
    rate = arguments.bars / statistics.median(one.seconds for one in found["kernel shared"])
    if rate < KERNEL_RATE_MIN:
        print(f"below {KERNEL_RATE_MIN:,} bars/s: {rate:,.0f}", file=sys.stderr)


if __name__ == "__main__":
    main()
