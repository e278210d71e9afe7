"""In safe mode nothing passes but the close of just what is held (specs/risk/modes.md, S-105).

What the order calls itself does not count: the book cannot be trusted, so a partial reduction or a lot too many is refused.
"""

from typing import Final

from veracity.domain.events import TraceId
from veracity.domain.machines import Mode
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-275"


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None where the engine is not in safe mode, or the order leaves exactly nothing of what is held and not leaving."""
    if view.mode is not Mode.SAFE:
        return None
    signed = intent.qty if intent.side == "buy" else -intent.qty
    if view.free and signed == -view.free:
        return None
    return Denied(
        f"safe mode ({view.mode_reason}) lets only the close of {view.free} pass, not to {intent.side} {intent.qty}"
    )
