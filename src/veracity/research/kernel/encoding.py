"""Limits and costs as the compiled loop reads them: the same fields, whole numbers alone, NONE where one is not set."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from veracity.engine.margin import Margin
from veracity.guards.view import RiskLimits
from veracity.research.kernel.records import COST_FIELDS, COSTS, LIMIT_FIELDS, LIMITS, NONE
from veracity.simulator.costs import CostModel


def costs_record(costs: CostModel) -> Any:
    """One record of the costs that the loop knows."""
    record = np.zeros(1, dtype=COSTS)
    for name in COST_FIELDS:
        record[name] = _number(getattr(costs, name))
    return record


def limits_record(limits: RiskLimits, margin: Margin | None, symbols: Sequence[str]) -> Any:
    """One record of the limits and of the margin that is demanded; a table by symbol becomes one number a leg."""
    record = np.zeros(1, dtype=LIMITS)
    for name in LIMIT_FIELDS:
        record[name] = _number(getattr(limits, name))
    record["maintenance"] = 0 if margin is None else margin.maintenance
    record["max_position"] = NONE
    record["max_position"][0, : len(symbols)] = [_number(limits.max_position.get(one)) for one in symbols]
    return record


def _number(value: Any) -> int:
    if value is None:
        return NONE
    assert isinstance(value, int), value  # scope refuses what is no number
    return int(value)
