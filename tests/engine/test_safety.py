"""What the world says about itself, and what the engine makes of it: drift, clock, kill file, gaps, order of the bars."""

import pytest
from msgspec.structs import replace
from tests.kit.market import BTC, ETH, MINUTE, START, listed
from tests.kit.players import player
from tests.kit.says import (
    acked,
    cancelled,
    clock,
    drift,
    filled,
    halt,
    kill_file,
    resume,
    safe_mode,
    stop,
)
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.events import (
    BarClosed,
    CancelRequested,
    ClockChecked,
    CommandReceived,
    CommandRefused,
    DayRolled,
    DriftFound,
    ExitBegun,
    ExitEnded,
    FeedChanged,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
)
from veracity.domain.machines import Mode
from veracity.engine.commands import Given
from veracity.runtime.feed import Arrival
from veracity.runtime.replay import fold
from veracity.state.hash import state_hash
from veracity.state.model import Difference

MS = 1_000_000
FIVE = 5 * MINUTE

# ---------------------------------------------------------------- drift


@pytest.mark.ticket("T-045")
def test_a_major_drift_leads_to_safe_mode_behind_its_record_and_once() -> None:
    script = Script().ticks(100_00)
    script.hears(drift(BTC, "major")).says(DriftFound, ModeChanged)
    found, changed = script.said
    assert isinstance(changed, ModeChanged)
    assert (changed.mode_from, changed.mode_to, changed.reason) == (Mode.RUNNING, Mode.SAFE, "drift_halt")
    assert changed.detail.startswith(f"drift_found {found.seq}: ")
    script.hears(drift(BTC, "major")).says(DriftFound)
    assert script.state.mode is Mode.SAFE


@pytest.mark.ticket("T-045")
def test_a_minor_drift_changes_no_mode() -> None:
    script = Script().ticks(100_00).hears(drift(BTC, "minor")).says(DriftFound)
    assert (script.state.mode, script.state.drift) == (Mode.RUNNING, {BTC: Difference("minor", script.now)})


@pytest.mark.ticket("T-046")
def test_a_severe_drift_cancels_then_closes_what_is_held_of_that_symbol_and_nothing_else() -> None:
    script = Script(player("a", BTC, ETH), player("b")).ticks(100_00, BTC).ticks(50_00, ETH)
    trade(script, "buy", 2_000, 100_00, strategy_id="a", symbol=BTC)
    trade(script, "sell", 2_000, 50_00, strategy_id="a", symbol=ETH)
    trade(script, "buy", 1_000, 100_00, strategy_id="b")
    script.wants("b", 5_000).hears(acked(script.order))
    working = script.order
    script.hears(drift(BTC, "severe"))
    script.says(DriftFound, ModeChanged, CancelRequested, ExitBegun, IntentCreated, OrderSubmitted)
    first = script.last(OrderSubmitted)
    assert (first.strategy_id, first.side, first.qty, first.symbol) == ("a", "sell", 2_000, BTC)
    script.hears(cancelled(working)).says(OrderCancelled, IntentCreated, OrderSubmitted)
    second = script.last(OrderSubmitted)
    assert (second.strategy_id, second.side, second.qty) == ("b", "sell", 1_000)
    assert {event.reason for event in script.all(IntentCreated)[-2:]} == {"drift_close"}
    script.hears(filled(first.order_id, 2_000, side="sell", trade="91")).says(OrderFilled)
    script.hears(filled(second.order_id, 1_000, side="sell", trade="92")).says(OrderFilled, ExitEnded)
    assert script.position("a", ETH).qty == -2_000


def test_an_exit_that_is_refused_or_filled_in_part_goes_on_by_itself() -> None:
    script = Script().ticks(100_00)
    trade(script, "buy", 3_000, 100_00)
    script.hears(drift(BTC, "severe"))
    first = script.order
    script.hears(filled(first, 1_000, side="sell", trade="91")).says(OrderFilled)
    script.hears(cancelled(first)).says(OrderCancelled, IntentCreated, OrderSubmitted)
    assert script.last(OrderSubmitted).qty == 2_000


