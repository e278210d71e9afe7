"""A value beside the bars: fresh up to its time to live, then no reason to open anything (T-221)."""

import pytest
from tests.kit.market import MINUTE, START, usd
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import AuxUpdated, IntentDenied, OrderSubmitted
from veracity.guards.view import RiskLimits
from veracity.runtime.feed import Arrival

HOUR = 60 * MINUTE
LIMITS = RiskLimits(critical_aux=("open_interest",), aux_ttl_ns={"open_interest": 7_200 * 10**9})


def published_at_six(now: int) -> Script:
    """At 06:00 the open interest is published; the time is `now`, the price 100.00."""
    script = Script(player("a", cash=usd(10_000), limits=LIMITS), start=START + 6 * HOUR - MINUTE)
    script.ticks(100_00)
    script.loop.take([Arrival(AuxUpdated, (script.now, "open_interest", "BTCUSDT", script.now, 5), ())])
    return script.ticks(100_00, after=now - 6 * HOUR)


def outcome(script: Script) -> list[tuple[str, str]]:
    """What became of the last wish: the purpose of an order, or the rule of a denial."""
    told = [
        ("order", event.purpose) if isinstance(event, OrderSubmitted) else ("denied", event.detail)
        for event in script.journal.events
        if isinstance(event, OrderSubmitted | IntentDenied)
    ]
    return told[-1:]


@pytest.mark.ticket("T-221")
def test_a_value_of_two_hours_ago_may_still_be_opened_on() -> None:
    script = published_at_six(8 * HOUR).wants("a", 1_000)
    assert outcome(script) == [("order", "open")]


@pytest.mark.ticket("T-221")
def test_a_minute_later_nothing_opens_and_the_denial_says_how_old_it_is() -> None:
    script = published_at_six(8 * HOUR + MINUTE).wants("a", 1_000)
    denied = script.last(IntentDenied)
    assert denied.rule == "critical_aux"
    assert denied.detail == f"open_interest stale: it is {7_260 * 10**9} ns old, the limit is {7_200 * 10**9}"


@pytest.mark.ticket("T-221")
def test_what_is_held_may_be_closed_on_a_stale_value() -> None:
    script = published_at_six(8 * HOUR).wants("a", 1_000)
    assert outcome(script) == [("order", "open")]
    script.hears(filled(script.order, 1_000, 100_00)).ticks(100_00, after=MINUTE)
    script.wants("a", 2_000)
    assert outcome(script)[0][0] == "denied"
    script.wants("a", 0)
    assert outcome(script) == [("order", "close")]


@pytest.mark.ticket("T-221")
def test_a_value_of_another_instrument_is_not_known_here() -> None:
    script = Script(player("a", cash=usd(10_000), limits=LIMITS)).ticks(100_00)
    script.loop.take([Arrival(AuxUpdated, (script.now, "open_interest", "ETHUSDT", script.now, 5), ())])
    script.wants("a", 1_000)
    assert outcome(script) == [("denied", "open_interest missing")]
