"""No new risk once the UTC day has lost the limit (specs/risk/limits.md, S-097).

The loss is measured from the equity at the day's start, open positions at the last price included; the limit is a
share of that equity, so it needs one above zero to mean anything.
"""

from typing import Final

from veracity.domain.amounts import rate_ceil
from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-254"
LIMITS: Final = ("daily_loss",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None while the day's loss is below the limit; at the limit it is reached."""
    if limits.daily_loss is None:
        return None
    start = view.equity_day_start
    if view.equity is None or start is None:
        return Denied("the equity is unknown: cannot judge the day's loss, so deny")
    if start <= 0:
        return Denied(f"the day began with an equity of {start}: nothing may be lost")
    loss = start - view.equity
    if loss >= rate_ceil(start, limits.daily_loss):
        return Denied(
            f"the day has lost {loss} of {start}, the limit is {limits.daily_loss} * 10^-9 of it",
            limits.daily_loss_remedy,
        )
    return None
