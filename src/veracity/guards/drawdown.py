"""No new risk once the equity has fallen from its peak by the limit (specs/risk/limits.md, S-097).

The peak is the highest equity at any bar's close since the account was opened; midnight does not lower it.
"""

from typing import Final

from veracity.domain.amounts import rate_ceil
from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "S-097"
LIMITS: Final = ("drawdown",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None while the fall from the peak is below the limit; at the limit it is reached."""
    if limits.drawdown is None:
        return None
    if view.equity is None or view.peak is None:
        return Denied("the equity is unknown: cannot judge the drawdown, so deny")
    if view.peak <= 0:
        return Denied(f"the equity was never above zero, its peak is {view.peak}: nothing may be lost")
    fall = view.peak - view.equity
    if fall >= rate_ceil(view.peak, limits.drawdown):
        return Denied(
            f"the equity fell by {fall} from {view.peak}, the limit is {limits.drawdown} * 10^-9 of it"
        )
    return None
