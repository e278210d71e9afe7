"""A position and the orders that may still enlarge it stay at or below `max_position` (specs/risk/limits.md, S-096).

An intent that would go above is made smaller; where not even one lot fits, it is denied.
"""

from typing import Final

from veracity.domain.amounts import step_floor
from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-283"
LIMITS: Final = ("max_position",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None at or below the limit, else the largest quantity that stays at it."""
    limit = limits.max_position.get(intent.symbol)
    if limit is None:
        return None
    room = limit - abs(view.position) - view.opening
    if intent.qty <= room:
        return None
    fits = step_floor(room, view.instrument.lot) if room > 0 else 0
    if fits <= 0:
        return Denied(
            f"position {view.position} and {view.opening} in orders leave no room below the limit {limit}"
        )
    return Clamped(fits)
