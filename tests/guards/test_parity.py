"""The same inputs are denied alike, whatever drives the engine (specs/risk/rulebook.md, S-095)."""

from collections import Counter
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.kit.backtest import small_venue
from tests.kit.doubles import Kept, RecordingJournal
from tests.kit.market import BTC, usd
from tests.kit.players import Player, puppet
from tests.kit.script import IDENTITY

from veracity.data.dataset import Dataset, Source, load
from veracity.domain.events import Event, IntentDenied, decode_event
from veracity.domain.time import NS_PER_DAY, NS_PER_MINUTE
from veracity.engine.core import Engine
from veracity.engine.opening import Cast, opening, watches
from veracity.guards.view import RiskLimits, VolatilityLimits
from veracity.runtime.feed import Feed
from veracity.runtime.loop import Loop
from veracity.runtime.replay import fold
from veracity.runtime.simulation import END_OF_DATA, Plan, first_ts, listing, simulate
from veracity.simulator.costs import CostModel
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

SAMPLE = Path(__file__).parents[2] / "data/sample/binance_spot_BTCUSDT_1m_2023-02.parquet"
DAY = 19_404 * NS_PER_DAY  # 2023-02-16
COSTS = CostModel(fee_taker=1_000_000, half_spread=50_000, latency_submit_ns=50_000_000)
TIGHT = RiskLimits(
    max_exposure=usd(3_000),
    max_position={BTC: 10_000},
    trades_per_day=60,
    order_rate=2,
    order_rate_ns=20 * NS_PER_MINUTE,
    cooldown_ns=7 * NS_PER_MINUTE,
    daily_loss=2_000_000,
    volatility=VolatilityLimits(window=20, pause=600_000, resume=400_000, dwell=5),
)


class Denied(NamedTuple):
    seq: int
    intent_id: str
    rule: str
    ticket: str
    detail: str


def recorded_day() -> Dataset:
    """1,440 real minutes, in around midnight: the day begins and ends inside them."""
    start = DAY - NS_PER_DAY // 2
    source = Source(
        symbol=BTC,
        kind="spot",
        base="BTC",
        quote="USDT",
        price_scale=2,
        qty_scale=5,
        tick=1,
        lot=1,
        notional_min=usd(10),
        interval_ns=NS_PER_MINUTE,
        bars=SAMPLE,
        funding=None,
        start_ts=start,
        end_ts=start + NS_PER_DAY,
        gaps="reject",
    )
    return load([source])


def cast() -> list[Player]:
    """Two strategies that want something else every few minutes, more than they may."""
    restless = (0, 9_000, 9_000, 14_000, -5_000, 20) * 300
    return [
        puppet("a", restless, limits=TIGHT),
        puppet("b", (0, 5_000, 0) * 500, limits=TIGHT),
    ]


def denials(events: list[Event]) -> list[Denied]:
    return [
        Denied(event.seq, event.intent_id, event.rule, event.ticket, event.detail)
        for event in events
        if isinstance(event, IntentDenied)
    ]


def backtest(dataset: Dataset) -> tuple[list[Kept], EngineState]:
    """The wiring of a backtest: quiet bars are passed over, the journal leaves the bars out."""
    players, journal = cast(), RecordingJournal()
    bound, started = [one.bound for one in players], [one.started for one in players]
    state = simulate(Plan(IDENTITY, dataset, bound, started, COSTS, close_at_end=True), journal)
    return journal.records, state


def paper(dataset: Dataset) -> tuple[list[Kept], EngineState]:
    """The wiring of paper trading: every bar is journaled and taken alone, and durable before an order goes out."""
    players, journal = cast(), RecordingJournal()
    bound = [one.bound for one in players]
    venue = small_venue(dataset, COSTS, IDENTITY.seed)
    loop = Loop(Engine(bound), EngineState(), journal, venue, barrier_before_effects=True, journal_facts=True)
    listed = [listing(data.source) for data in dataset.instruments]
    began = Cast(listed, [one.started for one in players], watches(bound))
    loop.commit(opening(IDENTITY, began, first_ts(dataset)))
    loop.run(Feed(dataset, bound))
    loop.finish(END_OF_DATA)
    return journal.records, loop.state


@pytest.mark.ticket("T-282")
def test_a_recorded_day_is_denied_alike_in_backtest_paper_and_replay() -> None:
    dataset = recorded_day()
    tested, tested_state = backtest(dataset)
    traded, traded_state = paper(dataset)
    found = denials([decode_event(record.payload) for record in tested])
    by_rule = Counter(denied.rule for denied in found)
    assert len(found) >= 20
    assert len(by_rule) >= 5
    assert denials([decode_event(record.payload) for record in traded]) == found
    replayed: list[Event] = []
    folded = fold(tested, Feed(dataset), replayed.append)
    assert denials(replayed) == found
    assert {state_hash(state) for state in (traded_state, folded)} == {state_hash(tested_state)}
    assert backtest(dataset)[0] == tested  # and `replay --rerun` is this again
