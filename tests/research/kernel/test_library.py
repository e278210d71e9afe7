"""Every strategy of the library and every baseline runs compiled and event by event alike. Both catalogues are read here: what
joins one of them has to run compiled, or fails."""

from collections.abc import Sequence
from typing import get_args

import numpy as np
import pytest
from tests.kit.market import BTC, MINUTE, PERP, START, aux_of, dataset_of, funding_of, listed, usd
from tests.kit.players import Player
from tests.kit.script import IDENTITY
from tests.research.kernel.agreement import agree
from tests.strategies.desk import library

from veracity.data.dataset import Dataset
from veracity.domain.events import Event, OrderFilled, RegimeChanged
from veracity.domain.market import Bars
from veracity.domain.regimes import REGIME
from veracity.guards.view import RiskLimits
from veracity.research import baselines
from veracity.research.kernel.run import Kernel
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.strategies.registry import REGISTRY

HOUR = 60 * MINUTE
COUNT = 600  # hours, of which a regime needs the first 264
COSTS = CostModel(
    fee_taker=500_000,
    half_spread=100_000,
    volatility_share=50_000_000,
    impact=100_000_000,
    participation_max=10**8,
    latency_submit_ns=50_000_000,
    latency_cancel_ns=50_000_000,
    latency_jitter_ns=20_000_000,
)
NEVER_TRADES = "no_trade"


def market(seed: int) -> Bars:
    """Hours that are calm, wild and calm again, by turns of forty."""
    random = np.random.default_rng(seed)
    sizes = np.repeat(np.tile((20, 90, 40), COUNT // 120), 40)
    close = 20_000 + np.cumsum(random.integers(-sizes, sizes + 1))
    opened = np.concatenate((close[:1], close[:-1]))
    columns = (
        START + HOUR * np.arange(COUNT),
        opened,
        np.maximum(opened, close) + 9,
        np.minimum(opened, close) - 9,
        close,
        np.full(COUNT, 40_000),
    )
    return Bars(*(column.astype(np.int64) for column in columns))


def dataset() -> Dataset:
    settlements = [
        (START + 8 * HOUR * number, (300_000, -300_000)[number // 9 % 2], 20_011) for number in range(1, 75)
    ]
    rules = {symbol: listed(symbol, interval_ns=HOUR) for symbol in (PERP, BTC)}
    grown = np.cumsum(np.random.default_rng(3).integers(-9, 10, COUNT)) + 5_000
    told = [
        (START + HOUR * number + MINUTE, int(value), START + HOUR * number)
        for number, value in enumerate(grown)
    ]
    aux = {symbol: [aux_of("open_interest", told)] for symbol in (PERP, BTC)}
    return dataset_of({PERP: market(1), BTC: market(2)}, {PERP: funding_of(settlements)}, rules, aux)


def plan(one: Player) -> Plan:
    return Plan(IDENTITY, dataset(), [one.bound], [one.started], COSTS, True)


def fills(events: Sequence[Event]) -> int:
    return sum(isinstance(event, OrderFilled) for event in events)


def of_library(name: str) -> Player:
    """The strategy of that name, on as many of the instruments as it takes."""
    strategy = REGISTRY[name]
    limits = RiskLimits(critical_aux=strategy.aux, aux_ttl_ns={REGIME: HOUR})
    settings = {"entry_z": 1}  # two deviations from a mean of five bars are never reached
    return library(name, *(PERP, BTC)[: strategy.legs], settings=settings, limits=limits, cash=usd(100_000))


@pytest.mark.parametrize("name", list(REGISTRY))
def test_a_strategy_of_the_library_runs_compiled_as_it_runs_event_by_event(name: str, half: Kernel) -> None:
    events = agree(plan(of_library(name)), half)
    assert fills(events) == 0 if name == NEVER_TRADES else fills(events) >= 2
    if REGISTRY[name].needs_regime:
        labels = {event.regime_to for event in events if isinstance(event, RegimeChanged)}
        assert labels >= {"low_vol", "mid_vol", "high_vol"}


@pytest.mark.parametrize("name", get_args(baselines.Name))
def test_a_baseline_runs_compiled_as_it_runs_event_by_event(name: baselines.Name, half: Kernel) -> None:
    cash = usd(1_000)
    planned = {one.name: one for one in baselines.plan(dataset(), PERP, cash, 10**6, RiskLimits())}
    one = planned[name]
    assert one.bound is not None
    (started,) = baselines.started([one], cash, "USDT")
    events = agree(plan(Player(one.bound, started)), half)
    assert fills(events) == 0 if name == NEVER_TRADES else fills(events) >= 2
