"""The guards in the order of the rulebook (specs/policies/rulebook.yaml); the order is the policy's, not the code's."""

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

from veracity.domain.events import TraceId
from veracity.domain.policies import RULEBOOK
from veracity.guards import (
    cooldown,
    daily_loss,
    max_exposure,
    max_position,
    min_notional,
    stale_data,
    trades_per_day,
)
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

Check: TypeAlias = Callable[[Intended, GuardView, RiskLimits], Denied | Clamped | None]


class Guard(NamedTuple):
    """One rule: its name, the ticket that demands it, and its check."""

    rule: str
    ticket: TraceId
    check: Check


_MODULES: Final = {
    module.__name__.rpartition(".")[2]: module
    for module in (cooldown, daily_loss, max_exposure, max_position, min_notional, stale_data, trades_per_day)
}

GUARDS: Final[tuple[Guard, ...]] = tuple(
    Guard(rule, _MODULES[rule].RULE, _MODULES[rule].check) for rule in RULEBOOK
)

assert set(RULEBOOK) == set(_MODULES), "the rulebook and the guards must name the same rules"
