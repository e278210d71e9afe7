"""What a plan asks is in the loop that it is run with, and nothing else."""

from typing import Any

import pytest
from msgspec.structs import replace
from tests.kit.market import BTC, PERP, usd
from tests.kit.players import NO_LIMITS, player
from tests.research.kernel.test_differential import JUMPS, WEATHER, Jumps, lively

from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import RiskLimits
from veracity.research.kernel import needs
from veracity.research.kernel.needs import EVERYTHING, NOTHING, Build, Need, build_for
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import FeeTier


def charged(**costs: Any) -> Plan:
    plan = lively()
    return plan._replace(costs=replace(plan.costs, **costs))


def bound(**parts: Any) -> Plan:
    plan = lively()
    return plan._replace(bound=[plan.bound[0]._replace(**parts)])


def hedged() -> Plan:
    one = player("a", BTC, PERP, strategy=JUMPS, params=Jumps(3, 1, 30), cash=usd(1), limits=NO_LIMITS)
    return lively()._replace(bound=[one.bound])


@pytest.mark.parametrize(
    ("need", "plan"),
    [
        (needs.TIERS, charged(fee_tiers=(FeeTier("spot", 0, 600_000, 1_000_000),))),
        (needs.DELAYS, charged(latency_submit_ns=1)),
        (needs.DELAYS, charged(latency_cancel_ns=1)),
        (needs.DELAYS, charged(fills_late_bars=1)),
        (needs.LIMITS, bound(execution=Execution(entry="limit", leave="market", offset_ticks=0))),
        (needs.LIMITS, bound(execution=Execution(entry="market", leave="post_only", offset_ticks=0))),
        (needs.INTEREST, bound(margin=Margin(0, 0, 1, 0))),
        (needs.INTEREST, bound(margin=Margin(0, 0, 0, 1))),
        (needs.LIQUIDATION, bound(margin=Margin(1, 0, 0, 0))),
        (needs.AUX, bound(limits=RiskLimits(critical_aux=("basis",)))),
        (needs.CLOSES, bound(limits=RiskLimits(daily_loss=1, daily_loss_remedy="close"))),
        (needs.REHEARSES, lively()._replace(dry_run=("cooldown",))),
        (needs.SLIPS, bound(limits=RiskLimits(slippage=1))),
        (needs.REGIME, bound(strategy=WEATHER)),
        (needs.HEDGE, hedged()),
    ],
)
def test_each_wish_is_one_need(need: Need, plan: Plan) -> None:
    assert build_for(plan) == Build(frozenset((need,)))
    assert build_for(plan, log=True) == Build(frozenset((need, needs.LOG)))


def test_a_report_that_comes_later_is_a_delay_too() -> None:
    assert build_for(charged(latency_ack_ns=1)).needs == {needs.ACKS, needs.DELAYS}


def test_a_plan_that_asks_for_nothing_gets_nothing_and_its_own_order_of_the_rules() -> None:
    assert build_for(lively()) == NOTHING
    assert build_for(lively()._replace(guards=GUARDS[::-1])).guards == GUARDS[::-1]
    assert len(EVERYTHING.needs) == sum(isinstance(one, Need) for one in vars(needs).values())
