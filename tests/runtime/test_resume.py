"""A paper run that is killed anywhere goes on from its journal as if nothing had been."""

from collections.abc import Sequence

import msgspec
import pytest
from tests.kit.backtest import plan_for
from tests.kit.doubles import Kept, RecordingJournal
from tests.kit.market import BTC, MINUTE, PERP, START, bars_of, funding_of
from tests.kit.players import puppet
from tests.kit.says import adopt, cancel_all, close_all, close_only, halt, kill_file, resume, stop

from veracity.domain.errors import OperatorFault
from veracity.domain.events import (
    Command,
    CommandReceived,
    Event,
    KillFileSeen,
    ModeChanged,
    OrderFilled,
    OrderSubmitted,
    RunFinished,
    decode_event,
)
from veracity.domain.machines import Mode
from veracity.engine.commands import Given
from veracity.engine.draft import Step
from veracity.runtime.loop import Loop, Said
from veracity.runtime.replay import fold
from veracity.runtime.simulation import END_OF_DATA, Beside, Plan, play, simulate
from veracity.simulator.costs import CostModel
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

BP = 100_000
COSTS = CostModel(
    fee_taker=5 * BP,
    half_spread=BP,
    participation_max=10**9 // 50,
    latency_submit_ns=300_000_000,
    latency_cancel_ns=200_000_000,
    latency_jitter_ns=400_000_000,
)


def day(bars: int) -> Plan:
    """Two strategies that trade in parts, change their minds while orders work, pay funding and end with a position."""
    closes = [100_00 + 37 * (bar % 7) - 11 * (bar % 5) for bar in range(bars)]
    market = {BTC: bars_of(closes, volume=60_000), PERP: bars_of([c + 12 for c in closes], volume=90_000)}
    stamps = [(START + bar * MINUTE, 100_000 - 60_000 * (bar % 3), 100_20) for bar in range(2, bars, 4)]
    cast = [
        puppet("a", (2_000, 2_000, -1_000, 3_000, 0, 0, 1_500) * 3, BTC),
        puppet("b", (1_000, 4_000, 4_000, -2_000) * 6, PERP, BTC),
    ]
    return plan_for(market, cast, costs=COSTS, funding={PERP: funding_of(stamps)})


class Operator:
    """An operator who says a thing when the engine's time has come to it, once."""

    def __init__(self, *plan: tuple[int, Said]) -> None:
        self.plan = list(plan)
        self.answers: list[tuple[str, list[str]]] = []

    def inputs(self, state: EngineState) -> Sequence[Said]:
        due = [one for at, one in self.plan if at <= state.ts]
        self.plan = [(at, one) for at, one in self.plan if at > state.ts]
        return due

    def heard(self, said: Said, step: Step) -> None:
        name = said.command_id if isinstance(said, Given) else "kill file"
        self.answers.append((name, [type(event).__name__ for event in step.events]))

    def is_over(self) -> bool:
        return False


def played(
    plan: Plan, records: Sequence[Kept] = (), outside: Operator | None = None
) -> tuple[RecordingJournal, Loop]:
    journal = RecordingJournal()
    journal.records = list(records)
    loop = play(plan, journal, records, Beside(outside, checkpoint_every=20))
    loop.finish(END_OF_DATA)
    return journal, loop


@pytest.mark.ticket("T-011")
def test_from_every_prefix_of_its_journal_the_day_ends_in_the_same_records_and_the_same_hash() -> None:
    plan = day(4)
    whole, loop = played(plan)
    assert len(whole.records) > 80
    assert len([event for event in whole.events if isinstance(event, OrderFilled)]) > 8
    for kept in range(len(whole.records) + 1):
        again, ended = played(plan, whole.records[:kept])
        assert again.records == whole.records, kept
        assert state_hash(ended.state) == state_hash(loop.state)


