"""A settlement that was heard, and then silence: it holds for its interval and a quarter of an hour (T-333)."""

import pytest
from tests.kit.market import MINUTE, PERP, START, usd
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import FundingRatePublished, IntentDenied, OrderSubmitted
from veracity.guards.view import RiskLimits
from veracity.runtime.feed import Arrival
from veracity.state.model import FUNDING

HOUR = 60 * MINUTE
SECOND = 10**9
TTL_S = 8 * 3_600 + 900
LIMITS = RiskLimits(critical_aux=(FUNDING,), aux_ttl_ns={FUNDING: TTL_S * SECOND})


def settled_at_midnight(now: int) -> Script:
    """The settlement of 00:00 and nothing since; it is `now`, the price 100.00."""
    script = Script(player("a", PERP, cash=usd(10_000), limits=LIMITS), start=START - MINUTE)
    script.ticks(100_00, PERP)
    script.loop.take([Arrival(FundingRatePublished, (START, PERP, 100_000, 100_00), ())])
    return script.ticks(100_00, PERP, after=now)


@pytest.mark.ticket("T-333")
def test_at_a_quarter_past_eight_it_may_still_be_opened_on() -> None:
    script = settled_at_midnight(TTL_S * SECOND).wants("a", -1_000)
    assert [order.purpose for order in script.all(OrderSubmitted)] == ["open"]


@pytest.mark.ticket("T-333")
def test_a_second_later_it_is_stale_and_not_missing() -> None:
    script = settled_at_midnight((TTL_S + 1) * SECOND).wants("a", -1_000)
    assert script.all(OrderSubmitted) == []
    assert [(event.rule, event.detail) for event in script.all(IntentDenied)] == [
        (
            "critical_aux",
            f"funding_rate stale: it is {29_701 * SECOND} ns old, the limit is {29_700 * SECOND}",
        )
    ]


@pytest.mark.ticket("T-333")
def test_what_is_held_is_closed_at_nine_all_the_same() -> None:
    script = settled_at_midnight(8 * HOUR).wants("a", -1_000)
    script.hears(filled(script.order, 1_000, 100_00, symbol=PERP, side="sell")).ticks(
        100_00, PERP, after=HOUR
    )
    script.wants("a", -2_000)
    assert [event.rule for event in script.all(IntentDenied)] == ["critical_aux"]
    script.wants("a", 0)
    assert script.all(OrderSubmitted)[-1].purpose == "close"
