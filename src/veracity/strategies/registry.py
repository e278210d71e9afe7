"""Every strategy that a config can name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from veracity.strategies import buy_and_hold, funding_carry, mean_reversion, momentum, no_trade
from veracity.strategies.interface import Strategy

REGISTRY: Final[Mapping[str, Strategy]] = MappingProxyType(
    {
        module.STRATEGY.name: module.STRATEGY
        for module in (buy_and_hold, funding_carry, mean_reversion, momentum, no_trade)
    }
)