def test_a_restart_gives_no_order_a_second_record_and_none_a_second_effect() -> None:
    plan = day(4)
    whole, _ = played(plan)
    ids = [event.order_id for event in whole.events if isinstance(event, OrderSubmitted)]
    for kept in range(20, len(whole.records), 7):
        again, ended = played(plan, whole.records[:kept])
        sent = [event.order_id for event in again.events if isinstance(event, OrderSubmitted)]
        assert sent == ids
        assert len(set(sent)) == len(sent)
        assert (
            ended.state.quarantined == []
        )  # a second order at the venue would trade under an id that is done


def test_the_facts_and_events_of_a_paper_run_are_those_of_the_backtest_plus_the_facts() -> None:
    plan = day(16)
    journal = RecordingJournal()
    state = simulate(plan, journal)
    loop = play(plan, paper := RecordingJournal())
    loop.finish(END_OF_DATA)
    facts = (b'{"kind":"bar_closed"', b'{"kind":"funding_rate_published"')
    assert [one for one in paper.records if not one.payload.startswith(facts)] == journal.records
    assert state_hash(loop.state) == state_hash(state)
    assert state_hash(fold(paper.records, ())) == state_hash(state)


@pytest.mark.ticket("T-007")
@pytest.mark.parametrize("cause", [Given("c-1", halt()), kill_file()])
def test_a_halt_is_still_there_when_the_process_comes_back(cause: Said) -> None:
    plan = day(6)
    whole, _ = played(plan, outside=Operator((START + 3 * MINUTE, cause)))
    reason = "kill_file" if isinstance(cause, KillFileSeen) else "operator"
    (halted,) = [event for event in whole.events if isinstance(event, ModeChanged) and event.reason == reason]
    for kept in range(halted.seq, len(whole.records)):
        again, ended = played(plan, whole.records[:kept])  # nobody says it again
        assert [event for event in again.events if isinstance(event, ModeChanged)][1] == halted
        opened = [
            e for e in again.events[halted.seq :] if isinstance(e, OrderSubmitted) and e.purpose == "open"
        ]
        assert opened == []
        assert ended.state.mode is Mode.STOPPED


def test_a_journal_of_other_decisions_is_not_gone_on_with() -> None:
    whole, _ = played(day(4))
    other = day(4)
    other = other._replace(bound=[one._replace(params=(7_000,)) for one in other.bound])
    facts = [at for at, event in enumerate(whole.events) if type(event).__name__ == "BarClosed"]
    with pytest.raises(OperatorFault, match="cannot go on from the journal at seq") as caught:
        play(other, RecordingJournal(), whole.records[: facts[1] + 3])
    assert caught.value.exit_code == 5


@pytest.mark.ticket("T-011")
def test_a_day_with_an_operator_goes_on_from_every_prefix_without_a_command_lost_or_obeyed_twice() -> None:
    plan = day(9)
    said = [
        given("c-1", cancel_all(), 2),
        given("c-2", halt(), 2),
        given("c-3", resume(), 4),
        given("c-4", resume("again"), 4),
        given("c-5", close_only(), 5),
        given("c-6", close_all(), 6),
        given("c-7", adopt(BTC, "no-such-trade"), 7),
        given("c-8", stop(), 8),
    ]
    operator = Operator(*said)
    whole, loop = played(plan, outside=operator)
    refused = [name for name, kinds in operator.answers if "CommandRefused" in kinds]
    assert refused == ["c-4", "c-7"]
    assert [name for name, _ in operator.answers] == [one.command_id for _, one in said]
    assert loop.state.mode is Mode.STOPPED
    assert [event.reason for event in whole.events if isinstance(event, RunFinished)] == ["operator"]
    for kept in range(len(whole.records) + 1):
        heard = {event.command_id for event in events_of(whole, kept) if isinstance(event, CommandReceived)}
        left = Operator(*[(at, one) for at, one in said if one.command_id not in heard])
        again, _ = played(plan, whole.records[:kept], left)
        assert again.records == whole.records, kept


def given(name: str, command: Command, bar: int) -> tuple[int, Given]:
    """A command that reaches the engine when `bar` bars are known."""
    at = START + bar * MINUTE
    return at, Given(name, msgspec.structs.replace(command, ts=at))


def events_of(journal: RecordingJournal, kept: int) -> list[Event]:
    return [decode_event(record.payload) for record in journal.records[:kept]]
