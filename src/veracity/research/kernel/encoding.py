"""Limits and costs as the compiled loop reads them: the same fields, whole numbers alone, NONE where one is not set."""

from collections.abc import Sequence
from typing import Any, get_args

from veracity.engine.freshness import timed
from veracity.guards.view import Remedy, RiskLimits
from veracity.research.kernel.records import AUX_MAX, COST_FIELDS, LEGS_MAX, LIMIT_FIELDS, NONE
from veracity.simulator.costs import CostModel


def costs_of(costs: CostModel) -> list[int]:
    """The fields of `records.COSTS`."""
    return [_number(getattr(costs, name)) for name in COST_FIELDS]


def limits_of(limits: RiskLimits, symbols: Sequence[str], dry_run: int) -> list[int]:
    """The fields of `records.LIMITS`: the limits, the rules in `dry_run` (a bit a rule), and tables by symbol or series as a number a leg or series."""
    positions = [_number(limits.max_position.get(one)) for one in symbols]
    series = slots_of(limits)
    return [
        *(_number(getattr(limits, name)) for name in LIMIT_FIELDS),
        get_args(Remedy).index(limits.daily_loss_remedy),
        dry_run,
        *_filled(positions, LEGS_MAX, NONE),
        *_filled(range(len(limits.critical_aux)), AUX_MAX, AUX_MAX),
        *_filled([_number(limits.aux_ttl_ns.get(name)) for name in series], AUX_MAX + 1, NONE),
    ]


def slots_of(limits: RiskLimits) -> tuple[str, ...]:
    """The series whose age the loop follows: the critical ones, then those that have a time to live alone."""
    return (*limits.critical_aux, *(name for name in timed(limits) if name not in limits.critical_aux))


def _filled(numbers: Sequence[int], count: int, rest: int) -> list[int]:
    return [*numbers, *[rest] * (count - len(numbers))]


def _number(value: Any) -> int:
    if value is None:
        return NONE
    assert isinstance(value, int), value  # scope refuses what is no number
    return int(value)
