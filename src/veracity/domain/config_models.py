"""The only door to the generated config models (schemas/config/)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel

from veracity_generated.config.backtest import (
    AuxConfig,
    BacktestConfig,
    CostsConfig,
    ExecutionConfig,
    ExitsConfig,
    InstrumentConfig,
    MarginConfig,
    ReportConfig,
    RiskConfig,
    RulebookConfig,
    RunConfig,
    StrategyConfig,
    VolatilityConfig,
)
from veracity_generated.config.strategies.buy_and_hold import BuyAndHoldParams
from veracity_generated.config.strategies.funding_carry import FundingCarryParams
from veracity_generated.config.strategies.mean_reversion import MeanReversionParams
from veracity_generated.config.strategies.momentum import MomentumParams
from veracity_generated.config.strategies.no_trade import NoTradeParams
from veracity_generated.config.strategies.open_interest_trend import OpenInterestTrendParams
from veracity_generated.config.strategies.vol_regime_switch import VolRegimeSwitchParams

__all__ = [
    "PARAMS",
    "AuxConfig",
    "BacktestConfig",
    "CostsConfig",
    "ExecutionConfig",
    "ExitsConfig",
    "InstrumentConfig",
    "MarginConfig",
    "ReportConfig",
    "RiskConfig",
    "RulebookConfig",
    "RunConfig",
    "StrategyConfig",
    "VolatilityConfig",
]

# Name in the strategy registry -> model of its parameters; a test holds the two tables equal.
PARAMS: Final[Mapping[str, type[BaseModel]]] = MappingProxyType(
    {
        "buy_and_hold": BuyAndHoldParams,
        "funding_carry": FundingCarryParams,
        "mean_reversion": MeanReversionParams,
        "momentum": MomentumParams,
        "no_trade": NoTradeParams,
        "open_interest_trend": OpenInterestTrendParams,
        "vol_regime_switch": VolRegimeSwitchParams,
    }
)
