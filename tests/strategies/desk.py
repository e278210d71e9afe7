"""Strategies of the library on small markets, by the names that a config uses."""

from typing import Any

from tests.kit.market import BTC, instrument
from tests.kit.players import Player, player

from veracity.strategies.registry import REGISTRY

SETTINGS: dict[str, dict[str, Any]] = {
    "buy_and_hold": {"qty": 1},
    "no_trade": {},
    "momentum": {"fast": 2, "slow": 3, "qty": 1},
    "mean_reversion": {"length": 5, "entry_z": 2, "exit_z": 0, "qty": 1},
    "funding_carry": {"settlements": 1, "entry": "0.0001", "exit": "0.00002", "qty": 1},
    "vol_regime_switch": {"fast": 2, "slow": 3, "length": 5, "entry_z": 2, "exit_z": 0, "qty": 1},
    "open_interest_trend": {"fast": 2, "slow": 3, "hours": 1, "change_min": 0, "qty": 1},
}
"""Settings with which every strategy of the registry can be bound; a new strategy needs its own."""


def library(name: str, *symbols: str, settings: dict[str, Any] | None = None, **options: Any) -> Player:
    """A strategy of the registry as a player on `symbols`, the first one deciding."""
    strategy = REGISTRY[name]
    lead = symbols[0] if symbols else BTC
    params = strategy.bind({**SETTINGS[name], **(settings or {})}, instrument(lead))
    return player(name[:12], *symbols, strategy=strategy, params=params, **options)
