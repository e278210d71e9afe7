"""An order must be worth at least the venue's minimum (specs/risk/rulebook.md).

The venue would reject it anyway, but only after a round trip and a rate-limit token. Judged last: a clamp before may
have made the order too small.
"""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-137"


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the order's value at its limit price, or the last price, reaches the minimum."""
    price = intent.limit_price if intent.limit_price is not None else view.last
    if price is None:
        return Denied("no price is known: cannot judge the order's value, so deny")
    notional = view.instrument.notional(price, intent.qty)
    if notional < view.instrument.notional_min:
        return Denied(f"notional {notional} is below the venue's minimum {view.instrument.notional_min}")
    return None
