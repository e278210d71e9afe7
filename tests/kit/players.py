"""Strategies that do what a test tells them, bound to accounts."""

from typing import Any, NamedTuple

import numpy as np
from tests.kit.market import BTC, usd

from veracity.domain.events import Leg, StrategyStarted
from veracity.domain.market import Column
from veracity.engine.core import BoundStrategy
from veracity.guards.view import RiskLimits
from veracity.strategies.interface import Decision, Memo, Row, Strategy, Window

NO_LIMITS = RiskLimits()


class Player(NamedTuple):
    """One strategy of a test: what the engine asks, and the event that opens its account."""

    bound: BoundStrategy
    started: StrategyStarted


def _targets(window: Window, targets: tuple[int, ...]) -> tuple[Column, ...]:
    """One target a bar; the last one stays for the bars that are left."""
    count = len(window.known_ts)
    column = np.full(count, targets[-1] if targets else 0, dtype=np.int64)
    column[: len(targets)] = targets[:count]
    return (column,)


def _obey(params: tuple[int, ...], row: Row, position: int, memo: Memo) -> Decision:
    return row[0], 0, memo


def _obey_and_count(params: tuple[int, ...], row: Row, position: int, memo: Memo) -> Decision:
    return row[0], 0, ((memo[0] if memo else 0) + 1,)


def _ready(params: tuple[int, ...]) -> int:
    return 1


def _unbindable(*_: object) -> tuple[int, ...]:
    raise AssertionError("a test gives the params itself")


PUPPET = Strategy("puppet", 1, ("as_told",), (), 1, _unbindable, _ready, _targets, _obey)
"""Wants the target that its row says: in a Script the row that the test gives, in a backtest `params[bar]`."""

DIARIST = Strategy("diarist", 1, ("as_told",), (), 1, _unbindable, _ready, _targets, _obey_and_count)
"""A puppet that counts its turns in its memo."""


def player(
    strategy_id: str = "a",
    *symbols: str,
    strategy: Strategy = PUPPET,
    params: Any = (),
    cash: int = usd(10_000),
    limits: RiskLimits = NO_LIMITS,
    currency: str = "USDT",
) -> Player:
    """A strategy on `symbols` (BTCUSDT where none is named): the first one decides, the others hedge it."""
    names = symbols or (BTC,)
    legs = tuple(Leg(symbol, 1 if symbol == names[0] else -1) for symbol in names)
    started = StrategyStarted(
        seq=1,
        ts=0,
        strategy_id=strategy_id,
        strategy=strategy.name,
        version=strategy.version,
        config_hash="c" * 64,
        legs=legs,
        currency=currency,
        cash=cash,
    )
    return Player(BoundStrategy(strategy_id, strategy, params, legs, limits), started)


def puppet(strategy_id: str, targets: tuple[int, ...], *symbols: str, **options: Any) -> Player:
    """A player of a small backtest that wants `targets`, one a bar."""
    return player(strategy_id, *symbols, params=targets, **options)
