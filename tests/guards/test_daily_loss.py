"""The loss of a UTC day (specs/risk/limits.md, S-097)."""

import pytest
from tests.guards.books import buys, view
from tests.kit.market import BTC, START, usd
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import DayRolled, FeedChanged, IntentCreated, IntentDenied, OrderSubmitted
from veracity.domain.time import NS_PER_DAY
from veracity.guards import daily_loss
from veracity.guards.view import Denied, RiskLimits

FIVE_PERCENT = RiskLimits(daily_loss=50_000_000)


def after_a_loss(fee: str, price: int) -> Script:
    """4.000 are bought at 100.00 with `fee`, now at `price`; the day began with 10,000."""
    script = Script(player("a", limits=FIVE_PERCENT)).ticks(100_00)
    script.wants("a", 4_000).hears(filled(script.order, 4_000, fee=usd(fee)))
    return script.ticks(price)


@pytest.mark.ticket("T-254")
@pytest.mark.parametrize(
    ("fee", "price", "denied"),
    [
        ("499.99999999", 100_00, False),  # equity 9,500.00000001
        ("500", 100_00, True),
        ("499.95999999", 99_99, False),  # 0.04 more is lost and not realised
        ("499.96", 99_99, True),
    ],
)
def test_the_day_is_lost_at_the_limit_and_not_before(fee: str, price: int, denied: bool) -> None:
    script = after_a_loss(fee, price)
    if not denied:
        script.wants("a", 5_000).says(IntentCreated, OrderSubmitted)
        return
    script.wants("a", 5_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("daily_loss", "T-254")
    script.wants("a", 0).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-254")
def test_a_new_day_is_judged_from_its_own_start() -> None:
    script = after_a_loss("500", 100_00)
    script.now = START + NS_PER_DAY - 60 * 10**9
    script.ticks(100_00)  # known at 00:00:00 of the next day
    script.says(FeedChanged, DayRolled)
    assert script.account().day.equity_start == usd(9_500)
    script.wants("a", 5_000).says(IntentCreated, OrderSubmitted)


@pytest.mark.parametrize("unknown", ["equity", "equity_day_start"])
def test_an_unknown_equity_denies_only_where_there_is_a_limit(unknown: str) -> None:
    blind = view(**{unknown: None})
    assert daily_loss.check(buys(1), blind, RiskLimits()) is None
    verdict = daily_loss.check(buys(1), blind, FIVE_PERCENT)
    assert isinstance(verdict, Denied)
    assert "unknown" in verdict.detail


def test_a_day_that_began_with_nothing_may_lose_nothing() -> None:
    for start in (0, -1):
        assert isinstance(
            daily_loss.check(buys(1), view(equity=5, equity_day_start=start), FIVE_PERCENT), Denied
        )
    assert daily_loss.check(buys(1), view(equity=1, equity_day_start=1), FIVE_PERCENT) is None


def test_the_denial_says_loss_start_and_limit() -> None:
    verdict = daily_loss.check(buys(1, BTC), view(equity=usd(9_400)), FIVE_PERCENT)
    assert verdict == Denied(
        "the day has lost 60000000000 of 1000000000000, the limit is 50000000 * 10^-9 of it"
    )
