"""The guards in the order of the rulebook (specs/policies/rulebook.yaml); the order is the policy's, not the code's."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from veracity.domain.errors import OperatorFault
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


def in_order(rules: Sequence[str]) -> tuple[Guard, ...]:
    """The guards in the order of `rules`, which must name each of them once.

    Raises OperatorFault (exit code 3) naming the rules that are unknown, missing or there twice.
    """
    wrong = [f"{rule}: no such guard" for rule in rules if rule not in _MODULES]
    wrong += [f"{rule}: named twice" for number, rule in enumerate(rules) if rule in rules[:number]]
    wrong += [f"{rule}: left out" for rule in _MODULES if rule not in rules]
    if wrong:
        raise OperatorFault("the rulebook does not name each guard once", why="; ".join(wrong))
    return tuple(Guard(rule, _MODULES[rule].RULE, _MODULES[rule].check) for rule in rules)


GUARDS: Final[tuple[Guard, ...]] = in_order(RULEBOOK)
