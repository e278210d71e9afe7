"""A price that cannot be is not acted on (specs/risk/pauses.md, S-101): of nothing, far from the bar before, or a limit
price far from the last one.

It stands before every rule that multiplies by a price, because a notional of nothing is below every limit.
"""

from typing import Final

from veracity.domain.amounts import rate_floor
from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-272"


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the prices are above zero and as near to each other as the limits say; exactly the limit is near."""
    if view.last is not None and view.last <= 0:
        return Denied(f"a price of {view.last} is no price: cannot judge, so deny")
    if view.bid is not None and view.bid <= 0:
        return Denied(f"a bid of {view.bid} is no price: cannot judge, so deny")
    if view.ask is not None and view.ask <= 0:
        return Denied(f"a ask of {view.ask} is no price: cannot judge, so deny")
    if intent.limit_price is not None and intent.limit_price <= 0:
        return Denied(f"a limit price of {intent.limit_price} is no price")
    if view.last is None:
        return None  # stale_data says so
    if limits.price_jump is not None and view.previous is not None:
        moved = abs(view.last - view.previous)
        if moved > rate_floor(view.previous, limits.price_jump):
            return Denied(
                f"the price moved by {moved} from {view.previous} in a bar, the limit is {limits.price_jump} * 10^-9 of it"
            )
    if limits.price_band is not None and intent.limit_price is not None:
        away = abs(intent.limit_price - view.last)
        if away > rate_floor(view.last, limits.price_band):
            return Denied(
                f"the limit price is {away} away from {view.last}, the limit is {limits.price_band} * 10^-9 of it"
            )
    return None
