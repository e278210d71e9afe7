"""A venue that fails (specs/risk/halts.md, S-104)."""

import pytest
from tests.guards.books import NO_LIMITS, buys, view
from tests.kit.players import player
from tests.kit.says import called, cancel_all, close_all, filled, refused, ticked
from tests.kit.script import Script

from veracity.domain.events import (
    BreakerChanged,
    CancelRequested,
    IntentCreated,
    IntentDenied,
    OrderSubmitted,
)
from veracity.guards import error_breaker
from veracity.guards.view import Denied

SECOND = 10**9


def calls(script: Script, *, good: int = 0, bad: int = 0) -> Script:
    """That many venue calls end."""
    for ok in [True] * good + [False] * bad:
        script.hears(called(ok=ok))
    return script


@pytest.mark.parametrize(
    ("breaker", "probing", "told"),
    [
        ("closed", False, None),
        ("open", False, "the breaker is open"),
        ("half_open", False, None),
        ("half_open", True, "the breaker waits for its probe"),
    ],
)
def test_one_order_at_a_time_tries_a_half_open_breaker(breaker: str, probing: bool, told: str | None) -> None:
    verdict = error_breaker.check(buys(1), view(breaker=breaker, probing=probing), NO_LIMITS)
    assert verdict == (None if told is None else Denied(told))


@pytest.mark.ticket("T-261")
def test_it_opens_at_half_of_its_window_and_denies_the_next_opening() -> None:
    fresh = calls(Script(player("a")).ticks(100_00), bad=9)
    assert fresh.all(BreakerChanged) == []
    script = calls(Script(player("a")).ticks(100_00), good=10, bad=9)
    assert script.all(BreakerChanged) == []
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
    calls(script, bad=1)
    assert [(event.state_from.value, event.state_to.value) for event in script.all(BreakerChanged)] == [
        ("closed", "open")
    ]
    script.hears(filled(script.order, 1_000))
    script.wants("a", 2_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("error_breaker", "T-261")


@pytest.mark.ticket("T-261")
def test_definite_rejections_are_no_errors_and_an_open_breaker_holds_no_cancel_back() -> None:
    script = Script(player("a")).ticks(100_00)
    for _ in range(20):
        script.wants("a", 1_000).hears(called(ok=True)).hears(refused(script.order, "-2010 no funds"))
    assert script.all(BreakerChanged) == []
    script.wants("a", 1_000)
    calls(script, bad=10)
    assert script.state.breaker.state.value == "open"
    script.hears(cancel_all()).says(CancelRequested)
    assert script.venue.effects[-1].order_id == script.order  # type: ignore[union-attr]


@pytest.mark.ticket("T-262")
def test_it_clears_after_a_minute_and_three_good_probes_one_at_a_time() -> None:
    script = calls(Script(player("a"), player("b")).ticks(100_00), bad=10)
    opened = script.last(BreakerChanged).ts
    script.ticks(100_00, after=opened + 60 * SECOND - 1 - script.now)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    script.ticks(100_00, after=1)
    for probe in range(3):
        name, other = ("a", "b") if probe % 2 == 0 else ("b", "a")
        script.wants(name, 1_000 + probe).says(IntentCreated, OrderSubmitted)
        probed = script.last(OrderSubmitted)
        script.wants(other, 5_000 + probe).says(IntentCreated, IntentDenied)
        assert script.last(IntentDenied).detail == "the breaker waits for its probe"
        calls(script, good=1)
        script.hears(filled(probed.order_id, probed.qty, trade=f"probe-{probe}"))
    assert script.state.breaker.state.value == "closed"
    calls(script, bad=9)
    assert script.state.breaker.state.value == "closed"


@pytest.mark.ticket("T-262")
def test_a_failed_probe_takes_the_good_ones_back() -> None:
    script = calls(Script(player("a")).ticks(100_00), bad=10)
    for good in (2, 3):
        opened = script.last(BreakerChanged).ts
        script.ticks(100_00, after=opened + 60 * SECOND - script.now)
        calls(script, good=good)
        if good == 2:
            assert script.state.breaker.state.value == "half_open"
            calls(script, bad=1)
            assert script.state.breaker.state.value == "open"
    assert script.state.breaker.state.value == "closed"


def test_closing_passes_an_open_breaker() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(filled(script.order, 1_000))
    calls(script, bad=10).hears(ticked())
    script.hears(close_all())
    assert [type(event) for event in script.said[-2:]] == [IntentCreated, OrderSubmitted]
