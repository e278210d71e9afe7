"""What a plan asks of the compiled loop beyond what every run has.

The loop's source reads `if TIERS:`; when it is lowered that is true or false, and what is false is left out with all that it
calls. So a loop is made for each set of needs, kept in the cache beside the others, and what a plan does not ask for costs it
nothing: no branch, no field, and no second of compilation.
"""

from typing import Final, NamedTuple

from veracity.engine.decisions import MARKET
from veracity.guards.rulebook import GUARDS, Guard
from veracity.research.kernel.encoding import slots_of
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.simulator.latency import LatencyModel


class Need(str):
    """One of them. It has a value only where the source is lowered."""

    __slots__ = ()


TIERS: Final = Need("a schedule of fees by what was traded before")
DELAYS: Final = Need("orders that trade later than they are sent")
ACKS: Final = Need("reports that are known later than they happen")
LIMITS: Final = Need("limit orders")
INTEREST: Final = Need("interest on what is borrowed")
LIQUIDATION: Final = Need("a maintenance margin")
AUX: Final = Need("series beside the bars without which nothing is opened, or that go stale")
CLOSES: Final = Need("a rule that closes what is held")
REHEARSES: Final = Need("rules that only say what they would do")
SLIPS: Final = Need("a fill that slips too far halts the run")
REGIME: Final = Need("the volatility regime of its leading leg")
HEDGE: Final = Need("more than one leg")
LOG: Final = Need("a log of every event")


class Build(NamedTuple):
    """What one loop is made for."""

    needs: frozenset[Need]
    guards: tuple[Guard, ...] = GUARDS  # in the order in which they are asked


NOTHING: Final = Build(frozenset())
EVERYTHING: Final = Build(
    frozenset(
        (
            TIERS,
            DELAYS,
            ACKS,
            LIMITS,
            INTEREST,
            LIQUIDATION,
            AUX,
            CLOSES,
            REHEARSES,
            SLIPS,
            REGIME,
            HEDGE,
            LOG,
        )
    )
)


def build_for(plan: Plan, log: bool = False) -> Build:
    """The loop that runs the plan, and logs its events where that is asked."""
    margins = [bound.margin for bound in plan.bound if bound.margin is not None]
    asked = {
        TIERS: bool(plan.costs.fee_tiers),
        DELAYS: LatencyModel.of(plan.costs) != LatencyModel.of(CostModel()) or plan.costs.fills_late_bars > 0,
        ACKS: plan.costs.latency_ack_ns > 0,
        LIMITS: any(bound.execution != MARKET for bound in plan.bound),
        INTEREST: any(terms.borrow_cash or terms.borrow_coins for terms in margins),
        LIQUIDATION: any(terms.maintenance for terms in margins),
        AUX: any(slots_of(bound.limits) for bound in plan.bound),
        CLOSES: any(bound.limits.daily_loss_remedy == "close" for bound in plan.bound),
        REHEARSES: bool(plan.dry_run),
        SLIPS: any(bound.limits.slippage is not None for bound in plan.bound),
        REGIME: any(bound.strategy.needs_regime for bound in plan.bound),
        HEDGE: any(len(bound.legs) > 1 for bound in plan.bound),
        LOG: log,
    }
    needs = frozenset(need for need, is_asked in asked.items() if is_asked)
    return Build(needs, tuple(plan.guards))
