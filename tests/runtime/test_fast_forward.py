"""Skipping over quiet bars leaves the journal and the state as they are, to the byte, and asks each strategy once a bar."""

import dataclasses
from collections import Counter
from typing import NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.backtest import run_small_backtest
from tests.kit.doubles import Kept, RecordingJournal
from tests.kit.market import BTC, ETH, MINUTE, PERP, bars_of, dataset_of, funding_of, usd
from tests.kit.players import Player, player
from tests.kit.script import IDENTITY

from veracity.data.dataset import Dataset
from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import BorrowCharged, DayRolled, FundingPaid, PositionLiquidated, decode_event
from veracity.domain.instruments import Instrument
from veracity.domain.time import NS_PER_DAY, NS_PER_MINUTE
from veracity.engine.core import Engine
from veracity.engine.margin import Margin
from veracity.engine.opening import Cast, opening, watches
from veracity.runtime.feed import CHUNK, RUN_MIN, Feed
from veracity.runtime.loop import Loop
from veracity.runtime.simulation import END_OF_DATA, first_ts, listing
from veracity.simulator.costs import CostModel
from veracity.simulator.exchange import SimulatedExchange
from veracity.simulator.tape import Tape
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.strategies import mean_reversion, momentum


class Outcome(NamedTuple):
    records: list[Kept]
    state_hash: str


def bar_by_bar(dataset: Dataset, players: list[Player], costs: CostModel) -> Outcome:
    """The same wiring as `simulate`, but every fact is taken alone."""
    events = [listing(data.source) for data in dataset.instruments]
    tapes = {
        event.symbol: Tape(Instrument.listed(event), data.bars)
        for event, data in zip(events, dataset.instruments, strict=True)
    }
    bound = [one.bound for one in players]
    state, journal = EngineState(), RecordingJournal()
    exchange = SimulatedExchange(tapes, costs, IDENTITY.seed)
    loop = Loop(Engine(bound), state, journal, exchange, barrier_before_effects=False, journal_facts=False)
    loop.commit(
        opening(IDENTITY, Cast(events, [one.started for one in players], watches(bound)), first_ts(dataset))
    )
    loop.take(Feed(dataset, bound))
    loop.finish(END_OF_DATA)
    return Outcome(journal.records, state_hash(state))


def fast(dataset: Dataset, players: list[Player], costs: CostModel) -> Outcome:
    run = run_small_backtest(dataset, players, costs=costs)
    return Outcome(run.records, state_hash(run.state))


def on(symbol: str, one: Player) -> Player:
    """The player, on another instrument."""
    return player(
        one.bound.strategy_id,
        symbol,
        strategy=one.bound.strategy,
        params=one.bound.params,
        limits=one.bound.limits,
    )


def walk(seed: int, bars: int) -> list[int]:
    return (np.cumsum(np.random.default_rng(seed).integers(-300, 301, bars)) + 1_000_000).tolist()


PLAYERS = [
    player("fast", strategy=momentum.STRATEGY, params=momentum.Params(2, 5, 100)),
    player("slow", strategy=momentum.STRATEGY, params=momentum.Params(5, 20, 300)),
    player("mean", strategy=mean_reversion.STRATEGY, params=mean_reversion.Params(8, 1_500, 0, 200)),
]


