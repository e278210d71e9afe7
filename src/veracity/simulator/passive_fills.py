"""When a resting order trades (specs/backtest/costs.md, S-073): the price goes through it, or the queue before it is gone.

A bar does not say who traded at its extreme. So an order whose price the bar only touches stands behind a queue: the
share of the arrival bar's volume that was there before it. What trades at the extreme takes the queue first.
"""

from typing import NamedTuple

from veracity.domain.amounts import rate_ceil, rate_floor, step_floor
from veracity.simulator.costs import CostModel
from veracity.simulator.tape import TapeBar


class Turn(NamedTuple):
    """What a bar lets a resting order have, and the quantity that is still before it."""

    qty: int
    queue: int


def meets(base: int, limit: int, sign: int, costs: CostModel) -> bool:
    """Whether a market at `base`, with half its spread, is at the limit of a buy (sign 1) or sell (-1), or better."""
    return sign * (base + sign * rate_ceil(base, costs.half_spread) - limit) <= 0


def queue_at(bar: TapeBar, costs: CostModel) -> int:
    """Quantity before an order that comes to rest in `bar`; trades of others consume it, cancels of others do not."""
    return rate_ceil(bar.volume, costs.queue_ahead)


def reached(bar: TapeBar, limit: int, sign: int) -> int:
    """How far the bar went beyond the limit of a resting buy (sign 1) or sell (-1): below 0 it never came there."""
    return limit - bar.low if sign > 0 else bar.high - limit


def turn(bar: TapeBar, limit: int, sign: int, queue: int, lot: int, costs: CostModel) -> Turn:
    """What trades with a resting order in `bar`: as much as the bar traded where the price went through, otherwise what is left
    of the trades at the extreme when the queue is gone; whole lots.
    """
    beyond = reached(bar, limit, sign)
    if beyond > 0:
        return Turn(step_floor(bar.volume, lot), 0)
    if beyond < 0:
        return Turn(0, queue)
    at_extreme = rate_floor(bar.volume, costs.touch_share)
    if at_extreme <= queue:
        return Turn(0, queue - at_extreme)
    return Turn(step_floor(at_extreme - queue, lot), 0)
