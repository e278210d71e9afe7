"""The venue's commission (specs/backtest/costs.md, S-074): a rate of the notional by liquidity, rounded up to 10^-8."""

from veracity.domain.amounts import Money, fee_ceil
from veracity.domain.events import Liquidity
from veracity.simulator.costs import CostModel


def rate_of(liquidity: Liquidity, costs: CostModel) -> int:
    """The rate for taking or making."""
    return costs.fee_taker if liquidity == "taker" else costs.fee_maker


def commission(notional: int, liquidity: Liquidity, costs: CostModel) -> Money:
    """Fee on one fill of `notional` money."""
    return fee_ceil(notional, rate_of(liquidity, costs))
