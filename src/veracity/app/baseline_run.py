"""The baselines beside a run: one more engine run on the same data, costs, guards and cash, kept in memory.

With much data it happens in a second process while the first one runs the strategy; what comes back is small.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import Final, NamedTuple

from veracity.app.collector import without_collector
from veracity.app.memory_journal import MemoryJournal
from veracity.data.dataset import Dataset, Source, load
from veracity.domain.amounts import rate_floor
from veracity.domain.errors import EngineFault
from veracity.domain.summary_models import Baseline
from veracity.engine.opening import RunIdentity
from veracity.guards.view import RiskLimits
from veracity.research import baselines
from veracity.research.results import collect
from veracity.research.tables import Curve, thinned
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel

INLINE_BARS_MAX: Final = 100_000
"""Up to so many bars another process would spend longer on its imports than on the run."""


class Order(NamedTuple):
    """What to run the baselines on; everything in it can be sent to another process."""

    sources: tuple[Source, ...]
    identity: RunIdentity
    costs: CostModel
    lead: str
    cash: int
    currency: str
    limits: RiskLimits


class Outcome(NamedTuple):
    """What they came to, and their equity curves, thinned."""

    rows: tuple[Baseline, ...]
    curves: tuple[Curve, ...]


def run_baselines(order: Order, dataset: Dataset | None = None) -> Outcome:
    """Run all baselines that the data allow; the dataset is loaded again where none is given."""
    data = load(order.sources) if dataset is None else dataset
    planned = baselines.plan(data, order.lead, order.cash, entry_reserve(order.costs), order.limits)
    journal = MemoryJournal()
    plan = Plan(
        order.identity,
        data,
        baselines.baseline_strategies(planned),
        baselines.started(planned, order.cash, order.currency),
        order.costs,
        close_at_end=True,
    )
    with without_collector():
        state = simulate(plan, journal)
        results = collect(journal, data, state)
    names = {one.bound.strategy_id: one.name for one in planned if one.bound is not None}
    return Outcome(baselines.table(results, planned), tuple(thinned(results, names)))


def entry_reserve(costs: CostModel) -> int:
    """Rate of the notional that an entry may cost beside its price: the fee and half the spread, both known before."""
    return costs.fee_taker + costs.half_spread + rate_floor(costs.fee_taker, costs.half_spread)


@contextmanager
def beside(order: Order | None, dataset: Dataset) -> Iterator[Callable[[], Outcome | None]]:
    """Start the baselines; the value is asked for their outcome when it is needed, None where there is no order."""
    if order is None:
        yield lambda: None
    elif sum(len(data.bars.ts) for data in dataset.instruments) <= INLINE_BARS_MAX:
        yield lambda: run_baselines(order, dataset)
    else:
        with _second_process(order) as ask:
            yield ask


@contextmanager
def _second_process(order: Order) -> Iterator[Callable[[], Outcome]]:
    """Run the baselines in a process that ends with the block, however that is left."""
    context = get_context("spawn")
    heard, said = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(order, said), daemon=True)
    # Ctrl-C reaches both processes, and only this one shall answer it: the other inherits that it is blocked.
    resource_tracker.ensure_running()  # its first start, which `start` would make, unblocks it again
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    said.close()
    try:
        yield lambda: _outcome(heard)
    finally:
        process.terminate()
        process.join()
        heard.close()


def _tell(order: Order, said: Connection) -> None:
    """In the second process: run them, and say what they came to."""
    outcome = run_baselines(order)
    with suppress(BrokenPipeError):  # the first process was killed: nobody is left to hear it
        said.send(outcome)


def _outcome(heard: Connection) -> Outcome:
    """What the second process says; where it died, it told why on stderr."""
    try:
        outcome: Outcome = heard.recv()
    except EOFError as error:
        raise EngineFault("the process that ran the baselines ended without an answer") from error
    return outcome