@given(
    seed=st.integers(0, 2**32 - 1),
    latency=st.sampled_from([0, 1, MINUTE // 2, MINUTE, 3 * MINUTE + 7]),
    jitter=st.sampled_from([0, MINUTE]),
    participation=st.sampled_from([10**9, 200_000]),
    chosen=st.sets(st.integers(0, 2), min_size=1),
)
@settings(max_examples=40, deadline=None, derandomize=True)
def test_the_journal_is_the_same_as_bar_by_bar(
    seed: int, latency: int, jitter: int, participation: int, chosen: set[int]
) -> None:
    dataset = dataset_of({BTC: bars_of(walk(seed, 400))})
    players = [PLAYERS[number] for number in sorted(chosen)]
    costs = CostModel(
        fee_taker=500_000,
        latency_submit_ns=latency,
        latency_jitter_ns=jitter,
        participation_max=participation,
    )
    slow = bar_by_bar(dataset, players, costs)
    assert fast(dataset, players, costs) == slow
    assert len(slow.records) > 8  # more than the opening and the end: something happened


@given(
    seed=st.integers(0, 2**32 - 1),
    every=st.sampled_from([1, RUN_MIN - 1, RUN_MIN, 3 * RUN_MIN + 1, 240]),
    shift=st.integers(0, 2) | st.just(MINUTE // 2),
    latency=st.sampled_from([0, 1, 3 * MINUTE + 7]),
)
@settings(max_examples=12, deadline=None, derandomize=True)
def test_the_journal_is_the_same_between_the_settlements_of_a_perpetual(
    seed: int, every: int, shift: int, latency: int
) -> None:
    bars = bars_of(walk(seed, 300))
    rates = np.random.default_rng(seed).integers(-200_000, 200_001, 300).tolist()
    settled = [
        (int(bars.ts[bar]) + shift, rates[bar], int(bars.open[bar])) for bar in range(every, 300, every)
    ]
    dataset = dataset_of({PERP: bars}, {PERP: funding_of(settled)})
    players = [on(PERP, one) for one in PLAYERS]
    costs = CostModel(fee_taker=500_000, latency_submit_ns=latency)
    slow = bar_by_bar(dataset, players, costs)
    assert fast(dataset, players, costs) == slow
    paid = [
        event
        for event in map(decode_event, (one.payload for one in slow.records))
        if isinstance(event, FundingPaid)
    ]
    assert paid


class Lent(NamedTuple):
    """Two margin accounts that go long and short as chance has it, and one that never borrows, on one instrument."""

    seed: int
    symbol: str
    maintenance: int
    hourly: int
    latency: int

    def outcomes(self) -> tuple[Outcome, Outcome]:
        """Bar by bar, and fast."""
        closes = [max(100, 30 * (price - 1_000_000) + 1_000_000) for price in walk(self.seed, 300)]
        terms = Margin(self.maintenance, RATE_ONE // 100, self.hourly, 2 * self.hourly)
        random, players = np.random.default_rng(self.seed), [on(self.symbol, PLAYERS[0])]
        for name, cash in (("a", 700), ("b", 2_000)):
            targets = np.repeat(random.integers(-1, 2, 12) * 1_000, 25).tolist()
            one = player(name, self.symbol, params=tuple(targets), cash=usd(cash))
            players.append(one._replace(bound=one.bound._replace(margin=terms)))
        bars = bars_of(closes)
        settled = [(int(bars.ts[bar]), 100_000, closes[bar]) for bar in (60, 180)]
        dataset = dataset_of({self.symbol: bars}, {PERP: funding_of(settled)})
        costs = CostModel(fee_taker=500_000, latency_submit_ns=self.latency)
        return bar_by_bar(dataset, players, costs), fast(dataset, players, costs)


@given(
    seed=st.integers(0, 2**32 - 1),
    symbol=st.sampled_from([BTC, PERP]),
    maintenance=st.sampled_from([0, RATE_ONE // 100, RATE_ONE // 20]),
    hourly=st.sampled_from([0, 10_000]),
    latency=st.sampled_from([0, 1, 3 * MINUTE + 7]),
)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_the_journal_is_the_same_for_margin_accounts(
    seed: int, symbol: str, maintenance: int, hourly: int, latency: int
) -> None:
    slow, quick = Lent(seed, symbol, maintenance, hourly, latency).outcomes()
    assert quick == slow


def test_interest_and_liquidation_come_on_their_bar_in_a_stretch() -> None:
    slow, quick = Lent(1, BTC, RATE_ONE // 20, 10_000, 0).outcomes()
    assert quick == slow
    kinds = Counter(type(decode_event(one.payload)) for one in slow.records)
    assert kinds[BorrowCharged] > 3
    assert kinds[PositionLiquidated] > 0


def test_a_day_that_ends_in_a_quiet_stretch_is_rolled_at_its_bar() -> None:
    bars = bars_of([100_00] * (CHUNK * 3))
    dataset = dataset_of({BTC: bars})
    quiet = [player("a", params=())]
    records, _ = fast(dataset, quiet, CostModel())
    assert records == bar_by_bar(dataset, quiet, CostModel()).records
    events = [decode_event(record.payload) for record in records]
    rolled = [event for event in events if isinstance(event, DayRolled)]
    days = CHUNK * 3 * NS_PER_MINUTE // NS_PER_DAY
    assert days >= 2
    assert [event.ts % NS_PER_DAY for event in rolled] == [0] * days


def test_bars_of_two_instruments_in_turn_are_taken_one_by_one_and_agree() -> None:
    dataset = dataset_of({BTC: bars_of(walk(1, 300)), ETH: bars_of(walk(2, 300))})
    players = [PLAYERS[0], player("eth", ETH, strategy=momentum.STRATEGY, params=momentum.Params(3, 9, 100))]
    assert fast(dataset, players, CostModel()) == bar_by_bar(dataset, players, CostModel())


def test_each_strategy_is_asked_once_a_bar_whatever_the_others_do() -> None:
    asked: Counter[tuple[str, int]] = Counter()

    def counting(name: str, one: Player) -> Player:
        inner = one.bound.strategy

        def features(window, params):  # type: ignore[no-untyped-def]
            return (*inner.features(window, params), np.arange(len(window.known_ts)))

        def decide(params, row, position, memo):  # type: ignore[no-untyped-def]
            asked[name, row[-1]] += 1
            return inner.decide(params, row[:-1], position, memo)

        watched = dataclasses.replace(inner, features=features, decide=decide)
        return one._replace(bound=one.bound._replace(strategy=watched))

    players = [counting(one.bound.strategy_id, one) for one in PLAYERS]
    run_small_backtest({BTC: bars_of(walk(3, 2_500))}, players, costs=CostModel(latency_submit_ns=MINUTE))
    warmups = {"fast": 5, "slow": 20, "mean": 8}
    assert asked == Counter(
        {(name, bar): 1 for name, warmup in warmups.items() for bar in range(warmup - 1, 2_500)}
    )
