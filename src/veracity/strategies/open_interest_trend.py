"""Long in an uptrend that new money joins: the fast average is above the slow one, and the open interest has grown.

A rise in which positions are only closed (the open interest falls) is not followed. The trend alone ends a position, so a
series that is missing, or has a hole at the begin of its span, opens nothing and holds nobody in.
"""

from decimal import Decimal
from typing import Final, NamedTuple

from veracity.domain.amounts import RATE_SCALE, units_exact
from veracity.domain.instruments import Instrument
from veracity.domain.time import NS_PER_HOUR, NS_PER_MINUTE
from veracity.strategies.features import change_over, moving_sum
from veracity.strategies.interface import (
    UNKNOWN,
    Decision,
    Memo,
    Row,
    Settings,
    Strategy,
    Told,
    Window,
    quantity,
)

HOLD, TREND_JOINED, CROSS_DOWN = 0, 1, 2
OPEN_INTEREST: Final = "open_interest"
SLACK_NS: Final = 30 * NS_PER_MINUTE
"""How far from the begin of its span a value may have been observed: half of the hour that series have most often."""


class Params(NamedTuple):
    """Lengths in bars, span in nanoseconds, least change in 10^-9, position in quantity units."""

    fast: int
    slow: int
    span_ns: int
    change_min: int
    qty: int


def bind(settings: Settings, instrument: Instrument) -> Params:
    """`fast`, `slow` (bars, fast < slow), `hours` (of the change), `change_min` (fraction) and `qty` (on the lot grid)."""
    fast, slow = int(settings["fast"]), int(settings["slow"])
    if not 0 < fast < slow:
        raise ValueError("fast must be above zero and below slow")
    change_min = units_exact(Decimal(str(settings["change_min"])), RATE_SCALE)
    return Params(
        fast, slow, int(settings["hours"]) * NS_PER_HOUR, change_min, quantity(settings, instrument)
    )


def warmup(params: Params) -> int:
    """The slow average needs its whole window; until the change is known the row says so."""
    return params.slow


def features(window: Window, params: Params) -> tuple[Told, ...]:
    """Both averages times fast * slow, in price units, and the change of the open interest in 10^-9."""
    close = window.legs[0].close
    return (
        moving_sum(close, params.fast, params.slow, window.shared),
        moving_sum(close, params.slow, params.fast, window.shared),
        change_over(window.known_ts, window.aux[OPEN_INTEREST], params.span_ns, SLACK_NS),
    )


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Enter above on enough growth, leave below whatever the open interest did, and on a tie keep what there is."""
    fast, slow, change = row
    if fast > slow and position == 0 and change != UNKNOWN and change >= params.change_min:
        return params.qty, TREND_JOINED, memo
    if fast < slow and position > 0:
        return 0, CROSS_DOWN, memo
    return position, HOLD, memo


STRATEGY = Strategy(
    "open_interest_trend", 1, ("hold", "trend_joined", "sma_cross_down"), (OPEN_INTEREST,), 1,
    bind, warmup, features, decide,
)  # fmt: skip
