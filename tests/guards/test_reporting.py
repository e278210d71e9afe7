"""What a denial says and what follows it (specs/risk/reporting.md, S-106)."""

import json
from pathlib import Path

import pytest
from tests.guards.books import approved_qty, book, intent, judged
from tests.kit.market import BTC, usd
from tests.kit.players import player
from tests.kit.says import acked, filled
from tests.kit.script import IDENTITY, Script

from veracity.domain.events import (
    DenialRehearsed,
    IntentCreated,
    IntentDenied,
    OrderSubmitted,
)
from veracity.engine.gate import Approved, Gate, Refused, one_line
from veracity.forensics import event_log
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import RiskLimits

THOUSAND = RiskLimits(max_position={BTC: 1_000})


def over_its_limit(dry_run: tuple[str, ...] = ()) -> Script:
    """1,200 are held where 1,000 may be, and 100 more are wanted."""
    script = Script(player("a", limits=THOUSAND), dry_run=dry_run).ticks(100_00)
    script.account().positions[BTC].qty = 1_200
    return script.wants("a", 1_300)


def logged(script: Script, kind: str, directory: Path) -> list[dict[str, object]]:
    path = directory / "events.jsonl"
    event_log.write(script.journal.events, path, IDENTITY.run_id)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if line["kind"] == kind]


@pytest.mark.ticket("T-265")
def test_a_denial_is_logged_once_with_rule_ticket_intent_and_whole_numbers(tmp_path: Path) -> None:
    script = over_its_limit().says(IntentCreated, IntentDenied)
    (line,) = logged(script, "intent_denied", tmp_path)
    assert (line["rule"], line["ticket"]) == ("max_position", "T-283")
    assert line["corr_id"] == script.last(IntentCreated).intent_id
    assert line["detail"] == "position 1200 and 0 in orders leave no room below the limit 1000"


@pytest.mark.ticket("T-265")
def test_a_rule_in_dry_run_says_the_same_and_the_whole_order_goes_out(tmp_path: Path) -> None:
    script = over_its_limit(("max_position",)).says(IntentCreated, DenialRehearsed, OrderSubmitted)
    (line,) = logged(script, "denial_rehearsed", tmp_path)
    assert (line["rule"], line["ticket"]) == ("max_position", "T-283")
    assert line["detail"] == "position 1200 and 0 in orders leave no room below the limit 1000"
    assert script.all(IntentDenied) == []
    assert script.last(OrderSubmitted).qty == 100


@pytest.mark.ticket("T-265")
def test_what_a_rehearsed_cut_would_leave_is_said_and_not_done() -> None:
    gate = Gate(GUARDS, {"a": THOUSAND}, ("max_position",))
    verdict = gate.judge(intent("buy", 1_500), book({BTC: 100_00}), ())
    assert isinstance(verdict, Approved)
    assert (verdict.qty, verdict.clamped_by) == (1_500, None)
    assert [would.detail for would in verdict.rehearsed] == ["1000 of 1500 would pass"]
    assert approved_qty(judged(book({BTC: 100_00}), intent("buy", 1_500), THOUSAND)) == 1_000


@pytest.mark.ticket("T-265")
def test_a_detail_is_one_line_and_never_loses_a_number() -> None:
    text = f"position 1200\nof {'x' * 600} over 1000 is much"
    told = one_line(text)
    assert (len(told), "\n" in told) == (500, False)
    assert [word for word in told.split() if word.isdigit()] == ["1200", "1000"]
    assert one_line("a short one of 7") == "a short one of 7"


@pytest.mark.ticket("T-266")
def test_hold_denies_and_leaves_everything_as_it_is() -> None:
    """1.0 is held, an order on another symbol rests."""
    limits = RiskLimits(max_position={BTC: 1_000})
    script = (
        Script(player("a", limits=limits), player("b", "ETHUSDT"))
        .ticks(100_00)
        .ticks(50_00, "ETHUSDT", after=0)
    )
    script.wants("a", 1_000).hears(filled(script.order, 1_000))
    script.wants("b", 500).hears(acked(script.order))
    effects, wanted = len(script.venue.effects), intent("buy", 500, purpose="increase")
    verdict = Gate(GUARDS, {"a": limits}).judge(wanted, script.state, ())
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.remedy) == ("max_position", "hold")
    script.wants("a", 1_500).says(IntentCreated, IntentDenied)
    assert (len(script.venue.effects), script.position().qty) == (effects, 1_000)


def lost_day() -> Script:
    """Short of 3.0 from 100.00; the day has lost 5 % of 10,000 at 266.67, and the rule demands the close."""
    limits = RiskLimits(daily_loss=50_000_000, daily_loss_remedy="close")
    script = Script(player("a", limits=limits)).ticks(100_00)
    script.wants("a", -3_000).hears(filled(script.order, 3_000, side="sell"))
    return script.ticks(266_67)


@pytest.mark.ticket("T-267")
def test_close_denies_and_closes_all_that_is_held_once() -> None:
    script = lost_day()
    wanted = intent("sell", 1_000, purpose="increase")
    limits = RiskLimits(daily_loss=50_000_000, daily_loss_remedy="close")
    verdict = Gate(GUARDS, {"a": limits}).judge(wanted, script.state, ())
    assert isinstance(verdict, Refused)
    assert (verdict.rule, verdict.remedy) == ("daily_loss", "close")
    script.wants("a", -4_000).says(IntentCreated, IntentDenied, IntentCreated, OrderSubmitted)
    closing = script.last(OrderSubmitted)
    assert (closing.side, closing.qty, closing.purpose) == ("buy", 3_000, "close")
    assert script.last(IntentCreated).reason == "daily_loss"
    for target in (-4_000, -5_000, 2_000):  # while it works, whatever else is wanted changes nothing
        script.wants("a", target).says()
    assert len(script.venue.effects) == 2
    script.hears(filled(closing.order_id, 3_000, 266_67, trade="2"))
    script.wants("a", -4_000).says(IntentCreated, IntentDenied)
    assert script.position().qty == 0


@pytest.mark.ticket("T-267")
def test_a_flip_that_is_denied_closes_once() -> None:
    script = lost_day()
    script.wants("a", 2_000).says(IntentCreated, OrderSubmitted, IntentCreated, IntentDenied)
    assert [(order.side, order.qty) for order in script.all(OrderSubmitted)][1:] == [("buy", 3_000)]


def test_a_strategy_may_still_leave_by_itself_while_a_forced_close_works() -> None:
    script = lost_day().wants("a", -4_000)
    script.wants("a", 0).says()
    assert script.account().cash > usd(0)
