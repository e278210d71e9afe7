"""An engine that is killed at any moment and restarted at a venue that lives on: nothing is sent twice, nothing is lost."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from tests.kit.doubles import Kept, RecordingJournal
from tests.kit.market import MINUTE, START
from tests.kit.near_venue import Kept as Deeds
from tests.kit.near_venue import NearVenue, counterparty_of
from tests.kit.says import halt
from tests.runtime.test_resume import Operator, day

from veracity.domain.events import (
    Event,
    FillReported,
    ModeChanged,
    OrderExpired,
    OrderFilled,
    OrderSubmitted,
    decode_event,
)
from veracity.engine.commands import Given
from veracity.runtime.loop import Loop
from veracity.runtime.resume import Rebuilding
from veracity.runtime.sent_once import Journaled, SentOnce
from veracity.runtime.simulation import END_OF_DATA, Beside, Plan, go_on, play
from veracity.state.model import EngineState
from veracity.venues.practice.counterparty import Counterparty, decode_request
from veracity.venues.practice.wire import Place

PLAN = day(4)


class Killed(BaseException):
    """What SIGKILL would have done."""


class Knife:
    """Ends the process at its call number `at`, before it or behind it."""

    def __init__(self, at: int = 0, *, behind: bool = False) -> None:
        self.left, self.behind, self.calls = at, behind, 0

    def around(self, call: Callable[..., Any], *words: Any) -> Any:
        self.calls += 1
        self.left -= 1
        if self.left == 0 and not self.behind:
            raise Killed
        said = call(*words)
        if self.left == 0:
            raise Killed
        return said


class Journal(RecordingJournal):
    """Knows what of it is durable."""

    def __init__(self, records: Sequence[Kept], knife: Knife) -> None:
        super().__init__()
        self.records, self.durable, self.knife = list(records), len(records), knife

    def append(self, seq: int, payload: bytes) -> None:
        self.knife.around(super().append, seq, payload)

    def barrier(self) -> None:
        self.knife.around(self._sync)

    def _sync(self) -> None:
        self.durable = len(self.records)


class Cut(NearVenue):
    """Its answers may be the last that the process hears, or come too late for it."""

    def __init__(self, counterparty: Counterparty, knife: Knife) -> None:
        super().__init__(counterparty)
        self.knife = knife

    def _asked(self, request: Any) -> Any:
        return self.knife.around(super()._asked, request)


class Life(NamedTuple):
    """What a process left."""

    journal: Journal
    venue: NearVenue
    loop: Loop | None  # None: it was killed


def live(
    counterparty: Counterparty,
    records: Sequence[Kept],
    knife: Knife | None = None,
    plan: Plan = PLAN,
    outside: Operator | None = None,
) -> Life:
    knife = knife or Knife()
    journal, venue = Journal(records, knife), Cut(counterparty, knife)
    try:
        before, state = Journaled(), EngineState()
        rebuilding = Rebuilding(before.take)
        for _ in rebuilding.follow(state, records):
            pass
        at_cut = rebuilding.at_cut(state)
        rest = [decode_event(record.payload) for record in rebuilding.rest]
        once = SentOnce(plan.identity.run_id, venue, before, at_cut, rest)
        loop = go_on(plan, journal, rebuilding.resumed(at_cut, once), Beside(outside))
        loop.finish(END_OF_DATA)
    except Killed:
        return Life(journal, venue, None)
    return Life(journal, venue, loop)


@pytest.fixture(scope="module")
def whole() -> Life:
    return live(counterparty_of(PLAN, Deeds()), ())


def of_kind(records: Sequence[Kept], kind: type[Any]) -> list[Any]:
    events: Iterator[Event] = (decode_event(record.payload) for record in records)
    return [event for event in events if isinstance(event, kind)]


def sent(deeds: Deeds) -> list[str]:
    """Client order ids of everything that was ever sent to the venue."""
    return [one.order.order_id for one in map(decoded, deeds.all) if isinstance(one, Place)]


def decoded(deed: bytes) -> Any:
    return decode_request(deed)


def test_a_venue_of_its_own_leads_to_the_records_of_one_in_the_process(whole: Life) -> None:
    loop = play(PLAN, journal := RecordingJournal())
    loop.finish(END_OF_DATA)
    assert whole.journal.records == journal.records
    assert len(of_kind(journal.records, OrderFilled)) > 8


@pytest.mark.parametrize("kept", ["durable", "written"])
@pytest.mark.parametrize("behind", [False, True])
def test_killed_at_any_call_the_day_ends_as_it_would_have_or_with_an_order_that_never_left(
    whole: Life, behind: bool, kept: str
) -> None:
    """`kept`: of what was appended and not synced, a kill leaves nothing or all in the file."""
    calls = whole.journal.knife.calls
    assert calls > 140
    unsent = 0
    for at in range(1, calls + 1):
        deeds = Deeds()
        counterparty = counterparty_of(PLAN, deeds)
        first = live(counterparty, (), Knife(at, behind=behind))
        assert first.loop is None
        journaled = of_kind(first.journal.records[: first.journal.durable], OrderSubmitted)
        assert set(sent(deeds)) <= {one.order_id for one in journaled}, at
        records = first.journal.records
        if kept == "durable":
            records = records[: first.journal.durable]
        second = live(counterparty, records)
        assert second.loop is not None, at
        assert second.journal.records[: len(records)] == records
        never = [
            one for one in of_kind(second.journal.records, OrderExpired) if "expired_unsent" in one.detail
        ]
        submitted = [one.order_id for one in of_kind(second.journal.records, OrderSubmitted)]
        assert len(set(sent(deeds))) == len(sent(deeds)), at
        assert sorted([*sent(deeds), *(one.order_id for one in never)]) == sorted(submitted), at
        if not never:
            assert second.journal.records == whole.journal.records, at
        unsent += len(never)
        assert len({one.ts for one in never}) <= 1, at  # those of the one step that was in hand
    assert unsent > 0


@pytest.mark.ticket("T-397")
@pytest.mark.parametrize("behind", [False, True])
def test_an_order_is_sent_once_and_not_before_its_record_is_durable(whole: Life, behind: bool) -> None:
    """Killed at every eleventh call, and gone on with."""
    for at in range(5, whole.journal.knife.calls, 11):
        deeds = Deeds()
        counterparty = counterparty_of(PLAN, deeds)
        first = live(counterparty, (), Knife(at, behind=behind))
        records = first.journal.records[: first.journal.durable]
        assert set(sent(deeds)) <= {one.order_id for one in of_kind(records, OrderSubmitted)}, at
        second = live(counterparty, records)
        assert len(set(sent(deeds))) == len(sent(deeds)), at
        never = [one.order_id for one in of_kind(second.journal.records, OrderExpired)]
        assert sorted([*sent(deeds), *never]) == sorted(
            one.order_id for one in of_kind(second.journal.records, OrderSubmitted)
        ), at
        assert never or second.journal.records == whole.journal.records, at


@pytest.mark.ticket("T-397")
def test_a_halt_before_the_kill_holds_behind_it_and_nothing_is_opened() -> None:
    deeds = Deeds()
    counterparty = counterparty_of(PLAN, deeds)
    operator = Operator((START + MINUTE, Given("c-1", halt())))
    halted = live(counterparty, (), Knife(70), outside=operator)
    assert halted.loop is None
    assert [one.mode_to.value for one in of_kind(halted.journal.records, ModeChanged)][-1] == "halted"
    before = sent(deeds)
    again = live(counterparty, halted.journal.records)
    modes = [one.mode_to.value for one in of_kind(again.journal.records, ModeChanged)]
    assert modes == ["running", "halted", "stopped"]
    opened = [one.order_id for one in of_kind(again.journal.records, OrderSubmitted) if one.purpose == "open"]
    assert set(opened) <= set(before)
    never = [one.order_id for one in of_kind(again.journal.records, OrderExpired)]
    submitted = [one.order_id for one in of_kind(again.journal.records, OrderSubmitted)]
    assert sorted([*sent(deeds), *never]) == sorted(submitted)


def test_killed_again_and_again_it_comes_to_the_same(whole: Life) -> None:
    """Each process is killed a little later than the one before it."""
    for step in (3, 7, 11):
        deeds, at = Deeds(), step
        records: list[Kept] = []
        counterparty, life = counterparty_of(PLAN, deeds), None
        while life is None or life.loop is None:
            life = live(counterparty, records, Knife(at, behind=bool(at % 2)))
            records = life.journal.records[: life.journal.durable]
            at += step
        assert len(set(sent(deeds))) == len(sent(deeds))
        fills = {one.trade_id for one in of_kind(life.journal.records, OrderFilled)}
        told = {report.trade_id for report, _ in counterparty._told if isinstance(report, FillReported)}
        assert fills == told
