"""No new risk after a fill that was far worse than the price it was decided on (specs/risk/halts.md, S-103).

The worst fill counts until an operator has looked: a better one, or a new day, does not make up for it.
"""

from typing import Final

from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-260"
LIMITS: Final = ("slippage",)


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None while the worst slip on record is at or below the limit."""
    if limits.slippage is None or view.slip_worst is None or view.slip_worst <= limits.slippage:
        return None
    return Denied(f"a fill slipped by {view.slip_worst} * 10^-9, the limit is {limits.slippage}")
