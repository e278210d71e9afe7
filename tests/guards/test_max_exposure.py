"""The cap on what an account holds and may still buy (specs/risk/limits.md, S-096)."""

import pytest
from tests.guards.books import approved_qty, book, buys, intent, judged, view, working
from tests.kit.market import BTC, ETH, usd

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import Side
from veracity.domain.orders import State
from veracity.engine.gate import Refused
from veracity.guards import daily_loss, max_exposure
from veracity.guards.view import Clamped, Denied, RiskLimits

SOL = "SOLUSDT"
PRICES = {BTC: 40_000_00, ETH: 2_000_00, SOL: 100_00}
TENTHS = {"lot": 100}  # 0.1
CAP = RiskLimits(max_exposure=usd(10_000))
CAP_1000 = RiskLimits(max_exposure=usd(1_000))
TWICE = RiskLimits(leverage_max=2 * RATE_ONE)


@pytest.mark.ticket("T-253")
@pytest.mark.parametrize(
    ("wanted", "cap", "fits"),
    [(10_000, 10_000, 10_000), (10_300, 10_000, 10_000), (10_300, 10_005, 10_000), (10_300, 10_010, 10_100)],
)
def test_long_and_short_add_up_and_the_order_is_cut_to_whole_lots(wanted: int, cap: int, fits: int) -> None:
    """4,000 long in BTC and 5,000 short in ETH leave 1,000 of 10,000: ten SOL at 100."""
    state = book(PRICES, {BTC: 100, ETH: -2_500}, rules=TENTHS)
    verdict = judged(state, intent("buy", wanted, SOL), RiskLimits(max_exposure=usd(cap)))
    assert approved_qty(verdict) == fits


@pytest.mark.ticket("T-253")
def test_an_order_of_unknown_outcome_counts_as_filled() -> None:
    """8,995 are held and 1,000 may be: less than one lot of 10 is left."""
    lost = working("o-1", "buy", 10_000, SOL, state=State.UNKNOWN)
    state = book(PRICES | {BTC: 39_950_00}, {BTC: 100, ETH: -2_500}, orders=[lost], rules=TENTHS)
    verdict = judged(state, intent("buy", 10_000, SOL), CAP)
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.ticket) == ("max_exposure", "T-253")
    without = judged(
        book(PRICES | {BTC: 39_950_00}, {BTC: 100, ETH: -2_500}, rules=TENTHS),
        intent("buy", 10_000, SOL),
        CAP,
    )
    assert approved_qty(without) == 10_000


@pytest.mark.ticket("T-019")
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_order_is_cut_down_never_up(side: Side) -> None:
    """3.333 at 300.00 are 999.90; 3.334 would be 1,000.20."""
    assert approved_qty(judged(book({BTC: 300_00}), intent(side, 5_000), CAP_1000)) == 3_333
    full = book({BTC: 300_00}, {BTC: 3_333 if side == "buy" else -3_333})
    verdict = judged(full, intent(side, 1, purpose="increase"), CAP_1000)
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.ticket) == ("max_exposure", "T-253")


@pytest.mark.ticket("T-019")
def test_what_an_open_order_may_still_buy_is_taken() -> None:
    """3.000 ordered, 1.000 of it filled: 2.000 at 300.00 stand beside the 1.000 held and leave 100.00."""
    state = book(
        {BTC: 300_00},
        {BTC: 1_000},
        orders=[working("o-1", "buy", 3_000, filled=1_000, state=State.PARTIALLY_FILLED)],
    )
    assert approved_qty(judged(state, intent("buy", 5_000, purpose="increase"), CAP_1000)) == 333


def test_exactly_the_cap_passes_and_a_lot_more_is_cut() -> None:
    limits = RiskLimits(max_exposure=usd(1_000))
    assert max_exposure.check(buys(10_000), view(), limits) is None
    assert max_exposure.check(buys(10_001), view(), limits) == Clamped(10_000)
    assert max_exposure.check(buys(1), view(exposure=usd("999.90")), limits) is None
    assert max_exposure.check(buys(2), view(exposure=usd("999.90")), limits) == Clamped(1)
    assert isinstance(max_exposure.check(buys(1), view(exposure=usd("999.90") + 1), limits), Denied)


