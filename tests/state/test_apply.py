"""The one mutation site. What an event means was decided before; here it is only booked, or refused whole."""

from typing import get_args

import pytest
from msgspec.structs import replace
from tests.kit.market import BTC, MINUTE, START, listed, usd
from tests.kit.players import player
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.errors import EngineFault, IllegalTransition, JournalGap
from veracity.domain.events import (
    BarClosed,
    DayRolled,
    Event,
    FeeCharged,
    IntentCreated,
    IntentDenied,
    OrderAccepted,
    OrderFilled,
    OrderSubmitted,
    StrategyStarted,
)
from veracity.state.apply import FOLDS, apply
from veracity.state.model import CLOSED_ORDERS_MAX, EngineState, Market


def bar(script: Script, *, seq: int | None = None, open_ts: int) -> BarClosed:
    """A flat bar, the next in seq where nothing else is said."""
    return BarClosed(
        script.state.seq + 1 if seq is None else seq, open_ts + MINUTE, BTC, open_ts, 1, 1, 1, 1, 0
    )


# ---------------------------------------------------------------- seq


@pytest.mark.ticket("T-004")
@pytest.mark.parametrize("step", [-1, 0, 2])
def test_an_event_that_does_not_follow_is_a_gap_and_changes_nothing(step: int) -> None:
    script = Script().ticks(100_00)
    before = script.hash
    with pytest.raises(JournalGap, match=f"state is at seq {script.state.seq}"):
        apply(script.state, bar(script, seq=script.state.seq + step, open_ts=script.now))
    assert script.hash == before
    apply(script.state, bar(script, seq=script.state.seq + 1, open_ts=script.now))


# ---------------------------------------------------------------- bars


@pytest.mark.ticket("T-026")
@pytest.mark.parametrize("late", [0, MINUTE])
def test_a_bar_that_comes_again_or_from_before_is_refused_and_changes_nothing(late: int) -> None:
    script = Script().ticks(100_00).ticks(101_00)
    before = script.hash
    with pytest.raises(EngineFault, match="came after the one of"):
        apply(script.state, bar(script, open_ts=START + MINUTE - late))
    assert script.hash == before
    apply(script.state, bar(script, open_ts=START + MINUTE + 1))


def test_a_bar_moves_the_last_price_of_its_own_instrument_only() -> None:
    script = Script(player("a", BTC, "ETHUSDT")).ticks(100_00)
    assert script.state.markets == {
        BTC: Market(last=100_00, ts=START + MINUTE, open_ts=START),
        "ETHUSDT": Market(),
    }


# ---------------------------------------------------------------- events that explain but change nothing


def test_a_denial_changes_nothing_but_seq_and_time() -> None:
    script = Script().ticks(100_00)
    before = replace(script.state, seq=0, ts=0)
    seq = script.state.seq + 1
    apply(
        script.state, IntentDenied(seq, START + 2 * MINUTE, "i-1", "a", BTC, "cooldown", "T-256", "1 ns left")
    )
    assert (script.state.seq, script.state.ts) == (seq, START + 2 * MINUTE)
    assert replace(script.state, seq=0, ts=0) == before


# ---------------------------------------------------------------- orders


def test_an_order_cannot_be_submitted_twice() -> None:
    script = Script().ticks(100_00).wants("a", 1_000)
    again = replace(script.last(OrderSubmitted), seq=script.state.seq + 1)
    before = script.hash
    with pytest.raises(EngineFault, match="was submitted twice"):
        apply(script.state, again)
    assert script.hash == before


def test_a_trade_cannot_be_booked_twice() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(filled(script.order, 1_000, trade="77"))
    before = script.hash
    with pytest.raises(EngineFault, match="trade BTCUSDT 77 was booked twice"):
        apply(script.state, replace(script.last(OrderFilled), seq=script.state.seq + 1))
    assert script.hash == before


@pytest.mark.ticket("T-034")
def test_an_acknowledgement_forced_onto_a_filled_order_is_illegal_and_changes_nothing() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(acked(script.order)).hears(filled(script.order, 2_000))
    before = script.hash
    forced = replace(script.last(OrderAccepted), seq=script.state.seq + 1)
    with pytest.raises(IllegalTransition, match="accept"):
        apply(script.state, forced)
    assert script.hash == before


def test_an_order_that_nobody_knows_cannot_move() -> None:
    script = Script().ticks(100_00)
    before = script.hash
    with pytest.raises(IllegalTransition, match="order o-9 is not known"):
        apply(script.state, OrderAccepted(script.state.seq + 1, START, "o-9", "i-9", "v"))
    assert script.hash == before


@pytest.mark.parametrize(
    "event",
    [
        FeeCharged(0, START, "o-1", "i-1", "nobody", "1", 1, 1),
        OrderSubmitted(0, START, "o-1", "i-1", "nobody", BTC, "buy", 1, "market", None, "open", None),
    ],
)
def test_an_event_of_a_strategy_that_was_never_started_changes_nothing(event: Event) -> None:
    script = Script().ticks(100_00)
    before = script.hash
    with pytest.raises(KeyError, match="nobody"):
        apply(script.state, replace(event, seq=script.state.seq + 1))
    assert script.hash == before