@pytest.mark.ticket("T-046")
def test_an_exit_outlives_a_restart() -> None:
    script = Script().ticks(100_00)
    trade(script, "buy", 3_000, 100_00)
    script.wants("a", 4_000).hears(acked(script.order)).hears(drift(BTC, "severe"))
    again = fold(script.journal.records, ())
    assert again.exits == {BTC: "drift_close"}
    assert state_hash(again) == script.hash


# ---------------------------------------------------------------- the clock


@pytest.mark.ticket("T-016")
@pytest.mark.parametrize("sign", [1, -1])
def test_a_median_of_one_second_is_in_the_bound_and_a_millisecond_more_is_not(sign: int) -> None:
    script = Script().ticks(100_00)
    script.hears(clock(*(sign * ms * MS for ms in (900, 1_000, 1_700)))).says()
    assert script.state.mode is Mode.RUNNING
    script.hears(clock(*(sign * ms * MS for ms in (900, 1_001, 1_700)))).says(ClockChecked, ModeChanged)
    changed = script.last(ModeChanged)
    assert (changed.mode_to, changed.reason) == (Mode.SAFE, "clock_drift")
    script.hears(clock(sign * 2_000 * MS)).says()
    script.hears(resume()).says(CommandRefused)
    script.hears(clock(sign * 1_000 * MS)).says(ClockChecked)
    assert script.state.mode is Mode.SAFE
    script.hears(resume()).says(ModeChanged)


@pytest.mark.ticket("T-016")
def test_one_outlier_among_five_samples_changes_nothing() -> None:
    script = Script().ticks(100_00)
    script.hears(clock(10 * MS, 10 * MS, 60_000 * MS, 10 * MS, 10 * MS)).says()
    script.hears(clock(10 * MS, -60_000 * MS, 10 * MS, 10 * MS, 10 * MS)).says()
    assert script.state.mode is Mode.RUNNING


@pytest.mark.ticket("T-016")
def test_of_an_even_number_the_mean_of_the_middle_two_counts() -> None:
    script = Script().ticks(100_00)
    script.hears(clock(0, 999 * MS, 1_001 * MS, 5_000 * MS)).says()
    script.hears(clock(0, 1_000 * MS, 1_002 * MS, 5_000 * MS)).says(ClockChecked, ModeChanged)


# ---------------------------------------------------------------- the kill file


@pytest.mark.ticket("T-007")
@pytest.mark.parametrize("before", [None, safe_mode()])
def test_a_kill_file_halts_and_its_absence_resumes_nothing(before: object) -> None:
    script = Script().ticks(100_00)
    if before is not None:
        script.hears(before)  # type: ignore[arg-type]
    script.hears(kill_file()).says(ModeChanged)
    assert (script.state.mode, script.state.mode_reason[:9]) == (Mode.HALTED, "kill_file")
    script.hears(kill_file()).says()
    for _ in range(5):
        script.ticks(100_00).says()
    assert script.state.mode is Mode.HALTED
    script.hears(Given("r-1", resume("go on"), "KILL exists")).says(CommandReceived, CommandRefused)
    assert script.last(CommandRefused).detail == "KILL exists; asked by operator: go on"
    script.hears(resume()).says(ModeChanged)


def test_a_stopped_engine_does_not_hear_of_a_kill_file() -> None:
    Script().hears(stop()).hears(kill_file()).says()


def test_stop_cancels_what_works_before_it_stops() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(stop()).says(CancelRequested, ModeChanged)
    script.hears(cancelled(script.order)).says(OrderCancelled)


# ---------------------------------------------------------------- gaps and bars from before


def five_minutes() -> Script:
    script = Script(player("a"), instruments=(listed(BTC, interval_ns=FIVE),), start=START + 600 * MINUTE)
    return script.ticks(100_00, after=FIVE).ticks(101_00, after=FIVE)  # 10:00 and 10:05


