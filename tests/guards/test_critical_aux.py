"""Series without which nothing is opened (specs/risk/pauses.md, S-101)."""

import pytest
from tests.guards.books import NO_LIMITS, buys, view
from tests.kit.market import PERP, START
from tests.kit.players import player
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted
from veracity.guards import critical_aux
from veracity.guards.view import Denied, RiskLimits

HOUR = 3_600 * 10**9
NEEDS = RiskLimits(critical_aux=("funding_rate",), aux_ttl_ns={"funding_rate": 8 * HOUR})


@pytest.mark.ticket("T-274")
def test_missing_and_stale_are_told_apart_and_nobody_is_asked_for_what_he_did_not_declare() -> None:
    missing = critical_aux.check(buys(1), view(aux={"open_interest": START}), NEEDS)
    assert missing == Denied("funding_rate missing")
    late = view(aux={"funding_rate": START - 8 * HOUR - 1})
    assert critical_aux.check(buys(1), late, NEEDS) == Denied(
        f"funding_rate stale: it is {8 * HOUR + 1} ns old, the limit is {8 * HOUR}"
    )
    assert critical_aux.check(buys(1), view(aux={"funding_rate": START - 8 * HOUR}), NEEDS) is None
    assert critical_aux.check(buys(1), view(), NO_LIMITS) is None


def test_a_value_of_the_future_is_no_value_and_without_a_limit_any_age_will_do() -> None:
    ahead = critical_aux.check(buys(1), view(aux={"funding_rate": START + 1}), NEEDS)
    assert ahead == Denied("funding_rate from the future: it was observed 1 ns after now")
    ever = RiskLimits(critical_aux=("funding_rate",))
    assert critical_aux.check(buys(1), view(aux={"funding_rate": 0}), ever) is None


@pytest.mark.ticket("T-274")
def test_a_settlement_makes_the_series_known_to_its_own_instrument() -> None:
    script = Script(player("a", PERP, limits=NEEDS), player("b", "ETHUSDT-PERP", limits=NEEDS))
    script.ticks(100_00, PERP).ticks(50_00, "ETHUSDT-PERP", after=0)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).detail) == (
        "critical_aux",
        "funding_rate missing",
    )
    script.settles(0, 100_00, PERP)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
    script.wants("b", 1_000).says(IntentCreated, IntentDenied)
