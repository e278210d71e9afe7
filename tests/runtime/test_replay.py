"""From the journal back to the state, without asking a strategy, a guard or a venue anything."""

import dataclasses
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from tests.kit.backtest import SmallRun, opening_of, run_small_backtest, small_loop, small_venue
from tests.kit.doubles import Kept, RecordingJournal
from tests.kit.market import BTC, bars_of, dataset_of
from tests.kit.players import DIARIST, Player, player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.runtime import same_run

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import (
    CheckpointMarked,
    CommandReceived,
    Event,
    MemoUpdated,
    OrderSubmitted,
    encode_event,
)
from veracity.engine import core
from veracity.engine.draft import Draft
from veracity.engine.exits import mark_checkpoint
from veracity.runtime import loop
from veracity.runtime.feed import Feed
from veracity.runtime.replay import AHEAD, fold, follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.state.snapshot import account_hash, restore, take
from veracity.strategies import mean_reversion, momentum
from veracity.strategies.interface import Decision, Memo, Row


def refolded(script: Script, count: int | None = None) -> EngineState:
    """The state that the first `count` records of a conversation fold to; all of them without one."""
    return fold(script.journal.records[:count], ())


def rewritten(events: list[Event]) -> list[Kept]:
    """Records of `events`."""
    return [Kept(event.seq, encode_event(event)) for event in events]


# ---------------------------------------------------------------- a whole run


@pytest.mark.ticket("T-003")
def test_a_run_and_the_fold_of_its_journal_end_in_the_same_state(monkeypatch: pytest.MonkeyPatch) -> None:
    done = same_run.run()
    for name in ("turn", "holds", "act", "step"):
        monkeypatch.delattr(core.Engine, name)  # a fold that asks the engine anything fails
    again = done.folded()
    assert state_hash(again) == state_hash(done.state)
    assert again == done.state
    assert len(done.all(CheckpointMarked)) == 1


@pytest.mark.ticket("T-003")
def test_what_later_decisions_read_comes_from_events_alone() -> None:
    script = Script(player("a", strategy=DIARIST)).ticks(100_00).wants("a", 2_000)
    script.hears(acked(script.order)).hears(filled(script.order, 2_000)).ticks(90_00).wants("a", 0)
    script.hears(filled(script.order, 2_000, 90_00, side="sell", trade="2"))
    account = refolded(script).accounts["a"]
    assert (account.day.entries, account.loss_ts, account.memo) == (1, script.now, (2,))


@pytest.mark.ticket("T-003")
def test_a_checkpoint_that_does_not_match_is_refused_with_its_seq() -> None:
    done = run_small_backtest({BTC: bars_of([100_00] * 5)}, [puppet("a", (1_000, 0))])
    marked = done.all(CheckpointMarked)[0]
    wrong = replace(marked, state_hash="0" * 64)
    with pytest.raises(OperatorFault, match=f"journal record with seq {marked.seq} does not fold") as refusal:
        done.folded([*done.records[:-1], *rewritten([wrong])])
    assert refusal.value.exit_code is ExitCode.FINDING
    assert "0" * 64 in refusal.value.why


# ---------------------------------------------------------------- gaps are facts


def small() -> SmallRun:
    return run_small_backtest(
        {BTC: bars_of([100_00 + bar for bar in range(20)])}, [puppet("a", (1_000, 0) * 10)]
    )


@pytest.mark.parametrize(("bars", "why"), [(19, "has fewer facts"), (21, "has more facts")])
def test_a_dataset_with_a_row_more_or_less_does_not_belong_to_the_journal(bars: int, why: str) -> None:
    facts = Feed(dataset_of({BTC: bars_of([100_00 + bar for bar in range(bars)])}))
    with pytest.raises(OperatorFault, match="does not belong to this journal") as refusal:
        fold(small().records, facts)
    assert refusal.value.exit_code is ExitCode.DATA
    assert refusal.value.why.startswith(f"it {why}")


def test_a_record_that_is_no_event_is_refused_with_its_seq() -> None:
    done = small()
    seq = done.records[7].seq
    damaged = [
        *done.records[:7],
        Kept(seq, done.records[7].payload.replace(b'"ts":', b'"tz":')),
        *done.records[8:],
    ]
    with pytest.raises(OperatorFault, match=f"seq {seq} does not fold"):
        done.folded(damaged)


def test_a_record_whose_event_has_another_seq_is_refused() -> None:
    done = small()
    damaged = [*done.records[:7], Kept(done.records[7].seq + 1, done.records[7].payload)]
    with pytest.raises(OperatorFault, match="its event says seq"):
        done.folded(damaged)


def test_a_record_of_a_strategy_that_was_never_started_is_refused_with_its_seq() -> None:
    done = small()
    seq = done.records[6].seq
    stranger = MemoUpdated(seq, 1, "nobody", (1,))
    with pytest.raises(OperatorFault, match=f"seq {seq} does not fold"):
        done.folded([*done.records[:6], *rewritten([stranger])])


