"""The venue's commission (specs/backtest/costs.md, S-074): a rate of the notional by liquidity, rounded up to 10^-8.

Where the costs name a schedule, the rate is that of the product and of the tier: by the value that the strategy traded
on the 30 days before the day of the fill (UTC), as venues set tiers once a day.
"""

from collections.abc import Mapping
from typing import Final

from veracity.domain.amounts import Money, fee_ceil
from veracity.domain.events import InstrumentKind, Liquidity
from veracity.domain.time import day_of
from veracity.simulator.costs import CostModel, FeeTier

TIER_DAYS: Final = 30


def rate_of(liquidity: Liquidity, costs: CostModel) -> int:
    """The one rate for taking or making, of costs without a schedule."""
    return costs.fee_taker if liquidity == "taker" else costs.fee_maker


def commission(notional: int, liquidity: Liquidity, costs: CostModel) -> Money:
    """Fee on one fill of `notional` money; a rebate is below zero."""
    return fee_ceil(notional, rate_of(liquidity, costs))


def tiered_rate(liquidity: Liquidity, tier: FeeTier) -> int:
    """The rate of a tier for taking or making."""
    return tier.taker if liquidity == "taker" else tier.maker


def tier_at(tiers: tuple[FeeTier, ...], kind: InstrumentKind, volume: int) -> FeeTier:
    """The highest tier of the product that `volume` reaches; the config refuses a schedule without a first one."""
    return max(
        (tier for tier in tiers if tier.kind == kind and tier.volume_min <= volume),
        key=lambda tier: tier.volume_min,
    )


def traded_before(by_day: Mapping[int, int], ts: int) -> int:
    """What was traded on the tier's days before the day of `ts`; that day itself counts from the next one on."""
    today = day_of(ts)
    return sum(by_day.get(day, 0) for day in range(today - TIER_DAYS, today))
