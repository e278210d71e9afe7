"""At most `trades_per_day` orders a UTC day that open or increase a position (specs/risk/limits.md, S-098)."""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-255"
LIMITS: Final = ("trades_per_day",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None while the day's count is below the limit."""
    if limits.trades_per_day is None or view.entries_today < limits.trades_per_day:
        return None
    return Denied(f"{view.entries_today} entries today, the limit is {limits.trades_per_day}")