def test_a_limit_price_is_what_the_order_may_cost() -> None:
    assert max_exposure.check(
        buys(10_000, limit_price=200_00), view(), RiskLimits(max_exposure=usd(1_000))
    ) == Clamped(5_000)


@pytest.mark.parametrize("unknown", ["last", "exposure", "equity"])
def test_what_cannot_be_judged_is_denied(unknown: str) -> None:
    verdict = max_exposure.check(buys(1), view(**{unknown: None}), CAP)
    assert isinstance(verdict, Denied)
    assert "cannot judge" in verdict.detail
    assert max_exposure.check(buys(1), view(**{unknown: None}), RiskLimits()) is None


@pytest.mark.ticket("T-269")
def test_without_equity_there_is_no_room_and_everything_may_be_closed() -> None:
    """All of 10,000 is lost: 100 % of the day's start, and a day that starts with nothing may lose nothing."""
    broke = book({BTC: 100_00}, {BTC: 1_000}, cash=-usd(100))
    for limits in (TWICE, CAP_1000):
        verdict = judged(broke, intent("buy", 1, purpose="increase"), limits)
        assert isinstance(verdict, Refused)
        assert (verdict.rule, verdict.detail) == ("max_exposure", "equity is zero")
        assert approved_qty(judged(broke, intent("sell", 1_000, purpose="close"), limits)) == 1_000
    for start, reason in (
        (usd(10_000), f"has lost {usd(10_000)} of {usd(10_000)}"),
        (0, "nothing may be lost"),
    ):
        denied = daily_loss.check(
            buys(1), view(equity=0, equity_day_start=start), RiskLimits(daily_loss=RATE_ONE)
        )
        assert isinstance(denied, Denied)
        assert reason in denied.detail
    assert max_exposure.check(buys(1), view(equity=-1), TWICE) == Denied("equity is below zero: -1")
    assert max_exposure.check(buys(1), view(equity=1), CAP_1000) is None


@pytest.mark.ticket("T-271")
@pytest.mark.parametrize(("side", "held", "cash"), [("buy", 10_000, -200), ("sell", -10_000, 1_800)])
def test_the_room_comes_from_equity_and_not_from_cash(side: Side, held: int, cash: int) -> None:
    """Ten at 100 and an equity of 800: once the equity is exceeded already, 1.3 times it has room for 0.4 more."""
    state = book({BTC: 100_00}, {BTC: held}, cash=usd(cash), equity_start=usd(800))
    verdict = judged(state, intent(side, 1_000, purpose="increase"), RiskLimits(leverage_max=RATE_ONE))
    assert isinstance(verdict, Refused)
    assert verdict.detail == f"exposure {usd(1_000)} leaves no room for one lot below the limit {usd(800)}"
    wider = RiskLimits(leverage_max=13 * RATE_ONE // 10)
    assert approved_qty(judged(state, intent(side, 1_000, purpose="increase"), wider)) == 400
    back: Side = "sell" if side == "buy" else "buy"
    leaves = judged(state, intent(back, 2_000, purpose="reduce"), RiskLimits(leverage_max=RATE_ONE))
    assert approved_qty(leaves) == 2_000


def test_the_tighter_of_two_caps_holds_and_the_leverage_is_rounded_down() -> None:
    """An equity of 10,000 at 0.1 are 1,000."""
    for limits, fits in (
        (RiskLimits(leverage_max=RATE_ONE // 10), 10_000),
        (RiskLimits(leverage_max=RATE_ONE // 10, max_exposure=usd(500)), 5_000),
        (RiskLimits(leverage_max=RATE_ONE // 10, max_exposure=usd(2_000)), 10_000),
        (RiskLimits(leverage_max=RATE_ONE // 10 - 1), 9_999),
    ):
        assert max_exposure.check(buys(20_000), view(), limits) == Clamped(fits)
