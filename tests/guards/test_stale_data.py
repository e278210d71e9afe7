"""No new risk on an old price (specs/risk/pauses.md, S-101)."""

import pytest
from tests.guards.books import buys, view
from tests.kit.market import BTC, ETH, MINUTE, START
from tests.kit.players import player
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted
from veracity.guards import stale_data
from veracity.guards.view import Denied, RiskLimits

SECOND = 10**9
LIMITS = RiskLimits(stale_ns=120 * SECOND)
TEN = START + 600 * MINUTE


@pytest.mark.ticket("T-258")
def test_a_silent_symbol_is_blocked_and_a_fresh_one_is_not() -> None:
    """BTC is last known at 10:00; at 10:02:30 it is 150 s old, ETH 30 s."""
    script = Script(player("a", BTC, limits=LIMITS), player("b", ETH, limits=LIMITS), start=TEN - MINUTE)
    script.ticks(100_00, BTC).ticks(50_00, ETH, after=0)
    script.ticks(50_00, ETH).ticks(50_00, ETH)
    script.now = script.state.ts = TEN + 150 * SECOND
    script.wants("b", 1_000).says(IntentCreated, OrderSubmitted)
    assert script.last(OrderSubmitted).symbol == ETH
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    denial = script.last(IntentDenied)
    assert (denial.symbol, denial.rule, denial.ticket) == (BTC, "stale_data", "T-258")
    assert denial.detail == f"the last price is {150 * SECOND} ns old, the limit is {120 * SECOND}"


@pytest.mark.ticket("T-287")
def test_the_limit_is_still_fresh_and_the_age_counts_from_the_close() -> None:
    """A one-minute bar opened at 10:00:00 is known at 10:01:00."""
    known = TEN + 60 * SECOND
    assert stale_data.check(buys(1), view(last_ts=known, ts=TEN + 180 * SECOND), LIMITS) is None
    late = stale_data.check(buys(1), view(last_ts=known, ts=TEN + 180 * SECOND + 1), LIMITS)
    assert late == Denied(f"the last price is {120 * SECOND + 1} ns old, the limit is {120 * SECOND}")


@pytest.mark.ticket("T-287")
@pytest.mark.parametrize("limits", [LIMITS, RiskLimits()])
def test_a_bar_from_the_future_is_not_fresh(limits: RiskLimits) -> None:
    assert stale_data.check(buys(1), view(last_ts=TEN, ts=TEN), limits) is None
    verdict = stale_data.check(buys(1), view(last_ts=TEN + 1, ts=TEN), limits)
    assert verdict == Denied("bar from the future: it was known 1 ns after now")


def test_one_tick_is_a_price() -> None:
    assert stale_data.check(buys(1), view(last=1), RiskLimits()) is None


def test_before_the_first_bar_nothing_is_opened() -> None:
    assert stale_data.check(buys(1), view(last=None), RiskLimits()) == Denied(
        "no price of BTCUSDT is known yet: cannot judge, so deny"
    )
    assert stale_data.check(buys(1), view(last_ts=START - 10**18), RiskLimits()) is None


@pytest.mark.ticket("T-027")
def test_a_symbol_without_a_bar_is_not_traded_on_the_price_of_another() -> None:
    script = Script(player("btc", BTC), player("eth", ETH)).ticks(100_00, BTC)
    script.wants("eth", 1_000).says(IntentCreated, IntentDenied)
    assert script.last(IntentDenied).detail == "no price of ETHUSDT is known yet: cannot judge, so deny"
    script.ticks(50_00, ETH)
    script.wants("eth", 1_000).says(IntentCreated, OrderSubmitted)
