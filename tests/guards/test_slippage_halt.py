"""Fills that were far worse than decided (specs/risk/halts.md, S-103)."""

import pytest
from tests.guards.books import NO_LIMITS, buys, view
from tests.kit.market import START
from tests.kit.players import player
from tests.kit.says import filled, halt, resume
from tests.kit.script import Script

from veracity.domain.amounts import slip_ceil
from veracity.domain.events import DayRolled, IntentCreated, IntentDenied, OrderSubmitted
from veracity.domain.time import NS_PER_DAY
from veracity.guards import slippage_halt
from veracity.guards.view import Denied, RiskLimits

FIFTY = RiskLimits(slippage=5_000_000)


def slipped() -> Script:
    """A sell decided at 100.00 and filled at 99.49, then a buy filled 60 bp better than decided."""
    script = Script(player("a", limits=FIFTY)).ticks(100_00)
    script.wants("a", -1_000).hears(filled(script.order, 1_000, 99_49, side="sell"))
    script.wants("a", 0).hears(filled(script.order, 1_000, 99_40, trade="2"))
    return script


@pytest.mark.ticket("T-260")
@pytest.mark.parametrize(
    ("worst", "denied"), [(None, False), (-1, False), (5_000_000, False), (5_000_001, True)]
)
def test_the_worst_slip_may_be_the_limit_and_no_more(worst: int | None, denied: bool) -> None:
    verdict = slippage_halt.check(buys(1), view(slip_worst=worst), FIFTY)
    told = "a fill slipped by 5000001 * 10^-9, the limit is 5000000"
    assert verdict == (Denied(told) if denied else None)
    assert slippage_halt.check(buys(1), view(slip_worst=worst), NO_LIMITS) is None


@pytest.mark.ticket("T-260")
def test_neither_a_better_fill_nor_midnight_makes_up_for_a_bad_one() -> None:
    script = slipped()
    assert script.account().risk.slip_worst == 5_100_000
    script.now = START + NS_PER_DAY - 60 * 10**9
    script.ticks(100_00)
    assert isinstance(script.said[-1], DayRolled)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("slippage_halt", "T-260")


def test_an_operators_resume_forgets_it() -> None:
    script = slipped().hears(halt()).hears(resume("looked at the fills"))
    assert script.account().risk.slip_worst is None
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


@pytest.mark.parametrize(
    ("sign", "price", "slip"), [(1, 100_50, 5_000_000), (-1, 99_50, 5_000_000), (1, 99_40, -6_000_000)]
)
def test_slip_is_what_the_fill_cost_us_on_either_side(sign: int, price: int, slip: int) -> None:
    assert slip_ceil(sign, price, 100_00) == slip


def test_a_fraction_of_a_unit_counts_against_us() -> None:
    """One third of 10^-8 is 3.33 units: 4 where it costs us, -3 where it does not."""
    assert (slip_ceil(1, 300_000_001, 300_000_000), slip_ceil(-1, 300_000_001, 300_000_000)) == (4, -3)
