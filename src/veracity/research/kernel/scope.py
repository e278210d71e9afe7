"""What the compiled kernel covers. What it does not cover it refuses by name before it starts; it never runs it differently."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from veracity.data.dataset import Dataset
from veracity.domain.amounts import RATE_ONE, notional_factor
from veracity.domain.errors import OperatorFault, OperatorFaults
from veracity.guards.rulebook import Guard
from veracity.research.kernel.encoding import slots_of
from veracity.research.kernel.needs import AUX, INTEREST, Build, build_for
from veracity.research.kernel.records import (
    AUX_MAX,
    COLUMNS_MAX,
    COST_FIELDS,
    LEGS_MAX,
    LIMIT_FIELDS,
    MEMO_MAX,
    PARAMS_MAX,
    TIERS_MAX,
)
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.simulator.fees import tiers_of
from veracity.strategies import exits

REFUSED: Final = {
    "another number of strategies": "the kernel runs one strategy at a time",
    "legs": f"the kernel runs up to {LEGS_MAX}",
    "parameters": f"the kernel takes a tuple of up to {PARAMS_MAX} whole numbers",
    "memory": f"the kernel keeps up to {MEMO_MAX} numbers",
    "one asset of two legs": "the kernel keeps debts by leg",
    "cost": "the kernel does not know it",
    "tiers": f"the kernel keeps up to {TIERS_MAX} of a product",
    "rule": "the kernel does not know it",
    "limit": "the kernel does not know it",
    "critical series": f"the kernel watches up to {AUX_MAX}",
    "a price of nothing": "the kernel takes prices above zero",
    "size": "it does not fit 64 bits, with what it is multiplied by",
}
"""What is refused before a run starts, and why: all of it (docs/decisions/0025-what-the-kernel-refuses.md)."""

BOUND_FIELDS: Final = ("strategy_id", "strategy", "params", "legs", "limits", "execution", "margin")
PLAN_FIELDS: Final = (
    *("identity", "dataset", "bound", "started", "costs", "close_at_end", "guards", "dry_run"),
)
"""What a plan and a strategy in it consist of, as far as the kernel knows: the rest would be passed over unseen."""

COMPILED: Final = (
    *(
        "stale_data",
        "critical_aux",
        "trades_per_day",
        "cooldown",
        "daily_loss",
        "max_position",
        "max_exposure",
        "min_notional",
        "drawdown",
        "order_rate",
        "price_sanity",
        "slippage_halt",
        "volatility_pause",
    ),
)
"""Rules that the compiled gate asks."""

SILENT: Final = ("kill_file", "safe_mode", "error_breaker", "drift_halt")
"""Rules that have nothing to judge in a simulated run: nobody halts it, its venue answers, its book is the venue's."""

KEPT_LIMITS: Final = (
    *(name for name in LIMIT_FIELDS if name != "volatility_window"),
    *("max_position", "daily_loss_remedy", "critical_aux", "aux_ttl_ns", "volatility"),
)
"""Fields of the limits that the compiled gate keeps."""

WORTH_MAX: Final = 2**58
"""Largest value of a position or order, money: four of them, and what is made of them, fit 64 bits."""

NUMBER_MAX: Final = 2**62


class Extent(NamedTuple):
    """How large the numbers of one instrument are."""

    symbol: str
    lowest: int  # close
    highest: int  # high
    range_max: int  # high - low
    factor: int
    tick: int


def refuse_uncovered(plan: Plan, extent: tuple[Extent, ...]) -> None:
    """Raises OperatorFaults naming everything in the plan that has no compiled form."""
    found = [
        OperatorFault(what, why=why, hint="leave it out, or run it with `veracity backtest`")
        for what, why in uncovered(plan, extent)
    ]
    if found:
        raise OperatorFaults.of(found)


def uncovered(plan: Plan, extent: tuple[Extent, ...]) -> tuple[tuple[str, str], ...]:
    """Everything in the plan that has no compiled form, each with why."""
    return (
        *_strategies(plan),
        *_costs(plan.costs),
        *_rules(plan),
        *_limits(plan),
        *_bounds(plan, extent),
    )


def compiled_guards(build: Build) -> tuple[Guard, ...]:
    """The guards that a compiled gate asks, in their order."""
    left_out = () if AUX in build.needs else ("critical_aux",)
    return tuple(guard for guard in build.guards if guard.rule in COMPILED and guard.rule not in left_out)


