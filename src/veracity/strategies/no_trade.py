"""Never trades: the baseline that every cost-paying strategy has to beat."""

from typing import NamedTuple

from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.strategies.interface import Decision, Memo, Row, Settings, Strategy, Window


class Params(NamedTuple):
    """Nothing to choose."""


def bind(settings: Settings, instrument: Instrument) -> Params:
    """No settings."""
    return Params()


def warmup(params: Params) -> int:
    """Ready from the first bar."""
    return 1


def features(window: Window, params: Params) -> tuple[Column, ...]:
    """One column is needed to have rows: the close."""
    return (window.legs[0].close,)


def decide(params: Params, row: Row, position: int, memo: Memo) -> Decision:
    """Keep what there is: nothing."""
    return position, 0, memo


STRATEGY = Strategy("no_trade", 1, ("hold",), (), 1, bind, warmup, features, decide)
