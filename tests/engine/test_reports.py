"""What a venue says becomes an event, whatever it is: booked, dropped, quarantined or refused, and never lost."""

import pytest
from msgspec.structs import replace
from tests.kit.market import BTC, ETH, MINUTE, usd
from tests.kit.players import player
from tests.kit.says import acked, cancel_all, cancel_refused, cancelled, expired, filled, lost, refused
from tests.kit.script import Script

from veracity.domain.events import (
    CancelRejected,
    CancelRequested,
    FeeCharged,
    FillDropped,
    FillQuarantined,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    ReportRefused,
)
from veracity.domain.orders import State
from veracity.engine.draft import Step
from veracity.state.model import working_qty


def working(script: Script) -> int:
    return working_qty(script.state, script.account(), BTC)


def submitted(qty: int) -> tuple[Script, str]:
    """A conversation in which an order to buy `qty` was sent at 100.00, and its id."""
    script = Script().ticks(100_00).wants("a", qty)
    return script, script.order


# ---------------------------------------------------------------- submit, ack, fill


@pytest.mark.ticket("T-034")
def test_an_order_goes_from_submitted_over_accepted_to_filled() -> None:
    script, order = submitted(2_000)
    assert script.order_of(order).state is State.SUBMITTED
    script.hears(acked(order)).says(OrderAccepted)
    assert script.order_of(order).state is State.ACCEPTED
    script.hears(filled(order, 2_000)).says(OrderFilled)
    assert script.order_of(order).state is State.FILLED
    assert script.order_of(order).leaves == 0
    assert list(script.state.orders) == []


@pytest.mark.ticket("T-034")
def test_an_acknowledgement_after_the_fill_is_refused_and_says_so() -> None:
    script, order = submitted(2_000)
    script.hears(acked(order)).hears(filled(order, 2_000))
    script.hears(acked(order)).says(ReportRefused)
    said = script.last(ReportRefused)
    assert (said.order_id, said.report, said.order_state) == (order, "order_acked", "filled")
    assert script.order_of(order).state is State.FILLED


def test_a_fill_may_beat_the_acknowledgement() -> None:
    script, order = submitted(2_000)
    script.hears(filled(order, 2_000)).says(OrderFilled)
    assert script.order_of(order).state is State.FILLED


def test_a_fee_is_its_own_event_of_the_same_trade() -> None:
    script, order = submitted(2_000)
    script.hears(filled(order, 2_000, trade="77", fee=usd("0.10"), fee_rate=500_000)).says(
        OrderFilled, FeeCharged
    )
    fee = script.last(FeeCharged)
    assert (fee.order_id, fee.trade_id, fee.amount, fee.rate) == (order, "77", usd("0.10"), 500_000)
    assert script.account().cash == usd("9799.90")


# ---------------------------------------------------------------- submit, reject


@pytest.mark.ticket("T-035")
def test_a_definite_refusal_ends_the_order_and_releases_what_it_would_have_traded() -> None:
    script = Script().ticks(100_00)
    before = script.account().cash
    script.wants("a", 2_000)
    order = script.order
    assert working(script) == 2_000
    script.hears(refused(order, "-2010 account has insufficient balance")).says(OrderRejected)
    assert "-2010" in script.last(OrderRejected).detail
    assert (script.order_of(order).state, script.order_of(order).filled) == (State.REJECTED, 0)
    assert working(script) == 0
    assert (script.position().qty, script.account().cash) == (0, before)


@pytest.mark.ticket("T-035")
def test_silence_is_not_a_refusal() -> None:
    script, order = submitted(2_000)
    script.hears(lost(order)).says(OrderOutcomeUnknown)
    assert script.order_of(order).state is State.UNKNOWN
    assert working(script) == 2_000


@pytest.mark.parametrize(
    ("answer", "kind", "state"),
    [
        (acked, OrderAccepted, State.ACCEPTED),
        (refused, OrderRejected, State.REJECTED),
        (cancelled, OrderCancelled, State.CANCELLED),
        (expired, OrderExpired, State.EXPIRED),
        (cancel_refused, CancelRejected, State.UNKNOWN),
    ],
)
def test_an_unknown_order_is_resolved_by_what_the_venue_says_of_it(answer, kind, state) -> None:  # type: ignore[no-untyped-def]
    script, order = submitted(2_000)
    script.hears(lost(order)).hears(answer(order)).says(kind)
    assert script.order_of(order).state is state


# ---------------------------------------------------------------- cancel


