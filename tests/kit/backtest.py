"""A whole backtest in memory: feed, engine, simulated exchange, and a journal in a list."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tests.kit.doubles import Kept, RecordingJournal
from tests.kit.market import dataset_of
from tests.kit.players import Player
from tests.kit.script import IDENTITY

from veracity.data.dataset import Dataset
from veracity.domain.events import Event, decode_event
from veracity.domain.instruments import Instrument
from veracity.domain.market import Bars, FundingSeries
from veracity.engine.core import Engine
from veracity.engine.draft import Step
from veracity.engine.opening import Cast, RunIdentity, labelled, opening, watches
from veracity.runtime.feed import Feed
from veracity.runtime.loop import Journal, Loop, Venue
from veracity.runtime.replay import fold
from veracity.runtime.simulation import Plan, first_ts, listing, simulate
from veracity.simulator.costs import CostModel
from veracity.simulator.exchange import SimulatedExchange
from veracity.simulator.tape import Tape
from veracity.state.model import EngineState

FREE = CostModel()

Kind = TypeVar("Kind")


@dataclass(frozen=True)
class SmallRun:
    """A finished run. `records` is its journal: everything but the market facts."""

    state: EngineState
    records: list[Kept]
    dataset: Dataset

    @property
    def events(self) -> list[Event]:
        """What was journaled, in order."""
        return [decode_event(record.payload) for record in self.records]

    def all(self, kind: type[Kind]) -> list[Kind]:
        """All journaled events of a kind, oldest first."""
        return [event for event in self.events if isinstance(event, kind)]

    def folded(
        self, records: Iterable[Kept] | None = None, on_event: Callable[[Event], None] | None = None
    ) -> EngineState:
        """The state that the journal (or `records` in its place) and the dataset fold to."""
        return fold(self.records if records is None else records, Feed(self.dataset), on_event)


def small_venue(dataset: Dataset, costs: CostModel = FREE, seed: int = 1) -> SimulatedExchange:
    """The simulated exchange of a dataset."""
    listed = [Instrument.listed(listing(data.source)) for data in dataset.instruments]
    tapes = {one.symbol: Tape(one, data.bars) for one, data in zip(listed, dataset.instruments, strict=True)}
    return SimulatedExchange(tapes, costs, seed)


def small_loop(
    players: Sequence[Player], journal: Journal, venue: Venue, state: EngineState | None = None
) -> Loop:
    """A backtest's loop, for tests that stop in the middle; without a `state` nothing has happened yet."""
    return Loop(
        Engine([one.bound for one in players]),
        EngineState() if state is None else state,
        journal,
        venue,
        barrier_before_effects=False,
        journal_facts=False,
    )


def opening_of(dataset: Dataset, players: Sequence[Player]) -> Step:
    """The first step of a run."""
    listed = [listing(data.source) for data in dataset.instruments]
    return opening(
        IDENTITY,
        Cast(
            listed,
            [one.started for one in players],
            [*watches(bound := [one.bound for one in players]), *labelled(bound, listed)],
        ),
        first_ts(dataset),
    )


def plan_for(
    market: Mapping[str, Bars],
    players: Sequence[Player],
    *,
    costs: CostModel = FREE,
    funding: Mapping[str, FundingSeries] | None = None,
    close_at_end: bool = True,
) -> Plan:
    """What a run depends on, for tests that hand it to `simulate` or `play` themselves."""
    dataset = dataset_of(market, funding)
    started = [one.started for one in players]
    return Plan(IDENTITY, dataset, [one.bound for one in players], started, costs, close_at_end)


def run_small_backtest(
    market: Mapping[str, Bars] | Dataset,
    players: Sequence[Player],
    *,
    costs: CostModel = FREE,
    identity: RunIdentity = IDENTITY,
    close_at_end: bool = True,
    journal: Journal | None = None,
) -> SmallRun:
    """Run `players` over `market` to the end. Records go to `journal` instead, where one is given."""
    dataset = market if isinstance(market, Dataset) else dataset_of(market)
    kept = RecordingJournal()
    plan = Plan(
        identity,
        dataset,
        [one.bound for one in players],
        [one.started for one in players],
        costs,
        close_at_end,
    )
    return SmallRun(simulate(plan, kept if journal is None else journal), kept.records, dataset)
