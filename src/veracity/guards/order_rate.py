"""At most `order_rate` opening orders in any `order_rate_ns` (specs/risk/limits.md, S-098): a sliding window."""

from collections.abc import Sequence
from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "S-098"
LIMITS: Final = ("order_rate",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where fewer opening orders than the limit are younger than the window."""
    limit, since = limits.order_rate, view.ts - limits.order_rate_ns
    if limit is None:
        return None
    if limit > 0:
        sent = newest(view.order_times, limit)
        if sent is None or sent <= since:
            return None
    return Denied(
        f"{sum(ts > since for ts in view.order_times)} opening orders in the last {limits.order_rate_ns} ns, the limit is {limit}"
    )


def newest(times: Sequence[int], number: int) -> int | None:
    """The `number`-th of the rising times from their end; None where there are fewer."""
    return times[-number] if len(times) >= number else None
