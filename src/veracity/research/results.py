"""What a run came to, computed from its events and its dataset alone: fills, trades, and equity at every bar.

Equity is marked at each bar's close, right after the last fact of that moment: cash + position * close, in whole
10^-8 units. So an order decided on a bar, which trades at the open of the next one, is first seen there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.data.dataset import Dataset
from veracity.domain.amounts import INT64_MAX
from veracity.domain.errors import EngineFault, ExitCode, OperatorFault
from veracity.domain.events import Event, RunStarted, StrategyStarted
from veracity.domain.instruments import Instrument
from veracity.domain.market import Column
from veracity.research.ledger import Denials, Entries, Ledger
from veracity.research.timeline import Timeline, marks, timeline
from veracity.research.trades import LIQUIDATION, FillRow, Funding, Interest, Trade, round_trips
from veracity.state.model import EngineState, equity


class Holding(NamedTuple):
    """A position at the end: signed quantity, and the last close it is marked at (None before any bar)."""

    qty: int
    mark: int | None


@dataclass(frozen=True, slots=True)
class Book:
    """One strategy's account over the run. Money in 10^-8 of its currency; columns have one value a row."""

    started: StrategyStarted
    fills: tuple[FillRow, ...]
    funding: tuple[Funding, ...]
    interest: tuple[Interest, ...]
    funding_unknown: Mapping[str, int]  # by symbol: missing settlements at which it was held
    trades: tuple[Trade, ...]  # by entry; those with exit_ts None are open
    holdings: Mapping[str, Holding]
    cash_end: int
    equity: Column
    exposed: NDArray[np.bool_]  # rows at which some position was held
    intents: int
    orders: int
    denials: Mapping[str, Denials]

    @property
    def strategy_id(self) -> str:
        """Name of the configured strategy."""
        return self.started.strategy_id

    @property
    def equity_start(self) -> int:
        """Money before the first bar."""
        return self.started.cash

    @property
    def equity_end(self) -> int:
        """Money at the end; the starting cash of a run without a bar."""
        return int(self.equity[-1]) if len(self.equity) else self.started.cash


@dataclass(frozen=True, slots=True)
class Results:
    """All accounts of one run on one timeline."""

    run: RunStarted | None
    finished: bool
    state_hash: str | None  # that of the last checkpoint
    timeline: Timeline
    instruments: Mapping[str, Instrument]
    books: Mapping[str, Book]  # by strategy id, in the order of their start
    incidents: Mapping[str, int]  # how many events of each kind that a reader must hear of


def collect(events: Iterable[Event], dataset: Dataset, state: EngineState | None = None) -> Results:
    """Read a whole run. With `state`, the fold of the same events, every account's last equity is compared to it.

    Raises OperatorFault where the dataset is not the one that the events were made on (exit code 4) or an account's
    money does not fit 64 bits (3), and EngineFault where the events contradict each other or the state.
    """
    ledger = Ledger()
    ledger.take(events)
    whole = timeline(dataset)
    if ledger.facts > len(whole.facts) or (ledger.finished and ledger.facts < len(whole.facts)):
        raise OperatorFault(
            f"the journal counts {ledger.facts} market facts, the dataset has {len(whole.facts)}",
            hint="give the dataset whose hash the manifest names",
            exit_code=ExitCode.DATA,
        )
    lived = whole.up_to(ledger.facts)
    closes = _Closes(dataset, lived)
    books = {name: _book(entries, ledger, lived, closes) for name, entries in ledger.accounts.items()}
    if state is not None:
        _compare(books, state)
    return Results(
        ledger.run,
        ledger.finished is not None,
        ledger.state_hash,
        lived,
        ledger.instruments,
        books,
        ledger.incidents,
    )


