"""Prices that cannot be (specs/risk/pauses.md, S-101)."""

import pytest
from tests.guards.books import NO_LIMITS, book, buys, intent, judged, view
from tests.kit.market import BTC, usd

from veracity.engine.gate import Refused
from veracity.guards import price_sanity
from veracity.guards.view import Denied, RiskLimits

TENTH = RiskLimits(price_jump=100_000_000, price_band=100_000_000)


@pytest.mark.ticket("T-272")
@pytest.mark.parametrize("price", [0, -1])
def test_an_order_at_a_price_of_nothing_is_denied_before_any_rule_multiplies_by_it(price: int) -> None:
    """Its notional is nothing, which every limit has room for and the venue's minimum alone would refuse."""
    limits = RiskLimits(max_exposure=usd(100), max_position={BTC: 10**12})
    verdict = judged(book({BTC: price}), intent("buy", 10**9), limits)
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.ticket) == ("price_sanity", "T-272")
    assert verdict.detail == f"a price of {price} is no price: cannot judge, so deny"
    assert isinstance(judged(book({BTC: 1}), intent("buy", 1), limits), Refused) is False


@pytest.mark.ticket("T-272")
def test_quotes_of_nothing_are_denied_whatever_the_last_price_is() -> None:
    empty = price_sanity.check(buys(1), view(bid=0, ask=0), NO_LIMITS)
    assert empty == Denied("a bid of 0 is no price: cannot judge, so deny")
    half = price_sanity.check(buys(1), view(bid=99_99, ask=0), NO_LIMITS)
    assert half == Denied("a ask of 0 is no price: cannot judge, so deny")
    assert price_sanity.check(buys(1), view(bid=1, ask=1), NO_LIMITS) is None


@pytest.mark.parametrize(("last", "passes"), [(110_00, True), (110_01, False), (90_00, True), (89_99, False)])
def test_a_close_may_move_by_the_limit_and_no_further(last: int, passes: bool) -> None:
    verdict = price_sanity.check(buys(1), view(previous=100_00, last=last), TENTH)
    assert (verdict is None) is passes
    if not passes:
        assert verdict == Denied(
            "the price moved by 1001 from 10000 in a bar, the limit is 100000000 * 10^-9 of it"
        )
    assert price_sanity.check(buys(1), view(previous=100_00, last=last), NO_LIMITS) is None


@pytest.mark.parametrize(
    ("limit", "passes"), [(110_00, True), (110_01, False), (90_00, True), (89_99, False)]
)
def test_a_limit_price_may_be_as_far_away_as_the_band(limit: int, passes: bool) -> None:
    verdict = price_sanity.check(buys(1, limit_price=limit), view(), TENTH)
    assert (verdict is None) is passes
    assert price_sanity.check(buys(1, limit_price=limit), view(), NO_LIMITS) is None


def test_a_limit_price_of_nothing_is_denied_and_an_unknown_price_is_for_stale_data_to_say() -> None:
    assert price_sanity.check(buys(1, limit_price=0), view(), NO_LIMITS) == Denied(
        "a limit price of 0 is no price"
    )
    assert price_sanity.check(buys(1), view(last=None, previous=None), TENTH) is None
