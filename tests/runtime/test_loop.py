import dataclasses
import errno
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace
from tests.app.cli_kit import veracity
from tests.app.small_run import CONFIG, write_config
from tests.kit.backtest import run_small_backtest
from tests.kit.doubles import RecordingJournal, RecordingVenue
from tests.kit.market import BTC, ETH, MINUTE, START, bars_of, dataset_of
from tests.kit.players import player
from tests.kit.says import acked, filled, refused
from tests.kit.script import Script

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    BarClosed,
    Event,
    FeedChanged,
    IntentCreated,
    OrderFilled,
    OrderRejected,
    OrderSubmitted,
    RunFinished,
    RunStarted,
    decode_event,
)
from veracity.engine.effects import Effect, SubmitOrder
from veracity.runtime import loop
from veracity.runtime.feed import Arrival, Feed
from veracity.state import apply as apply_module
from veracity.state.apply import apply
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

# ---------------------------------------------------------------- journal before state


def watched(monkeypatch: pytest.MonkeyPatch, **journal: Any) -> tuple[Script, list[tuple[str, object]]]:
    """A conversation in which appends, applies and effects are written into one list of calls."""
    calls: list[tuple[str, object]] = []

    def recorded(state: EngineState, event: Event) -> None:
        calls.append(("apply", event.seq))
        apply(state, event)

    monkeypatch.setattr(loop, "apply", recorded)
    kept = RecordingJournal(calls, **journal)
    return Script(player("a"), journal=kept, venue=RecordingVenue(calls)), calls


def scripted_day(script: Script) -> None:
    """Bars, orders and fills until the journal has at least 50 events."""
    target = 0
    while script.state.seq < 50:
        target = 1_000 - target
        script.ticks(100_00).wants("a", target)
        order = script.last(OrderSubmitted)
        script.hears(acked(order.order_id))
        script.hears(filled(order.order_id, order.qty, trade=str(order.seq), side=order.side, fee=1))


@pytest.mark.ticket("T-002")
def test_every_event_is_journaled_before_it_is_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    script, calls = watched(monkeypatch)
    scripted_day(script)
    done = [call for call in calls if call[0] in ("append", "apply")]
    assert script.state.seq >= 50
    assert done == [(what, seq) for seq in range(1, script.state.seq + 1) for what in ("append", "apply")]


@pytest.mark.ticket("T-002")
def test_an_effect_waits_for_the_sync_of_the_events_that_explain_it(monkeypatch: pytest.MonkeyPatch) -> None:
    script, calls = watched(monkeypatch)
    script.ticks(100_00).wants("a", 1_000)
    order = script.last(OrderSubmitted)
    assert calls[-3:] == [("apply", order.seq), ("barrier", order.seq), ("perform", SubmitOrder(order))]


@pytest.mark.ticket("T-002")
def test_an_append_that_fails_leaves_the_state_as_it_was_and_nothing_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    whole, _ = watched(monkeypatch)
    scripted_day(whole)
    events = [decode_event(record.payload) for record in whole.journal.records]
    order = next(event for event in events if isinstance(event, OrderSubmitted) and event.seq >= 20)
    broken, calls = watched(monkeypatch, fails_at=order.seq, error=OSError(errno.EIO, "Input/output error"))
    with pytest.raises(OSError, match="Input/output error"):
        scripted_day(broken)
    assert broken.state.seq == order.seq - 1
    before = EngineState()
    for event in events[: order.seq - 1]:
        apply(before, event)
    assert broken.hash == state_hash(before)
    assert calls[-1] == ("append", order.seq)
    assert SubmitOrder(order) not in broken.venue.effects


@pytest.mark.ticket("T-002")
def test_an_eio_at_seq_20_stops_everything_at_seq_19(monkeypatch: pytest.MonkeyPatch) -> None:
    script, calls = watched(monkeypatch, fails_at=20, error=OSError(errno.EIO, "Input/output error"))
    with pytest.raises(OSError, match="Input/output error"):
        scripted_day(script)
    sent = len(script.venue.effects)
    assert script.state.seq == 19 == len(script.journal.records)
    again = EngineState()
    for record in script.journal.records:
        apply(again, decode_event(record.payload))
    assert script.hash == state_hash(again)
    assert calls[-1] == ("append", 20)
    assert sent == sum(
        isinstance(decode_event(record.payload), OrderSubmitted) for record in script.journal.records
    )


