"""Exits that a config adds to any strategy: a stop loss, a target, a longest holding (specs/strategies/registry.md, S-137).

A strategy around a strategy, so they are decided, journaled, replayed and cut off for the search for lookahead like every
other decision, and the strategy inside cannot see them or switch them off. They are judged on closed bars, in every mode
alike: what a backtest shows is what a paper run does. A bar does not say what came first in it, so a stop that it touches
comes before a target that it goes through.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, TypeGuard

from veracity.domain.instruments import Instrument
from veracity.strategies.interface import Decision, Memo, Row, Settings, Strategy, Told, Window

SCALE: Final = 10**6
"""Stop and target are whole parts of a million of the price at which the position began."""
REASONS: Final = ("stop_loss", "take_profit", "time_stop")
STOP_LOSS, TAKE_PROFIT, TIME_STOP, NONE = 0, 1, 2, -1
LEFT: Final = 2
"""Times its sign: the side that an exit left; the strategy is back in the game when it has wanted something else."""
KEPT: Final = 3
"""Numbers behind the strategy's own memory: side, price at which the position began, bars for which it was held (of a
side that was left: which exit it was)."""


class Terms(NamedTuple):
    """When a position is left, whatever its strategy wants; 0 is never."""

    stop: int = 0  # against the position, in parts of SCALE
    target: int = 0  # for it, in parts of SCALE
    bars: int = 0  # closed bars


class Params(NamedTuple):
    """What the strategy inside was bound to, and the exits."""

    inner: Any
    terms: Terms


def are_beside(params: Any) -> TypeGuard[Params]:
    """Whether these are the parameters of a strategy with exits beside its own."""
    return isinstance(params, Params)


def numbers_of(params: Any) -> tuple[int, ...]:
    """All numbers of a strategy's parameters, those of its exits behind its own."""
    return (*params.inner, *params.terms) if are_beside(params) else tuple(params)


def exit_of(terms: Terms, sign: int, begun: int, high: int, low: int, held: int) -> int:
    """Which exit a bar demands of a position (sign 1 long, -1 short) that began at the price `begun`; NONE for none.

    A stop is reached where the bar touches it, a target where it goes through: both as a resting order would be filled.
    """
    worst, best = (low, high) if sign > 0 else (high, low)
    if terms.stop and sign * (worst - begun) * SCALE <= -begun * terms.stop:
        return STOP_LOSS
    if terms.target and sign * (best - begun) * SCALE > begun * terms.target:
        return TAKE_PROFIT
    return TIME_STOP if terms.bars and held >= terms.bars else NONE


def guarded(strategy: Strategy, params: Any, terms: Terms) -> tuple[Strategy, Params]:
    """The strategy with these exits, and its parameters. Name, version and legs stay its own."""
    made = Strategy(
        strategy.name,
        strategy.version,
        (*strategy.reasons, *REASONS),
        strategy.aux,
        strategy.legs,
        _Bind(strategy.bind, terms),
        _Warmup(strategy.warmup),
        _Features(strategy.features),
        GuardedDecide(strategy.decide, len(strategy.reasons), 2 * len(strategy.optional)),
        (*strategy.memo, 0, 0, 0),
        strategy.optional,
    )
    return made, Params(params, terms)


@dataclass(frozen=True, slots=True)
class _Bind:
    inner: Callable[[Settings, Instrument], Any]
    terms: Terms

    def __call__(self, settings: Settings, instrument: Instrument) -> Params:
        return Params(self.inner(settings, instrument), self.terms)


@dataclass(frozen=True, slots=True)
class _Warmup:
    inner: Callable[[Any], int]

    def __call__(self, params: Params) -> int:
        return self.inner(params.inner)


@dataclass(frozen=True, slots=True)
class _Features:
    inner: Callable[[Window, Any], tuple[Told, ...]]

    def __call__(self, window: Window, params: Params) -> tuple[Told, ...]:
        """The strategy's own columns, then open, high and low of the bar."""
        lead = window.legs[0]
        return (*self.inner(window, params.inner), lead.open, lead.high, lead.low)


def stay_or_leave(
    terms: Terms, first: int, bar: Row, position: int, target: int, reason: int, kept: Memo
) -> Decision:
    """What becomes of a strategy's wish (`target` for `reason`) under its exits, whose reasons begin at number `first`.

    `bar` is open, high and low; `kept` and what is answered as memory are the three numbers of KEPT.
    """
    side, begun, held = kept
    if position == 0:
        if abs(side) == LEFT and target * side > 0:
            return 0, reason, (side, 0, held)
        return target, reason, (0, 0, 0)
    sign = 1 if position > 0 else -1
    if side == LEFT * sign:  # still on its way out
        return 0, first + held, (side, begun, held)
    opened, high, low = bar
    if side != sign:  # the first bar of this position: it began at its open
        side, begun, held = sign, opened, 0
    held += 1 if terms.bars else 0  # a memory that changes is journaled: only where it is needed
    found = exit_of(terms, sign, begun, high, low, held)
    if found != NONE:
        return 0, first + found, (LEFT * sign, begun, found)
    return target, reason, (side, begun, held)


@dataclass(frozen=True, slots=True)
class GuardedDecide:
    """A strategy's `decide`, and what its exits make of its wish."""

    inner: Callable[[Any, Row, int, Memo], Decision]
    first: int  # number of the first of REASONS
    beside: int = 0  # numbers of its optional series, which stand behind all features

    def __call__(self, params: Params, row: Row, position: int, memo: Memo) -> Decision:
        """What the strategy wants, unless an exit says otherwise."""
        end = len(row) - self.beside
        own, kept = memo[:-KEPT], memo[-KEPT:]
        target, reason, own = self.inner(params.inner, (*row[: end - 3], *row[end:]), position, own)
        bar = row[end - 3 : end]
        target, reason, kept = stay_or_leave(params.terms, self.first, bar, position, target, reason, kept)
        return target, reason, (*own, *kept)
