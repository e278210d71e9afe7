# mypy: disable-error-code="no-any-return"
"""Interest on what is borrowed, hour by hour: `engine.borrow` in numbers. Compiled.

What is owed stands in a column: of the account's currency, then of each leg's coin.
"""

from typing import Any

from veracity.domain.amounts import INT64_MAX, rate_ceil
from veracity.domain.time import NS_PER_HOUR
from veracity.engine.borrow import cash_owed, coins_owed, hour_after, hour_starts
from veracity.research.kernel.journal import emit
from veracity.research.kernel.native import account_at, leg_at, load, margin_at, position_at, store
from veracity.research.kernel.records import BORROWED, NONE


def owe(world: Any, column: int, traded: int, price: int) -> bool:
    """Put what the account owes into a column; whether that is anything. The coins of a leg that just `traded` are worth
    its price, others their last one."""
    account, terms = account_at(world.account, 0), margin_at(world.margin, 0)
    cash, is_flat, owes = account.cash + account.interest, True, False
    for leg in range(world.legs):
        here, position = leg_at(world.leg, leg), position_at(world.positions, leg)
        coins = 0
        if here.is_perp != 0:
            cash += position.basis
        elif position.qty < 0 and terms.borrow_coins != 0:
            coins = coins_owed(position.qty, price if leg == traded else here.last, here.factor)
        store(column, 1 + leg, coins)
        is_flat = is_flat and position.qty == 0
        owes = owes or coins > 0
    owed = cash_owed(cash) if terms.borrow_cash != 0 and not is_flat else 0
    store(column, 0, owed)
    return owes or owed > 0


def charge_hours(world: Any) -> None:
    """Charge each clock hour that began since the account was charged last, up to now."""
    since = account_at(world.account, 0).borrow_ts
    if world.ts // NS_PER_HOUR == since // NS_PER_HOUR or not owe(world, world.owed, -1, 0):
        return
    for due in hour_starts(since, world.ts):
        for asset in range(1 + world.legs):
            if load(world.owed, asset) > 0:
                charge_interest(world, asset, load(world.owed, asset), due)


def charge_more(world: Any, traded: int, price: int) -> None:
    """Charge the first hour of what is owed beyond what stands in the world's `owed`."""
    owe(world, world.owing, traded, price)
    for asset in range(1 + world.legs):
        more = load(world.owing, asset) - load(world.owed, asset)
        if more > 0:
            charge_interest(world, asset, more, world.ts)


def charge_interest(world: Any, asset: int, owed: int, due: int) -> None:
    """Charge one hour."""
    account, terms = account_at(world.account, 0), margin_at(world.margin, 0)
    rate = terms.borrow_cash if asset == 0 else terms.borrow_coins
    amount = rate_ceil(owed, rate)
    emit(world, BORROWED, asset, due, owed, rate, amount, NONE, NONE, NONE, NONE, NONE)
    account.cash -= amount
    account.interest += amount
    account.borrow_ts = due


def next_hour(world: Any) -> int:
    """When interest is charged next if nothing else happens."""
    if not owe(world, world.owed, -1, 0):
        return INT64_MAX
    return hour_after(account_at(world.account, 0).borrow_ts)
