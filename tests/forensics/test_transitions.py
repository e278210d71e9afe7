"""What the log says of changes is what the tables say; nothing that cannot follow is told."""

from typing import Any

import pytest
import yaml
from tests.forensics.events import ORDER, accepted, fee, filled, intent, submitted
from tests.forensics.runs import ROOT

from veracity.domain.errors import IllegalTransition
from veracity.domain.events import CancelRejected, Event, ModeChanged
from veracity.domain.machines import Mode
from veracity.forensics.transitions import TRIGGERS, Arc, Transitions
from veracity.state.model import CLOSED_ORDERS_MAX


def machine(name: str) -> dict[str, Any]:
    """A state machine as its YAML says it."""
    document: dict[str, Any] = yaml.safe_load(
        (ROOT / f"specs/machines/{name}.yaml").read_text(encoding="utf-8")
    )
    return document


def arcs(*events: Event) -> list[Arc]:
    """The arcs that the events take, each as it was just after its event."""
    transitions = Transitions()
    found = []
    for event in events:
        track = transitions.follow(event)
        if track is not None:
            found.append(track.arc)
    return found


def test_each_kind_means_what_the_order_machine_records_it_for() -> None:
    wanted = {row["record"]: event for event, row in machine("order")["events"].items()}
    assert {kind: trigger.value for kind, trigger in TRIGGERS.items()} == wanted


def test_an_order_takes_the_arcs_of_its_table_and_other_events_none() -> None:
    assert arcs(
        intent(), submitted(), accepted(), filled(4, qty=1), filled(5, qty=1), filled(6, qty=1), fee(7)
    ) == [
        ("created", "submitted", "submit"),
        ("submitted", "accepted", "accept"),
        ("accepted", "partially_filled", "fill"),
        ("partially_filled", "partially_filled", "fill"),
        ("partially_filled", "filled", "fill"),
    ]


def test_every_mode_arc_of_the_machine_has_its_own_trigger() -> None:
    for arc in machine("engine_mode")["arcs"]:
        for before in arc["from"]:
            changed = ModeChanged(1, 1, Mode(before), Mode(arc["to"]), "operator", "")
            assert arcs(changed) == [(before, arc["to"], arc["event"])]


def test_a_mode_change_without_an_arc_is_refused() -> None:
    with pytest.raises(IllegalTransition, match="no way leads from mode stopped to running"):
        Transitions().follow(ModeChanged(1, 1, Mode.STOPPED, Mode.RUNNING, "operator", ""))


def test_an_event_of_an_order_that_was_never_submitted_is_refused() -> None:
    with pytest.raises(
        IllegalTransition, match=f"order {ORDER} was never submitted; fill cannot happen to it"
    ):
        Transitions().follow(filled())


def test_an_overfill_is_refused_and_leaves_the_order_as_it_was() -> None:
    transitions = Transitions()
    transitions.follow(submitted())
    transitions.follow(filled(3, qty=2))
    with pytest.raises(IllegalTransition, match="overfill"):
        transitions.follow(filled(4, qty=2))
    order = transitions.order(ORDER)
    assert order is not None
    assert (order.done, order.now.value) == (2, "partially_filled")


def test_a_late_refusal_of_a_cancel_leaves_a_done_order_done() -> None:
    late = CancelRejected(4, 9, ORDER, submitted().intent_id, "too late")
    assert arcs(submitted(), filled(3), late)[-1] == ("filled", "filled", "refuse_cancel")


def test_as_many_done_orders_are_remembered_as_the_engine_remembers() -> None:
    transitions = Transitions()
    for number in range(CLOSED_ORDERS_MAX + 1):
        transitions.follow(submitted(1, f"o-{number}"))
        transitions.follow(filled(2, order_id=f"o-{number}"))
    assert transitions.order("o-0") is None
    assert transitions.order("o-1") is not None
    assert transitions.order(f"o-{CLOSED_ORDERS_MAX}") is not None
