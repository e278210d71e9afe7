"""Opening orders in a sliding window (specs/risk/limits.md, S-098)."""

import pytest
from tests.guards.books import buys, view
from tests.kit.market import MINUTE, START
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted
from veracity.guards import order_rate
from veracity.guards.view import Denied, RiskLimits
from veracity.state.model import ORDER_TIMES_MAX

TWO = RiskLimits(order_rate=2, order_rate_ns=10 * MINUTE)


@pytest.mark.parametrize(("age", "denied"), [(10 * MINUTE - 1, True), (10 * MINUTE, False)])
def test_an_order_counts_until_it_is_as_old_as_the_window(age: int, denied: bool) -> None:
    times = [START - age, START]
    verdict = order_rate.check(buys(1), view(order_times=times), TWO)
    told = f"2 opening orders in the last {10 * MINUTE} ns, the limit is 2"
    assert verdict == (Denied(told) if denied else None)
    assert order_rate.check(buys(1), view(order_times=times), RiskLimits()) is None


def test_openings_count_and_closes_do_not() -> None:
    script = Script(player("a", limits=TWO)).ticks(100_00)
    for entry in (1, 2):
        script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
        script.hears(filled(script.order, 1_000, trade=f"in-{entry}"))
        script.wants("a", 0).says(IntentCreated, OrderSubmitted)
        script.hears(filled(script.order, 1_000, side="sell", trade=f"out-{entry}"))
    first = script.account().risk.order_times[0]
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).rule == "order_rate"
    script.ticks(100_00, after=first + 10 * MINUTE - script.now)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


def test_only_as_many_times_are_kept_as_a_limit_can_ask_for() -> None:
    script = Script(player("a")).ticks(100_00)
    for entry in range(ORDER_TIMES_MAX + 3):
        script.wants("a", 1_000).hears(filled(script.order, 1_000, trade=f"in-{entry}"))
        script.wants("a", 0).hears(filled(script.order, 1_000, side="sell", trade=f"out-{entry}"))
    assert len(script.account().risk.order_times) == ORDER_TIMES_MAX
    assert script.account().day.entries == ORDER_TIMES_MAX + 3
