"""What an account holds and may still buy is worth at most `max_exposure`, and at most `leverage_max` times its equity
(specs/risk/limits.md, S-096).

An intent that would go above is made smaller; where not even one lot fits, it is denied. Without equity above zero
there is nothing to stand behind an exposure, so there is no room at all.
"""

from typing import Final

from veracity.domain.amounts import rate_floor, step_floor
from veracity.domain.events import TraceId
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

RULE: Final[TraceId] = "T-253"
LIMITS: Final = ("max_exposure", "leverage_max")


def check(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """None at or below the limit, else the largest quantity that stays at it."""
    if limits.max_exposure is None and limits.leverage_max is None:
        return None
    price = intent.limit_price if intent.limit_price is not None else view.last
    if price is None or view.exposure is None:
        return Denied("no price is known: cannot judge the exposure, so deny")
    if view.equity is None:
        return Denied("the equity is unknown: cannot judge the exposure, so deny")
    if view.equity <= 0:
        return Denied("equity is zero" if view.equity == 0 else f"equity is below zero: {view.equity}")
    unit = price * view.instrument.factor
    limit = _limit(limits, view.equity)
    room = limit - view.exposure
    if intent.qty * unit <= room:
        return None
    fits = step_floor(room // unit, view.instrument.lot) if room > 0 else 0
    if fits <= 0:
        return Denied(f"exposure {view.exposure} leaves no room for one lot below the limit {limit}")
    return Clamped(fits)


def _limit(limits: RiskLimits, equity: int) -> int:
    """The tighter of the two limits, money; the leverage's is rounded down."""
    if limits.leverage_max is None:
        assert limits.max_exposure is not None
        return limits.max_exposure
    levered, most = rate_floor(equity, limits.leverage_max), limits.max_exposure
    return levered if most is None or levered < most else most
