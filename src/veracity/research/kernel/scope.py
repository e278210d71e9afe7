"""What the compiled kernel covers. What it does not cover it refuses by name before it starts; it never runs it differently."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any, Final

from veracity.domain.amounts import RATE_ONE
from veracity.domain.errors import OperatorFault, OperatorFaults
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import RiskLimits
from veracity.research.kernel.records import COLUMNS_MAX, COST_FIELDS, LEGS_MAX, MEMO_MAX, View
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel

WORTH_MAX: Final = 2**58
"""Largest value of a position or order, money: four of them, and what is made of them, fit 64 bits."""

NUMBER_MAX: Final = 2**62


def refuse_uncovered(plan: Plan) -> None:
    """Raises OperatorFaults naming everything in the plan that has no compiled form."""
    found = [
        OperatorFault(what, why=why, hint="leave it out, or run it with `veracity backtest`")
        for what, why in (*_strategies(plan), *_costs(plan.costs), *_limits(plan), *_bounds(plan))
    ]
    if found:
        raise OperatorFaults.of(found)


def compiled_guards() -> tuple[Guard, ...]:
    """The guards that the compiled gate asks: those that need nothing but what it shows them."""
    return tuple(guard for guard in GUARDS if not _unknown(guard))


def fields_read(function: Any, of: str) -> frozenset[str]:
    """Names of the attributes of the parameter `of` that a function reads, and those that its module's functions read."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.getmodule(function) or function)))
    return frozenset(
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == of
    )


def _unknown(guard: Guard) -> frozenset[str]:
    return fields_read(guard.check, "view") - frozenset(View._fields)


def _strategies(plan: Plan) -> Iterator[tuple[str, str]]:
    if len(plan.bound) != 1:
        yield f"{len(plan.bound)} strategies in one run", "the kernel runs one strategy at a time"
    for bound in plan.bound:
        name = bound.strategy_id
        if len(bound.legs) > LEGS_MAX:
            yield f"strategy {name}: {len(bound.legs)} legs", f"the kernel runs up to {LEGS_MAX}"
        params = bound.params
        if not isinstance(params, tuple) or not all(type(value) is int for value in params):
            yield f"strategy {name}: parameters {params!r}", "the kernel takes a tuple of whole numbers"
        if len(bound.strategy.memo) > MEMO_MAX:
            yield f"strategy {name}: a memory of more than {MEMO_MAX} numbers", "the kernel keeps no more"


def _costs(costs: CostModel) -> Iterator[tuple[str, str]]:
    default = CostModel()
    for name in costs.__struct_fields__:
        if name not in COST_FIELDS and getattr(costs, name) != getattr(default, name):
            yield f"costs: {name}", "the kernel does not know this cost"


def _limits(plan: Plan) -> Iterator[tuple[str, str]]:
    """A guard that the compiled gate leaves out must have nothing to say."""
    for bound in plan.bound:
        for guard in GUARDS:
            missing = _unknown(guard)
            if not missing:
                continue
            limits = sorted(fields_read(guard.check, "limits"))
            default = RiskLimits()
            given = [name for name in limits if getattr(bound.limits, name) != getattr(default, name)]
            if given or not limits:
                why = f"the rule {guard.rule} needs {', '.join(sorted(missing))}, which the kernel does not show"
                yield f"strategy {bound.strategy_id}: {', '.join(given) or guard.rule}", why


def _bounds(plan: Plan) -> Iterator[tuple[str, str]]:
    """Bounds within which nothing that is only multiplied leaves 64 bits (what is divided has 128)."""
    for data in plan.dataset.instruments:
        spread_of_bar = int((data.bars.high - data.bars.low).max())
        for name in ("volatility_share", "impact"):
            if spread_of_bar * getattr(plan.costs, name) > NUMBER_MAX:
                yield f"costs: {name}", f"times a range of {spread_of_bar} it does not fit 64 bits"
    for bound in plan.bound:
        sizes = [bound.limits.max_exposure, *bound.limits.max_position.values()]
        if any(size is not None and abs(size) > NUMBER_MAX for size in sizes):
            yield f"strategy {bound.strategy_id}: a limit of its risk", f"it is above {NUMBER_MAX}"


def quantity_max(plan: Plan) -> int:
    """Largest position that the loop takes, quantity units of any leg: its value stays below WORTH_MAX.

    A fill's price is at most the market's with all costs on it, and every cost is at most what the bounds allow.
    """
    costs = plan.costs
    largest = 1
    for data in plan.dataset.instruments:
        high = int(data.bars.high.max())
        spread_of_bar = int((data.bars.high - data.bars.low).max())
        share = spread_of_bar * (costs.volatility_share + costs.impact) // RATE_ONE
        price = 2 * high + high * costs.half_spread // RATE_ONE + share + data.source.tick + 2
        factor = 10 ** (8 - data.source.price_scale - data.source.qty_scale)
        largest = max(largest, price * factor)
    return WORTH_MAX // largest


def columns_fit(columns: int) -> bool:
    """Whether the loop can take that many feature columns."""
    return 0 < columns <= COLUMNS_MAX
