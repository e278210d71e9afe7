"""The generated order table against its YAML, and against lives of orders written down by hand."""

import pytest
from tests.generation.order_oracle import DOCUMENT, QTY, Case, outcome, reachable_cases

from veracity_generated.machines.base import NoSuchTransition
from veracity_generated.machines.order import INITIAL, TABLE, TERMINAL, On, State, step


def generated(case: Case) -> tuple[str | None, str]:
    try:
        return step(State(case.state), On(case.event), **case.facts).value, ""
    except NoSuchTransition as refusal:
        return None, refusal.reason


def test_every_reachable_case_goes_where_the_yaml_says() -> None:
    cases = list(reachable_cases())
    wrong = [(case, generated(case), outcome(case)) for case in cases if generated(case) != outcome(case)]
    assert wrong == []
    assert len(cases) > 200
    assert sorted({case.state for case in cases}) == sorted(DOCUMENT["states"])
    legal = {(case.state, case.event) for case in cases if outcome(case)[0]}
    assert legal == {(state.value, on.value) for state, on in TABLE}


@pytest.mark.parametrize(
    ("events", "states"),
    [
        pytest.param(
            "submit accept fill3", "submitted accepted filled", id="acknowledged, then filled at once"
        ),
        pytest.param("submit fill3", "submitted filled", id="the fill beats the acknowledgement"),
        pytest.param(
            "submit accept fill1 fill2", "submitted accepted partially_filled filled", id="in two parts"
        ),
        pytest.param("submit reject", "submitted rejected", id="a definite no"),
        pytest.param(
            "submit request_cancel accept confirm_cancel",
            "submitted cancel_pending cancel_pending cancelled",
            id="a late acknowledgement does not undo the cancel",
        ),
        pytest.param(
            "submit accept request_cancel fill1 refuse_cancel",
            "submitted accepted cancel_pending cancel_pending partially_filled",
            id="a refused cancel after a fill",
        ),
        pytest.param(
            "submit accept request_cancel refuse_cancel fill3 refuse_cancel",
            "submitted accepted cancel_pending accepted filled filled",
            id="the cancel lost the race, said twice",
        ),
        pytest.param("submit lose accept", "submitted unknown accepted", id="unknown, then found live"),
        pytest.param("submit lose fill3", "submitted unknown filled", id="unknown, then found traded"),
        pytest.param("submit lose expire", "submitted unknown expired", id="unknown, then proved never sent"),
        pytest.param(
            "submit fill1 request_cancel lose refuse_cancel accept confirm_cancel",
            "submitted partially_filled cancel_pending unknown unknown partially_filled cancelled",
            id="a cancel of unknown outcome",
        ),
    ],
)
def test_a_life_of_an_order(events: str, states: str) -> None:
    state, filled, passed = INITIAL, 0, []
    for event in events.split():
        fill_qty = int(event[4:]) if event.startswith("fill") else 0
        state = step(state, On(event.rstrip("123")), filled=filled, leaves=QTY - filled, fill_qty=fill_qty)
        filled += fill_qty
        passed.append(state.value)
    assert passed == states.split()


@pytest.mark.parametrize(
    ("state", "on", "filled", "fill_qty", "reason"),
    [
        (State.PARTIALLY_FILLED, On.FILL, 1, 3, "overfill"),
        (State.ACCEPTED, On.FILL, 0, 0, "empty_fill"),
        (State.PARTIALLY_FILLED, On.ACCEPT, 1, 0, "no_arc"),
        (State.CANCEL_PENDING, On.ACCEPT, 1, 0, "late_ack"),
        (State.UNKNOWN, On.REJECT, 1, 0, "reject_after_fill"),
        (State.FILLED, On.ACCEPT, 3, 0, "no_arc"),
        (State.FILLED, On.FILL, 3, 1, "no_arc"),
        (State.CREATED, On.FILL, 0, 1, "no_arc"),
    ],
)
def test_an_illegal_event_is_refused_by_name(
    state: State, on: On, filled: int, fill_qty: int, reason: str
) -> None:
    with pytest.raises(NoSuchTransition) as refusal:
        step(state, on, filled=filled, leaves=QTY - filled, fill_qty=fill_qty)
    assert refusal.value.reason == reason
    assert str(refusal.value) == f"order: {on} in state {state}: {reason}"


def test_no_row_leaves_a_terminal_state() -> None:
    assert sorted(TERMINAL) == ["cancelled", "expired", "filled", "rejected"]
    rows = [(state, to) for (state, _), arms in TABLE.items() for _, to in arms if state in TERMINAL]
    assert rows == [(state, state) for state, _ in rows]
    assert len(rows) == 4
