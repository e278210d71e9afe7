"""A series beside the bars goes stale once, and comes back once (specs/data/aux.md, S-132)."""

import pytest
from tests.kit.market import MINUTE, PERP, START, usd
from tests.kit.players import Player, player
from tests.kit.script import Script

from veracity.domain.events import FeedChanged, IntentCreated, IntentDenied, OrderSubmitted
from veracity.engine.aux_view import shown
from veracity.guards.view import RiskLimits
from veracity.state.model import FUNDING
from veracity.strategies.interface import UNKNOWN, Row

SECOND = 10**9
HOUR = 60 * MINUTE
TWO_HOURS = 7_200 * SECOND
NOON = START + 12 * HOUR
OPEN_INTEREST = "open_interest"
TTL = {OPEN_INTEREST: TWO_HOURS}


def watching(name: str = "a", symbol: str = "BTCUSDT", **limits: object) -> Player:
    return player(name, symbol, cash=usd(10_000), limits=RiskLimits(**limits))


def seen(script: Script) -> Row:
    """Value and age, as a strategy is shown them."""
    return shown(script.state, "BTCUSDT", (OPEN_INTEREST,), TTL)


def turns(script: Script) -> list[FeedChanged]:
    """What was said of series; bars that the tests leave out are said to be missing."""
    return [one for one in script.all(FeedChanged) if one.feed != "bars"]


def observed_at_noon(after: int) -> Script:
    """An open interest of 12:00:00 that is fetched at 12:05; the next bar is known `after` noon."""
    script = Script(watching(aux_ttl_ns=TTL), start=NOON + 4 * MINUTE)
    script.ticks(100_00).learns(OPEN_INTEREST, 5, age=5 * MINUTE)
    return script.ticks(100_00, after=after - 5 * MINUTE)


@pytest.mark.ticket("T-324")
def test_a_value_is_fresh_for_two_hours_from_when_it_was_observed() -> None:
    script = observed_at_noon(TWO_HOURS)
    assert seen(script) == (5, TWO_HOURS)
    assert turns(script) == []


@pytest.mark.ticket("T-324")
def test_a_nanosecond_later_it_is_stale_and_that_is_said_once() -> None:
    script = observed_at_noon(TWO_HOURS + 1)
    assert seen(script) == (UNKNOWN, TWO_HOURS + 1)
    for _ in range(3):
        script.ticks(100_00)
    assert [(one.feed, one.reason, one.detail) for one in turns(script)] == [
        (OPEN_INTEREST, "stale", f"it is {TWO_HOURS + 1} ns old, the limit is {TWO_HOURS}")
    ]


def carries(now: int) -> Script:
    """The settlement of 08:00 holds for a quarter of an hour more than its interval; it is `now`."""
    limits = {
        "critical_aux": (FUNDING,),
        "aux_ttl_ns": {FUNDING: 8 * HOUR + 900 * SECOND, "borrow_rate": HOUR},
    }
    script = Script(watching(symbol=PERP, **limits), start=START + 8 * HOUR - MINUTE)
    script.ticks(100_00, PERP).settles(100_000, 100_00, PERP)
    return script.ticks(100_00, PERP, after=now - 8 * HOUR)


@pytest.mark.ticket("T-334")
def test_the_settlement_that_ends_a_silence_lets_the_next_order_pass() -> None:
    script = carries(17 * HOUR)
    script.wants("a", -1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).rule == "critical_aux"
    script.settles(100_000, 100_00, PERP).says(FeedChanged)
    assert (script.last(FeedChanged).feed, script.last(FeedChanged).reason) == (FUNDING, "fresh")
    script.wants("a", -1_000).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-334")
def test_a_fresh_borrow_rate_is_no_fresh_funding() -> None:
    script = carries(17 * HOUR).learns("borrow_rate", 5_710, PERP).says()
    script.wants("a", -1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).detail.startswith("funding_rate stale")
    script.settles(100_000, 100_00, PERP).says(FeedChanged)
    assert script.last(FeedChanged).reason == "fresh"


def test_a_value_that_comes_before_anybody_saw_its_series_stale_says_nothing() -> None:
    script = observed_at_noon(TWO_HOURS)
    script.now += MINUTE  # stale by now, and no bar was known since
    script.learns(OPEN_INTEREST, 6).says()
    script.ticks(100_00)
    assert turns(script) == []


def test_a_value_that_is_too_old_when_it_comes_ends_nothing() -> None:
    script = observed_at_noon(TWO_HOURS + 1)
    script.learns(OPEN_INTEREST, 6, age=TWO_HOURS + 1).says()
    assert seen(script)[0] == UNKNOWN
    script.learns(OPEN_INTEREST, 7, age=TWO_HOURS).says(FeedChanged)
    assert seen(script) == (7, TWO_HOURS)


def test_bars_of_another_instrument_say_nothing_and_the_shortest_time_to_live_counts() -> None:
    script = Script(
        watching("a", aux_ttl_ns=TTL),
        watching("b", aux_ttl_ns={OPEN_INTEREST: HOUR}),
        watching("c", PERP),
        start=NOON - MINUTE,
    )
    script.ticks(100_00).learns(OPEN_INTEREST, 5)
    script.ticks(100_00, PERP, after=90 * MINUTE).says()
    script.ticks(100_00, after=0)
    assert script.last(FeedChanged).detail == f"it is {90 * MINUTE} ns old, the limit is {HOUR}"
    assert [one.reason for one in turns(script)] == ["stale"]
