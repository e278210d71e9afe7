"""The reality score: how much of what a backtest needs to be believed is there, in one published number (S-083).

score = floor(sum of weight * value) with values in 10^-9; weights are those of the policy and nobody can pass others.
What is unknown counts as nothing and stays in the denominator. A failed component that is a veto makes the whole 0.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from veracity.domain.policies import REALITY_VETOES, REALITY_WEIGHTS

ONE: Final = 1_000_000_000
"""A component that is whole."""


class Component(NamedTuple):
    """One component: its value in 10^-9 or None for unknown, the file it came from, and what it says."""

    value: int | None
    source: str
    explanation: str


class Part(NamedTuple):
    """A component with its weight and what it adds, points in 10^-9."""

    name: str
    weight: int
    component: Component
    contribution: int


class Score(NamedTuple):
    """The score, every part of it in the order of the policy, and the component that vetoed it."""

    score: int
    parts: tuple[Part, ...]
    veto: str | None


def reality_score(components: Mapping[str, Component]) -> Score:
    """The score of exactly the policy's components. Raises ValueError where one is missing, foreign or out of range."""
    if set(components) != set(REALITY_WEIGHTS):
        raise ValueError(f"components are {sorted(components)}, the policy names {sorted(REALITY_WEIGHTS)}")
    parts = []
    for name, weight in REALITY_WEIGHTS.items():
        value = components[name].value
        if value is not None and not 0 <= value <= ONE:
            raise ValueError(f"component {name} is {value}, not between 0 and {ONE}")
        parts.append(Part(name, weight, components[name], weight * (value or 0)))
    veto = next((name for name in REALITY_VETOES if components[name].value == 0), None)
    total = sum(part.contribution for part in parts) // ONE
    return Score(0 if veto else total, tuple(parts), veto)
