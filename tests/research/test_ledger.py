"""The one pass over the events."""

from typing import get_args

import pytest
from tests.kit.market import BTC, bars_of
from tests.kit.players import player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.research.runs import played

from veracity.domain.errors import EngineFault
from veracity.domain.events import Event, OrderAcked, OrderSubmitted
from veracity.guards.view import RiskLimits
from veracity.research import ledger as module
from veracity.research.ledger import Ledger


def test_every_kind_of_event_has_its_row() -> None:
    assert set(module._BOOKED) == set(get_args(Event))
    assert len(get_args(Event)) >= 26


def test_an_event_of_a_foreign_kind_is_refused() -> None:
    class Surprise:
        seq = 1

    with pytest.raises(EngineFault, match="event 1 is a Surprise, which has no row here"):
        Ledger().take([Surprise()])  # type: ignore[list-item]


def test_events_whose_numbers_do_not_rise_are_refused() -> None:
    script = Script(player("a")).ticks(100_00)
    events = script.journal.events
    with pytest.raises(EngineFault, match=f"event {events[-1].seq} comes after event {events[-1].seq}"):
        Ledger().take([*events, events[-1]])


def test_a_fee_that_is_charged_twice_is_refused() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000, fee=5))
    fee = script.journal.events[-1]
    again = type(fee)(**{name: getattr(fee, name) for name in fee.__struct_fields__} | {"seq": fee.seq + 1})
    with pytest.raises(EngineFault, match=r"charges trade 1 of order .* again"):
        Ledger().take([*script.journal.events, again])


def test_reports_that_match_nothing_are_counted_by_kind() -> None:
    script = Script(player("a")).ticks(100_00)
    script.hears(OrderAcked(script.now, "no-such-order", "1")).hears(filled("nobodys", 1_000))
    script.hears(filled("nobodys", 1_000, trade="2"))
    ledger = Ledger()
    ledger.take(script.journal.events)
    assert ledger.incidents == {"report_refused": 1, "fill_quarantined": 2}


def test_refusals_are_counted_by_rule_with_their_ticket() -> None:
    limits = RiskLimits(trades_per_day=0)
    results = played(
        {BTC: bars_of([100_00] * 5)}, puppet("a", (1_000,) * 5, limits=limits), puppet("b", (1_000,))
    )
    denials = results.books["a"].denials
    assert {rule: one.count for rule, one in denials.items()} == {"trades_per_day": 5}
    assert [one.ticket[0] for one in denials.values()] == ["T"]
    assert (results.books["a"].intents, results.books["a"].orders) == (5, 0)
    assert results.books["b"].denials == {}


def test_a_refused_intent_is_forgotten_and_a_sent_one_is_not() -> None:
    """A level signal may be refused on every bar; memory must not grow with that."""
    script = Script(player("a", limits=RiskLimits(trades_per_day=1))).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000))
    for _ in range(5):
        script.wants("a", 2_000)
    ledger = Ledger()
    ledger.take(script.journal.events)
    assert list(ledger.reasons) == [script.last(OrderSubmitted).intent_id]
    assert ledger.accounts["a"].intents == 6
