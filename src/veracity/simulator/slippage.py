"""What a market order pays beyond the market's price (specs/backtest/costs.md, S-072), in whole price units.

half spread      price * half_spread
volatility       range * volatility_share
impact           range * impact * sqrt(quantity / volume), the square-root law (Toth et al. 2011, Phys. Rev. X 1)

All are rounded up, and the price to the tick against us; the rounding is a cost line of its own.
"""

from math import isqrt
from typing import NamedTuple

from veracity.domain.amounts import RATE_ONE, rate_ceil, step_ceil, step_floor
from veracity.simulator.costs import CostModel
from veracity.simulator.tape import TapeBar


class Execution(NamedTuple):
    """A price and what it is made of: price = base + sign * (spread + impact + rounding), all in price units."""

    price: int
    base: int
    spread: int
    impact: int
    rounding: int


def execute(base: int, sign: int, traded: int, bar: TapeBar, tick: int, costs: CostModel) -> Execution:
    """The price at which an order trades in `bar` when the market is at `base`; `sign` is 1 for a buy, -1 for a sell.

    `traded` is what its strategy has traded in the bar, this order included: a second order pays for the first, too.
    A sell never goes below one tick: the price of a sell is at least `tick`, and its rounding is what that leaves.
    """
    spread = rate_ceil(base, costs.half_spread)
    spread_of_bar = bar.high - bar.low
    impact = rate_ceil(spread_of_bar, costs.volatility_share)
    if costs.impact:
        root = participation_root(traded, bar.volume)
        impact += -(-spread_of_bar * costs.impact * root // (RATE_ONE * RATE_ONE))
    raw = base + sign * (spread + impact)
    price = step_ceil(raw, tick) if sign > 0 else max(tick, step_floor(raw, tick))
    return Execution(price, base, spread, impact, sign * (price - raw))


def participation_root(qty: int, volume: int) -> int:
    """sqrt(qty / volume) in 10^-9, rounded down; at most, and without volume, 1: nothing is known to be worse."""
    if qty >= volume:
        return RATE_ONE
    return isqrt(qty * RATE_ONE * RATE_ONE // volume)


def arrival_price(bar: TapeBar, ts: int, sign: int) -> int:
    """The market's price for an order that arrives at `ts` inside `bar`.

    At the open it is the open. Later, a bar does not say which way the price went, so the straight line from open to
    close is taken where it is worse for us and the open where it is not.
    """
    if ts <= bar.ts:
        return bar.open
    elapsed = min(ts, bar.end_ts) - bar.ts
    drift = sign * (bar.close - bar.open)
    if drift <= 0:
        return bar.open
    return bar.open + sign * -(-drift * elapsed // (bar.end_ts - bar.ts))
