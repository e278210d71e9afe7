"""After a realised loss, no new risk for `cooldown` (specs/risk/pauses.md, S-099). The end of the time is free again."""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-256"
LIMITS: Final = ("cooldown_ns",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where no loss is younger than the cooldown."""
    if limits.cooldown_ns is None or view.loss_ts is None:
        return None
    wait = view.loss_ts + limits.cooldown_ns - view.ts
    if wait > 0:
        return Denied(f"{wait} ns of the cooldown after a loss are left")
    return None
