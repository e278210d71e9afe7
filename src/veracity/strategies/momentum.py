"""Long while the fast moving average of the close is above the slow one.

The averages are compared as sums, fast_sum * slow against slow_sum * fast, so a tie is a tie: float averages get
some of them wrong. A level signal: a position that a guard refused is asked for again on the next bar.
"""

from typing import NamedTuple

from veracity.domain.instruments import Instrument
from veracity.strategies.features import moving_sum
from veracity.strategies.interface import (
    Decision,
    Memo,
    MovingSum,
    Row,
    Settings,
    Strategy,
    Window,
    quantity,
)

HOLD, CROSS_UP, CROSS_DOWN = 0, 1, 2


class Params(NamedTuple):
    """Lengths in bars, position in quantity units."""

    fast: int
    slow: int
    qty: int


def bind(settings: Settings, instrument: Instrument) -> Params:
    """`fast`, `slow` (bars, fast < slow) and `qty` (decimal quantity on the lot grid)."""
    fast, slow = int(settings["fast"]), int(settings["slow"])
    if not 0 < fast < slow:
        raise ValueError("fast must be above zero and below slow")
    return Params(fast, slow, quantity(settings, instrument))


def warmup(params: Params) -> int:
    """The slow average needs its whole window."""
    return params.slow


def features(window: Window, params: Params) -> tuple[MovingSum, ...]:
    """Both averages times fast * slow, in price units."""
    close = window.legs[0].close
    return (
        moving_sum(close, params.fast, params.slow, window.shared),
        moving_sum(close, params.slow, params.fast, window.shared),
    )


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Enter above, leave below, and on a tie keep what there is."""
    fast, slow = row
    if fast > slow and position == 0:
        return params.qty, CROSS_UP, memo
    if fast < slow and position > 0:
        return 0, CROSS_DOWN, memo
    return position, HOLD, memo


STRATEGY = Strategy(
    "momentum", 1, ("hold", "sma_cross_up", "sma_cross_down"), (), 1, bind, warmup, features, decide
)
