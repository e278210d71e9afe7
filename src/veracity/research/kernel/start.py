"""What runs that differ in their parameters alone start from: one block of memory, made once and copied for each."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from veracity.domain.amounts import INT64_MAX, notional_factor
from veracity.domain.events import Leg
from veracity.domain.market import Column
from veracity.domain.regimes import REGIME
from veracity.engine.core import BoundStrategy
from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.guards.rulebook import Guard
from veracity.guards.view import RiskLimits
from veracity.research.kernel import records
from veracity.research.kernel.encoding import costs_of, limits_of, slots_of
from veracity.research.kernel.layout import BLOCK_BYTES, NUMBER, STREAMS, part
from veracity.research.kernel.prepared import Prepared
from veracity.research.kernel.records import NONE, ORDER_KINDS
from veracity.research.kernel.scope import quantity_max, refuse_uncovered
from veracity.runtime.feed import aux_of
from veracity.runtime.simulation import Plan
from veracity.simulator import fees
from veracity.simulator.chance import draws, stream
from veracity.simulator.costs import CostModel, FeeTier
from veracity.simulator.latency import LatencyModel, interpolated
from veracity.state.model import FUNDING
from veracity.strategies import exits
from veracity.strategies.interface import Strategy

DRAWS: Final = 256  # to begin with; twice as many as often as needed


class Terms(NamedTuple):
    """All that a run depends on besides its dataset and the values of its strategy's parameters."""

    strategy_id: str
    strategy: Strategy
    params: tuple[type, ...]  # of what kind they are, and how many
    legs: tuple[Leg, ...]
    limits: RiskLimits
    execution: Execution
    margin: Margin | None
    strategies: int
    currency: str
    cash: int
    costs: CostModel
    seed: int | None  # where anything is random
    close_at_end: bool
    guards: tuple[Guard, ...]
    dry_run: tuple[str, ...]
    log: bool


def terms_of(plan: Plan, log: bool) -> Terms:
    """The terms of a plan's run."""
    bound, started = plan.bound[0], plan.started[0]
    own = bound.params.inner if exits.are_beside(bound.params) else bound.params
    kinds = (type(bound.params), type(own), *(map(type, own) if isinstance(own, tuple) else ()))
    return Terms(
        bound.strategy_id,
        bound.strategy,
        kinds,
        bound.legs,
        bound.limits,
        bound.execution,
        bound.margin,
        len(plan.bound),
        started.currency,
        started.cash,
        plan.costs,
        plan.identity.seed if LatencyModel.of(plan.costs).is_random else None,
        plan.close_at_end,
        tuple(plan.guards),
        tuple(plan.dry_run),
        log,
    )


