"""The same run, faster: over bars on which nothing can happen but a decision, only the decisions are made.

Within a stretch of one instrument's bars, a bar changes nothing but prices and the time, unless a report is due, the day
ends, interest is due, an account is liquidated, a volatility pause begins or ends, or a strategy wants something else
than it has. So each strategy is asked row after row (once a bar, as ever) up to the first bar on which one of these is
so; the bars before are folded at once, by their closes alone, and with them one on which nothing else is so than that a
strategy wants something; any other in full.
The journal is the same to the byte (tests/runtime/test_fast_forward.py).
"""

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, Protocol

from veracity.domain.events import MarketFact
from veracity.engine.core import Engine
from veracity.engine.draft import Step
from veracity.runtime.feed import Stretch
from veracity.state.model import EngineState
from veracity.strategies.interface import Decision, Row


class Due(Protocol):
    """A venue, as far as its next report matters."""

    @property
    def due(self) -> int:
        """Time of it."""


class Hands(Protocol):
    """The loop's own moves: only they journal, apply and perform."""

    @property
    def engine(self) -> Engine:
        """Who decides."""

    @property
    def state(self) -> EngineState:
        """What is known; read here, changed by the moves."""

    @property
    def venue(self) -> Due:
        """When the next report is due."""

    def drain(self, until: int) -> None:
        """Take every report at or before `until`."""

    def fold(self, fact: MarketFact) -> bool:
        """Fold one fact."""

    def skip(self, symbol: str, open_ts: int, closes: Sequence[int], squares: Sequence[int]) -> None:
        """Fold bars by their closes alone."""

    def commit(self, step: Step) -> None:
        """Journal, apply, perform."""


class Asked:
    """How far one strategy has been asked in the stretch, and what it wanted there; valid until its account changes."""

    def __init__(self, strategy_id: str, rows: list[Row | None]) -> None:
        self.strategy_id: Final = strategy_id
        self.rows: Final = rows
        self.index = 0  # first bar on which it has not been asked, or on which it wants `decision`
        self.decision: Decision | None = None


def fast_forward(loop: Hands, stretch: Stretch) -> None:
    """Take all bars of the stretch."""
    asked = [Asked(strategy_id, rows) for strategy_id, rows in stretch.rows()]
    engine, state, venue, known = loop.engine, loop.state, loop.venue, stretch.known
    length, at = len(known), 0
    closes, squares, loud = stretch.closes, stretch.squares, iter(stretch.loud)
    lows, highs = stretch.lows, stretch.highs
    next_loud = next(loud, length)
    while at < length:
        if venue.due <= known[at]:
            loop.drain(known[at])
        until = engine.quiet_until(state)
        if venue.due < until:
            until = venue.due
        quiet = length if known[-1] < until else bisect_left(known, until, at)
        while next_loud < at:
            next_loud = next(loud, length)
        if next_loud < quiet:
            quiet = next_loud
        quiet = engine.first_loud(state, stretch.symbol, lows, highs, at, quiet)
        stop = _first_act(loop, asked, quiet)
        behind = stop + 1 if stop < quiet else quiet  # the bar of a decision is as quiet as those before it
        if at < behind:
            opened = known[behind - 1] - stretch.interval_ns
            loop.skip(stretch.symbol, opened, closes[at:behind], squares[at:behind])
        if stop == length:
            return
        if behind == stop:
            loop.drain(known[stop])
            loop.fold(stretch.bar(stop, state.seq + 1))
        for one in asked:
            _turn(loop, one, stop)
        at = stop + 1


def _first_act(loop: Hands, asked: list[Asked], stop: int) -> int:
    """The first bar before `stop` on which a strategy acts, or `stop`; each is asked no further than that."""
    for one in asked:
        if one.decision is None and one.index < stop:
            one.index, one.decision = loop.engine.holds(
                loop.state, one.strategy_id, one.rows, one.index, stop
            )
        if one.decision is not None and one.index < stop:
            stop = one.index
    return stop


def _turn(loop: Hands, one: Asked, index: int) -> None:
    """The strategy's turn on the bar `index`, which is folded by now: what it wanted there, or asked now for the first time."""
    if one.decision is None and one.index == index:
        _, one.decision = loop.engine.holds(loop.state, one.strategy_id, one.rows, index, index + 1)
    if one.decision is not None and one.index == index:
        row = one.rows[index]
        assert row is not None
        loop.commit(loop.engine.act(loop.state, one.strategy_id, row, one.decision))
        one.decision = None
    if one.index <= index:
        one.index = index + 1
