"""Orders, fills, cancels and halts that are folded again; journals as they may be found after a crash."""

import time
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.kit.doubles import Kept
from tests.kit.market import BTC, usd
from tests.kit.players import player
from tests.kit.says import acked, cancel_all, cancel_refused, cancelled, filled, halt, resume
from tests.kit.script import Script

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    Event,
    FeeCharged,
    FillDropped,
    HaltRequested,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderFilled,
    OrderSubmitted,
    decode_event,
    encode_event,
)
from veracity.domain.machines import Mode
from veracity.domain.orders import State
from veracity.engine.gate import view_of
from veracity.guards.view import RiskLimits
from veracity.journal import reader
from veracity.journal.reader import read
from veracity.journal.writer import JournalWriter
from veracity.runtime.replay import fold
from veracity.state.hash import state_hash
from veracity.state.model import EngineState, working_qty
from veracity.state.schema import SCHEMA_VERSION


def refolded(script: Script, count: int | None = None) -> EngineState:
    """The state that the first `count` records of a conversation fold to; all of them without one."""
    return fold(script.journal.records[:count], ())


def written(directory: Path, records: list[Kept]) -> Path:
    """The records in a journal on disk."""
    writer = JournalWriter.create(
        directory, "0123456789abcdef", code_version="0.1.0", schema_version=SCHEMA_VERSION
    )
    for record in records:
        writer.append(record.seq, record.payload)
    writer.close()
    return directory


# ---------------------------------------------------------------- the order of intents


def three_intents() -> Script:
    """Intents worth 700, 700 and 200 under a cap of 1,000: sent whole, sent at 300, denied."""
    script = Script(player("a", limits=RiskLimits(max_exposure=usd(1_000)))).ticks(100_00)
    script.wants("a", 7_000).says(IntentCreated, OrderSubmitted)
    script.hears(filled(script.order, 7_000, trade="1"))
    script.wants("a", 14_000).says(IntentCreated, OrderSubmitted)
    script.hears(filled(script.order, 3_000, trade="2"))
    return script.wants("a", 12_000).says(IntentCreated, IntentDenied)


def outcomes(events: list[Event]) -> list[OrderSubmitted | IntentDenied]:
    return [event for event in events if isinstance(event, OrderSubmitted | IntentDenied)]


@pytest.mark.ticket("T-104")
def test_intents_are_folded_in_their_order_with_the_same_outcomes_at_the_same_seqs(tmp_path: Path) -> None:
    script = three_intents()
    found: list[Event] = []
    state = fold(read(written(tmp_path / "wal", script.journal.records)), (), found.append)
    assert outcomes(found) == outcomes(script.journal.events)
    sent, clamped, denied = outcomes(found)
    assert isinstance(sent, OrderSubmitted)
    assert isinstance(clamped, OrderSubmitted)
    assert isinstance(denied, IntentDenied)
    assert [(sent.qty, sent.clamped_by), (clamped.qty, clamped.clamped_by), denied.rule] == [
        (7_000, None),
        (3_000, "max_exposure"),
        "max_exposure",
    ]
    view = view_of(state, state.accounts["a"], script.all(IntentCreated)[0], ())
    assert view.exposure == usd(1_000)
    assert state_hash(state) == script.hash


@pytest.mark.ticket("T-104")
def test_a_journal_in_which_two_intents_change_places_is_another_history(tmp_path: Path) -> None:
    script = three_intents()
    events = script.journal.events
    at = [number for number, event in enumerate(events) if isinstance(event, IntentCreated)]
    second, third = events[at[1] : at[2]], events[at[2] :]
    swapped = renumbered([*events[: at[1]], *third, *second])
    state = fold(read(written(tmp_path / "wal", swapped)), ())
    assert [type(event) for event in outcomes([decode_event(record.payload) for record in swapped])] == [
        OrderSubmitted,
        IntentDenied,
        OrderSubmitted,
    ]
    assert state.accounts["a"].positions == script.account().positions
    assert state_hash(state) != script.hash


