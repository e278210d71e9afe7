"""No new risk through a venue that fails (specs/risk/halts.md, S-104); half open, one order at a time tries it."""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-261"


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None while the breaker is closed, and for the one probe of a half-open breaker."""
    if view.breaker == "closed":
        return None
    if view.breaker == "half_open" and not view.probing:
        return None
    return Denied("the breaker waits for its probe" if view.breaker == "half_open" else "the breaker is open")
