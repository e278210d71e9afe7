# mypy: disable-error-code="no-any-return"
"""What the account is worth, and was at its best. Compiled."""

from typing import Any

from veracity.research.kernel.native import account_at, leg_at, limits_at, load, position_at
from veracity.research.kernel.records import NONE


def mark_peak(world: Any, number: int, first: int, stop: int) -> None:
    """Keep what the account was worth at its best over the closes of these rows (`state.accounts.mark_accounts`)."""
    account = account_at(world.account, 0)
    if limits_at(world.limits, 0).drawdown == NONE:
        return
    rest, held, concerned = account.cash, 0, False
    for leg in range(world.legs):
        here = leg_at(world.leg, leg)
        qty = position_at(world.positions, leg).qty
        if here.instrument == number:
            held, concerned = qty * here.factor, True
        elif qty != 0:
            if here.last == NONE:
                return
            rest += qty * here.last * here.factor
    if not concerned:
        return
    best = load(world.close, first)
    if held > 0:
        for index in range(first + 1, stop):
            best = max(best, load(world.close, index))
    elif held < 0:
        for index in range(first + 1, stop):
            best = min(best, load(world.close, index))
    account.peak = max(account.peak, rest + held * best)


def worth(world: Any) -> int:
    """`veracity.state.model.equity`: cash and what is held at the last prices; NONE where one is not known."""
    total = account_at(world.account, 0).cash
    for leg in range(world.legs):
        held = position_at(world.positions, leg).qty
        if held != 0:
            here = leg_at(world.leg, leg)
            if here.last == NONE:
                return NONE
            total += held * here.last * here.factor
    return total