class Start:
    """The block as it is before a run, but for the strategy's parameters and columns; and what it points to.

    Raises OperatorFaults naming what the kernel does not cover.
    """

    def __init__(self, plan: Plan, prepared: Prepared, log: bool) -> None:
        refuse_uncovered(plan, prepared.extent)
        self.block: Final = np.zeros(BLOCK_BYTES, dtype=np.uint8)
        self.block[: records.WORLD.itemsize] = prepared.ground.view(np.uint8)
        self.record: Final = self.block[: records.WORLD.itemsize].view(records.WORLD)
        self.kept: Final[dict[str, Any]] = {}
        bound = plan.bound[0]
        self["memory"][: len(bound.strategy.memo)] = bound.strategy.memo
        self["costs"].view(NUMBER)[:] = costs_of(plan.costs)
        self["limits"].view(NUMBER)[:] = limits_of(
            bound.limits,
            [leg.symbol for leg in bound.legs],
            sum(1 << number for number, guard in enumerate(plan.guards) if guard.rule in plan.dry_run),
        )
        if bound.margin is not None:
            self["margin"].view(NUMBER)[:] = bound.margin
        self.draws: Final = draws_of(plan, DRAWS)
        self._begin(plan, prepared, bound, log)

    def _begin(self, plan: Plan, prepared: Prepared, bound: BoundStrategy, log: bool) -> None:
        numbers = {data.source.symbol: number for number, data in enumerate(plan.dataset.instruments)}
        world, account = self.record[0], self["account"][0]
        world["events"] = prepared.opened(plan)
        world["logging"] = log
        world["stopped"] = records.GOES_ON
        world["legs"] = len(bound.legs)
        world["trigger"] = max(numbers[leg.symbol] for leg in bound.legs)
        world["close_at_end"] = plan.close_at_end
        world["reasons"] = len(bound.strategy.reasons)
        world["qty_max"] = quantity_max(plan, prepared.extent)
        world["turn_rows"] = records.ROWS_A_BAR + 2 * records.ORDERS_MAX * len(plan.dry_run)
        if bound.margin is not None:
            world["turn_rows"] += 2 * len(self["owed"]) * prepared.hours_max
        self["aux"]["ts"] = NONE
        watched = slots_of(bound.limits)
        world["settles_aux"] = watched.index(FUNDING) if FUNDING in watched else NONE
        self["aux"]["series"] = NONE
        for number, (symbol, one) in enumerate(aux_of(plan.dataset)):
            if symbol == bound.lead and one.source.name in watched:
                self["aux"][0]["series"][watched.index(one.source.name)] = number
        world["label_aux"] = watched.index(REGIME) if REGIME in watched else NONE
        if bound.strategy.needs_regime:
            changes = self.kept["labels"] = prepared.labels(bound.lead).changes
            world["labels"] = changes.ctypes.data
        world["memo"] = len(bound.strategy.memo)
        world["entry"], world["leave"] = map(ORDER_KINDS.index, bound.execution[:2])
        world["offset_ticks"] = bound.execution.offset_ticks
        account["cash"] = account["equity_start"] = account["peak"] = plan.started[0].cash
        account["loss_ts"] = account["slip_worst"] = NONE
        for slot, leg in enumerate(bound.legs):
            here, number = self["leg"][slot], numbers[leg.symbol]
            source = plan.dataset.instruments[number].source
            here["instrument"] = number
            here["is_perp"] = source.kind == "perp"
            here["weight"] = leg.weight
            here["factor"] = notional_factor(source.price_scale, source.qty_scale)
            for name in ("tick", "lot", "notional_min", "interval_ns"):
                here[name] = getattr(source, name)
            here["last"] = here["taken_ts"] = NONE
            here["row"] = -1
            self._schedule(slot, fees.tiers_of(plan.costs.fee_tiers, source.kind))
            if bound.limits.volatility is not None:
                pauses = prepared.pauses(number, bound.limits.volatility)
                self.kept[f"pauses {slot}"] = pauses
                here["known"], here["change"] = (column.ctypes.data for column in pauses)

    def _schedule(self, slot: int, tiers: Sequence[FeeTier]) -> None:
        tier = self["tier"][slot]
        for name in tier.dtype.names if tiers else ():
            tier[name][:] = INT64_MAX  # nobody reaches it
            tier[name][: len(tiers)] = [getattr(one, name) for one in tiers]

    def __getitem__(self, name: str) -> Any:
        return part(self.block, name)


def draws_of(plan: Plan, count: int) -> Column:
    """What chance adds to the delays of the first messages of each stream, a row a stream; none where nothing is random."""
    model = LatencyModel.of(plan.costs)
    if not model.is_random:
        return np.empty((0, 0), dtype=np.int64)
    names = STREAMS if model.ack_ns else STREAMS[:1]
    return np.stack(
        [
            _delays(model, stream(plan.identity.seed, name.format(plan.bound[0].strategy_id)), count)
            for name in names
        ]
    )


def _delays(model: LatencyModel, seed: int, count: int) -> Column:
    bits = draws(seed, count)
    if not model.samples_ns:
        return (bits % np.uint64(model.jitter_ns + 1)).astype(np.int64)
    return np.array([interpolated(model.samples_ns, one) for one in bits.tolist()], dtype=np.int64)
