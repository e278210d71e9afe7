"""Buys when the close is unusually far below its moving average, and leaves when it is back near it.

The distance is a z-score in thousandths, computed in whole numbers, so a threshold is met exactly or not at all.
"""

from decimal import Decimal
from typing import NamedTuple

from veracity.domain.amounts import units_exact
from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.strategies.features import z_score_milli
from veracity.strategies.interface import Decision, Memo, Row, Settings, Strategy, Window, quantity

HOLD, FAR_BELOW, BACK_AT_MEAN = 0, 1, 2
MILLI_SCALE = 3


class Params(NamedTuple):
    """Length in bars, thresholds in thousandths of a standard deviation below the mean, position in quantity units."""

    length: int
    entry_milli: int
    exit_milli: int
    qty: int


def bind(settings: Settings, instrument: Instrument) -> Params:
    """`length` (bars), `entry_z` and `exit_z` (standard deviations below the mean; exit_z < entry_z), `qty`."""
    length = int(settings["length"])
    entry = units_exact(Decimal(str(settings["entry_z"])), MILLI_SCALE)
    leave = units_exact(Decimal(str(settings["exit_z"])), MILLI_SCALE)
    if length < 2:
        raise ValueError("length must be at least 2")
    if entry <= 0:
        raise ValueError("entry_z must be above zero")
    if leave >= entry:
        raise ValueError("exit_z must be below entry_z")
    return Params(length, entry, leave, quantity(settings, instrument))


def warmup(params: Params) -> int:
    """The mean needs its whole window."""
    return params.length


def features(window: Window, params: Params) -> tuple[Column, ...]:
    """The close's z-score in thousandths."""
    return (z_score_milli(window.legs[0].close, params.length),)


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Enter at `entry_z` below the mean or further, leave at `exit_z` below it or nearer."""
    score = row[0]
    if position == 0 and score <= -params.entry_milli:
        return params.qty, FAR_BELOW, memo
    if position > 0 and score >= -params.exit_milli:
        return 0, BACK_AT_MEAN, memo
    return position, HOLD, memo


STRATEGY = Strategy(
    "mean_reversion", 1, ("hold", "far_below_mean", "back_at_mean"), (), 1, bind, warmup, features, decide
)