@pytest.mark.ticket("T-032")
def test_a_cancel_is_asked_for_and_is_true_only_when_the_venue_says_so() -> None:
    script, order = submitted(2_000)
    script.hears(acked(order))
    script.hears(cancel_all()).says(CancelRequested)
    assert script.order_of(order).state is State.CANCEL_PENDING
    assert working(script) == 2_000
    script.hears(cancelled(order)).says(OrderCancelled)
    assert script.order_of(order).state is State.CANCELLED
    assert working(script) == 0
    assert len(script.all(OrderCancelled)) == 1


@pytest.mark.ticket("T-036")
def test_an_order_can_be_cancelled_before_it_is_acknowledged() -> None:
    script, order = submitted(2_000)
    states = [script.order_of(order).state]
    for said in (cancel_all(), cancelled(order)):
        script.hears(said)
        states.append(script.order_of(order).state)
    assert states == [State.SUBMITTED, State.CANCEL_PENDING, State.CANCELLED]
    assert script.order_of(order).filled == 0


@pytest.mark.ticket("T-036")
def test_a_late_acknowledgement_does_not_undo_a_cancel() -> None:
    script, order = submitted(2_000)
    script.hears(cancel_all())
    script.hears(acked(order)).says(OrderAccepted)
    assert script.order_of(order).state is State.CANCEL_PENDING
    script.hears(cancelled(order)).says(OrderCancelled)
    assert script.order_of(order).state is State.CANCELLED


def test_a_fill_that_beats_the_cancel_is_kept() -> None:
    script, order = submitted(3_000)
    script.hears(cancel_all()).hears(filled(order, 3_000)).says(OrderFilled)
    script.hears(cancel_refused(order)).says(CancelRejected)
    assert script.order_of(order).state is State.FILLED
    assert script.position().qty == 3_000


def test_a_refused_cancel_leaves_the_order_as_far_as_it_was() -> None:
    script, order = submitted(3_000)
    script.hears(cancel_all()).hears(cancel_refused(order)).says(CancelRejected)
    assert script.order_of(order).state is State.ACCEPTED
    script.hears(cancel_all()).hears(filled(order, 1_000)).hears(cancel_refused(order))
    assert script.order_of(order).state is State.PARTIALLY_FILLED
    assert working(script) == 2_000


# ---------------------------------------------------------------- partial fills


@pytest.mark.ticket("T-037")
def test_fills_add_up_to_the_order() -> None:
    script, order = submitted(3_000)
    script.hears(acked(order)).hears(filled(order, 1_000, trade="1")).says(OrderFilled)
    seen = script.order_of(order)
    assert (seen.state, seen.filled, seen.leaves) == (State.PARTIALLY_FILLED, 1_000, 2_000)
    script.hears(filled(order, 2_000, trade="2")).says(OrderFilled)
    seen = script.order_of(order)
    assert (seen.state, seen.filled, seen.leaves) == (State.FILLED, 3_000, 0)


@pytest.mark.ticket("T-037")
def test_one_lot_more_than_is_left_is_quarantined_and_not_applied() -> None:
    script, order = submitted(3_000)
    script.hears(acked(order)).hears(filled(order, 1_000, trade="1"))
    script.hears(filled(order, 2_001, trade="2")).says(FillQuarantined)
    assert script.last(FillQuarantined).reason == "overfill"
    seen = script.order_of(order)
    assert (seen.state, seen.filled, seen.leaves) == (State.PARTIALLY_FILLED, 1_000, 2_000)
    assert script.position().qty == 1_000


# ---------------------------------------------------------------- duplicates


@pytest.mark.ticket("T-006")
def test_a_fill_that_is_reported_three_times_is_booked_once() -> None:
    script, order = submitted(2_000)
    fill = filled(order, 2_000, trade="77")
    script.hears(fill).says(OrderFilled)
    script.hears(fill).says(FillDropped)
    script.hears(fill).says(FillDropped)
    assert script.position().qty == 2_000
    assert (len(script.all(OrderFilled)), len(script.all(FillDropped))) == (1, 2)


@pytest.mark.ticket("T-006")
def test_a_repeat_is_known_while_the_order_is_open_too() -> None:
    script, order = submitted(2_000)
    script.hears(filled(order, 1_000, trade="77")).hears(filled(order, 1_000, trade="77")).says(FillDropped)
    assert script.order_of(order).filled == 1_000


@pytest.mark.ticket("T-006")
def test_the_same_trade_id_on_another_symbol_is_another_trade() -> None:
    script = Script(player("a", BTC), player("b", ETH)).ticks(100_00, BTC).ticks(100_00, ETH)
    script.wants("a", 2_000).hears(filled(script.order, 2_000, trade="77"))
    script.wants("b", 3_000).hears(filled(script.order, 3_000, trade="77", symbol=ETH)).says(OrderFilled)
    assert script.position("b", ETH).qty == 3_000


