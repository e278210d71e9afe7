"""A margin account's terms, and what the venue does when its equity falls to the maintenance margin (S-075).

Cross margin: all positions of one account stand for each other, and are closed together. A bar does not say how its
price went, so a position is judged at the bar's worst price for it, and closed where the margin was reached: at that
price, or at the open where the market opened beyond it.
"""

from collections.abc import Mapping
from typing import NamedTuple

from veracity.domain.amounts import RATE_ONE, fee_ceil, rate_ceil
from veracity.domain.events import BarClosed, BorrowCharged, PositionLiquidated
from veracity.domain.market import Column
from veracity.engine.cancels import withdraw
from veracity.engine.draft import Draft
from veracity.state.model import Account, EngineState, accounts_in_order

LIQUIDATED = "liquidated"
"""Reason of the cancels of a liquidated account's orders."""


class Margin(NamedTuple):
    """Terms of one account; rates in 10^-9, interest for one hour."""

    maintenance: int = 0  # of the value of all positions
    liquidation_fee: int = 0  # of the value that is closed
    borrow_cash: int = 0
    borrow_coins: int = 0


class Rest(NamedTuple):
    """An account without the position that is looked at."""

    equity: int
    maintenance: int


def liquidate(draft: Draft, bar: BarClosed, margins: Mapping[str, Margin]) -> None:
    """Close the accounts that `bar` brings to their maintenance margin; their orders are withdrawn by the venue."""
    for account in accounts_in_order(draft.state):
        terms = margins.get(account.strategy_id)
        position = account.positions.get(bar.symbol)
        if terms is None or position is None or position.qty == 0 or terms.maintenance == 0:
            continue
        rest = _rest(draft.state, account, bar.symbol, terms, _paid(draft, account))
        unit = position.qty * draft.state.instruments[bar.symbol].factor
        worst = bar.low if unit > 0 else bar.high
        if not is_short_of(rest, worst, unit, terms):
            continue
        price = liquidation_price(rest, bar, unit, terms)
        for order_id in tuple(account.open_orders):
            withdraw(draft, draft.state.orders[order_id], LIQUIDATED)
        for symbol, held in account.positions.items():
            if held.qty:
                at = price if symbol == bar.symbol else last_of(draft.state, symbol)
                _close(draft, account, symbol, at, rest, unit * price, terms)


def last_of(state: EngineState, symbol: str) -> int:
    """The last price of an instrument in which somebody holds a position: it has traded, so there is one."""
    last = state.markets[symbol].last
    assert last is not None, symbol
    return last


def maintenance_of(value: int, terms: Margin) -> int:
    """Equity that the venue demands for positions worth `value` (unsigned), rounded up."""
    return rate_ceil(value, terms.maintenance)


def is_short_of(rest: Rest, price: int, unit: int, terms: Margin) -> bool:
    """Whether the account, with `unit` money a price unit in one position, is at its maintenance margin at `price`."""
    return rest.equity + unit * price <= rest.maintenance + maintenance_of(abs(unit * price), terms)


def count_safe(
    state: EngineState, margins: Mapping[str, Margin], symbol: str, lows: Column, highs: Column
) -> int:
    """How many bars of `symbol` with these lows and highs pass before one on which an account is liquidated, while
    nothing but its price changes. What a long is short of at a price, it is short of at every lower one, so the worst
    price of them all speaks for all; a short's is the highest."""
    safe = len(lows)
    for account in state.holders.get(symbol, ()):
        terms, qty = margins.get(account.strategy_id), account.positions[symbol].qty
        if terms is None or qty == 0 or terms.maintenance == 0 or safe == 0:
            continue
        rest, unit = _rest(state, account, symbol, terms), qty * state.instruments[symbol].factor
        worst = lows[:safe] if unit > 0 else highs[:safe]
        if is_short_of(rest, int(worst.min() if unit > 0 else worst.max()), unit, terms):
            short = (index for index, at in enumerate(worst.tolist()) if is_short_of(rest, at, unit, terms))
            safe = next(short)
    return safe


def _paid(draft: Draft, account: Account) -> int:
    """The interest that the account pays in this step."""
    return sum(
        event.amount
        for event in draft.events
        if isinstance(event, BorrowCharged) and event.strategy_id == account.strategy_id
    )


def _rest(state: EngineState, account: Account, symbol: str, terms: Margin, paid: int = 0) -> Rest:
    """Equity and maintenance of everything but the position in `symbol`, with `paid` of it gone."""
    equity, maintenance = account.cash - paid, 0
    for other, held in account.positions.items():
        if held.qty and other != symbol:
            value = held.qty * last_of(state, other) * state.instruments[other].factor
            equity += value
            maintenance += maintenance_of(abs(value), terms)
    return Rest(equity, maintenance)


def liquidation_price(rest: Rest, bar: BarClosed, unit: int, terms: Margin) -> int:
    """The first price, from the open towards the worst, at which the account is short of margin.

    equity + unit * p = maintenance + |unit| * p * rate, solved for p and rounded away from us.
    """
    if is_short_of(rest, bar.open, unit, terms):
        return bar.open
    missing = rest.maintenance - rest.equity
    if unit > 0:
        price = missing * RATE_ONE // (RATE_ONE - terms.maintenance) // unit
        return max(bar.low, min(price, bar.open))
    price = -(missing * RATE_ONE // (RATE_ONE + terms.maintenance) // -unit)
    return min(bar.high, max(price, bar.open))


def _close(
    draft: Draft, account: Account, symbol: str, price: int, rest: Rest, value: int, terms: Margin
) -> None:
    position = account.positions[symbol].qty
    notional = abs(position) * price * draft.state.instruments[symbol].factor
    draft.add(
        PositionLiquidated(
            seq=draft.seq,
            ts=draft.ts,
            strategy_id=account.strategy_id,
            symbol=symbol,
            position=position,
            price=price,
            fee=fee_ceil(notional, terms.liquidation_fee),
            rate=terms.liquidation_fee,
            equity=rest.equity + value,
            maintenance=rest.maintenance + maintenance_of(abs(value), terms),
        )
    )
