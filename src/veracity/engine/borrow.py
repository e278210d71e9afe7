"""Interest on what an account has borrowed (S-075): one hour at the time of borrowing, one at each start of a clock hour.

Simple interest on the amount owed then, as Binance margin charges it since 2023-03-01 (its FAQ, reference case N-31).
Cash is borrowed where an account has spent more than it has; what a perpetual cost is not spent, because nothing was
bought. Coins are borrowed where a spot instrument is held short, and are owed at their last price. An account without a
position has nothing left to lend on: what it still owes is the venue's to write off, and bears no interest.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from veracity.domain.amounts import rate_ceil, share_floor
from veracity.domain.events import BorrowCharged, FillReported, FundingPaid
from veracity.domain.time import NS_PER_HOUR, TS_NEVER
from veracity.engine.draft import Draft
from veracity.engine.margin import Margin, last_of
from veracity.state.model import Account, EngineState, Position, accounts_in_order


class Debt(NamedTuple):
    """What is owed of one asset: its value in the account's currency, and the rate for one hour."""

    asset: str
    owed: int
    rate: int


class Change(NamedTuple):
    """What is about to happen to an account: cash, and a trade of `delta` at `price`."""

    cash: int = 0
    symbol: str = ""
    delta: int = 0
    price: int = 0


UNCHANGED: Final = Change()


def charge_hours(draft: Draft, margins: Mapping[str, Margin]) -> None:
    """Charge every account for each clock hour that began since it was charged last, up to now."""
    for account in accounts_in_order(draft.state):
        terms = margins.get(account.strategy_id)
        if terms is None or draft.ts // NS_PER_HOUR == account.borrow_ts // NS_PER_HOUR:
            continue
        owed = debts(draft.state, account, terms)
        for due in hour_starts(account.borrow_ts, draft.ts) if owed else ():
            for debt in owed:
                _charge(draft, account, debt, due)


def due(state: EngineState, margins: Mapping[str, Margin]) -> int:
    """When the next interest is due while nothing but prices changes; TS_NEVER where nobody owes."""
    earliest: int = TS_NEVER
    for account in state.accounts.values():
        terms = margins.get(account.strategy_id)
        if terms is not None and debts(state, account, terms):
            earliest = min(earliest, hour_after(account.borrow_ts))
    return earliest


def charge_fill(draft: Draft, fill: FillReported, margins: Mapping[str, Margin]) -> None:
    """Charge the first hour of what the booked `fill` lets its account owe more than before."""
    order = draft.state.orders.get(fill.order_id)
    terms = None if order is None else margins.get(order.strategy_id)
    if order is not None and terms is not None:
        delta = fill.qty if fill.side == "buy" else -fill.qty
        change = Change(-fill.fee, fill.symbol, delta, fill.price)
        _charge_more(draft, draft.state.accounts[order.strategy_id], terms, change)


def charge_funding(draft: Draft, paid: FundingPaid, margins: Mapping[str, Margin]) -> None:
    """Charge the first hour of what a settlement lets an account owe more than before."""
    terms = margins.get(paid.strategy_id)
    if terms is not None:
        _charge_more(draft, draft.state.accounts[paid.strategy_id], terms, Change(paid.amount))


def hour_starts(after: int, until: int) -> range:
    """The starts of the clock hours in after < start <= until."""
    return range(hour_after(after), until + 1, NS_PER_HOUR)


def hour_after(ts: int) -> int:
    """The start of the first clock hour behind `ts`."""
    return ts - ts % NS_PER_HOUR + NS_PER_HOUR


def cash_owed(own: int) -> int:
    """Cash that is borrowed by who has `own` of it."""
    return max(0, -own)


def coins_owed(qty: int, price: int, factor: int) -> int:
    """What the coins are worth that are owed where a position of `qty` is short."""
    return max(0, -qty) * price * factor


def debts(
    state: EngineState, account: Account, terms: Margin, change: Change = UNCHANGED
) -> tuple[Debt, ...]:
    """What the account owes now, or after `change`: its currency first, then coins in the order of its legs."""
    # Simple interest: what was paid as interest is no part of what bears it.
    cash, coins, is_flat = account.cash + account.interest + change.cash, [], True
    for symbol, position in account.positions.items():
        instrument, delta = state.instruments[symbol], change.delta if symbol == change.symbol else 0
        qty = position.qty + delta
        is_flat = is_flat and qty == 0
        cash -= delta * change.price * instrument.factor
        if instrument.kind == "perp":
            cash += _cost_after(position, delta, change.price * instrument.factor)
        elif qty < 0:
            price = change.price if delta else last_of(state, symbol)
            coins.append(Debt(instrument.base, coins_owed(qty, price, instrument.factor), terms.borrow_coins))
    owed = Debt(account.currency, cash_owed(cash), terms.borrow_cash)
    return () if is_flat else tuple(debt for debt in (owed, *coins) if debt.owed and debt.rate)


def _cost_after(position: Position, delta: int, unit_price: int) -> int:
    """What a position costs (its basis) after a trade of `delta`, by the rule of `veracity.state.positions.book_fill`."""
    held = position.qty
    if held == 0 or (held > 0) == (delta > 0):
        return position.basis + delta * unit_price
    closing = min(abs(held), abs(delta))
    opening = delta - (closing if delta > 0 else -closing)
    return position.basis - share_floor(position.basis, closing, abs(held)) + opening * unit_price


def _charge_more(draft: Draft, account: Account, terms: Margin, change: Change) -> None:
    before = {debt.asset: debt.owed for debt in debts(draft.state, account, terms)}
    for debt in debts(draft.state, account, terms, change):
        more = debt.owed - before.get(debt.asset, 0)
        if more > 0:
            _charge(draft, account, debt._replace(owed=more), draft.ts)


def _charge(draft: Draft, account: Account, debt: Debt, due: int) -> None:
    draft.add(
        BorrowCharged(
            seq=draft.seq,
            ts=draft.ts,
            strategy_id=account.strategy_id,
            asset=debt.asset,
            due_ts=due,
            owed=debt.owed,
            rate=debt.rate,
            amount=rate_ceil(debt.owed, debt.rate),
        )
    )
