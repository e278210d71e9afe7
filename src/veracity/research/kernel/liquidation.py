# mypy: disable-error-code="no-any-return"
"""What the venue does when an account is at its maintenance margin: `engine.margin` over records. Compiled."""

from typing import Any

from veracity.domain.amounts import fee_ceil
from veracity.engine.margin import Rest, is_short_of, liquidation_price, maintenance_of
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import account_at, bar_at, leg_at, load, margin_at, order_at, position_at
from veracity.research.kernel.records import (
    BY_VENUE,
    CANCEL,
    CANCEL_REQUESTED,
    FIRST,
    LIQUIDATED,
    NONE,
)
from veracity.research.kernel.venue import plan
from veracity.state.positions import book_fill, release_fees


def rest_of(world: Any, leg: int) -> Rest:
    """Equity and maintenance of everything but a leg."""
    terms = margin_at(world.margin, 0)
    equity, maintenance = account_at(world.account, 0).cash, 0
    for other in range(world.legs):
        held, there = position_at(world.positions, other).qty, leg_at(world.leg, other)
        if other != leg and held != 0:
            value = held * there.last * there.factor
            equity += value
            maintenance += maintenance_of(abs(value), terms)
    return Rest(equity, maintenance)


def first_short(world: Any, number: int, first: int, stop: int) -> int:
    """The first of these rows of an instrument that brings the account to its maintenance margin, or `stop`."""
    terms = margin_at(world.margin, 0)
    for leg in range(world.legs):
        held, here = position_at(world.positions, leg).qty, leg_at(world.leg, leg)
        if here.instrument != number or held == 0 or terms.maintenance == 0 or first >= stop:
            continue
        side = world.low if held > 0 else world.high
        worst = load(side, first)
        for index in range(first + 1, stop):
            worst = min(worst, load(side, index)) if held > 0 else max(worst, load(side, index))
        rest, unit = rest_of(world, leg), held * here.factor
        if is_short_of(rest, worst, unit, terms):
            for index in range(first, stop):
                if is_short_of(rest, load(side, index), unit, terms):
                    return index
    return stop


def liquidate(world: Any, number: int, index: int) -> bool:
    """Close the account where the bar of that row brings it to its maintenance margin; whether it does."""
    if first_short(world, number, index, index + 1) > index:
        return False
    terms = margin_at(world.margin, 0)
    hit = 0
    for leg in range(world.legs):
        if leg_at(world.leg, leg).instrument == number:
            hit = leg
    rest, unit = rest_of(world, hit), position_at(world.positions, hit).qty * leg_at(world.leg, hit).factor
    price = liquidation_price(rest, bar_at(world.bar, index), unit, terms)
    equity = rest.equity + unit * price
    demanded = rest.maintenance + maintenance_of(abs(unit * price), terms)
    for slot in range(world.orders):
        withdraw(world, slot)
    for leg in range(world.legs):
        close_by_venue(world, leg, price if leg == hit else leg_at(world.leg, leg).last, equity, demanded)
    return True


def withdraw(world: Any, slot: int) -> None:
    """The venue takes an order back."""
    order = order_at(world.order, slot)
    if order.cancelling == 0:
        emit(
            world,
            CANCEL_REQUESTED,
            order.seq,
            order.intent,
            BY_VENUE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
            NONE,
        )
        order.cancelling = 1
    plan(world, world.ts, CANCEL, FIRST, order.seq, order.intent)


def close_by_venue(world: Any, leg: int, price: int, equity: int, demanded: int) -> None:
    """Close a position at the venue's price and take its fee (`state.accounts.close_by_venue`)."""
    account, position = account_at(world.account, 0), position_at(world.positions, leg)
    held, factor = position.qty, leg_at(world.leg, leg).factor
    if held == 0:
        return
    rate = margin_at(world.margin, 0).liquidation_fee
    fee = fee_ceil(abs(held) * price * factor, rate)
    emit(world, LIQUIDATED, leg, held, price, fee, rate, equity, demanded, NONE, NONE, NONE)
    account.cash += held * price * factor - fee
    account.fees += fee
    release_fees(position, abs(held))
    book_fill(position, -held, price, factor)
    account.loss_ts = world.ts
    world.trips += 1
