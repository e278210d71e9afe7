"""Before the first order after a restart the venue is asked what became of those that were open."""

from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from tests.kit.doubles import RecordingVenue
from tests.kit.market import BTC
from tests.kit.says import acked, filled
from tests.kit.script import Script

from veracity.domain.errors import ExitCode, OperatorFault, VenueFault
from veracity.domain.events import OrderAccepted, OrderExpired, OrderFilled, OrderOutcomeUnknown, VenueReport
from veracity.domain.ids import event_id
from veracity.domain.machines import RecoveryOn, RecoveryStep
from veracity.runtime.recovery import Start
from veracity.runtime.replay import fold
from veracity.runtime.settle import settle
from veracity.state.model import working_qty

SECOND = 10**9


class Answers:
    """A venue's order query: what it says by order id, and when."""

    def __init__(
        self, script: Script, *answers: Sequence[VenueReport] | VenueFault | None, after: int = 0
    ) -> None:
        self.script, self.answers, self.after = script, list(answers), after
        self.asked: list[str] = []
        self.orders: list[str] = []

    def listed(self) -> Sequence[str]:
        return self.orders

    def ask(self, order_id: str) -> Sequence[VenueReport] | None:
        self.asked.append(order_id)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, VenueFault):
            raise answer
        return None if answer is None else [replace(one, ts=self.now_ns()) for one in answer]  # type: ignore[type-var]

    def now_ns(self) -> int:
        return self.script.now + self.after


def taken_over() -> Start:
    """A start whose writer holds the journal."""
    start = Start()
    for on in (RecoveryOn.CHOOSE, RecoveryOn.FIND_WHOLE, RecoveryOn.FOLD, RecoveryOn.TAKE_OVER):
        start.to(on)
    return start


def restarted() -> Script:
    """A process that has folded a journal whose last order has no answer."""
    script = Script().ticks(100_00).wants("a", 2_000)
    assert fold(script.journal.records, ()).orders.keys() == {script.order}
    script.venue.effects.clear()
    return script


@pytest.mark.ticket("T-011")
def test_an_order_without_an_answer_is_unknown_and_counts_in_full() -> None:
    script = restarted()
    query = Answers(script, VenueFault("timeout"))
    settle(script.loop, query, taken_over())
    assert query.asked == [script.order]
    assert script.last(OrderOutcomeUnknown).detail == "timeout"
    assert working_qty(script.state, script.account(), BTC) == 2_000
    assert script.venue.effects == []
    script.wants("a", 3_000).says()  # asked for again, never sent again
    assert script.venue.effects == []


@pytest.mark.ticket("T-011")
def test_an_order_that_the_venue_has_is_adopted_with_its_fills() -> None:
    script = restarted()
    settle(script.loop, Answers(script, [acked(script.order), filled(script.order, 500)]), taken_over())
    kinds = [type(event) for event in script.journal.events[-2:]]
    assert kinds == [OrderAccepted, OrderFilled]
    assert (script.position().qty, working_qty(script.state, script.account(), BTC)) == (500, 1_500)


@pytest.mark.ticket("T-011")
@pytest.mark.parametrize(
    ("after", "kind"), [(6 * SECOND, OrderExpired), (6 * SECOND - 1, OrderOutcomeUnknown)]
)
def test_only_three_late_absences_prove_that_an_order_never_arrived(after: int, kind: type) -> None:
    script = restarted()
    query = Answers(script, None, after=after)
    settle(script.loop, query, taken_over())
    assert len(query.asked) == 3
    assert type(script.journal.events[-1]) is kind
    assert (script.order in script.state.orders) is (kind is OrderOutcomeUnknown)


@pytest.mark.ticket("T-011")
def test_two_absences_and_then_the_order_are_the_order() -> None:
    script = restarted()
    settle(script.loop, Answers(script, None, None, [acked(script.order)], after=60 * SECOND), taken_over())
    assert type(script.journal.events[-1]) is OrderAccepted


def test_an_order_that_was_acknowledged_once_is_not_unknown_because_nobody_answers() -> None:
    script = restarted().hears(acked(restarted().order))
    seq = script.state.seq
    settle(script.loop, Answers(script, VenueFault("timeout")), taken_over())
    assert script.state.seq == seq


def test_the_oldest_order_is_asked_for_first() -> None:
    script = Script().ticks(100_00)
    assert isinstance(script.venue, RecordingVenue)
    settle(script.loop, query := Answers(script, VenueFault("nobody")), taken_over())
    assert query.asked == []


@pytest.mark.ticket("T-011")
def test_an_order_of_ours_behind_the_journals_head_proves_lost_records_and_nothing_is_asked() -> None:
    script = restarted()
    run, head = script.state.run_id, script.state.seq
    query, start = Answers(script, [acked(script.order)]), taken_over()
    query.orders = [
        script.order, event_id(run, "a", head), event_id("f" * 16, "a", head + 9), f"{run[:8]}-by-hand", event_id(run, "b", head + 1),
    ]  # fmt: skip
    with pytest.raises(OperatorFault) as refusal:
        settle(script.loop, query, start)
    assert refusal.value.exit_code is ExitCode.UNSAFE
    assert refusal.value.what.endswith(f"does not know: {event_id(run, 'b', head + 1)}")
    assert (query.asked, script.state.seq, start.step) == ([], head, RecoveryStep.REFUSED)


def test_when_all_answers_are_journaled_trading_may_begin() -> None:
    script, start = restarted(), taken_over()
    query = Answers(script, [acked(script.order)])
    query.orders = [script.order]
    settle(script.loop, query, start)
    assert (type(script.journal.events[-1]), start.step) == (OrderAccepted, RecoveryStep.RUNNING)