class _Closes:
    """The last close of each instrument at each row; an instrument is looked up once."""

    def __init__(self, dataset: Dataset, lived: Timeline) -> None:
        self._data = {data.source.symbol: data for data in dataset.instruments}
        self._known = lived.known
        self._columns: dict[str, tuple[Column, int]] = {}

    def of(self, symbol: str) -> tuple[Column, int]:
        """Closes, and the first row that has one; before it the values mean nothing."""
        if symbol not in self._columns:
            data = self._data[symbol]
            index = marks(self._known, data.bars.ts + data.source.interval_ns)
            first = int(np.searchsorted(index, 0))
            self._columns[symbol] = (data.bars.close[np.maximum(index, 0)], first)
        return self._columns[symbol]

    def missed(self, symbol: str, held: Column) -> int:
        """At how many missing settlements the position of each row was held, before or after the stamp: which, nobody knows."""
        count = 0
        for hole in self._data[symbol].funding_missing:
            for stamp in hole.stamps:
                row = int(np.searchsorted(self._known, stamp, side="right"))
                count += bool(held[max(0, row - 1) : row + 1].any())
        return count


def _book(entries: Entries, ledger: Ledger, lived: Timeline, closes: _Closes) -> Book:
    started = entries.started
    fills = sorted(_fills(entries, ledger, lived) + _liquidations(entries, lived))
    funding = _funding(entries, lived)
    interest = _interest(entries, ledger, lived)
    payments = [(one.seq, one.row, one.amount) for one in funding]
    payments += [(one.seq, one.row, -one.amount) for one in interest]
    worth, limit = _cash(started.cash, fills, payments, ledger.instruments, len(lived.known))
    cash_end = int(worth[-1]) if len(worth) else started.cash
    exposed = np.zeros(len(worth), dtype=bool)
    trades: list[Trade] = []
    holdings: dict[str, Holding] = {}
    unknown: dict[str, int] = {}
    for leg in started.legs:
        instrument = ledger.instruments[leg.symbol]
        own = [fill for fill in fills if fill.symbol == leg.symbol]
        paid = [payment for payment in funding if payment.symbol == leg.symbol]
        trades += round_trips(own, paid, instrument, len(lived.known) - 1)
        close, first = closes.of(leg.symbol)
        held = np.zeros(len(worth), dtype=np.int64)
        np.add.at(held, [fill.row for fill in own], [fill.delta for fill in own])
        np.cumsum(held, out=held)
        limit += int(np.abs(held).max(initial=0)) * int(close.max(initial=0)) * instrument.factor
        _refuse_beyond(limit, started.strategy_id)
        if held[:first].any():
            raise EngineFault(f"{started.strategy_id} held {leg.symbol} before its first bar")
        exposed |= held != 0
        missing = closes.missed(leg.symbol, held)
        if missing:
            unknown[leg.symbol] = missing
        holdings[leg.symbol] = _holding(held, close, first)
        worth += held * close * instrument.factor
    return Book(
        started=started,
        fills=tuple(fills),
        funding=tuple(funding),
        interest=tuple(interest),
        funding_unknown=unknown,
        trades=tuple(sorted(trades, key=lambda trade: trade.entry_ts)),
        holdings=holdings,
        cash_end=cash_end,
        equity=worth,
        exposed=exposed,
        intents=entries.intents,
        orders=entries.orders,
        denials=entries.denials,
    )


def _holding(held: Column, close: Column, first: int) -> Holding:
    if first >= len(held):
        return Holding(0, None)
    return Holding(int(held[-1]), int(close[-1]))


def _fills(entries: Entries, ledger: Ledger, lived: Timeline) -> list[FillRow]:
    rows = lived.rows_after(np.array(entries.fill_facts, dtype=np.int64)).tolist() if entries.fills else []
    return [
        FillRow(
            seq=event.seq,
            ts=event.ts,
            row=row,
            strategy_id=event.strategy_id,
            symbol=event.symbol,
            side=event.side,
            price=event.price,
            qty=event.qty,
            liquidity=event.liquidity,
            fee=ledger.fees.get((event.order_id, event.trade_id), 0),
            latency_cost=event.latency_cost,
            spread_cost=event.spread_cost,
            impact_cost=event.impact_cost,
            rounding_cost=event.rounding_cost,
            trade_id=event.trade_id,
            order_id=event.order_id,
            intent_id=event.intent_id,
            reason=ledger.reasons[event.intent_id],
        )
        for event, row in zip(entries.fills, rows, strict=True)
    ]


