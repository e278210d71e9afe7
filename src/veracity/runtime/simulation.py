"""A run on recorded data: dataset, strategies and costs in, journal and final state out. Every wiring that simulates
(backtest, baselines, `replay --rerun`, the benchmarks) calls this and nothing else."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

from veracity.data.dataset import Dataset, Source
from veracity.domain.events import InstrumentListed, StrategyStarted
from veracity.domain.instruments import Instrument
from veracity.engine.core import BoundStrategy, Engine
from veracity.engine.draft import Step
from veracity.engine.gate import Gate, GateMaker
from veracity.engine.opening import Cast, RunIdentity, Watched, labelled, opening, watches
from veracity.guards.rulebook import GUARDS, Guard
from veracity.runtime.feed import Arrival, Feed
from veracity.runtime.loop import Journal, Loop, Outside
from veracity.runtime.replay import SeqPayload
from veracity.runtime.resume import Following, Recalled, Resumed, resume
from veracity.simulator.costs import CostModel
from veracity.simulator.exchange import SimulatedExchange
from veracity.simulator.tape import Tape
from veracity.state.model import EngineState

END_OF_DATA: Final = "end_of_data"


class Plan(NamedTuple):
    """Everything that a simulated run depends on."""

    identity: RunIdentity
    dataset: Dataset
    bound: Sequence[BoundStrategy]
    started: Sequence[StrategyStarted]  # the same strategies' accounts; seq and ts are set by the opening
    costs: CostModel
    close_at_end: bool
    guards: Sequence[Guard] = GUARDS
    dry_run: Sequence[str] = ()  # rules that only say what they would do


def simulate(plan: Plan, journal: Journal, progress: Callable[[int, int], None] | None = None) -> EngineState:
    """Run the plan to its end; the journal is durable when this returns. `progress` hears facts done and in all."""
    loop = run_through(plan, journal, progress)
    loop.finish(END_OF_DATA)
    return loop.state


def run_through(plan: Plan, journal: Journal, progress: Callable[[int, int], None] | None = None) -> Loop:
    """Run the plan up to its last market fact, and leave it there: nothing is cancelled, closed or durable yet."""
    loop = Loop(
        _engine(plan),
        EngineState(),
        journal,
        exchange(plan),
        barrier_before_effects=False,
        journal_facts=False,
    )
    loop.commit(opening_of(plan))
    loop.run(Feed(plan.dataset, plan.bound, progress))
    return loop


class Beside(NamedTuple):
    """What goes along with a trading run: who is heard and who is told. What comes out of the plan is the same without."""

    outside: Outside | None = None  # operators, a kill file, signals
    checkpoint_every: int = (
        0  # events and facts from one journaled state hash to the next; 0: at the end alone
    )
    progress: Callable[[int, int], None] | None = None  # is told (facts done, facts in all)
    between: Callable[[EngineState], None] | None = None  # is shown the state before each fact
    gate: GateMaker = Gate  # makes the engine's


NOTHING: Final = Beside()


def play(plan: Plan, journal: Journal, records: Iterable[SeqPayload] = (), beside: Beside = NOTHING) -> Loop:
    """Run the plan as trading runs, from the `records` on that `journal` holds already, of a process that was killed.

    Raises OperatorFault (exit code 5) where the records are not of this run.
    """
    return go_on(plan, journal, resume(records, exchange(plan)), beside)


def go_on(plan: Plan, journal: Journal, resumed: Resumed, beside: Beside = NOTHING) -> Loop:
    """Run the plan as trading runs: the facts are journaled, and what explains an effect is durable before it is done.

    The run goes on where it was `resumed`, and ends as if its process had never been killed. The loop is left behind the
    last fact, or where the outside ended it.
    Raises OperatorFault (exit code 5) where the journal says something else than the engine does.
    """
    following = Following(resumed.rest, journal)
    loop = Loop(
        _engine(plan, beside.gate),
        resumed.state,
        following,
        resumed.venue,
        barrier_before_effects=True,
        journal_facts=True,
        outside=Recalled(following, beside.outside),
        checkpoint_every=beside.checkpoint_every,
    )
    if resumed.state.seq == 0:
        loop.commit(opening_of(plan))
    facts = islice(Feed(plan.dataset, plan.bound, beside.progress), resumed.facts, None)
    loop.take(facts if beside.between is None else _shown(facts, loop.state, beside.between))
    return loop


def _shown(
    facts: Iterable[Arrival], state: EngineState, between: Callable[[EngineState], None]
) -> Iterator[Arrival]:
    for fact in facts:
        between(state)
        yield fact


def _engine(plan: Plan, gate: GateMaker = Gate) -> Engine:
    return Engine(
        plan.bound, close_at_end=plan.close_at_end, guards=plan.guards, dry_run=plan.dry_run, gate=gate
    )


def exchange(plan: Plan) -> SimulatedExchange:
    """The venue of a run, at its beginning."""
    tapes = {
        data.source.symbol: Tape(instrument_of(data.source), data.bars) for data in plan.dataset.instruments
    }
    return SimulatedExchange(tapes, plan.costs, plan.identity.seed)


def opening_of(plan: Plan) -> Step:
    """The step that opens the run."""
    listed = [listing(data.source) for data in plan.dataset.instruments]
    watched: tuple[Watched, ...] = (*watches(plan.bound), *labelled(plan.bound, listed))
    return opening(plan.identity, Cast(listed, plan.started, watched), first_ts(plan.dataset))


def first_ts(dataset: Dataset) -> int:
    """When the first bar of the dataset opens, or the first settlement is, whichever is earlier.

    No value beside the bars is told before the first bar of its instrument opens.
    """
    stamps = [int(data.bars.ts[0]) for data in dataset.instruments]
    stamps += [
        int(data.funding.ts[0])
        for data in dataset.instruments
        if data.funding is not None and len(data.funding.ts)
    ]
    return min(stamps)


def instrument_of(source: Source) -> Instrument:
    """The instrument of a data source, as the engine knows it once it is listed."""
    return Instrument.listed(listing(source))


def listing(source: Source) -> InstrumentListed:
    """The event that lists the instrument of a data source; seq and ts are set by the opening."""
    return InstrumentListed(
        seq=1,
        ts=0,
        symbol=source.symbol,
        instrument_kind=source.kind,
        base=source.base,
        quote=source.quote,
        price_scale=source.price_scale,
        qty_scale=source.qty_scale,
        tick=source.tick,
        lot=source.lot,
        notional_min=source.notional_min,
        interval_ns=source.interval_ns,
    )