@pytest.mark.ticket("T-012")
def test_missing_bars_are_said_once_and_neither_made_up_nor_asked_about() -> None:
    script = five_minutes()
    trade(script, "buy", 1_000, 100_00)
    facts = len(script.all(BarClosed))
    script.ticks(103_00, after=3 * FIVE).says(FeedChanged)
    said = script.last(FeedChanged)
    assert (said.feed, said.symbol, said.missing, said.reason) == ("bars", BTC, 2, "gap")
    assert len(script.all(BarClosed)) == facts + 1
    script.ticks(103_00, after=FIVE).says()
    assert len(script.all(FeedChanged)) == 1


@pytest.mark.ticket("T-012")
def test_the_first_bar_of_an_instrument_follows_no_gap() -> None:
    script = Script(player("a", BTC, ETH)).ticks(100_00, BTC, after=100 * MINUTE).says()
    script.ticks(50_00, ETH, after=0).says()


@pytest.mark.ticket("T-015")
def test_a_bar_from_before_is_not_taken_and_time_does_not_go_back() -> None:
    script = Script(start=START + 720 * MINUTE).ticks(100_00).ticks(101_00)
    now, day = script.state.ts, script.state.day
    turns = (("a", (9_000,)),)
    old = (now - 60 * MINUTE, BTC, now - 61 * MINUTE, 1, 1, 1, 1, 1)
    seq = script.state.seq
    script.loop.take([Arrival(BarClosed, old, turns)])
    said = script.journal.events[seq:]
    assert [type(event) for event in said] == [FeedChanged]
    assert isinstance(said[0], FeedChanged)
    assert (said[0].reason, said[0].symbol, said[0].missing) == ("time_rollback", BTC, 0)
    assert (script.state.ts, script.state.day, script.state.markets[BTC].last) == (now, day, 101_00)


@pytest.mark.ticket("T-015")
def test_a_report_from_before_is_taken_at_the_engines_time_and_turns_no_day() -> None:
    script = Script(start=START + 720 * MINUTE).ticks(100_00).wants("a", 1_000)
    now = script.state.ts
    report = replace(filled(script.order, 1_000), ts=now - 24 * 60 * MINUTE)
    script.hears(report).says(OrderFilled)
    assert script.last(OrderFilled).ts == script.state.ts == now
    assert script.all(DayRolled) == []


# ---------------------------------------------------------------- safe mode


@pytest.mark.ticket("T-047")
def test_in_safe_mode_an_opening_decision_is_no_intent_and_only_the_last_one_counts_after_it() -> None:
    script = Script().ticks(100_00).hears(safe_mode())
    before = len(script.journal.records)
    for bar in range(10):
        script.ticks(100_00 + bar).wants("a", 1_000 + bar).says()
    assert all(isinstance(event, BarClosed) for event in script.journal.events[before:])
    script.hears(resume()).ticks(100_00).wants("a", 1_234).says(IntentCreated, OrderSubmitted)
    assert [order.qty for order in script.all(OrderSubmitted)] == [1_234]


@pytest.mark.ticket("T-047")
def test_entering_safe_mode_cancels_what_could_add_exposure_and_nothing_else() -> None:
    script = Script(player("a"), player("b")).ticks(100_00)
    trade(script, "buy", 3_000, 100_00, strategy_id="b")
    script.wants("a", 1_000).wants("b", 0)
    opening, closing = (order.order_id for order in script.all(OrderSubmitted)[-2:])
    script.hears(safe_mode()).says(ModeChanged, CancelRequested)
    assert script.last(CancelRequested).order_id == opening
    assert script.order_of(closing).state == "submitted"


def test_a_halt_cancels_nothing_by_itself() -> None:
    Script().ticks(100_00).wants("a", 1_000).hears(halt()).says(ModeChanged)


def test_a_lasting_refusal_is_said_a_hundred_times_then_once_a_day_until_something_changes() -> None:
    script = Script().ticks(100_00).hears(halt())
    for _ in range(150):
        script.wants("a", 1_000)
    assert len(script.all(IntentDenied)) == len(script.all(IntentCreated)) == 100
    script.ticks(100_00, after=24 * 60 * MINUTE).wants("a", 1_000).says(IntentCreated, IntentDenied)
    script.wants("a", 1_000).says()
    script.hears(resume()).hears(halt()).wants("a", 1_000).says(IntentCreated, IntentDenied)