def _liquidations(entries: Entries, lived: Timeline) -> list[FillRow]:
    """What the venue closed, as fills: at the price that it took, so without spread or impact of their own."""
    if not entries.liquidations:
        return []
    rows = lived.rows_after(np.array(entries.liquidation_facts, dtype=np.int64)).tolist()
    return [
        FillRow(
            seq=event.seq,
            ts=event.ts,
            row=row,
            strategy_id=event.strategy_id,
            symbol=event.symbol,
            side="sell" if event.position > 0 else "buy",
            price=event.price,
            qty=abs(event.position),
            liquidity="taker",
            fee=event.fee,
            latency_cost=0,
            spread_cost=0,
            impact_cost=0,
            rounding_cost=0,
            trade_id=f"{LIQUIDATION}-{event.seq}",
            order_id="",
            intent_id="",
            reason=LIQUIDATION,
        )
        for event, row in zip(entries.liquidations, rows, strict=True)
    ]


def _interest(entries: Entries, ledger: Ledger, lived: Timeline) -> list[Interest]:
    """Interest on a coin belongs to the instrument that was sold short, interest on cash to the deciding leg."""
    if not entries.interest:
        return []
    rows = lived.rows_after(np.array(entries.interest_facts, dtype=np.int64)).tolist()
    legs = [leg.symbol for leg in entries.started.legs]
    shorted = {ledger.instruments[symbol].base: symbol for symbol in reversed(legs)}
    return [
        Interest(
            event.seq,
            event.ts,
            row,
            event.strategy_id,
            legs[0] if event.asset == entries.started.currency else shorted[event.asset],
            event.asset,
            event.owed,
            event.rate,
            event.amount,
        )
        for event, row in zip(entries.interest, rows, strict=True)
    ]


def _funding(entries: Entries, lived: Timeline) -> list[Funding]:
    facts = np.array(entries.payment_facts, dtype=np.int64)
    rows = lived.rows_of_fact(facts).tolist() if entries.payments else []
    return [
        Funding(
            event.seq,
            event.ts,
            row,
            event.strategy_id,
            event.symbol,
            event.position,
            event.rate,
            event.mark,
            event.amount,
        )
        for event, row in zip(entries.payments, rows, strict=True)
    ]


def _cash(
    start: int,
    fills: list[FillRow],
    payments: list[tuple[int, int, int]],
    instruments: Mapping[str, Instrument],
    rows: int,
) -> tuple[Column, int]:
    """Cash at each row, and the largest amount, unsigned, that it ever was.

    The column's sums may wrap around 64 bits on the way; what they come to is exact where that amount fits.
    """
    moves = [(fill.seq, fill.row, _spent(fill, instruments[fill.symbol].factor)) for fill in fills]
    moves += payments
    moves.sort()
    cash_max = max(map(abs, accumulate((amount for _, _, amount in moves), initial=start)))
    _refuse_beyond(2 * cash_max, "a strategy")  # so that a move from one end to the other fits too
    cash = np.zeros(rows, dtype=np.int64)
    np.add.at(
        cash, [row for _, row, _ in moves], np.array([amount for _, _, amount in moves], dtype=np.int64)
    )
    if rows:
        cash[0] += start
    return np.cumsum(cash, out=cash), cash_max


def _refuse_beyond(amount: int, whose: str) -> None:
    if amount > INT64_MAX:
        raise OperatorFault(
            f"the money of {whose} does not fit 64 bits",
            why=f"10^-8 units of it come to {amount}",
            hint="start with less cash and smaller quantities; what they earn is a share of it",
        )


def _spent(fill: FillRow, factor: int) -> int:
    """Change of the cash by a fill and its fee."""
    return -fill.delta * fill.price * factor - fill.fee


def _compare(books: Mapping[str, Book], state: EngineState) -> None:
    for name, book in books.items():
        folded = equity(state, state.accounts[name])
        if folded != book.equity_end:
            raise EngineFault(f"{name} ends with {book.equity_end}, the state says {folded}")
