"""Every strategy of the library, and so every baseline, runs compiled and event by event alike."""

from typing import Any

import numpy as np
import pytest
from tests.kit.market import BTC, MINUTE, PERP, START, funding_of, listed, usd
from tests.kit.players import player
from tests.research.kernel.agreement import agree, plan_of

from veracity.domain.events import OrderFilled
from veracity.domain.market import Bars
from veracity.domain.time import NS_PER_DAY
from veracity.research.kernel.run import Kernel
from veracity.simulator.costs import CostModel
from veracity.strategies import buy_and_hold, funding_carry, mean_reversion, momentum, no_trade
from veracity.strategies.registry import REGISTRY

COUNT = 600
PARAMS: dict[str, Any] = {
    "buy_and_hold": buy_and_hold.Params(500),
    "no_trade": no_trade.Params(),
    "momentum": momentum.Params(5, 20, 500),
    "mean_reversion": mean_reversion.Params(20, 1_500, 0, 500),
    "funding_carry": funding_carry.Params(1, 100_000, 0, 500),
}
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


def market(seed: int) -> Bars:
    random = np.random.default_rng(seed)
    close = 20_000 + np.cumsum(random.integers(-50, 51, COUNT))
    opened = np.concatenate((close[:1], close[:-1]))
    ts = START + NS_PER_DAY - 300 * MINUTE + MINUTE * np.arange(COUNT)
    columns = (
        ts,
        opened,
        np.maximum(opened, close) + 9,
        np.minimum(opened, close) - 9,
        close,
        np.full(COUNT, 40_000),
    )
    return Bars(*(column.astype(np.int64) for column in columns))


@pytest.mark.parametrize("name", [name for name in REGISTRY if not REGISTRY[name].optional])
def test_a_strategy_of_the_library_runs_compiled_as_it_runs_event_by_event(name: str, kernel: Kernel) -> None:
    strategy = REGISTRY[name]
    bars = {PERP: market(1), BTC: market(2)}
    one = player(
        "a", *(PERP, BTC)[: strategy.legs], strategy=strategy, params=PARAMS[name], cash=usd(100_000)
    )
    first = int(bars[PERP].ts[0])
    settlements = [
        (first + 60 * MINUTE * hour, (300_000, -300_000)[hour % 2], 20_011) for hour in range(1, 10)
    ]
    plan = plan_of(
        bars, one, COSTS, {PERP: funding_of(settlements)}, {PERP: listed(PERP), BTC: listed(BTC)}, True
    )
    fills = [event for event in agree(plan, kernel) if isinstance(event, OrderFilled)]
    assert len(fills) == 0 if name == "no_trade" else len(fills) >= 2
