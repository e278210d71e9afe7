"""What a run shares with the one before it: nothing that the two have different."""

from typing import Any, Final

import pytest
from msgspec.structs import replace
from tests.kit.market import BTC
from tests.kit.script import IDENTITY
from tests.research.kernel.test_scope import plan

from veracity.domain.events import Leg, StrategyStarted
from veracity.engine.core import BoundStrategy
from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.engine.opening import RunIdentity
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import RiskLimits
from veracity.research.kernel.start import terms_of
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.strategies import mean_reversion

LATE: Final = CostModel(latency_submit_ns=5, latency_jitter_ns=3)  # a seed has part in it
BEGUN: Final = plan(LATE)
BOUND, STARTED = BEGUN.bound[0], BEGUN.started[0]

OTHERS: Final[dict[tuple[type, str], Any]] = {
    (Plan, "bound"): [BOUND, BOUND],
    (Plan, "costs"): replace(LATE, fee_taker=1),
    (Plan, "close_at_end"): False,
    (Plan, "guards"): GUARDS[1:],
    (Plan, "dry_run"): ("cooldown",),
    (RunIdentity, "seed"): 2,
    (BoundStrategy, "strategy_id"): "b",
    (BoundStrategy, "strategy"): mean_reversion.STRATEGY,
    (BoundStrategy, "params"): (2, 5, 1_000),
    (BoundStrategy, "legs"): (Leg(BTC, -1),),
    (BoundStrategy, "limits"): RiskLimits(trades_per_day=1),
    (BoundStrategy, "execution"): Execution("limit"),
    (BoundStrategy, "margin"): Margin(),
    (StrategyStarted, "currency"): "EUR",
    (StrategyStarted, "cash"): 1,
}
"""Another value of each field that a run depends on."""
APART: Final[dict[tuple[type, str], str]] = {
    (Plan, "dataset"): "what is prepared belongs to one",
    (Plan, "identity"): "field by field",
    (Plan, "started"): "field by field; as many as are bound",
    **dict.fromkeys(
        ((RunIdentity, field) for field in ("run_id", "config_hash", "dataset_hash", "code_hash")),
        "a name, which no number follows from",
    ),
    **dict.fromkeys(
        ((StrategyStarted, field) for field in ("seq", "ts", "strategy", "version", "config_hash")),
        "said in the journal alone",
    ),
    **dict.fromkeys(((StrategyStarted, field) for field in ("strategy_id", "legs")), "as it is bound"),
}
"""Fields that no run begins with, and why."""


def changed(kind: type, field: str, other: Any) -> Plan:
    """The plan with another value of one field."""
    if kind is RunIdentity:
        return BEGUN._replace(identity=IDENTITY._replace(**{field: other}))
    if kind is BoundStrategy:
        return BEGUN._replace(bound=[BOUND._replace(**{field: other})])
    if kind is StrategyStarted:
        return BEGUN._replace(started=[replace(STARTED, **{field: other})])
    return BEGUN._replace(**{field: other})


def test_every_field_of_a_plan_is_one_of_the_terms_or_known_to_be_none() -> None:
    fields: set[tuple[type, str]] = {
        (kind, field) for kind in (Plan, RunIdentity, BoundStrategy) for field in kind._fields
    }
    fields |= {(StrategyStarted, field) for field in StrategyStarted.__struct_fields__}
    assert fields == OTHERS.keys() | APART.keys()


@pytest.mark.parametrize(
    ("kind", "field"), OTHERS, ids=[f"{kind.__name__}.{field}" for kind, field in OTHERS]
)
def test_a_run_with_another_value_of_a_term_begins_anew(kind: type, field: str) -> None:
    assert terms_of(changed(kind, field, OTHERS[kind, field]), log=False) != terms_of(BEGUN, log=False)


def test_runs_that_differ_in_the_values_of_their_parameters_begin_alike() -> None:
    other = changed(BoundStrategy, "params", BOUND.params._replace(fast=3))
    assert terms_of(other, log=False) == terms_of(BEGUN, log=False)
    assert terms_of(BEGUN, log=True) != terms_of(BEGUN, log=False)


def test_without_chance_another_seed_is_the_same_run() -> None:
    certain = BEGUN._replace(costs=CostModel())
    other = certain._replace(identity=IDENTITY._replace(seed=2))
    assert terms_of(other, log=False) == terms_of(certain, log=False)
