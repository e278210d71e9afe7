"""The harness finds what a guard must not do, and tests a new one in a few lines."""

from collections.abc import Callable

import pytest

from veracity.guards import cooldown, max_exposure, slippage_halt, trades_per_day
from veracity.guards.harness import MONEY, NOW, GuardCase
from veracity.guards.view import Clamped, Denied, GuardView, Intended, RiskLimits

asked: list[int] = []


def forgetful(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """A guard that keeps a counter of its own."""
    asked.append(1)
    return Denied("enough") if len(asked) % 3 == 0 else None


def meddling(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """A guard that changes its view."""
    view.order_times.append(1)  # type: ignore[attr-defined]
    return None


def greedy(intent: Intended, view: GuardView, limits: RiskLimits) -> Denied | Clamped | None:
    """A guard that lets more pass than was asked."""
    return Clamped(intent.qty * 11 // 10)


@pytest.mark.ticket("T-281")
@pytest.mark.parametrize(
    ("check", "told"),
    [(forgetful, "asked again"), (meddling, "changed what it was shown"), (greedy, "1100 pass")],
)
def test_a_guard_that_remembers_meddles_or_enlarges_is_found(
    check: Callable[[Intended, GuardView, RiskLimits], Denied | Clamped | None], told: str
) -> None:
    asked.clear()
    case = GuardCase.of(check, RiskLimits(), order_times=[])
    with pytest.raises(AssertionError) as found:
        case.answer()
    assert told in str(found.value)


@pytest.mark.ticket("T-281")
def test_an_edge_is_found_where_it_is_and_nowhere_else() -> None:
    case = GuardCase.of(trades_per_day.check, RiskLimits(trades_per_day=3))
    case.edge("entries_today", 3, denied_at_limit=True)
    GuardCase.of(slippage_halt.check, RiskLimits(slippage=50)).edge("slip_worst", 50, denied_at_limit=False)
    for limit, at in ((2, True), (4, True), (3, False)):
        with pytest.raises(AssertionError):
            case.edge("entries_today", limit, denied_at_limit=at)


def test_a_calm_view_breaks_no_rule_and_zero_equity_leaves_no_room() -> None:
    tight = RiskLimits(leverage_max=10**9, cooldown_ns=10)
    assert GuardCase.of(cooldown.check, tight, loss_ts=NOW - 10).answer() is None
    case = GuardCase.of(max_exposure.check, tight)
    assert case.answer() is None
    assert case.answer(equity=0) == Denied("equity is zero")
    assert case.answer(qty=200_000) == Clamped(MONEY // (100_00 * 1_000))