def test_a_sync_that_fails_sends_nothing() -> None:
    class Unsynced(RecordingJournal):
        def barrier(self) -> None:
            raise OSError(errno.EIO, "Input/output error")

    script = Script(player("a"), journal=Unsynced()).ticks(100_00)
    with pytest.raises(OSError, match="Input/output error"):
        script.wants("a", 1_000)
    assert script.venue.effects == []


# ---------------------------------------------------------------- seq


@pytest.mark.ticket("T-004")
def test_inputs_and_events_of_a_run_are_numbered_without_a_gap_or_a_repeat(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    applied: list[int] = []

    def recorded(state: EngineState, event: Event) -> None:
        assert event.seq == state.seq + 1
        apply(state, event)
        applied.append(event.seq)

    def skipped(state: EngineState, count: int) -> None:
        first = state.seq + 1
        apply_module.skip_bars(state, count)
        applied.extend(range(first, state.seq + 1))

    monkeypatch.setattr(loop, "apply", recorded)
    monkeypatch.setattr(loop, "skip_bars", skipped)
    closes = [100_00 + 50 * (bar % 7) for bar in range(500)]
    players = [player("a", BTC, params=(1_000, 1_000, 0) * 30), player("b", ETH, params=(0, -500) * 20)]
    run = run_small_backtest({BTC: bars_of(closes), ETH: bars_of(closes)}, players)
    assert applied == list(range(1, run.state.seq + 1))
    facts = len(closes) * 2
    assert run.state.seq == facts + len(run.records)
    assert len(run.records) > 300


# ---------------------------------------------------------------- one turn a bar


class Turns:
    """Counts the turns of each strategy, by the row that it was shown: the open of the bar."""

    def __init__(self) -> None:
        self.seen: dict[str, list[int]] = {}

    def strategy(self, strategy_id: str, *, wants: int = 0) -> Any:
        """A player on a symbol that remembers each of its turns."""
        symbol = {"1": BTC, "2": ETH}[strategy_id[-1]]
        seen = self.seen[strategy_id] = []

        def features(window: Any, params: object) -> Any:
            return (window.legs[0].ts,)

        def decide(params: object, row: tuple[int, ...], position: int, memo: tuple[int, ...]) -> Any:
            seen.append(row[0])
            return (wants if len(seen) % 5 else 0), 0, memo

        one = player(strategy_id, symbol)
        strategy = dataclasses.replace(one.bound.strategy, features=features, decide=decide)
        return one._replace(bound=one.bound._replace(strategy=strategy))


@pytest.mark.ticket("T-026")
def test_each_strategy_has_one_turn_a_bar_whatever_its_orders_do_in_between() -> None:
    turns = Turns()
    players = [turns.strategy(name, wants=1_000) for name in ("a1", "a2", "b1", "b2")]
    closes = [100_00 + bar for bar in range(100)]
    run = run_small_backtest({BTC: bars_of(closes), ETH: bars_of(closes)}, players)
    assert sum(len(seen) for seen in turns.seen.values()) == 400
    every_bar = [START + MINUTE * bar for bar in range(100)]
    assert turns.seen == dict.fromkeys(("a1", "a2", "b1", "b2"), every_bar)
    assert len(run.all(OrderFilled)) > 100


@pytest.mark.ticket("T-026")
@pytest.mark.parametrize("journal_facts", [True, False])
def test_a_bar_that_is_delivered_again_is_refused_before_any_turn_and_before_the_journal(
    journal_facts: bool,
) -> None:
    turns = Turns()
    one = turns.strategy("a1")
    script = Script(one).ticks(100_00)
    script.loop._journal_facts = journal_facts
    values = (START + MINUTE, BTC, START, 1, 1, 1, 1, 0)
    before = len(script.journal.records)
    script.loop.take([Arrival(BarClosed, values, (("a1", (START,)),))])
    assert turns.seen["a1"] == []
    (said,) = script.journal.events[before:]
    assert isinstance(said, FeedChanged)
    assert (said.symbol, said.reason, said.missing) == (BTC, "time_rollback", 0)
    assert script.state.markets[BTC].last == 100_00


@pytest.mark.ticket("T-026")
@pytest.mark.parametrize("order", [[0, 1, 1, 2], [0, 2, 1, 3]])
def test_a_dataset_whose_bars_repeat_or_go_back_is_no_feed(order: list[int]) -> None:
    bars = bars_of([100_00] * 4)
    turned = bars._replace(ts=bars.ts[np.asarray(order)])
    with pytest.raises(EngineFault, match=f"the bars of {BTC} do not follow each other"):
        Feed(dataset_of({BTC: turned}))


# ---------------------------------------------------------------- nothing to do


@pytest.mark.ticket("T-050")
def test_a_run_without_strategies_counts_its_bars_and_changes_no_money() -> None:
    run = run_small_backtest({BTC: bars_of([100_00 + bar for bar in range(100)])}, [])
    assert (len(run.all(RunStarted)), len(run.all(RunFinished)), len(run.all(IntentCreated))) == (1, 1, 0)
    assert run.state.accounts == {}
    assert run.state.seq == 100 + len(run.records)
    assert run.state.markets[BTC].last == 100_99


@pytest.mark.ticket("T-050")
def test_the_command_runs_a_config_without_strategies(tmp_path: Path) -> None:
    head, _, tail = CONFIG.partition("[[strategies]]")
    config = write_config(tmp_path, head + "[report]" + tail.partition("[report]")[2])
    said = veracity("backtest", "-c", config, "--run-dir", tmp_path / "runs", "--json")
    assert said.code == 0, said.err
    summary = said.document["summary"]
    assert (summary["finished"], summary["period"]["bars"], summary["strategies"], summary["total"]) == (
        True,
        240,
        [],
        None,
    )
    log = Path(said.document["run_dir"], "events.jsonl").read_text(encoding="utf-8")
    kinds = Counter(json.loads(line)["kind"] for line in log.splitlines())
    assert (kinds["run_started"], kinds["run_finished"], kinds["intent_created"]) == (1, 1, 0)


# ---------------------------------------------------------------- reports and the end


def test_reports_that_are_due_come_before_the_bar_that_makes_them_due() -> None:
    venue = RecordingVenue()
    script = Script(player("a"), venue=venue).ticks(100_00).wants("a", 1_000)
    report = filled(script.order, 1_000)
    venue.reports = [replace(report, ts=script.now + MINUTE)]
    script.ticks(100_00)
    assert [type(event) for event in script.journal.events[-2:]] == [OrderFilled, BarClosed]


def test_a_run_that_cannot_end_says_which_orders_keep_it() -> None:
    script = Script(player("a")).ticks(100_00).wants("a", 1_000)
    with pytest.raises(EngineFault, match=f"the run cannot end: open orders \\['{script.order}'\\]"):
        script.loop.finish("end_of_data")


def test_a_venue_that_refuses_every_close_does_not_keep_a_run_for_ever() -> None:
    class Refusing(RecordingVenue):
        def perform(self, effect: Effect, now: int) -> None:
            super().perform(effect, now)
            if isinstance(effect, SubmitOrder) and effect.order.purpose == "close":
                self.reports.append(replace(refused(effect.order.order_id), ts=now))

    script = Script(player("a"), venue=Refusing()).ticks(100_00).wants("a", 1_000)
    script.hears(filled(script.order, 1_000))
    with pytest.raises(EngineFault, match="the run cannot end: after 16 rounds of cancelling and closing"):
        script.loop.finish("end_of_data")
    assert len(script.all(OrderRejected)) == 16
    assert script.position().qty == 1_000


def test_the_end_of_a_run_is_durable() -> None:
    script = Script(player("a")).ticks(100_00)
    script.loop.finish("end_of_data")
    assert script.journal.calls[-1] == ("barrier", len(script.journal.records))
