from collections import Counter
from dataclasses import replace

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, bars_of, usd
from tests.kit.players import DIARIST, PUPPET, player, puppet
from tests.kit.says import acked, cancelled, filled, lost, refused
from tests.kit.script import Script

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    CancelRequested,
    Event,
    IntentCreated,
    IntentDenied,
    MemoUpdated,
    OrderSubmitted,
)
from veracity.domain.ids import event_seq
from veracity.engine.decisions import Wish, intend, settle, wishes
from veracity.engine.draft import Draft
from veracity.engine.effects import CancelOrder, SubmitOrder
from veracity.engine.gate import Gate
from veracity.guards.rulebook import GUARDS
from veracity.guards.view import RiskLimits
from veracity.runtime.replay import fold
from veracity.state.model import DENIALS_MAX, EngineState, working_qty
from veracity.state.snapshot import restore, take

# ---------------------------------------------------------------- what is wanted


@pytest.mark.parametrize(
    ("held", "target", "trades"),
    [
        (0, 0, ()),
        (5, 5, ()),
        (0, 5, (Wish(BTC, 5, "open"),)),
        (0, -5, (Wish(BTC, -5, "open"),)),
        (5, 7, (Wish(BTC, 2, "increase"),)),
        (-5, -7, (Wish(BTC, -2, "increase"),)),
        (5, 1, (Wish(BTC, -4, "reduce"),)),
        (5, 0, (Wish(BTC, -5, "close"),)),
        (-5, 0, (Wish(BTC, 5, "close"),)),
        (5, -3, (Wish(BTC, -5, "close"), Wish(BTC, -3, "open"))),
        (-5, 3, (Wish(BTC, 5, "close"), Wish(BTC, 3, "open"))),
    ],
)
def test_a_flip_is_a_close_and_an_open_and_everything_else_is_one_trade(
    held: int, target: int, trades: tuple[Wish, ...]
) -> None:
    assert wishes(BTC, held, target) == trades


def test_an_intent_says_what_was_wanted_why_and_on_which_row() -> None:
    script = Script().ticks(100_00).wants("a", 2_000, 41, 42).says(IntentCreated, OrderSubmitted)
    intent, order = script.last(IntentCreated), script.last(OrderSubmitted)
    assert (intent.side, intent.qty, intent.purpose, intent.target) == ("buy", 2_000, "open", 2_000)
    assert (intent.reason, intent.features) == ("as_told", (2_000, 41, 42))
    assert (order.intent_id, order.qty, order.clamped_by) == (intent.intent_id, 2_000, None)
    assert script.venue.effects == [SubmitOrder(order)]


def test_a_strategy_that_wants_what_it_has_says_nothing() -> None:
    script = Script().ticks(100_00).wants("a", 0).says()
    script.wants("a", 2_000)
    script.wants("a", 2_000).says()  # the order that works already is on its way there


def test_every_leg_is_brought_to_its_share() -> None:
    script = Script(player("a", BTC, ETH)).ticks(100_00, BTC).ticks(50_00, ETH)
    script.wants("a", 2_000).says(IntentCreated, IntentCreated, OrderSubmitted, OrderSubmitted)
    assert [(order.symbol, order.side, order.qty) for order in script.all(OrderSubmitted)] == [
        (BTC, "buy", 2_000),
        (ETH, "sell", 2_000),
    ]


def test_the_legs_of_a_hedge_pass_whole_or_not_at_all() -> None:
    """2.000 at 100.00 and 2.000 at 50.00 are worth 300: at a limit of 299 the second leg would be cut, so neither passes."""
    for limit, sent in ((300, 2), (299, 0)):
        script = Script(player("a", BTC, ETH, limits=RiskLimits(max_exposure=usd(limit))))
        script.ticks(100_00, BTC).ticks(50_00, ETH).wants("a", 2_000)
        assert len(script.all(OrderSubmitted)) == sent
        assert len(script.all(IntentCreated)) == 2
    first, second = script.all(IntentDenied)
    assert (first.symbol, second.symbol) == (BTC, ETH)
    assert (first.rule, first.ticket) == (second.rule, second.ticket) == ("max_exposure", "T-253")
    assert first.detail == "ETHUSDT: 1980 of 2000 would pass, and a hedge passes whole or not at all"