def test_a_fill_takes_the_notional_from_cash_and_a_sale_brings_it() -> None:
    script = Script(player("a", cash=usd(1_000))).ticks(100_00)
    trade(script, "buy", 2_000, 100_00)
    assert script.account().cash == usd(800)
    trade(script, "sell", 500, 110_00, purpose="reduce")
    assert script.account().cash == usd(855)
    assert script.account().fills == 2


def test_only_a_fill_that_realises_a_loss_is_remembered_as_one() -> None:
    script = Script().ticks(100_00)
    trade(script, "buy", 2_000, 100_00)
    trade(script, "sell", 1_000, 100_00, purpose="reduce")
    assert script.account().loss_ts is None
    trade(script, "sell", 500, 99_99, purpose="reduce")
    assert script.account().loss_ts == script.now


@pytest.mark.parametrize(("fee", "lost"), [(usd(10), False), (usd(10) + 1, True)])
def test_a_fee_that_takes_just_what_was_won_is_no_loss_and_one_unit_more_is(fee: int, lost: bool) -> None:
    """1.000 is bought at 100.00 and sold at 110.00."""
    script = Script().ticks(100_00)
    trade(script, "buy", 1_000, 100_00)
    trade(script, "sell", 1_000, 110_00, purpose="close", fee=fee)
    assert script.account().loss_ts == (script.now if lost else None)


def test_entries_count_orders_that_open_or_increase() -> None:
    script = Script().ticks(100_00)
    for side, purpose in (("buy", "open"), ("buy", "increase"), ("sell", "reduce"), ("sell", "close")):
        trade(script, side, 1_000, 100_00, purpose=purpose)
    assert script.account().day.entries == 2


# ---------------------------------------------------------------- the memory of done orders


def test_done_orders_are_forgotten_oldest_first_with_their_fills_and_intents() -> None:
    script = Script().ticks(100_00)
    made = [trade(script, "buy", 1, 100_00) for _ in range(CLOSED_ORDERS_MAX)]
    assert list(script.state.closed) == made
    newest = trade(script, "buy", 1, 100_00)
    assert script.state.closed_ids == [*made[1:], newest]
    assert list(script.state.closed) == script.state.closed_ids
    assert sorted(script.state.booked.values()) == sorted(script.state.closed_ids)
    assert sorted(script.state.intents.values()) == sorted(script.state.closed_ids)


# ---------------------------------------------------------------- days and accounts


@pytest.mark.ticket("T-018")
def test_a_new_day_begins_with_no_entries_and_the_equity_of_the_moment() -> None:
    script = Script(player("a", cash=usd(10_000))).ticks(100_00)
    for side, purpose in (("buy", "open"), ("buy", "increase"), ("buy", "increase")):
        trade(script, side, 1_000, 100_00, purpose=purpose)
    script.ticks(83_33)
    trade(
        script, "sell", 1_000, 83_33, purpose="reduce", fee=usd("0.01")
    )  # 10,000 - 3 * 16.67 + ... = 9,949.98
    held = replace(script.position())
    loss_ts, cash = script.account().loss_ts, script.account().cash
    assert (script.account().day.entries, script.account().day.equity_start) == (3, usd(10_000))
    apply(script.state, DayRolled(script.state.seq + 1, script.now, 19_390))
    assert (script.account().day.entries, script.account().day.equity_start) == (0, usd("9949.98"))
    assert (script.position(), script.account().loss_ts, script.account().cash) == (held, loss_ts, cash)


def test_a_day_that_begins_without_a_price_of_what_is_held_has_no_known_equity() -> None:
    script = Script()
    trade(script, "buy", 1_000, 100_00)
    apply(script.state, DayRolled(script.state.seq + 1, script.now, 19_390))
    assert script.account().day.equity_start is None


def test_a_strategy_cannot_be_started_twice() -> None:
    script = Script(player("a"))
    with pytest.raises(EngineFault, match="strategy a was started twice"):
        apply(script.state, replace(script.last(StrategyStarted), seq=script.state.seq + 1))


def test_the_first_event_has_seq_1() -> None:
    state = EngineState()
    for seq in (0, 2):
        with pytest.raises(JournalGap):
            apply(state, replace(listed(), seq=seq))
    assert state == EngineState()
    apply(state, replace(listed(), seq=1))
    assert list(state.instruments) == [BTC]


def test_an_intent_alone_changes_no_account() -> None:
    script = Script().ticks(100_00).wants("a", 1_000)
    account = replace(script.account())
    apply(script.state, replace(script.last(IntentCreated), seq=script.state.seq + 1))
    assert script.account() == account


def test_every_kind_of_event_has_its_row() -> None:
    assert set(FOLDS) == set(get_args(Event))
