"""At most `order_rate` opening orders in any `order_rate_ns` (specs/risk/limits.md, S-098): a sliding window."""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "S-098"
LIMITS: Final = ("order_rate",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where fewer opening orders than the limit are younger than the window."""
    limit, times, since = limits.order_rate, view.order_times, view.ts - limits.order_rate_ns
    if limit is None or len(times) < limit or (limit and times[-limit] <= since):
        return None
    recent = sum(ts > since for ts in times)
    return Denied(f"{recent} opening orders in the last {limits.order_rate_ns} ns, the limit is {limit}")
