"""No new risk without the series that the strategy decides on (specs/risk/pauses.md, S-101).

Missing and stale are told apart: the one was never received, the other is older than its time to live.
"""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-274"
LIMITS: Final = ("critical_aux",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where every critical series of the strategy is known and young enough; an age of exactly the limit is."""
    for name in limits.critical_aux:
        known = view.aux.get(name)
        if known is None:
            return Denied(f"{name} missing")
        age, ttl = view.ts - known, limits.aux_ttl_ns.get(name)
        if age < 0:
            return Denied(f"{name} from the future: it was observed {-age} ns after now")
        if ttl is not None and age > ttl:
            return Denied(f"{name} stale: it is {age} ns old, the limit is {ttl}")
    return None
