"""The golden tape: what each version of each strategy decides on one market is pinned.

A change of a decision needs a new version and its own line here (specs/strategies/interface.md, S-144). The tape is made of
whole numbers from the raw bits of PCG64, whose stream numpy keeps (NEP 19).
"""

import dataclasses
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pytest
from tests.kit.market import BTC, MINUTE, PERP, START, instrument

from veracity.domain.canonical import canonical_hash
from veracity.domain.market import Bars
from veracity.domain.regimes import LABEL
from veracity.strategies.interface import (
    UNKNOWN,
    AuxSeries,
    Decision,
    Memo,
    Row,
    Strategy,
    Window,
    columns_of,
)
from veracity.strategies.registry import REGISTRY

BARS: Final = 2_000
SETTINGS: Final[dict[str, dict[str, Any]]] = {  # thresholds that the tape meets exactly
    "buy_and_hold": {"qty": "0.5"},
    "no_trade": {},
    "momentum": {"fast": 10, "slow": 50, "qty": "0.5"},
    "mean_reversion": {"length": 30, "entry_z": "1.581", "exit_z": "0", "qty": "0.5"},
    "funding_carry": {"settlements": 3, "entry": "0.0001", "exit": "0.00005", "qty": "0.5"},
    "vol_regime_switch": {
        "fast": 10,
        "slow": 50,
        "length": 30,
        "entry_z": "1.581",
        "exit_z": "0",
        "qty": "0.5",
    },
    "open_interest_trend": {"fast": 10, "slow": 50, "hours": 1, "change_min": "0.005", "qty": "0.5"},
}
GOLDEN: Final[dict[tuple[str, int], tuple[int, str]]] = {
    ("buy_and_hold", 2): (1, "11ff1054252633e3bcf2078c5a75be89b991ca219a025e1e18cabdd6f76d5aeb"),
    ("no_trade", 1): (0, "4007e3225ba0943c5bb5b314884a2af15fe6c8bd79b2f51ab552c297a44dc988"),
    ("momentum", 1): (50, "2a4879847213917b5cdc79491d812f863027be99087dda4d54fedd22b5e4948d"),
    ("mean_reversion", 1): (62, "c8e1e99729dbf6da2b3f5c0b05bc65e418172ca3f13e98da6b982f2e2f93474c"),
    ("funding_carry", 1): (13, "11273c136ad5fca4cd031c408f2c7c017d11574b54d38bb9af91328934d0e8fc"),
    ("vol_regime_switch", 1): (28, "929225bf8e0c4adf7e46981312cf2e78d3fcd091418ea8c3640be9f0f8046839"),
    ("open_interest_trend", 1): (16, "81829f09e495c28d101d43488511bd52e589afc9fbe15540230a4209cef6c560"),
}
"""By strategy and version: how many decisions of the tape changed the target, and the hash of all of them."""


def market(legs: int) -> Window:
    """A walk of each leg in steps of one size, and a settlement every 20 bars: coarse, so that averages tie with each
    other and sums with thresholds."""
    draws = np.random.PCG64(42).random_raw(3 * BARS).reshape(3, BARS).astype(np.int64) & 0xFFFF
    ts = START + MINUTE * np.arange(BARS, dtype=np.int64)
    bars = []
    for leg in range(legs):
        close = 100_00 + 10 * np.cumsum(draws[leg] % 3 - 1)
        opened = np.concatenate((close[:1], close[:-1]))
        high, low = np.maximum(opened, close) + 3, np.minimum(opened, close) - 3
        bars.append(Bars(ts, opened, high, low, close, np.full(BARS, 1_000_000, dtype=np.int64)))
    settled = ts[::20] + MINUTE
    rates = np.array([20_000, 100_000, 100_000, -50_000])[draws[2][: len(settled)] % 4]
    rates[:3] = 100_000
    interest = 8_000 + 40 * (draws[1][: len(settled)] % 3)
    aux = {
        "funding_rate": AuxSeries(settled, rates, settled),
        "open_interest": AuxSeries(settled + MINUTE // 2, interest, settled),
    }
    return Window(tuple(bars), ts + MINUTE, aux)


def tape(strategy: Strategy) -> tuple[int, str]:
    """What the strategy decides row after row where every target is reached at once."""
    params = strategy.bind(SETTINGS[strategy.name], instrument(PERP if strategy.legs == 2 else BTC))
    columns = columns_of(strategy.features(market(strategy.legs), params))
    if strategy.needs_regime:  # each for 100 bars, the unknown one too, just known
        codes = np.array([UNKNOWN, *sorted(LABEL)[1:]])[np.arange(BARS) // 100 % len(LABEL)]
        columns = (*columns, codes, np.zeros(BARS, dtype=np.int64))
    position, changes, decided = 0, 0, []
    memo: Memo = ()
    ready = strategy.warmup(params) - 1
    for row in zip(*(column[ready:].tolist() for column in columns), strict=True):
        target, reason, memo = strategy.decide(params, row, position, memo)
        decided.append([target, strategy.reasons[reason], list(memo)])
        changes += target != position
        position = target
    return changes, canonical_hash(decided)


@pytest.mark.ticket("T-391")
def test_every_strategy_decides_as_its_version_did() -> None:
    found = {(name, strategy.version): tape(strategy) for name, strategy in REGISTRY.items()}
    assert found == {key: GOLDEN.get(key) for key in found}, (
        "a decision changed: raise the version and add its line"
    )


def test_a_changed_decision_under_an_equal_version_is_not_the_golden_tape() -> None:
    momentum = REGISTRY["momentum"]
    decide = momentum.decide

    def once(change: Callable[[Decision], Decision]) -> Strategy:
        """Momentum, but for its decision on one row."""
        rows = iter(range(BARS))

        def other(params: Any, row: Row, position: int, memo: Memo) -> Decision:
            decision = decide(params, row, position, memo)
            return change(decision) if next(rows) == BARS // 2 else decision

        return dataclasses.replace(momentum, decide=other)

    assert tape(once(lambda decision: decision)) == GOLDEN["momentum", 1]
    for change in (
        lambda decision: (decision[0] + 1, *decision[1:]),
        lambda decision: (decision[0], 1 - min(decision[1], 1), decision[2]),
        lambda decision: (*decision[:2], (7,)),
    ):
        assert tape(once(change))[1] != GOLDEN["momentum", 1][1]