def renumbered(events: list[Event]) -> list[Kept]:
    """Records with seqs from 1 on, and with the order ids that follow from them."""
    ids: dict[str, str] = {}
    records = []
    for seq, event in enumerate(events, start=1):
        moved = replace(event, seq=seq)
        if isinstance(moved, OrderSubmitted):
            ids[moved.order_id] = f"{moved.order_id.rpartition('-')[0]}-{seq}"
        if isinstance(moved, OrderSubmitted | OrderFilled):
            moved = replace(moved, order_id=ids[moved.order_id])
        records.append(Kept(seq, encode_event(moved)))
    return records


# ---------------------------------------------------------------- fills


def filled_three_times() -> Script:
    script = Script().ticks(100_00).wants("a", 2_000)
    fill = filled(script.order, 2_000, trade="77", fee=usd("0.10"))
    return script.hears(fill).hears(fill).hears(fill)


@pytest.mark.ticket("T-105")
def test_dropped_duplicates_fold_to_one_fill_and_one_fee(tmp_path: Path) -> None:
    script = filled_three_times()
    assert len(script.all(FillDropped)) == 2
    account = fold(read(written(tmp_path / "wal", script.journal.records)), ()).accounts["a"]
    assert (account.positions[BTC].qty, account.fees, account.fills) == (2_000, usd("0.10"), 1)


@pytest.mark.ticket("T-105")
def test_a_duplicate_that_comes_after_the_replay_is_dropped_too() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(filled(script.order, 2_000, trade="77"))
    again = replace(filled(script.order, 2_000, trade="77"), ts=script.now)
    step = script.engine.step(refolded(script), again)
    assert [type(event) for event in step.events] == [FillDropped]


@pytest.mark.ticket("T-105")
def test_a_copied_record_is_refused_and_not_deduped() -> None:
    script = filled_three_times()
    at = next(number for number, event in enumerate(script.journal.events) if isinstance(event, OrderFilled))
    record = script.journal.records[at]
    copied = [*script.journal.records[: at + 1], record, *script.journal.records[at + 1 :]]
    with pytest.raises(OperatorFault, match=f"seq {record.seq} does not fold") as refusal:
        fold(copied, ())
    assert refusal.value.exit_code is ExitCode.FINDING
    assert "JournalGap" in refusal.value.why


@pytest.mark.ticket("T-109")
def test_partial_fills_add_up_whichever_record_is_the_last() -> None:
    script = Script().ticks(100_00).wants("a", 1_000)
    order = script.order
    script.hears(acked(order))
    heads = []
    for number, (qty, price) in enumerate(((400, 100_00), (350, 100_01), (250, 99_99))):
        script.hears(filled(order, qty, price, trade=str(number)))
        heads.append(len(script.journal.records))
    seen = []
    for head in heads:
        state = refolded(script, head)
        one = state.orders.get(order) or state.closed[order]
        seen.append((one.filled, one.state, state.accounts["a"].positions[BTC].basis))
    assert seen == [
        (400, State.PARTIALLY_FILLED, usd("40.00")),
        (750, State.PARTIALLY_FILLED, usd("75.0035")),
        (1_000, State.FILLED, usd("100.001")),
    ]


# ---------------------------------------------------------------- cancels


def cancelled_after_a_part() -> Script:
    script = Script().ticks(100_00).wants("a", 3_000)
    return script.hears(acked(script.order)).hears(cancel_all()).hears(filled(script.order, 1_000))


@pytest.mark.ticket("T-107")
def test_a_cancel_after_a_partial_fill_keeps_the_part_and_releases_the_rest() -> None:
    script = cancelled_after_a_part()
    script.hears(cancelled(script.order))
    state = refolded(script)
    order = state.closed[script.order]
    assert (order.state, order.filled, order.leaves) == (State.CANCELLED, 1_000, 2_000)
    assert state.accounts["a"].positions[BTC].qty == 1_000
    assert working_qty(state, state.accounts["a"], BTC) == 0


