"""The guards in the order of the rulebook (specs/policies/rulebook.yaml); the order is the policy's, not the code's."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from veracity.domain.errors import OperatorFault
from veracity.domain.events import TraceId
from veracity.domain.policies import ABSOLUTE, RULEBOOK
from veracity.guards import (
    cooldown,
    critical_aux,
    daily_loss,
    drawdown,
    drift_halt,
    error_breaker,
    kill_file,
    max_exposure,
    max_position,
    min_notional,
    order_rate,
    price_sanity,
    safe_mode,
    slippage_halt,
    stale_data,
    trades_per_day,
    volatility_pause,
)
from veracity.guards.view import Check


class Guard(NamedTuple):
    """One rule: its name, the ticket that demands it, and its check."""

    rule: str
    ticket: TraceId
    check: Check
    absolute: bool = False  # asked of every intent, also one that leaves, before the engine's mode


_MODULES: Final = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        cooldown,
        critical_aux,
        daily_loss,
        drawdown,
        drift_halt,
        error_breaker,
        kill_file,
        max_exposure,
        max_position,
        min_notional,
        order_rate,
        price_sanity,
        safe_mode,
        slippage_halt,
        stale_data,
        trades_per_day,
        volatility_pause,
    )
}


def wrong_order(rules: Sequence[str]) -> list[str]:
    """What is wrong with an order of the rules; nothing where it names each guard once, the absolute ones first."""
    wrong = [f"{rule}: no such guard" for rule in rules if rule not in _MODULES]
    wrong += [f"{rule}: named twice" for number, rule in enumerate(rules) if rule in rules[:number]]
    wrong += [f"{rule}: left out" for rule in _MODULES if rule not in rules]
    if not wrong and tuple(rules[: len(ABSOLUTE)]) != ABSOLUTE:
        wrong = [f"{', '.join(ABSOLUTE)}: must come first, in this order"]
    return wrong


def order_of(order: Sequence[str] | None) -> tuple[str, ...]:
    """The rules in the order of the policy, or of a config where it gives one.

    Raises OperatorFault (exit code 3) naming what is unknown, left out, there twice, or moved ahead of an absolute rule.
    """
    if order is None:
        return RULEBOOK
    wrong = wrong_order(order)
    if wrong:
        raise OperatorFault("the order of the rules does not name each guard once", why="; ".join(wrong))
    return tuple(order)


def in_order(rules: Sequence[str]) -> tuple[Guard, ...]:
    """The guards in the order of `rules`, each bound to the check of the module with its name. Raises as `order_of`."""
    return tuple(
        Guard(rule, _MODULES[rule].RULE, _MODULES[rule].check, rule in ABSOLUTE) for rule in order_of(rules)
    )


GUARDS: Final[tuple[Guard, ...]] = in_order(RULEBOOK)
