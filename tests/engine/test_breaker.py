"""The circuit breaker of the venue: a window of calls, a time to cool, and probes."""

import pytest
from tests.kit.market import BTC, MINUTE
from tests.kit.says import called, refused, ticked
from tests.kit.script import Script

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import BreakerChanged, IntentCreated, IntentDenied, OrderSubmitted, VenueCalled
from veracity.domain.machines import BreakerState
from veracity.runtime.replay import fold
from veracity.state.apply import apply
from veracity.state.hash import state_hash

SECOND = 10**9


def calls(script: Script, good: int, bad: int) -> Script:
    for ok in [True] * good + [False] * bad:
        script.hears(called(ok=ok))
    return script


def opened() -> Script:
    script = calls(Script().ticks(100_00), 10, 10)
    assert script.state.breaker.state is BreakerState.OPEN
    return script


def later(script: Script, ns: int) -> Script:
    script.now += ns
    return script.hears(ticked())


@pytest.mark.ticket("T-043")
def test_ten_failures_after_ten_successes_open_it_with_the_twentieth_call() -> None:
    script = calls(Script().ticks(100_00), 10, 9)
    assert script.all(BreakerChanged) == []
    script.hears(called(ok=False)).says(VenueCalled, BreakerChanged)
    changed = script.last(BreakerChanged)
    assert (changed.state_from, changed.state_to, changed.until) == (
        "closed",
        "open",
        script.now + 60 * SECOND,
    )
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).rule == "error_breaker"
    calls(script, 0, 5)
    assert len(script.all(BreakerChanged)) == 1


@pytest.mark.ticket("T-043")
@pytest.mark.parametrize(("good", "bad"), [(0, 9), (1, 3), (11, 9)])
def test_too_few_calls_or_too_few_failures_leave_it_closed(good: int, bad: int) -> None:
    script = calls(Script().ticks(100_00), good, bad)
    assert script.state.breaker.state is BreakerState.CLOSED
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-043")
def test_the_window_forgets_what_is_older_than_twenty_calls() -> None:
    script = calls(Script().ticks(100_00), 0, 9)
    calls(script, 20, 0)
    calls(script, 0, 9)
    assert script.all(BreakerChanged) == []
    assert script.state.breaker.calls == [True] * 11 + [False] * 9


@pytest.mark.ticket("T-044")
def test_it_is_half_open_after_sixty_seconds_and_not_before() -> None:
    script = opened()
    later(script, 60 * SECOND - 1).says()
    later(script, 1).says(BreakerChanged)
    assert (script.last(BreakerChanged).state_to, script.last(BreakerChanged).until) == ("half_open", None)


@pytest.mark.ticket("T-044")
def test_a_bar_cools_it_as_well_as_a_tick() -> None:
    opened().ticks(100_00, after=MINUTE).says(BreakerChanged)


@pytest.mark.ticket("T-044")
def test_one_probe_at_a_time_and_three_good_ones_close_it() -> None:
    script = later(opened(), 60 * SECOND)
    for probe in range(3):
        script.wants("a", 1_000 + probe).says(IntentCreated, OrderSubmitted)
        assert script.state.breaker.is_probing
        script.hears(refused(script.order))
        script.wants("a", 2_000 + probe).says(IntentCreated, IntentDenied)
        assert script.last(IntentDenied).rule == "error_breaker"
        script.hears(called(ok=True))
    assert script.state.breaker.state is BreakerState.CLOSED
    states = [(event.state_from, event.state_to) for event in script.all(BreakerChanged)]
    assert states == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]
    assert script.state.breaker.calls == []


@pytest.mark.ticket("T-044")
def test_a_failed_probe_opens_it_for_another_sixty_seconds_and_two_good_ones_are_not_credited() -> None:
    script = calls(later(opened(), 60 * SECOND), 2, 1)
    assert script.last(BreakerChanged).until == script.now + 60 * SECOND
    calls(later(script, 60 * SECOND), 2, 0)
    assert script.state.breaker.state is BreakerState.HALF_OPEN
    calls(script, 1, 0)
    assert script.state.breaker.state is BreakerState.CLOSED


@pytest.mark.ticket("T-044")
def test_a_restart_does_not_close_it() -> None:
    script = opened()
    again = fold(script.journal.records, ())
    assert (again.breaker.state, again.breaker.until) == (BreakerState.OPEN, script.now + 60 * SECOND)
    assert state_hash(again) == script.hash


def test_a_ban_opens_it_at_once_until_it_ends() -> None:
    script = Script().ticks(100_00)
    until = script.now + 300 * SECOND
    script.hears(called(ok=False, banned_until=until)).says(VenueCalled, BreakerChanged)
    assert script.state.breaker.until == until
    later(script, 299 * SECOND).says()
    later(script, SECOND).says(BreakerChanged)


def test_cancels_and_closes_pass_while_it_is_open() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    order = script.order
    calls(script, 0, 10)
    script.wants("a", 0)
    assert script.order_of(order).state == "cancel_pending"
    assert script.state.orders[order].symbol == BTC


def test_a_change_that_the_table_does_not_have_is_refused_and_changes_nothing() -> None:
    script = Script().ticks(100_00)
    before = script.hash
    wrong = BreakerChanged(
        script.state.seq + 1, script.now, BreakerState.CLOSED, BreakerState.CLOSED, None, "recover", ""
    )
    with pytest.raises(IllegalTransition, match="circuit breaker"):
        apply(script.state, wrong)
    assert script.hash == before