@pytest.mark.ticket("T-107")
def test_a_refused_cancel_after_a_partial_fill_leaves_the_rest_as_exposure() -> None:
    script = cancelled_after_a_part()
    script.hears(cancel_refused(script.order))
    state = refolded(script)
    assert state.orders[script.order].state is State.PARTIALLY_FILLED
    assert working_qty(state, state.accounts["a"], BTC) == 2_000


# ---------------------------------------------------------------- halts


def halted_at_200() -> Script:
    """The mode changes at seq 200, because of a kill file."""
    script = Script()
    while script.state.seq < 199:
        script.ticks(100_00)
    return script.hears(HaltRequested(script.now, "kill_file", "/run/veracity/kill"))


@pytest.mark.ticket("T-110")
def test_a_journaled_halt_outlives_the_restart_and_its_kill_file() -> None:
    script = halted_at_200()
    assert script.last(ModeChanged).seq == 200
    while script.state.seq < 240:
        script.ticks(100_00)
    assert not Path("/run/veracity/kill").exists()
    state = refolded(script)
    assert (state.mode, state.mode_reason) == (Mode.HALTED, "kill_file: /run/veracity/kill")
    step = script.engine.turn(state, "a", (1_000,))
    assert [type(event) for event in step.events] == [IntentCreated, IntentDenied]


@pytest.mark.ticket("T-110")
def test_a_journaled_resume_lets_the_restarted_engine_run() -> None:
    script = halted_at_200()
    while script.state.seq < 259:
        script.ticks(100_00)
    script.hears(resume("kill file removed, book checked"))
    assert script.last(ModeChanged).seq == 260
    state = refolded(script)
    assert state.mode is Mode.RUNNING
    assert [type(event) for event in script.engine.turn(state, "a", (1_000,)).events] == [
        IntentCreated,
        OrderSubmitted,
    ]


# ---------------------------------------------------------------- how it is read does not matter


def a_day() -> Script:
    """1,440 bars with a trade every hour."""
    script = Script()
    for minute in range(1_440):
        script.ticks(100_00 + minute % 50)
        if minute % 60 == 59:
            target = 1_000 if script.position().qty == 0 else 0
            script.wants("a", target)
            order = decode_event(script.journal.records[-1].payload)
            assert isinstance(order, OrderSubmitted)
            script.hears(filled(order.order_id, 1_000, side=order.side, trade=str(minute), fee=1))
    return script


@pytest.mark.ticket("T-123")
def test_how_fast_and_in_what_pieces_a_journal_is_read_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = a_day()
    wal = written(tmp_path / "wal", script.journal.records)

    def no_waiting(seconds: float) -> None:
        raise AssertionError(f"the replay waits {seconds} s")

    monkeypatch.setattr("time.sleep", no_waiting)
    begin = time.process_time()
    hashes = {state_hash(fold(read(wal), ()))}
    assert time.process_time() - begin < 5  # of a whole day
    for name in ("time", "monotonic", "time_ns", "monotonic_ns"):
        clock = getattr(time, name)
        monkeypatch.setattr(time, name, lambda clock=clock: 5 * clock())
    hashes.add(state_hash(fold(read(wal), ())))
    for window in (4_096, 997):
        monkeypatch.setattr(reader, "WINDOW_BYTES", window)
        hashes.add(state_hash(fold(read(wal), ())))
    assert hashes == {script.hash}
    assert len(script.all(FeeCharged)) == 24


@pytest.mark.ticket("T-123")
def test_a_journal_that_is_read_byte_by_byte_or_record_by_record_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(acked(script.order)).hears(filled(script.order, 2_000, fee=7)).hears(halt())
    wal = written(tmp_path / "wal", script.journal.records)
    hashes = set()
    for window in (1, 7):
        monkeypatch.setattr(reader, "WINDOW_BYTES", window)
        hashes.add(state_hash(fold(read(wal), ())))
    paused = []
    hashes.add(state_hash(fold((paused.append(None) or record for record in read(wal)), ())))
    assert hashes == {script.hash}
    assert len(paused) == len(script.journal.records)
