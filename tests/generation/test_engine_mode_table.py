"""The engine modes: who may do what, and which ways lead out, written down by hand."""

import pytest

from veracity_generated.machines.base import NoSuchTransition
from veracity_generated.machines.engine_mode import (
    INITIAL,
    PERMITS,
    TABLE,
    TERMINAL,
    Action,
    On,
    State,
    allows,
    step,
)

ALLOWED: dict[str, str] = {
    "recovering": "",
    "running": "open increase reduce close cancel",
    "close_only": "reduce close cancel",
    "safe": "close cancel",
    "halted": "close cancel",
    "stopped": "",
}
ACTIONS: tuple[Action, ...] = ("open", "increase", "reduce", "close", "cancel")


@pytest.mark.parametrize("state", list(State))
def test_a_mode_allows_exactly_its_actions(state: State) -> None:
    assert [action for action in ACTIONS if allows(state, action)] == ALLOWED[state].split()


def test_every_one_of_the_30_cells_is_filled() -> None:
    assert sorted(PERMITS) == sorted((state, action) for state in State for action in ACTIONS)
    assert len(PERMITS) == 30


@pytest.mark.parametrize("state", [State.CLOSE_ONLY, State.SAFE, State.HALTED])
def test_only_resume_and_stop_loosen_or_end_a_restricted_mode(state: State) -> None:
    strictness = [State.RUNNING, State.CLOSE_ONLY, State.SAFE, State.HALTED]
    looser = [
        on
        for (before, on), to in TABLE.items()
        if before is state and to in strictness[: strictness.index(state)]
    ]
    assert looser == [On.RESUME]
    assert step(state, On.STOP) is State.STOPPED


def test_a_halt_in_recovery_is_not_forgotten() -> None:
    assert INITIAL is State.RECOVERING
    assert step(State.RECOVERING, On.HALT) is State.HALTED
    with pytest.raises(NoSuchTransition, match="engine_mode: recovered in state halted: no_arc"):
        step(State.HALTED, On.RECOVERED)


def test_nothing_leaves_stopped() -> None:
    assert sorted(TERMINAL) == ["stopped"]
    refused = []
    for on in On:
        with pytest.raises(NoSuchTransition) as refusal:
            step(State.STOPPED, on)
        refused.append(refusal.value.on)
    assert refused == list(On)
