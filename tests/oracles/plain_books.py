"""An independent account of a run: one slow loop over the facts and events, in fractions of the currency.

It shares nothing with the product but the event types: no fold, no numpy, no ledger of average costs.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import NamedTuple

from veracity.data.dataset import Dataset
from veracity.domain.events import (
    BorrowCharged,
    Event,
    FeeCharged,
    FundingPaid,
    OrderFilled,
    PositionLiquidated,
    StrategyStarted,
)

MONEY = Fraction(1, 10**8)


class Fact(NamedTuple):
    """A market fact: when it was known, settlements before bars, then in the order of the dataset."""

    known: int
    rank: int
    instrument: int
    symbol: str
    close: Fraction | None  # None: a settlement


def facts_of(dataset: Dataset) -> list[Fact]:
    """All facts in the order in which a feed gives them."""
    found = []
    for number, data in enumerate(dataset.instruments):
        source = data.source
        for ts, close in zip(data.bars.ts.tolist(), data.bars.close.tolist(), strict=True):
            price = Fraction(close, 10**source.price_scale)
            found.append(Fact(ts + source.interval_ns, 1, number, source.symbol, price))
        settled = [] if data.funding is None else data.funding.ts.tolist()
        found += [Fact(ts, 0, number, source.symbol, None) for ts in settled]
    return sorted(found)


class PlainBooks:
    """Cash and positions of every strategy, moved by one event after the other."""

    def __init__(self, dataset: Dataset) -> None:
        self._unit = {
            data.source.symbol: Fraction(1, 10 ** (data.source.price_scale + data.source.qty_scale))
            for data in dataset.instruments
        }
        self._lot = {
            data.source.symbol: Fraction(1, 10**data.source.qty_scale) for data in dataset.instruments
        }
        self.cash: dict[str, Fraction] = {}
        self.held: dict[tuple[str, str], Fraction] = {}
        self.price: dict[str, Fraction] = {}

    def take(self, event: Event) -> None:
        """Move cash and positions by one event."""
        if isinstance(event, StrategyStarted):
            self.cash[event.strategy_id] = event.cash * MONEY
        elif isinstance(event, OrderFilled):
            sign = 1 if event.side == "buy" else -1
            key = (event.strategy_id, event.symbol)
            self.held[key] = self.held.get(key, Fraction(0)) + sign * event.qty * self._lot[event.symbol]
            self.cash[event.strategy_id] -= sign * event.qty * event.price * self._unit[event.symbol]
        elif isinstance(event, FeeCharged):
            self.cash[event.strategy_id] -= event.amount * MONEY
        elif isinstance(event, FundingPaid):
            self.cash[event.strategy_id] += event.amount * MONEY
        elif isinstance(event, BorrowCharged):
            self.cash[event.strategy_id] -= event.amount * MONEY
        elif isinstance(event, PositionLiquidated):
            got = event.position * event.price * self._unit[event.symbol]
            self.cash[event.strategy_id] += got - event.fee * MONEY
            self.held[event.strategy_id, event.symbol] = Fraction(0)

    def equity(self, strategy_id: str) -> Fraction:
        """Cash and positions at the last closes."""
        worth = [
            qty * self.price[symbol]
            for (owner, symbol), qty in self.held.items()
            if owner == strategy_id and qty
        ]
        return self.cash[strategy_id] + sum(worth, Fraction(0))


def equity_curves(events: Iterable[Event], dataset: Dataset) -> dict[str, list[Fraction]]:
    """Equity of every strategy after the last fact of each moment at which a bar closed, and at the end of the run.

    A payment that a settlement led to counts with its moment, although its event comes after the last fact.
    """
    books = PlainBooks(dataset)
    curves: dict[str, list[Fraction]] = {}
    facts = facts_of(dataset)
    waiting: Iterator[Event] = iter(events)
    event = next(waiting, None)
    seq = 1
    for number, fact in enumerate(facts):
        while event is not None and event.seq == seq:  # what was journaled before this fact
            books.take(event)
            event, seq = next(waiting, None), seq + 1
        if fact.close is not None:
            books.price[fact.symbol] = fact.close
        seq += 1
        while isinstance(event, FundingPaid) and event.seq == seq:
            books.take(event)
            event, seq = next(waiting, None), seq + 1
        moment_over = number + 1 == len(facts) or facts[number + 1].known > fact.known
        bar_closed = any(other.known == fact.known and other.close is not None for other in facts)
        if moment_over and bar_closed:
            for name in books.cash:
                curves.setdefault(name, []).append(books.equity(name))
    while event is not None:
        books.take(event)
        event = next(waiting, None)
    for name, curve in curves.items():
        curve[-1] = books.equity(name)
    return curves


def falls(curve: list[Fraction]) -> list[tuple[Fraction, int, int, int | None, int]]:
    """Every time under water by a plain loop: depth, peak, trough, recovery (None: open) and bars."""
    found: list[tuple[Fraction, int, int, int | None, int]] = []
    peak = trough = 0
    bars = 0
    for index, value in enumerate(curve):
        if value < curve[peak]:
            trough = index if bars == 0 or value < curve[trough] else trough
            bars += 1
            continue
        if bars:
            found.append(((curve[peak] - curve[trough]) / curve[peak], peak, trough, index, bars))
        peak, bars = index, 0
    if bars:
        found.append(((curve[peak] - curve[trough]) / curve[peak], peak, trough, None, bars))
    return found
