"""What the kernel does not cover it refuses by name; nothing that a plan says is passed over."""

import re
from pathlib import Path
from typing import Any

import pytest
from tests.kit.market import BTC, bars_of, dataset_of
from tests.kit.players import player
from tests.kit.script import IDENTITY

from veracity.domain.errors import OperatorFaults
from veracity.engine.core import BoundStrategy
from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import RiskLimits
from veracity.research.kernel import records, scope
from veracity.research.kernel.run import Kernel
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel, FeeTier
from veracity.strategies import momentum

DECISION = Path(__file__).parents[3] / "docs/decisions/0025-what-the-kernel-refuses.md"


class NewCost(CostModel, frozen=True, gc=False):
    """A cost model of tomorrow."""

    carbon: int = 0


class NewLimits(RiskLimits, frozen=True, gc=False):
    """Limits of tomorrow."""

    correlation: int | None = None


def plan(costs: CostModel | None = None, **changes: Any) -> Plan:
    one = player("a", BTC, strategy=momentum.STRATEGY, params=momentum.Params(2, 5, 1_000))
    bound = one.bound._replace(**changes)
    return Plan(
        IDENTITY, dataset_of({BTC: bars_of([100_00] * 9)}), [bound], [one.started], costs or CostModel(), True
    )


def refused(made: Plan) -> list[tuple[str, str]]:
    return list(scope.uncovered(made, scope.extent_of(made.dataset)))


def test_a_plan_that_it_covers_is_not_refused() -> None:
    assert refused(plan()) == []


def test_a_cost_that_nobody_taught_it_is_refused_where_it_is_not_nothing() -> None:
    assert refused(plan(NewCost(carbon=1))) == [("costs: carbon", scope.REFUSED["cost"])]
    assert refused(plan(NewCost())) == []


def test_a_limit_that_nobody_taught_it_is_refused_where_it_is_set() -> None:
    assert refused(plan(limits=NewLimits(correlation=0))) == [
        ("strategy a: risk.correlation", scope.REFUSED["limit"])
    ]
    assert refused(plan(limits=NewLimits())) == []


def test_a_rule_that_nobody_taught_it_is_refused() -> None:
    new = Guard("full_moon", "T-001", GUARDS[-1].check)
    assert refused(plan()._replace(guards=(*GUARDS, new))) == [("the rule full_moon", scope.REFUSED["rule"])]


def test_it_knows_every_field_of_a_plan_and_of_a_strategy_in_it() -> None:
    assert set(scope.PLAN_FIELDS) == set(Plan._fields)
    assert set(scope.BOUND_FIELDS) == set(BoundStrategy._fields)
    assert set(records.MARGIN.names) == set(Margin._fields)
    assert Execution._fields == ("entry", "leave", "offset_ticks")


def test_every_cost_limit_and_rule_that_the_engine_has_is_compiled_or_has_nothing_to_say() -> None:
    assert set(CostModel.__struct_fields__) == {*records.COST_FIELDS, "latency_samples_ns", "fee_tiers"}
    assert set(RiskLimits.__struct_fields__) == set(scope.KEPT_LIMITS)
    assert {guard.rule for guard in GUARDS} == {*scope.COMPILED, *scope.SILENT}


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("another number of strategies", lambda: plan()._replace(bound=[*plan().bound, *plan().bound])),
        ("legs", lambda: plan(legs=plan().bound[0].legs * 3)),
        pytest.param("parameters", lambda: plan(params=(0.5,)), id="a fraction"),
        pytest.param("parameters", lambda: plan(params=(1,) * 17), id="too many parameters"),
        ("tiers", lambda: plan(CostModel(fee_tiers=tuple(FeeTier("spot", n, 1, 1) for n in range(17))))),
        ("critical series", lambda: plan(limits=RiskLimits(critical_aux=("a", "b", "c", "d", "e")))),
        ("size", lambda: plan(limits=RiskLimits(max_exposure=2**63 - 1))),
    ],
)
def test_a_size_that_it_has_no_room_for_is_refused(name: str, made: Any) -> None:
    assert {why for _, why in refused(made())} == {scope.REFUSED[name]}


def test_all_that_is_refused_is_named_at_once_and_nothing_runs(kernel: Kernel) -> None:
    made = plan(NewCost(carbon=1), limits=NewLimits(correlation=0))
    with pytest.raises(OperatorFaults) as fault:
        kernel.run(made)
    assert "costs: carbon" in str(fault.value)
    assert "risk.correlation" in str(fault.value)


def test_the_decision_lists_what_is_refused() -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", DECISION.read_text(encoding="utf-8"), re.MULTILINE)
    assert dict(rows) | {"what": "", "---": ""} == scope.REFUSED | {"what": "", "---": ""}