def test_leaving_a_hedge_needs_no_permission_for_either_leg() -> None:
    limits = RiskLimits(max_exposure=usd(300), trades_per_day=2)
    script = (
        Script(player("a", BTC, ETH, limits=limits)).ticks(100_00, BTC).ticks(50_00, ETH).wants("a", 2_000)
    )
    for order, side in zip(script.all(OrderSubmitted), ("buy", "sell"), strict=True):
        script.hears(filled(order.order_id, 2_000, side=side, symbol=order.symbol))
    script.wants("a", 0).says(IntentCreated, IntentCreated, OrderSubmitted, OrderSubmitted)


def test_a_leg_that_did_not_arrive_is_tried_again_though_the_target_stays() -> None:
    script = Script(player("a", BTC, ETH)).ticks(100_00, BTC).ticks(50_00, ETH).wants("a", 2_000)
    lead, hedge = script.all(OrderSubmitted)
    script.hears(filled(lead.order_id, 2_000)).hears(refused(hedge.order_id))
    script.wants("a", 2_000).says(IntentCreated, OrderSubmitted)
    again = script.last(OrderSubmitted)
    assert (again.symbol, again.side, again.qty) == (ETH, "sell", 2_000)


def test_a_strategy_is_told_what_it_will_hold_when_its_orders_are_done() -> None:
    """It asks for 2.000 once and then to keep what it has: 0.500 held, 1.500 on the way, so nothing changes."""
    keeper = replace(PUPPET, decide=lambda params, row, position, memo: (row[0] or position, 0, memo))
    script = Script(player("a", strategy=keeper)).ticks(100_00).wants("a", 2_000)
    script.wants("a", 0).says()
    script.hears(filled(script.order, 500))
    script.wants("a", 0).says()


def test_a_working_order_is_cancelled_before_something_else_is_tried() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    first = script.order
    script.hears(acked(first))
    script.wants("a", 1_000).says(CancelRequested)
    assert script.venue.effects[-1] == CancelOrder(first)
    script.wants("a", 1_000).says()  # it is being cancelled: nothing new to say
    script.hears(cancelled(first))
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)


def test_a_refusal_that_is_not_said_any_more_takes_back_no_cancel() -> None:
    """The lead's entry is refused for the 101st time, which is not told; that the hedge's order is cancelled is."""
    script = Script(player("a", BTC, ETH, limits=RiskLimits(trades_per_day=2)))
    script.ticks(100_00, BTC).ticks(50_00, ETH).wants("a", 2_000)
    lead, hedge = script.all(OrderSubmitted)
    script.hears(refused(lead.order_id)).hears(acked(hedge.order_id))
    for _ in range(DENIALS_MAX):
        script.wants("a", 2_000).says(IntentCreated, IntentDenied)
    script.wants("a", 2_000).says()
    script.wants("a", 3_000).says(CancelRequested)
    assert script.order_of(hedge.order_id).state.value == "cancel_pending"
    assert script.venue.effects[-1] == CancelOrder(hedge.order_id)


def test_an_order_of_unknown_outcome_is_not_cancelled_blindly() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(lost(script.order))
    script.wants("a", 0).says()


def test_a_new_memory_is_journaled_before_what_it_led_to() -> None:
    script = Script(player("a", strategy=DIARIST)).ticks(100_00)
    script.wants("a", 1_000).says(MemoUpdated, IntentCreated, OrderSubmitted)
    assert script.account().memo == (1,)


# ---------------------------------------------------------------- one intent, at most one order


def offer(state: EngineState, seq: int) -> tuple[Event, ...]:
    """Offer the intent to buy 2.000 that a decision makes at `seq`: the same seq, so the same intent id."""
    draft = Draft(state, state.ts)
    draft.seq = seq
    gate = Gate(GUARDS, {"a": RiskLimits()})
    intent = intend(draft, state.accounts["a"], Wish(BTC, 2_000, "open"), 2_000, "as_told", ())
    settle(draft, intent, gate.judge(intent, state, ()))
    return draft.step().events