def _strategies(plan: Plan) -> Iterator[tuple[str, str]]:
    if len(plan.bound) != 1:
        yield f"{len(plan.bound)} strategies in one run", REFUSED["another number of strategies"]
    sources = {data.source.symbol: data.source for data in plan.dataset.instruments}
    for bound in plan.bound:
        name = bound.strategy_id
        if len(bound.legs) > LEGS_MAX:
            yield f"strategy {name}: {len(bound.legs)} legs", REFUSED["legs"]
        params = bound.params
        own = params.inner if exits.are_beside(params) else params
        if not isinstance(own, tuple) or not all(type(value) is int for value in own):
            yield f"strategy {name}: parameters {own!r}", REFUSED["parameters"]
        elif len(exits.numbers_of(params)) > PARAMS_MAX:
            yield f"strategy {name}: {len(exits.numbers_of(params))} parameters", REFUSED["parameters"]
        spot = [sources[leg.symbol].base for leg in bound.legs if sources[leg.symbol].kind == "spot"]
        assets = [started.currency for started in plan.started[:1]] + spot
        if build_for(plan).needs >= {INTEREST} and len(set(assets)) < len(assets):
            yield f"strategy {name}: interest on one asset of two legs", REFUSED["one asset of two legs"]
        if len(bound.strategy.memo) > MEMO_MAX:
            yield f"strategy {name}: a memory of {len(bound.strategy.memo)} numbers", REFUSED["memory"]


def _costs(costs: CostModel) -> Iterator[tuple[str, str]]:
    default = type(costs)()
    for name in costs.__struct_fields__:
        if name not in (*COST_FIELDS, "latency_samples_ns", "fee_tiers") and getattr(costs, name) != getattr(
            default, name
        ):
            yield f"costs: {name}", REFUSED["cost"]
    for kind in sorted({tier.kind for tier in costs.fee_tiers}):
        count = len(tiers_of(costs.fee_tiers, kind))
        if count > TIERS_MAX:
            yield f"costs: {count} tiers of {kind}", REFUSED["tiers"]


def _rules(plan: Plan) -> Iterator[tuple[str, str]]:
    for guard in plan.guards:
        if guard.rule not in (*COMPILED, *SILENT):
            yield f"the rule {guard.rule}", REFUSED["rule"]


def _limits(plan: Plan) -> Iterator[tuple[str, str]]:
    for bound in plan.bound:
        default = type(bound.limits)()
        for name in bound.limits.__struct_fields__:
            if name not in KEPT_LIMITS and getattr(bound.limits, name) != getattr(default, name):
                yield f"strategy {bound.strategy_id}: risk.{name}", REFUSED["limit"]
        watched = slots_of(bound.limits)
        if len(watched) > AUX_MAX:
            yield (
                f"strategy {bound.strategy_id}: {len(watched)} critical series, or such with a time to live",
                REFUSED["critical series"],
            )


def extent_of(dataset: Dataset) -> tuple[Extent, ...]:
    """How large the numbers of the instruments are; asked once for all runs on a dataset."""
    return tuple(
        Extent(
            data.source.symbol,
            int(data.bars.close.min()),
            int(data.bars.high.max()),
            int((data.bars.high - data.bars.low).max()),
            notional_factor(data.source.price_scale, data.source.qty_scale),
            data.source.tick,
        )
        for data in dataset.instruments
    )


def _bounds(plan: Plan, extent: tuple[Extent, ...]) -> Iterator[tuple[str, str]]:
    """Bounds within which nothing that is only multiplied leaves 64 bits (what is divided has 128)."""
    for one in extent:
        if one.lowest <= 0:
            yield f"{one.symbol}: a price of nothing", REFUSED["a price of nothing"]
        for name in ("volatility_share", "impact"):
            if one.range_max * getattr(plan.costs, name) > NUMBER_MAX:
                yield f"costs: {name}", REFUSED["size"]
    for bound in plan.bound:
        sizes = [bound.limits.max_exposure, *bound.limits.max_position.values()]
        if any(size is not None and abs(size) > NUMBER_MAX for size in sizes):
            yield f"strategy {bound.strategy_id}: a limit of its risk", REFUSED["size"]


def quantity_max(plan: Plan, extent: tuple[Extent, ...]) -> int:
    """Largest position that the loop takes, quantity units of any leg: its value stays below WORTH_MAX.

    A fill's price is at most the market's with all costs on it, and every cost is at most what the bounds allow.
    """
    costs = plan.costs
    largest = 1
    for one in extent:
        share = one.range_max * (costs.volatility_share + costs.impact) // RATE_ONE
        price = 2 * one.highest + one.highest * costs.half_spread // RATE_ONE + share + one.tick + 2
        largest = max(largest, price * one.factor)
    return WORTH_MAX // largest


def columns_fit(columns: int) -> bool:
    """Whether the loop can take that many feature columns."""
    return 0 < columns <= COLUMNS_MAX
