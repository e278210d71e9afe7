"""The venue's smallest order (specs/execution/precision-and-costs.md, S-051)."""

import pytest
from tests.guards.books import buys, view
from tests.kit.market import BTC, instrument, listed, usd
from tests.kit.players import player
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted
from veracity.guards import min_notional
from veracity.guards.view import Denied, RiskLimits

RULES = {"qty_scale": 5, "notional_min": usd(5)}


@pytest.mark.ticket("T-137")
def test_exactly_the_minimum_passes_and_less_is_never_sent() -> None:
    """0.00010 at 50,000.00 are 5.00; 0.00009 are 4.50."""
    script = Script(player("a"), instruments=[listed(BTC, **RULES)]).ticks(50_000_00)
    script.wants("a", 9).says(IntentCreated, IntentDenied)
    denial = script.last(IntentDenied)
    assert (denial.rule, denial.ticket) == ("min_notional", "T-137")
    assert denial.detail == "notional 450000000 is below the venue's minimum 500000000"
    assert script.venue.effects == []
    script.wants("a", 10).says(IntentCreated, OrderSubmitted)
    assert len(script.venue.effects) == 1


@pytest.mark.ticket("T-137")
def test_an_unknown_price_denies() -> None:
    blind = view(instrument=instrument(BTC, **RULES), last=None)
    verdict = min_notional.check(buys(10**6), blind, RiskLimits())
    assert verdict == Denied("no price is known: cannot judge the order's value, so deny")


def test_a_limit_price_is_what_the_order_is_worth() -> None:
    cheap = view(instrument=instrument(BTC, **RULES), last=50_000_00)
    assert isinstance(min_notional.check(buys(10, limit_price=49_999_99), cheap, RiskLimits()), Denied)
    assert min_notional.check(buys(10, limit_price=50_000_00), cheap, RiskLimits()) is None


def test_a_close_may_be_worth_less() -> None:
    script = Script(player("a"), instruments=[listed(BTC, **RULES)]).ticks(50_000_00)
    script.state.accounts["a"].positions[BTC].qty = 1
    script.wants("a", 0).says(IntentCreated, OrderSubmitted)