def restarted(script: Script) -> EngineState:
    return fold(script.journal.records, ())


def reloaded(script: Script) -> EngineState:
    return restore(take(script.state))


@pytest.mark.ticket("T-005")
@pytest.mark.parametrize("between", [lambda script: script.state, restarted, reloaded])
def test_an_intent_that_is_offered_again_is_denied_and_not_sent(between) -> None:  # type: ignore[no-untyped-def]
    script = Script().ticks(100_00).wants("a", 2_000)
    sent = script.last(IntentCreated)
    state = between(script)
    again = offer(state, sent.seq)
    assert [type(event) for event in again] == [IntentCreated, IntentDenied]
    intent, denial = again
    assert isinstance(denial, IntentDenied)
    assert isinstance(intent, IntentCreated)
    assert intent.intent_id == denial.intent_id == sent.intent_id
    assert (denial.rule, denial.ticket) == ("idempotency", "T-005")
    assert denial.detail == f"this intent id was used by order {script.order}"
    assert working_qty(state, state.accounts["a"], BTC) == 2_000


@pytest.mark.ticket("T-005")
def test_an_intent_that_was_not_used_is_sent() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    fresh = offer(script.state, script.state.seq + 1)
    assert [type(event) for event in fresh] == [IntentCreated, OrderSubmitted]


@pytest.mark.ticket("T-005")
def test_an_intent_stays_used_when_its_order_is_done() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    sent = script.last(IntentCreated)
    script.hears(filled(script.order, 2_000))
    assert [type(event) for event in offer(script.state, sent.seq)] == [IntentCreated, IntentDenied]


# ---------------------------------------------------------------- ids

BARS = 10_000


def intents_of_a_run() -> list[str]:
    kept = Ids()
    in_and_out = (1_000, 0) * (BARS // 2)
    players = [puppet(strategy_id, in_and_out) for strategy_id in ("a", "b", "c")]
    run_small_backtest({BTC: bars_of([100_00] * BARS)}, players, journal=kept)
    return kept.intents


class Ids:
    """A journal that keeps the intent ids alone."""

    def __init__(self) -> None:
        self.intents: list[str] = []

    def append(self, seq: int, payload: bytes) -> None:
        if payload.startswith(b'{"kind":"intent_created"'):
            self.intents.append(payload.split(b'"intent_id":"', 1)[1].split(b'"', 1)[0].decode())

    def barrier(self) -> None:
        pass


@pytest.mark.ticket("T-039")
def test_equal_decisions_of_three_strategies_have_ids_of_their_own_and_the_same_ones_again() -> None:
    first = intents_of_a_run()
    assert len(first) == len(set(first)) == 3 * BARS + 3  # and each one's forced close
    assert Counter(intent_id.split("-")[1] for intent_id in first) == dict.fromkeys("abc", BARS + 1)
    assert intents_of_a_run() == first


@pytest.mark.ticket("T-040")
def test_each_order_of_a_run_gives_back_the_seq_of_its_record() -> None:
    closes = [100_00] * 12
    players = [
        puppet("momentum_aaa", (1_000, 0) * 5),
        puppet("momentum_aab", (1_000, 0) * 5),
    ]
    run = run_small_backtest({BTC: bars_of(closes)}, players)
    orders = run.all(OrderSubmitted)
    assert len(orders) == 20
    assert [event_seq(order.order_id) for order in orders] == [order.seq for order in orders]
    assert len({order.order_id for order in orders}) == 20


@pytest.mark.ticket("T-091")
@pytest.mark.parametrize("reason", [-1, 1, 7])
def test_a_reason_that_the_strategy_did_not_declare_is_a_fault(reason: int) -> None:
    script = Script().ticks(100_00)
    with pytest.raises(EngineFault, match=f"gives reason {reason}, it has declared 1"):
        script.loop.engine.act(script.state, "a", (), (2_000, reason, ()))
