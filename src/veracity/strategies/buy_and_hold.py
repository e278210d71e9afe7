"""Buys once, on the first bar it sees, and holds."""

from typing import NamedTuple

from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.strategies.interface import Decision, Memo, Row, Settings, Strategy, Window, quantity

HOLD, ENTRY = 0, 1
ASKING: Memo = (0,)
DONE: Memo = (1,)


class Params(NamedTuple):
    """Position to hold, in quantity units."""

    qty: int


def bind(settings: Settings, instrument: Instrument) -> Params:
    """`qty`: decimal quantity on the lot grid."""
    return Params(quantity(settings, instrument))


def warmup(params: Params) -> int:
    """Ready from the first bar."""
    return 1


def features(window: Window, params: Params) -> tuple[Column, ...]:
    """The close, so that the journal says at which price it was decided."""
    return (window.legs[0].close,)


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Enter once, and ask until it succeeds; a position that was closed from outside is not opened again."""
    if memo == DONE:
        return position, HOLD, memo
    return (params.qty, ENTRY, memo) if position == 0 else (position, HOLD, DONE)


STRATEGY = Strategy(
    "buy_and_hold", 2, ("hold", "initial_entry"), (), 1, bind, warmup, features, decide, ASKING
)
