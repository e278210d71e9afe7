"""Fills and the round-trip trades that they make up.

A trade of one strategy in one instrument begins when its position leaves zero and ends when it is zero again, or
changes sides: then the fill is split by quantity, and its fee with it. What a trade won comes from the same
average-cost ledger as the engine's (`veracity.state.positions.book_fill`), so it is exact.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from veracity.domain.amounts import share_floor
from veracity.domain.events import Liquidity, Side
from veracity.domain.instruments import Instrument
from veracity.state.model import Position
from veracity.state.positions import book_fill

LIQUIDATION: Final = "liquidation"
"""Reason of the fills by which the venue closed a position; their fee is the liquidation's."""
Direction: TypeAlias = Literal["long", "short"]


class FillRow(NamedTuple):
    """One fill as a row of the results. Price and quantity in the instrument's units, money in 10^-8; a cost of None is not known."""

    seq: int
    ts: int
    row: int  # first row of the equity curve that shows it
    strategy_id: str
    symbol: str
    side: Side
    price: int
    qty: int
    liquidity: Liquidity
    fee: int  # positive is paid by us, like every cost here
    latency_cost: int | None
    spread_cost: int | None
    impact_cost: int | None
    rounding_cost: int | None
    trade_id: str
    order_id: str
    intent_id: str
    reason: str  # of the intent that led to it

    @property
    def delta(self) -> int:
        """Signed change of the position."""
        return self.qty if self.side == "buy" else -self.qty


class Funding(NamedTuple):
    """Funding of one position at one settlement; `amount` is signed: received is positive."""

    seq: int
    ts: int
    row: int
    strategy_id: str
    symbol: str
    position: int
    rate: int
    mark: int
    amount: int


class Interest(NamedTuple):
    """Interest of one hour on what was borrowed; `symbol` is the instrument that it was borrowed for."""

    seq: int
    ts: int
    row: int
    strategy_id: str
    symbol: str
    asset: str
    owed: int
    rate: int
    amount: int  # positive is paid


class Trade(NamedTuple):
    """One round trip; the exit's fields are None while it is open. Money in 10^-8, average prices in 10^-8 quote."""

    strategy_id: str
    symbol: str
    side: Direction
    entry_ts: int
    exit_ts: int | None
    qty: int  # all that was entered
    entry_price: int  # average, rounded down
    exit_price: int | None  # average, rounded down
    realized: int  # won (positive) or lost by the fill prices alone
    fees: int  # positive is paid
    funding: int  # positive is received
    bars: int  # closes of bars at which it was held
    fills: int
    entry_reason: str
    exit_reason: str | None

    @property
    def net(self) -> int:
        """What the trade changed the equity by, as far as it is closed."""
        return self.realized - self.fees + self.funding


@dataclass(slots=True)
class _Open:
    """A trade in the making."""

    first: FillRow
    sign: int
    position: Position = field(default_factory=Position)
    entered: int = 0
    entry_notional: int = 0
    left: int = 0
    exit_notional: int = 0
    fees: int = 0
    funding: int = 0
    fills: int = 0

    def take(self, fill: FillRow, qty: int, fee: int, factor: int) -> None:
        """Book `qty` of the fill, which does not go through zero, with its share of the fee."""
        sign = 1 if fill.side == "buy" else -1
        notional = qty * fill.price * factor
        if sign == self.sign:
            self.entered += qty
            self.entry_notional += notional
        else:
            self.left += qty
            self.exit_notional += notional
        book_fill(self.position, sign * qty, fill.price, factor)
        self.fees += fee
        self.fills += 1

    def trade(self, last: FillRow | None, row: int, unit: int) -> Trade:
        """The trade as it stands: closed by `last`, or open at `row`."""
        first = self.first
        return Trade(
            strategy_id=first.strategy_id,
            symbol=first.symbol,
            side="long" if self.sign > 0 else "short",
            entry_ts=first.ts,
            exit_ts=None if last is None else last.ts,
            qty=self.entered,
            entry_price=self.entry_notional * unit // self.entered,
            exit_price=None if last is None else self.exit_notional * unit // self.left,
            realized=self.position.realized,
            fees=self.fees,
            funding=self.funding,
            bars=(row if last is None else last.row) - first.row,
            fills=self.fills,
            entry_reason=first.reason,
            exit_reason=None if last is None else last.reason,
        )


def round_trips(
    fills: Sequence[FillRow], paid: Iterable[Funding], instrument: Instrument, last_row: int
) -> list[Trade]:
    """Trades of one strategy in one instrument, by entry; an open one is the last. Both inputs are in order of seq."""
    factor, unit = instrument.factor, 10**instrument.qty_scale
    trades: list[Trade] = []
    current: _Open | None = None
    payments = iter(paid)
    payment = next(payments, None)
    for fill in fills:
        while payment is not None and payment.seq < fill.seq:
            current = _credit(current, payment)
            payment = next(payments, None)
        if current is None:
            current = _Open(fill, 1 if fill.side == "buy" else -1)
        held = current.position.qty
        same_side = held == 0 or (held > 0) == (fill.side == "buy")
        here = fill.qty if same_side else min(fill.qty, abs(held))
        fee = share_floor(fill.fee, here, fill.qty)
        current.take(fill, here, fee, factor)
        if current.position.qty == 0:
            trades.append(current.trade(fill, fill.row, unit))
            current = None
        if here < fill.qty:
            current = _Open(fill, 1 if fill.side == "buy" else -1)
            current.take(fill, fill.qty - here, fill.fee - fee, factor)
    while payment is not None:
        current = _credit(current, payment)
        payment = next(payments, None)
    if current is not None:
        trades.append(current.trade(None, last_row, unit))
    return trades


def _credit(current: _Open | None, payment: Funding) -> _Open:
    assert current is not None, f"funding {payment.seq} without a position"
    current.funding += payment.amount
    return current
