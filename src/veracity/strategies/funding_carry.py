"""Earns funding: short the perpetual and long the spot while longs pay enough, flat otherwise.

The lead leg is the perpetual; a hedge leg of weight -1 takes the other side, so that the price risk is the basis only.
The signal is the mean of the last settlements that were published before the bar closed.
"""

from decimal import Decimal
from typing import Final, NamedTuple

import numpy as np

from veracity.domain.amounts import RATE_SCALE, units_exact
from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.strategies.features import as_of, rolling_sum
from veracity.strategies.interface import UNKNOWN, Decision, Memo, Row, Settings, Strategy, Window, quantity

HOLD, RATE_HIGH, RATE_LOW = 0, 1, 2
FUNDING: Final = "funding_rate"


class Params(NamedTuple):
    """Number of settlements, thresholds as sums over them in 10^-9, position in quantity units."""

    settlements: int
    entry_sum: int
    exit_sum: int
    qty: int


def bind(settings: Settings, instrument: Instrument) -> Params:
    """`settlements` (count), `entry` and `exit` (mean rate per settlement; exit < entry), `qty` (of the perpetual)."""
    if instrument.kind != "perp":
        raise ValueError(f"the lead leg must be a perpetual; {instrument.symbol} is {instrument.kind}")
    count = int(settings["settlements"])
    entry = units_exact(Decimal(str(settings["entry"])), RATE_SCALE)
    leave = units_exact(Decimal(str(settings["exit"])), RATE_SCALE)
    if count < 1:
        raise ValueError("settlements must be at least 1")
    if not leave < entry:
        raise ValueError("exit must be below entry")
    return Params(count, entry * count, leave * count, quantity(settings, instrument))


def warmup(params: Params) -> int:
    """Ready from the first bar; before enough settlements are known the row says so."""
    return 1


def features(window: Window, params: Params) -> tuple[Column, ...]:
    """Whether the last settlements are known, all of them (1 or 0), and their sum in 10^-9, which is 0 where they are not."""
    series = window.aux[FUNDING]
    index = as_of(window.known_ts, series)
    if len(series.value) == 0:
        return (np.zeros_like(index), np.zeros_like(index))
    paid = series.value != UNKNOWN
    are_known = rolling_sum(paid.astype(np.int64), params.settlements) == params.settlements
    known = (index >= 0) & are_known[index]
    sums = rolling_sum(np.where(paid, series.value, 0), params.settlements)
    return (known.astype(np.int64), np.where(known, sums[index], 0))


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Short the lead leg while funding is rich; an unknown rate opens nothing and closes nothing."""
    known, rates = row
    if known == 0:
        return position, HOLD, memo
    if position == 0 and rates >= params.entry_sum:
        return -params.qty, RATE_HIGH, memo
    if position < 0 and rates <= params.exit_sum:
        return 0, RATE_LOW, memo
    return position, HOLD, memo


STRATEGY = Strategy(
    "funding_carry", 1, ("hold", "funding_high", "funding_low"), (FUNDING,), 2,
    bind, warmup, features, decide,
)  # fmt: skip
