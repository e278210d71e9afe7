"""Limits and costs as the compiled loop reads them: the same fields, whole numbers alone, NONE where one is not set."""

from collections.abc import Sequence
from typing import Any

from veracity.guards.view import RiskLimits
from veracity.research.kernel.records import COST_FIELDS, LEGS_MAX, LIMIT_FIELDS, NONE
from veracity.simulator.costs import CostModel


def costs_of(costs: CostModel) -> list[int]:
    """The fields of `records.COSTS`."""
    return [_number(getattr(costs, name)) for name in COST_FIELDS]


def limits_of(limits: RiskLimits, symbols: Sequence[str]) -> list[int]:
    """The fields of `records.LIMITS`: the limits, and a table by symbol as a number a leg."""
    positions = [_number(limits.max_position.get(one)) for one in symbols]
    return [
        *(_number(getattr(limits, name)) for name in LIMIT_FIELDS),
        *positions,
        *[NONE] * (LEGS_MAX - len(positions)),
    ]


def _number(value: Any) -> int:
    if value is None:
        return NONE
    assert isinstance(value, int), value  # scope refuses what is no number
    return int(value)
