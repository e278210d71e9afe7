from dataclasses import replace

import pytest

from veracity.domain.errors import OperatorFault
from veracity.strategies.momentum import STRATEGY
from veracity.strategies.registry import REGISTRY, Registry


@pytest.mark.ticket("T-364")
def test_the_registry_is_in_the_order_of_its_table() -> None:
    assert list(REGISTRY) == [
        "buy_and_hold", "no_trade", "momentum", "mean_reversion", "funding_carry", "vol_regime_switch",
        "open_interest_trend",
    ]  # fmt: skip


@pytest.mark.ticket("T-365")
def test_a_pair_of_name_and_version_that_is_there_twice_is_refused() -> None:
    with pytest.raises(OperatorFault, match="momentum is there twice"):
        Registry([STRATEGY, STRATEGY])


@pytest.mark.ticket("T-365")
def test_neither_of_two_versions_of_one_name_wins() -> None:
    with pytest.raises(OperatorFault, match="as version 1 and as version 2"):
        Registry([STRATEGY, replace(STRATEGY, version=2)])


@pytest.mark.ticket("T-365")
@pytest.mark.parametrize("name", ["Momentum-2", "mo", "2fast", "a" * 33, "mom.entum", ""])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(OperatorFault, match="is no name of a strategy"):
        Registry([replace(STRATEGY, name=name)])


def test_a_pair_that_is_not_in_the_table_is_refused() -> None:
    assert REGISTRY.resolve("momentum", STRATEGY.version) is STRATEGY
    for name, version in (("momentum", STRATEGY.version + 1), ("momentun", 1)):
        with pytest.raises(OperatorFault, match=f"no strategy {name} in version {version}"):
            REGISTRY.resolve(name, version)
