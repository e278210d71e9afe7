"""The venue's commission (specs/backtest/costs.md, S-074): a rate of the notional by liquidity, rounded up to 10^-8.

Where the costs name a schedule, the rate is that of the product and of the tier: by the value that the strategy traded
on the 30 days before the day of the fill (UTC), as venues set tiers once a day.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from veracity.domain.amounts import Money, fee_ceil
from veracity.domain.events import InstrumentKind, Liquidity
from veracity.domain.time import day_of
from veracity.simulator.costs import CostModel, FeeTier

TIER_DAYS: Final = 30
DAYS_KEPT: Final = TIER_DAYS + 1


class Turnover(msgspec.Struct):
    """What one strategy traded on each of the last days, value; a day's place is its number modulo DAYS_KEPT."""

    newest: int = 0  # day, days since 1970-01-01
    days: list[int] = msgspec.field(default_factory=lambda: [0] * DAYS_KEPT)


def rate_of(liquidity: Liquidity, costs: CostModel) -> int:
    """The one rate for taking or making, of costs without a schedule."""
    return costs.fee_taker if liquidity == "taker" else costs.fee_maker


def commission(notional: int, liquidity: Liquidity, costs: CostModel) -> Money:
    """Fee on one fill of `notional` money; a rebate is below zero."""
    return fee_ceil(notional, rate_of(liquidity, costs))


def tiered_rate(liquidity: Liquidity, tier: FeeTier) -> int:
    """The rate of a tier for taking or making."""
    return tier.taker if liquidity == "taker" else tier.maker


def tiers_of(tiers: Iterable[FeeTier], kind: InstrumentKind) -> tuple[FeeTier, ...]:
    """The tiers of a product, the lowest first."""
    return tuple(sorted((tier for tier in tiers if tier.kind == kind), key=lambda tier: tier.volume_min))


def tier_at(minima: Sequence[int], volume: int) -> int:
    """Number of the highest tier that `volume` reaches; the tiers begin at the rising `minima`.

    The config refuses a schedule without a first one.
    """
    number = 0
    while number + 1 < len(minima) and minima[number + 1] <= volume:
        number += 1
    return number


def traded_before(turnover: Turnover, ts: int) -> int:
    """What was traded on the tier's days before the day of `ts`; that day itself counts from the next one on.

    Days come in order; those that are over are forgotten.
    """
    today = day_of(ts)
    for day in range(max(turnover.newest + 1, today - TIER_DAYS), today + 1):
        turnover.days[day % DAYS_KEPT] = 0
    turnover.newest = max(turnover.newest, today)
    total = 0
    for place in range(DAYS_KEPT):
        total += turnover.days[place]
    return total - turnover.days[today % DAYS_KEPT]


def note_traded(turnover: Turnover, ts: int, notional: int) -> None:
    """Count a fill of `notional` at `ts`, after `traded_before` was asked for that time."""
    turnover.days[day_of(ts) % DAYS_KEPT] += notional
