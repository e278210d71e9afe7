"""The fall of the equity from its peak (specs/risk/limits.md, S-097)."""

import pytest
from tests.guards.books import buys, view
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, START, bars_of, usd
from tests.kit.players import player, puppet
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import DayRolled, FeedChanged, IntentCreated, IntentDenied, OrderSubmitted
from veracity.domain.time import NS_PER_DAY
from veracity.guards import drawdown
from veracity.guards.view import Denied, RiskLimits

TENTH = RiskLimits(drawdown=100_000_000)


@pytest.mark.parametrize(
    ("equity", "peak", "denied"),
    [(10_800 * 10**8 + 1, 12_000, False), (10_800 * 10**8, 12_000, True), (1, 0, True), (-1, -1, True)],
)
def test_the_fall_is_reached_at_the_limit(equity: int, peak: int, denied: bool) -> None:
    verdict = drawdown.check(buys(1), view(equity=equity, peak=usd(peak)), TENTH)
    assert isinstance(verdict, Denied) is denied
    assert drawdown.check(buys(1), view(equity=equity, peak=usd(peak)), RiskLimits()) is None


def test_the_denial_says_fall_peak_and_limit_and_what_is_unknown_is_denied() -> None:
    verdict = drawdown.check(buys(1), view(equity=usd(9_000), peak=usd(12_000)), TENTH)
    assert verdict == Denied(
        f"the equity fell by {usd(3_000)} from {usd(12_000)}, the limit is 100000000 * 10^-9 of it"
    )
    for unknown in ("equity", "peak"):
        blind = drawdown.check(buys(1), view(**{"peak": 1, unknown: None}), TENTH)
        assert isinstance(blind, Denied)
        assert "cannot judge" in blind.detail


def test_midnight_does_not_lower_the_peak() -> None:
    """10 bought at 100.00 are worth 2,000 more at 300.00 and 800 more at 180.00: a tenth of 12,000 is lost."""
    script = Script(player("a", limits=TENTH)).ticks(100_00)
    script.wants("a", 10_000).hears(filled(script.order, 10_000)).ticks(300_00)
    assert script.account().risk.peak == usd(12_000)
    script.ticks(180_01)
    script.wants("a", 11_000).says(IntentCreated, OrderSubmitted)
    script.now = START + NS_PER_DAY - 60 * 10**9
    script.ticks(180_00).says(FeedChanged, DayRolled)
    account = script.account()
    assert (account.risk.peak, account.day.equity_start) == (usd(12_000), usd(10_800))
    verdict = drawdown.check(buys(1), view(equity=account.day.equity_start, peak=account.risk.peak), TENTH)
    assert isinstance(verdict, Denied)


def test_the_peak_and_the_worst_day_are_those_of_every_bar_long_and_short() -> None:
    """a holds 1 long and b 1 short, bought at 100.00 on the second bar; c never trades."""
    closes = [100_00, 100_00, 130_00, 90_00, 120_00, 100_00]
    players = [puppet("a", (1_000,)), puppet("b", (-1_000,)), puppet("c", (0,))]
    run = run_small_backtest({BTC: bars_of(closes)}, players, close_at_end=False)
    risk = {name: account.risk for name, account in run.state.accounts.items()}
    found = {name: (book.peak - usd(10_000), book.day_loss_worst) for name, book in risk.items()}
    assert found == {"a": (usd(30), usd(10)), "b": (usd(10), usd(30)), "c": (0, 0)}


def test_while_a_held_symbol_has_no_price_nothing_is_known_of_the_peak() -> None:
    script = Script(player("a", BTC, ETH)).ticks(100_00).ticks(50_00, ETH, after=0)
    script.account().positions[ETH].qty = -1_000
    script.state.markets[ETH].last = None
    script.account().positions[BTC].qty = 1_000
    script.ticks(900_00)
    assert script.account().risk.peak == usd(10_000)
    script.ticks(50_00, ETH, after=0)
    assert script.account().risk.peak == usd(10_850)


def test_a_fall_is_denied_in_a_run() -> None:
    script = Script(player("a", limits=TENTH)).ticks(100_00)
    script.wants("a", 10_000).hears(filled(script.order, 10_000)).ticks(300_00).ticks(180_00)
    script.wants("a", 11_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("drawdown", "S-097")
    script.wants("a", 0).says(IntentCreated, OrderSubmitted)
