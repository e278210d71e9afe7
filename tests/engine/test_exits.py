import pytest
from tests.kit.market import BTC, ETH
from tests.kit.players import player
from tests.kit.says import (
    acked,
    cancel_all,
    cancel_refused,
    cancelled,
    close_all,
    data_ended,
    filled,
    lost,
    refused,
)
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.events import (
    CancelRejected,
    CancelRequested,
    CheckpointMarked,
    ExitBegun,
    IntentCreated,
    ModeChanged,
    OrderSubmitted,
    RunFinished,
)
from veracity.domain.ids import event_seq
from veracity.domain.machines import Mode
from veracity.state.hash import state_hash
from veracity.state.snapshot import restore, take


def three_open_orders() -> Script:
    """Open are A's ETH order, then B's, then A's BTC order; one of B's was filled and one of A's refused before."""
    script = Script(player("a", BTC, ETH), player("b")).ticks(100_00, BTC).ticks(100_00, ETH)
    script.wants("b", 1_000).hears(filled(script.order, 1_000, trade="1"))
    script.wants("a", 1_000)
    refusable = next(order for order in script.state.orders.values() if order.symbol == BTC)
    script.wants("b", 3_000).hears(refused(refusable.order_id))
    return script.wants("a", 1_000)


# ---------------------------------------------------------------- cancel all


@pytest.mark.ticket("T-033")
def test_cancel_all_asks_once_for_each_open_order_in_the_order_of_their_seq() -> None:
    script = three_open_orders()
    script.hears(cancel_all()).says(CancelRequested, CancelRequested, CancelRequested)
    asked = [event.order_id for event in script.all(CancelRequested)]
    assert sorted(asked) == sorted(script.state.orders)
    assert [event_seq(order_id) for order_id in asked] == sorted(event_seq(order_id) for order_id in asked)
    assert [script.order_of(order_id).strategy_id for order_id in asked] == ["a", "b", "a"]


@pytest.mark.ticket("T-033")
def test_cancel_all_keeps_its_order_after_a_restart() -> None:
    script = three_open_orders()
    again = restore(take(script.state))
    step = script.engine.step(again, type(cancel_all())(script.now, "operator", "by hand"))
    asked = [event_seq(event.order_id) for event in step.events if isinstance(event, CancelRequested)]
    assert asked == sorted(event_seq(order_id) for order_id in script.state.orders)


def test_a_cancel_that_is_refused_does_not_keep_the_others_from_being_asked_for() -> None:
    script = three_open_orders().hears(cancel_all())
    first, second, third = (event.order_id for event in script.all(CancelRequested))
    script.hears(cancel_refused(first)).says(CancelRejected)
    script.hears(cancelled(second)).hears(cancelled(third))
    assert list(script.state.orders) == [first]


def test_cancel_all_with_nothing_open_says_nothing() -> None:
    Script().ticks(100_00).hears(cancel_all()).says()


def test_an_order_that_is_being_cancelled_or_may_not_exist_is_not_asked_for_again() -> None:
    script = three_open_orders()
    script.hears(lost(script.order))
    script.hears(cancel_all()).says(CancelRequested, CancelRequested)
    script.hears(cancel_all()).says()


# ---------------------------------------------------------------- close all


def test_close_all_closes_each_accounts_own_position_by_strategy_id() -> None:
    script = Script(player("b"), player("a")).ticks(100_00)
    trade(script, "buy", 2_000, 100_00, strategy_id="b")
    trade(script, "sell", 1_000, 100_00, strategy_id="a")
    script.hears(close_all())
    script.says(ModeChanged, ExitBegun, IntentCreated, OrderSubmitted, IntentCreated, OrderSubmitted)
    assert [(order.strategy_id, order.side, order.qty) for order in script.all(OrderSubmitted)[-2:]] == [
        ("a", "buy", 1_000),
        ("b", "sell", 2_000),
    ]
    assert {intent.reason for intent in script.all(IntentCreated)} == {"operator"}


# ---------------------------------------------------------------- the end of the data


def test_the_end_cancels_then_closes_then_stops_then_marks_the_state() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    first = script.order
    script.hears(acked(first)).hears(filled(first, 500))
    script.hears(data_ended()).says(CancelRequested)
    script.hears(cancelled(first))
    script.hears(data_ended()).says(IntentCreated, OrderSubmitted)
    intent = script.last(IntentCreated)
    assert (intent.reason, intent.side, intent.qty, intent.features) == ("forced_close", "sell", 500, ())
    script.hears(filled(script.order, 500, side="sell", trade="2"))
    script.hears(data_ended("end_of_data")).says(ModeChanged, RunFinished)
    assert script.state.mode is Mode.STOPPED
    assert script.last(RunFinished).reason == "end_of_data"
    before = state_hash(script.state)
    script.hears(data_ended()).says(CheckpointMarked)
    assert script.last(CheckpointMarked).state_hash == before


def test_the_end_waits_for_an_open_order_though_nothing_is_held() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(data_ended("end_of_data")).says(CancelRequested)
    assert script.last(CancelRequested).reason == "end_of_data"
    script.hears(data_ended()).says()
    script.hears(cancelled(script.order))
    script.hears(data_ended()).says(ModeChanged, RunFinished)


def test_a_position_that_is_to_be_kept_is_not_closed() -> None:
    script = Script().ticks(100_00)
    script.loop.engine = type(script.engine)([player("a").bound], close_at_end=False)
    trade(script, "buy", 2_000, 100_00)
    script.hears(data_ended()).says(ModeChanged, RunFinished)
    assert script.position().qty == 2_000
