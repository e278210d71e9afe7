"""Fills that were far worse than decided (specs/risk/halts.md, S-103)."""

import pytest
from tests.guards.books import NO_LIMITS, buys, view
from tests.kit.market import START
from tests.kit.players import player
from tests.kit.says import filled, resume
from tests.kit.script import Script

from veracity.domain.amounts import slip_ceil
from veracity.domain.events import DayRolled, IntentCreated, IntentDenied, ModeChanged, OrderSubmitted
from veracity.domain.machines import Mode
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
    assert script.last(IntentDenied).detail.startswith("mode halted (slippage_halt: fill 1 of order")
    script.state.mode = Mode.RUNNING  # as if somebody loosened it: the record is still there
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("slippage_halt", "T-260")


@pytest.mark.ticket("T-140")
@pytest.mark.parametrize(
    ("target", "price", "halts"),
    [
        (1_000, 50_250_00, False),
        (1_000, 50_250_01, True),
        (-1_000, 49_750_00, False),
        (-1_000, 49_749_99, True),
    ],
)
def test_a_fill_worse_than_the_limit_halts_and_is_named(target: int, price: int, halts: bool) -> None:
    """Decided at 50,000.00 with a limit of 50 bp: 250.00 on either side."""
    script = Script(player("a", limits=FIFTY)).ticks(50_000_00).wants("a", target)
    side = script.last(OrderSubmitted).side
    script.hears(filled(script.order, 1_000, price, side=side, trade="t-7"))
    assert (script.state.mode is Mode.HALTED) is halts
    if halts:
        said = script.last(ModeChanged)
        assert (said.reason, said.detail.split(" slipped")[0]) == (
            "slippage_halt",
            f"fill t-7 of order {script.order}",
        )
        script.wants("a", 2 * target).says(IntentCreated, IntentDenied)
        script.wants("a", 0).says(IntentCreated, OrderSubmitted)


def test_an_operators_resume_forgets_it() -> None:
    script = slipped().hears(resume("looked at the fills"))
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