# ---------------------------------------------------------------- fills of nobody


@pytest.mark.ticket("T-038")
def test_a_fill_of_an_unknown_order_is_kept_aside_and_moves_nothing() -> None:
    script, order = submitted(3_000)
    before = (script.account().cash, script.position().qty, script.order_of(order).filled)
    report = filled(
        "feedbeef-a-9", 500, 99_00, trade="77", fee=usd("0.05"), fee_rate=1_000_000, spread_cost=3
    )
    script.hears(report).says(FillQuarantined)
    assert (script.account().cash, script.position().qty, script.order_of(order).filled) == before
    said = script.last(FillQuarantined)
    whole = {name: getattr(report, name) for name in report.__struct_fields__ if name != "ts"}
    assert {name: getattr(said, name) for name in whole} == whole
    assert said.reason == "unknown_order"
    assert [fill.trade_id for fill in script.state.quarantined] == ["77"]


@pytest.mark.ticket("T-038")
def test_a_quarantined_fill_is_booked_exactly_once_when_its_order_is_adopted() -> None:
    script, _ = submitted(3_000)
    fill = filled("01234567-a-9", 500, 99_00, trade="77", fee=usd("0.05"))
    script.hears(fill).says(FillQuarantined)
    lost = replace(
        script.last(OrderSubmitted),
        seq=script.state.seq + 1,
        order_id="01234567-a-9",
        intent_id="01234567-a-8",
    )
    script.loop.commit(Step((lost,), ()))  # as recovery finds it at the venue by its id
    script.hears(fill).says(OrderFilled, FeeCharged)
    script.hears(fill).says(FillDropped)
    assert (script.position().qty, script.account().fees) == (500, usd("0.05"))
    assert script.state.quarantined == []


@pytest.mark.parametrize(
    ("changes", "reason"),
    [({"symbol": ETH}, "wrong_symbol"), ({"side": "sell"}, "wrong_side"), ({"qty": 3_001}, "overfill")],
)
def test_a_fill_that_cannot_be_the_orders_is_quarantined_with_its_reason(changes: dict, reason: str) -> None:  # type: ignore[type-arg]
    script, order = submitted(3_000)
    said = {"qty": 3_000} | changes
    script.hears(filled(order, **said)).says(FillQuarantined)
    assert script.last(FillQuarantined).reason == reason
    assert script.order_of(order).filled == 0


def test_a_fill_of_a_done_order_is_quarantined_as_such() -> None:
    script, order = submitted(3_000)
    script.hears(refused(order)).hears(filled(order, 3_000)).says(FillQuarantined)
    assert script.last(FillQuarantined).reason == "order_done"
    assert script.position().qty == 0


def test_a_report_on_an_order_of_nobody_is_refused_and_kept() -> None:
    script, _ = submitted(3_000)
    script.hears(cancelled("feedbeef-a-9")).says(ReportRefused)
    said = script.last(ReportRefused)
    assert (said.order_id, said.report, said.order_state) == ("feedbeef-a-9", "cancel_confirmed", "not_known")


def test_a_report_from_the_past_does_not_turn_the_time_back() -> None:
    script, order = submitted(3_000)
    late = acked(order)
    now = script.state.ts
    script.hears(type(late)(now - MINUTE, late.order_id, late.venue_order_id)).says(OrderAccepted)
    assert script.state.ts == script.last(OrderAccepted).ts == now


def test_the_venue_double_was_asked_for_each_order_once() -> None:
    script, order = submitted(3_000)
    sent = [effect.order.order_id for effect in script.venue.effects]  # type: ignore[union-attr]
    assert sent == [order] == [event.order_id for event in script.all(OrderSubmitted)]


@pytest.mark.parametrize("qty", [0, -1])
def test_a_fill_of_nothing_is_refused_and_its_record_can_be_read_again(qty: int) -> None:
    script, order = submitted(2_000)
    cash = script.account().cash
    script.hears(filled(order, qty)).says(ReportRefused)
    said = script.last(ReportRefused)
    assert (said.report, said.order_state) == ("fill_reported", "submitted")
    assert said.detail == "order: fill in state submitted: empty_fill"
    assert (script.order_of(order).filled, script.account().cash) == (0, cash)
    script.hears(filled("nobody", qty)).says(ReportRefused)
    assert script.last(ReportRefused).order_state == "not_known"


def test_a_quarantined_fill_that_comes_again_waits_once() -> None:
    script = Script().ticks(100_00)
    script.hears(filled("unknown-1", 1_000, trade="9")).says(FillQuarantined)
    script.hears(filled("unknown-1", 1_000, trade="9")).says(FillDropped)
    assert [fill.trade_id for fill in script.state.quarantined] == ["9"]
