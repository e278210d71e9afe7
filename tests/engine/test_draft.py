import pytest

from veracity.domain.events import DayRolled
from veracity.engine.draft import Draft
from veracity.state.model import EngineState


@pytest.mark.ticket("T-004")
def test_a_draft_numbers_its_events_on_from_the_state() -> None:
    draft = Draft(EngineState(seq=41), ts=5)
    for day in (1, 2):
        draft.add(DayRolled(seq=draft.seq, ts=draft.ts, day=day))
    assert [event.seq for event in draft.step().events] == [42, 43]


@pytest.mark.ticket("T-004")
@pytest.mark.parametrize("seq", [41, 43])
def test_a_draft_takes_no_event_with_another_number(seq: int) -> None:
    draft = Draft(EngineState(seq=41), ts=5)
    with pytest.raises(AssertionError):
        draft.add(DayRolled(seq=seq, ts=5, day=1))
    assert draft.step().events == ()


@pytest.mark.parametrize(("heard", "ts"), [(99, 100), (100, 100), (101, 101)])
def test_the_time_of_a_step_never_goes_back(heard: int, ts: int) -> None:
    assert Draft(EngineState(seq=1, ts=100), heard).ts == ts
