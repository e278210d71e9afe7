# mypy: disable-error-code="no-any-return"
"""A fill and its fee, booked as `state.accounts` and `state.positions` do. Compiled."""

from typing import Any

from veracity.domain.amounts import slip_ceil
from veracity.research.kernel.borrow import charge_hours, charge_more, owe
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import (
    account_at,
    last_fill_at,
    leg_at,
    limits_at,
    order_at,
    position_at,
)
from veracity.research.kernel.needs import INTEREST, SLIPS
from veracity.research.kernel.records import DONE, FEE, HALTED, NONE, TOO_LARGE
from veracity.research.kernel.reports import close_order
from veracity.simulator.slippage import Execution
from veracity.state.positions import book_fee, book_fill, closed_part, release_fees

CASH_MAX = 2**61


def book(
    world: Any,
    slot: int,
    what: int,
    trade: int,
    qty: int,
    executed: Execution,
    late: int,
    fee: int,
    rate: int,
) -> int:
    """Book a fill: event, cash, position, then its fee; the order is done where nothing is left."""
    order = order_at(world.order, slot)
    account, here = account_at(world.account, 0), leg_at(world.leg, order.leg)
    position, last = position_at(world.positions, order.leg), last_fill_at(world.last_fill, 0)
    if INTEREST:
        charge_hours(world)
        owe(world, world.owed, -1, 0)
    unit = qty * here.factor
    notional = executed.price * unit
    delta = order.sign * qty
    say_fill(world, order, what, trade, qty, executed, late)
    order.filled += qty
    account.cash -= delta * executed.price * here.factor
    account.fills += 1
    world.traded += notional
    closed = closed_part(position.qty, delta)
    world.trips += 1 if closed != 0 and closed == abs(position.qty) else 0
    net = -release_fees(position, closed)
    net += book_fill(position, delta, executed.price, here.factor)
    last.qty, last.closed, last.net, last.leg, last.waits = qty, closed, net, order.leg, 1
    if net < 0:
        account.loss_ts = world.ts
    if fee != 0:
        emit(world, FEE, order.seq, order.intent, trade, fee, rate, NONE, NONE, NONE, NONE, NONE)
        charge(world, order.leg, fee)
    if INTEREST:
        charge_more(world, order.leg, executed.price)
    if SLIPS:
        halt_on_slip(world, order, trade, executed.price)
    if order.filled == order.qty:
        close_order(world, slot)
    fits = abs(account.cash) < CASH_MAX and abs(position.realized) < CASH_MAX and world.traded < CASH_MAX
    return DONE if fits and account.cash != NONE else TOO_LARGE


def halt_on_slip(world: Any, order: Any, trade: int, price: int) -> None:
    """Keep how far fills slipped, and halt the run where one went beyond the limit (`engine.slippage`)."""
    limit, account = limits_at(world.limits, 0).slippage, account_at(world.account, 0)
    if order.decided == NONE:
        return
    slip = slip_ceil(order.sign, price, order.decided)
    account.slip_worst = max(account.slip_worst, slip)
    if limit != NONE and slip > limit and world.halted == 0:
        emit(world, HALTED, order.seq, trade, slip, limit, NONE, NONE, NONE, NONE, NONE, NONE)
        world.halted = 1


def say_fill(world: Any, order: Any, what: int, trade: int, qty: int, executed: Execution, late: int) -> None:
    """Say a fill, with what it cost beside its price."""
    unit = qty * leg_at(world.leg, order.leg).factor
    emit(
        world,
        what,
        order.seq,
        order.intent,
        order.leg,
        trade,
        order.sign * qty,
        executed.price,
        order.sign * late * unit,
        executed.spread * unit,
        executed.impact * unit,
        executed.rounding * unit,
    )


def charge(world: Any, leg: int, fee: int) -> None:
    """Book the fee of the fill that was booked last; what its closed part lost in the end is remembered."""
    account, last = account_at(world.account, 0), last_fill_at(world.last_fill, 0)
    account.cash -= fee
    account.fees += fee
    last.waits = 0
    net = book_fee(position_at(world.positions, leg), last, fee)
    if net < 0 and last.closed != 0:
        account.loss_ts = world.ts