def test_all_records_before_a_bad_one_are_told_first() -> None:
    script = Script(player("a"))
    for price in range(100_00, 100_09):
        script.ticks(price)
    records = script.journal.records
    told: list[Event] = []
    with pytest.raises(OperatorFault, match=f"seq {records[7].seq} does not fold"):
        told.extend(follow(EngineState(), [*records[:7], Kept(records[7].seq, b"{}"), *records[8:]]))
    assert [event.seq for event in told] == [record.seq for record in records[:7]]


@pytest.mark.parametrize("count", [0, 1, AHEAD - 1, AHEAD, AHEAD + 1])
def test_what_the_source_of_the_records_raises_comes_behind_those_that_it_gave(count: int) -> None:
    def source() -> Iterator[Kept]:
        yield from rewritten(
            [
                CommandReceived(seq, 1, f"c-{seq}", "halt", None, None, None, "asked", "by me", "")
                for seq in range(1, count + 1)
            ]
        )
        raise OperatorFault("the source is damaged")

    told: list[Event] = []
    with pytest.raises(OperatorFault, match="the source is damaged"):
        told.extend(follow(EngineState(), source()))
    assert [event.seq for event in told] == list(range(1, count + 1))


# ---------------------------------------------------------------- per strategy


def three_diaries() -> tuple[Script, dict[int, str]]:
    """A, B and C on one symbol, each with a memo and trades of its own; B's account hash at each checkpoint."""
    script = Script(*(player(name, strategy=DIARIST) for name in "abc"))
    marks: dict[int, str] = {}
    for turn in range(12):
        script.ticks(100_00 + 100 * turn)
        for number, name in enumerate("abc"):
            before = script.state.seq
            script.wants(name, 1_000 * ((turn + number) % 3 - 1))
            for order in [event for event in script.all(OrderSubmitted) if event.seq > before]:
                script.hears(
                    filled(order.order_id, order.qty, 100_00, side=order.side, trade=str(order.seq), fee=7)
                )
        draft = Draft(script.state, script.now)
        marks[draft.seq] = account_hash(script.account("b"))
        mark_checkpoint(draft)
        script.loop.commit(draft.step())
    return script, marks


@pytest.mark.ticket("T-042")
def test_each_strategys_account_folds_to_what_it_was_at_every_checkpoint() -> None:
    script, marks = three_diaries()
    state = EngineState()
    found = {
        event.seq: account_hash(state.accounts["b"])
        for event in follow(state, script.journal.records)
        if isinstance(event, CheckpointMarked)
    }
    assert found == marks
    assert len(set(marks.values())) == 12


@pytest.mark.ticket("T-042")
def test_what_the_others_remember_does_not_reach_a_strategys_account() -> None:
    script, marks = three_diaries()
    others = [
        replace(event, memo=(999,)) if isinstance(event, MemoUpdated) and event.strategy_id != "b" else event
        for event in script.journal.events
        if not isinstance(event, CheckpointMarked)
    ]
    state = EngineState()
    for seq, event in enumerate(others, start=1):
        loop.apply(state, replace(event, seq=seq))
    assert account_hash(state.accounts["b"]) == list(marks.values())[-1]
    assert state.accounts["a"].memo == state.accounts["c"].memo == (999,)


# ---------------------------------------------------------------- restored and carried on

SWING = [100_00 + 300 * (bar % 12 if bar % 24 < 12 else 12 - bar % 12) + 40 * (bar % 5) for bar in range(100)]


def two_strategies() -> list[Player]:
    """Momentum and mean reversion in one symbol; the second one counts its turns."""
    return [
        player("momentum", strategy=momentum.STRATEGY, params=momentum.Params(2, 5, 1_000)),
        player("mean_rev", strategy=COUNTED, params=mean_reversion.Params(6, 900, 200, 1_500)),
    ]


def _counted(params: mean_reversion.Params, row: Row, position: int, memo: Memo) -> Decision:
    target, reason, _ = mean_reversion.decide(params, row, position, ())
    return target, reason, ((memo[0] if memo else 0) + 1,)


COUNTED = dataclasses.replace(mean_reversion.STRATEGY, decide=_counted)


def test_strategies_that_are_restored_at_bar_60_decide_on_as_if_never_stopped(tmp_path: Path) -> None:
    dataset = dataset_of({BTC: bars_of(SWING)})
    whole = run_small_backtest(dataset, two_strategies())
    assert Counter(event.strategy_id for event in whole.all(OrderSubmitted)) == {
        "momentum": 10,
        "mean_rev": 8,
    }

    venue, journal, file = small_venue(dataset), RecordingJournal(), tmp_path / "snapshot.json"
    arrivals = list(Feed(dataset, [one.bound for one in two_strategies()]))
    stopped = small_loop(two_strategies(), journal, venue)
    stopped.commit(opening_of(dataset, two_strategies()))
    stopped.take(arrivals[:60])
    file.write_bytes(take(stopped.state))
    restored = small_loop(two_strategies(), journal, venue, restore(file.read_bytes()))
    restored.take(arrivals[60:])
    restored.finish("end_of_data")

    assert sorted(json.loads(file.read_bytes())["strategies"]) == ["mean_rev", "momentum"]
    assert restored.state == whole.state
    assert restored.state.accounts["mean_rev"].memo == (95,)
    assert journal.records == whole.records  # intent ids, memos, fills: every byte
