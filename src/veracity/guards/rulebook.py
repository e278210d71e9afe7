"""The guards in the order of the rulebook (specs/policies/rulebook.yaml): which there are and their order is the policy's,
and each rule is the module of its name."""

from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Final, NamedTuple

from veracity.domain.errors import OperatorFault
from veracity.domain.events import TraceId
from veracity.domain.policies import ABSOLUTE, RULEBOOK
from veracity.guards.view import Check, RiskLimits

UNLIMITED: Final = RiskLimits()


class Guard(NamedTuple):
    """One rule: its name, the ticket that demands it, and its check."""

    rule: str
    ticket: TraceId
    check: Check
    absolute: bool = False  # asked of every intent, also one that leaves, before the engine's mode
    limits: tuple[str, ...] = ()  # without any of these it has no objection

    def is_set(self, limits: RiskLimits) -> bool:
        """Whether it has something to judge by, and so is asked: one of its limits is set, or it needs none."""
        return not self.limits or any(
            getattr(limits, name) != getattr(UNLIMITED, name) for name in self.limits
        )


_MODULES: Final = {rule: import_module(f"veracity.guards.{rule}") for rule in RULEBOOK}


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
    return tuple(_bound(rule, _MODULES[rule]) for rule in order_of(rules))


def _bound(rule: str, module: ModuleType) -> Guard:
    return Guard(rule, module.RULE, module.check, rule in ABSOLUTE, getattr(module, "LIMITS", ()))


GUARDS: Final[tuple[Guard, ...]] = in_order(RULEBOOK)
