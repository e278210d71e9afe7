"""No new risk on an old price (specs/risk/pauses.md, S-101). An age of exactly the limit is still fresh.

A price from the future is no price: whoever has it cannot judge, whatever the limit.
"""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-258"


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the last price is known and young enough."""
    if view.last is None:
        return Denied(f"no price of {intent.symbol} is known yet: cannot judge, so deny")
    age = view.ts - view.last_ts
    if age < 0:
        return Denied(f"bar from the future: it was known {-age} ns after now")
    if limits.stale_ns is not None and age > limits.stale_ns:
        return Denied(f"the last price is {age} ns old, the limit is {limits.stale_ns}")
    return None
