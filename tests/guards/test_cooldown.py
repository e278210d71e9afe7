"""The pause after a loss (specs/risk/pauses.md, S-099)."""

import pytest
from tests.guards.books import approved_qty, book, buys, intent, judged, view
from tests.kit.market import MINUTE, START, usd
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import IntentCreated, IntentDenied, OrderSubmitted
from veracity.domain.time import NS_PER_HOUR
from veracity.engine.core import Engine
from veracity.engine.gate import Refused
from veracity.guards import cooldown
from veracity.guards.view import Denied, RiskLimits
from veracity.runtime.replay import fold
from veracity.state.model import LastFill, Position
from veracity.state.positions import book_fee

SECOND = 10**9
TEN, TWELVE = START + 10 * NS_PER_HOUR, START + 12 * NS_PER_HOUR
LIMITS = RiskLimits(cooldown_ns=900 * SECOND)


def lost_at_ten() -> Script:
    """Strategy a sells at a loss at 10:00:00; b has done nothing."""
    script = Script(player("a", limits=LIMITS), player("b", limits=LIMITS), start=TEN - 2 * MINUTE)
    script.ticks(100_00)
    script.wants("a", 1_000).hears(filled(script.order, 1_000, 100_00))
    script.ticks(99_00)
    script.wants("a", 0).hears(filled(script.order, 1_000, 99_00, side="sell", trade="2"))
    assert script.now == TEN
    return script


@pytest.mark.ticket("T-017")
def test_no_new_risk_until_the_cooldown_is_over() -> None:
    script = lost_at_ten()
    script.ticks(99_00, after=900 * SECOND - 1)
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    denial = script.last(IntentDenied)
    assert (denial.rule, denial.detail) == ("cooldown", "1 ns of the cooldown after a loss are left")
    script.wants("b", 1_000).says(IntentCreated, OrderSubmitted)
    script.ticks(99_00, after=1)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
    assert script.last(OrderSubmitted).ts == TEN + 900 * SECOND


@pytest.mark.ticket("T-017")
def test_a_restart_does_not_begin_the_cooldown_again() -> None:
    script = lost_at_ten()
    script.ticks(99_00, after=420 * SECOND)
    restarted = fold(script.journal.records, ())
    engine = Engine([player(name, limits=LIMITS).bound for name in "ab"])
    for after, said in ((900 * SECOND - 1, IntentDenied), (900 * SECOND, OrderSubmitted)):
        restarted.ts = TEN + after
        assert [type(event) for event in engine.turn(restarted, "a", (1_000,)).events] == [
            IntentCreated,
            said,
        ]


@pytest.mark.ticket("T-285")
def test_the_end_of_the_cooldown_is_free_and_a_second_loss_begins_it_again() -> None:
    limits = RiskLimits(cooldown_ns=300 * SECOND)

    def at(seconds: int, short: int, lost: int) -> Denied | None:
        now, loss = TWELVE + seconds * SECOND - short, TWELVE + lost * SECOND
        verdict = cooldown.check(buys(1), view(ts=now, loss_ts=loss), limits)
        assert verdict is None or isinstance(verdict, Denied)
        return verdict

    assert at(300, 1, 0) == Denied("1 ns of the cooldown after a loss are left")
    assert at(300, 0, 0) is None
    assert at(480, 1, 180) == Denied("1 ns of the cooldown after a loss are left")
    assert at(480, 0, 180) is None
    assert cooldown.check(buys(1), view(ts=TWELVE, loss_ts=TWELVE), RiskLimits()) is None
    assert cooldown.check(buys(1), view(ts=TWELVE), limits) is None


@pytest.mark.ticket("T-285")
def test_every_symbol_of_the_strategy_waits_whichever_lost() -> None:
    """The loss is the account's; the other symbol waits with it, so that no hedge is half opened."""
    script = lost_at_ten()
    loss = script.account("a").loss_ts
    assert (loss, script.account("b").loss_ts) == (TEN, None)
    for symbol in ("BTCUSDT", "ETHUSDT"):
        state = book({"BTCUSDT": 99_00, "ETHUSDT": 50_00}, loss_ts=loss, now=TEN + SECOND)
        verdict = judged(state, intent("buy", 1_000, symbol), LIMITS)
        assert isinstance(verdict, Refused)
        assert (verdict.rule, verdict.ticket) == ("cooldown", "T-256")
        assert approved_qty(
            judged(book({symbol: 99_00}, now=TEN + SECOND), intent("buy", 1_000, symbol), LIMITS)
        )


def test_closing_is_never_delayed() -> None:
    script = lost_at_ten()
    script.ticks(99_00, after=900 * SECOND)
    script.wants("a", 2_000).hears(filled(script.order, 2_000, 99_00, trade="3"))
    script.wants("a", 1_000).hears(filled(script.order, 1_000, 98_00, side="sell", trade="4"))
    script.wants("a", 0).says(IntentCreated, OrderSubmitted)


@pytest.mark.ticket("T-256")
@pytest.mark.parametrize(("price", "begins"), [(100_05, True), (100_06, False)])
def test_a_loss_is_judged_after_the_fees_of_both_fills(price: int, begins: bool) -> None:
    """1 bought at 100 and sold with 0.06 of fees: at 100.05 it has lost 0.01, at 100.06 nothing."""
    script = Script(player("a", limits=LIMITS)).ticks(100_00)
    script.wants("a", 1_000).hears(filled(script.order, 1_000, 100_00, fee=usd("0.02")))
    script.wants("a", 0).hears(filled(script.order, 1_000, price, side="sell", trade="2", fee=usd("0.04")))
    assert script.account().loss_ts == (script.now if begins else None)


@pytest.mark.ticket("T-256")
@pytest.mark.parametrize(("price", "begins"), [(100_01, True), (100_02, False)])
def test_a_partial_close_bears_its_share_of_the_entrys_fee(price: int, begins: bool) -> None:
    """2 bought with a fee of 0.04; half of it belongs to the 1 that is sold free of charge: it must gain 0.02."""
    script = Script(player("a", limits=LIMITS)).ticks(100_00)
    script.wants("a", 2_000).hears(filled(script.order, 2_000, 100_00, fee=usd("0.04")))
    script.wants("a", 1_000).hears(filled(script.order, 1_000, price, side="sell", trade="2"))
    assert script.account().loss_ts == (script.now if begins else None)
    assert script.position().fees == usd("0.02")


@pytest.mark.ticket("T-256")
@pytest.mark.parametrize(("fee", "left"), [("0.04", 0), ("0.05", -500_000)])
def test_a_flip_splits_its_fee_between_what_it_closes_and_what_it_opens(fee: str, left: int) -> None:
    """Long 1, sold 2 at a gain of 0.02: half of the fee is the closed part's, the other half stays with the short."""
    short = Position(qty=-1_000)
    assert book_fee(short, LastFill("BTCUSDT", 2_000, 1_000, usd("0.02")), usd(fee)) == left
    assert short.fees == usd(fee) // 2


@pytest.mark.parametrize(("price", "begins"), [(100_01, False), (100_00, False), (99_99, True)])
def test_a_gain_or_nothing_begins_no_cooldown(price: int, begins: bool) -> None:
    script = Script(player("a", limits=LIMITS)).ticks(100_00)
    script.wants("a", 1_000).hears(filled(script.order, 1_000, 100_00))
    script.wants("a", 0).hears(filled(script.order, 1_000, price, side="sell", trade="2"))
    assert script.account().loss_ts == (script.now if begins else None)
