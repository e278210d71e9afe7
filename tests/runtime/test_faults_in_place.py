"""A fault of the engine says where it was met, and in which words programs are told (docs/exit-codes.md)."""

import pytest
from msgspec.structs import replace
from tests.kit.says import acked, filled
from tests.kit.script import Script

from veracity.domain.errors import EngineFault, ExitCode, IllegalTransition, JournalGap
from veracity.domain.events import OrderAccepted
from veracity.engine.draft import Step
from veracity.journal.errors import JournalDead
from veracity.runtime.recovery import SnapshotMismatch


@pytest.mark.ticket("T-034")
def test_a_step_that_the_order_table_excludes_names_seq_and_decision() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    script.hears(acked(script.order)).hears(filled(script.order, 2_000))
    order, seq = script.order_of(script.order), script.state.seq
    assert order.leaves == 0
    forced = replace(script.last(OrderAccepted), seq=seq + 1)
    with pytest.raises(IllegalTransition) as met:
        script.loop.commit(Step((forced,), ()))
    assert met.value.envelope() == {
        "code": "illegal_transition",
        "message": str(met.value),
        "seq": seq,
        "corr_id": order.intent_id,
        "hint": EngineFault.hint,
        "exit_code": 1,
    }


@pytest.mark.ticket("T-004")
def test_an_event_that_does_not_follow_names_the_seq_of_the_state() -> None:
    script = Script().ticks(100_00)
    seq = script.state.seq
    with pytest.raises(JournalGap) as met:
        script.loop.commit(Step((replace(script.journal.events[-1], seq=seq + 2),), ()))
    assert (met.value.code, met.value.seq, met.value.exit_code) == ("journal_gap", seq, ExitCode.INTERNAL)


def test_what_was_said_first_is_nearest_and_stays() -> None:
    fault = EngineFault("broken")
    assert (fault.seq, fault.corr_id, fault.code) == (None, None, "engine_fault")
    fault.at(7, None)
    fault.at(9, "01234567-a-3")
    assert (fault.seq, fault.corr_id) == (7, "01234567-a-3")


def test_faults_of_the_engine_have_exit_codes_of_their_own() -> None:
    faults = (JournalGap, IllegalTransition, SnapshotMismatch, JournalDead)
    assert [(one.exit_code, issubclass(one, EngineFault)) for one in faults] == [
        (1, True),
        (1, True),
        (5, True),
        (6, True),
    ]
