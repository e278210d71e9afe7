"""Each fault that the machine linter must refuse is planted once into a machine that it accepts."""

import json
from pathlib import Path

import pytest
from tests.generation.planted import door, machine_problems

from veracity_gen import machine_lint
from veracity_gen.errors import SourceRefused
from veracity_gen.machine import load_all


def test_a_sound_machine_has_no_problem() -> None:
    assert machine_problems(door()) == []


@pytest.mark.parametrize(
    ("arc", "problem"),
    [
        ({"from": ["gone"]}, "arcs gone/slam: unknown state gone"),
        ({"event": "kick"}, "arcs ajar/kick: unknown event kick"),
        ({"to": "gone"}, "arcs ajar/slam: unknown state gone"),
        ({"guard": "is_loud"}, "arcs ajar/slam: unknown guard is_loud"),
    ],
)
def test_an_arc_with_an_unknown_name_is_refused(arc: dict[str, object], problem: str) -> None:
    document = door()
    document["arcs"][3] |= arc
    assert machine_problems(document) == [problem]


def test_an_unknown_initial_state_is_refused() -> None:
    assert machine_problems(door() | {"initial": "gone"}) == ["initial: unknown state gone"]


def test_an_event_that_no_journal_record_carries_is_refused() -> None:
    document = door()
    document["events"]["slam"]["record"] = "door_slammed"
    assert machine_problems(document) == ["events.slam: unknown record door_slammed (schemas/events/)"]


def test_a_guard_over_an_unknown_fact_is_refused() -> None:
    document = door()
    document["guards"]["is_none"]["when"] = "pull == 0"
    assert machine_problems(document) == ["guards.is_none: `pull == 0` looks at unknown pull"]


def test_two_arms_of_which_one_has_no_guard_are_refused() -> None:
    document = door()
    document["arcs"].append({"from": ["ajar"], "event": "push", "to": "open", "tickets": []})
    assert machine_problems(document) == ["arcs ajar/push: nondeterminism, 4 arms and one has no guard"]


def test_two_arms_without_a_guard_are_refused() -> None:
    document = door()
    document["arcs"].append({"from": ["ajar"], "event": "slam", "to": "open", "tickets": []})
    assert machine_problems(document) == ["arcs ajar/slam: nondeterminism, 2 arms and one has no guard"]


def test_two_arms_with_the_same_guard_are_refused() -> None:
    document = door()
    document["arcs"].append(
        {"from": ["ajar"], "event": "push", "guard": "is_weak", "to": "open", "tickets": []}
    )
    assert machine_problems(document)[0] == "arcs ajar/push: nondeterminism, two arms with guard is_weak"


def test_two_guards_that_hold_together_are_refused_with_the_case() -> None:
    document = door()
    document["guards"]["is_strong"]["when"] = "push >= 1"
    problems = machine_problems(document)
    assert problems[0] == "arcs shut/push: nondeterminism, is_weak and is_strong hold for push=1"
    assert len(problems) == 2  # the same in state ajar


def test_a_case_that_no_guard_meets_is_refused_with_the_case() -> None:
    document = door()
    del document["arcs"][0], document["guards"]["is_none"]
    assert machine_problems(document) == [
        "arcs shut/push: incomplete guards, no arm holds for push=0",
        "arcs ajar/push: incomplete guards, no arm holds for push=0",
    ]


def test_an_event_whose_guards_ignore_its_facts_is_refused() -> None:
    document = door()
    document["arcs"][:3] = [{"from": ["shut", "ajar"], "event": "push", "to": "open", "tickets": []}]
    document["arcs"].append({"from": ["open"], "event": "push", "to": "open", "tickets": []})
    problems = machine_problems(document)
    assert "arcs shut/push: incomplete guards, none looks at push" in problems


def test_an_unreachable_state_is_refused() -> None:
    document = door()
    document["states"]["bricked_up"] = {"description": "A wall.", "terminal": True}
    document["permits"]["cells"]["bricked_up"] = {"walk": "deny", "look": "deny"}
    assert machine_problems(document) == ["states.bricked_up: unreachable from shut"]


def test_a_state_that_reaches_no_terminal_state_is_refused() -> None:
    document = door()
    document["states"]["stuck"] = {"description": "It does not move."}
    document["permits"]["cells"]["stuck"] = {"walk": "deny", "look": "deny"}
    document["arcs"].append({"from": ["shut"], "event": "slam", "to": "stuck", "tickets": []})
    assert machine_problems(document) == ["states.stuck: not terminal and reaches no terminal state"]


def test_a_machine_that_never_ends_must_lead_back_to_where_it_began() -> None:
    document = door()
    del document["states"]["open"]["terminal"]
    document["arcs"].append({"from": ["open"], "event": "slam", "to": "shut", "tickets": []})
    assert machine_problems(document) == []
    del document["arcs"][-1]
    assert machine_problems(document) == ["states.open: not terminal and reaches not shut again"]


def test_a_terminal_state_that_can_be_left_is_refused() -> None:
    document = door()
    document["arcs"][3]["from"] = ["ajar", "open"]
    assert machine_problems(document) == ["arcs open/slam: terminal state open can be left"]


def test_a_terminal_state_may_take_note_and_stay() -> None:
    document = door()
    document["arcs"].append({"from": ["open"], "event": "slam", "to": "open", "tickets": []})
    assert machine_problems(document) == []


def test_a_dead_event_is_refused() -> None:
    document = door()
    del document["arcs"][3]
    assert machine_problems(document) == ["events.slam: dead event, it leads nowhere"]


def test_a_dead_guard_and_a_dead_fact_are_refused() -> None:
    document = door()
    document["guards"]["is_huge"] = {"when": "push > 9", "description": "Huge."}
    document["facts"]["colour"] = {"description": "Number of the colour.", "minimum": 0}
    assert machine_problems(document) == [
        "guards.is_huge: dead guard, no arc uses it",
        "facts.colour: dead fact, no guard looks at it",
    ]


def test_a_missing_permit_cell_and_a_missing_row_are_refused() -> None:
    document = door()
    del document["permits"]["cells"]["ajar"]["walk"], document["permits"]["cells"]["open"]
    assert machine_problems(document) == [
        "permits.ajar.walk: cell missing",
        "permits.open.walk: cell missing",
        "permits.open.look: cell missing",
    ]


def test_a_permit_for_an_unknown_state_or_action_is_refused() -> None:
    document = door()
    document["permits"]["cells"]["gone"] = {}
    document["permits"]["cells"]["shut"]["fly"] = "deny"
    assert machine_problems(document) == [
        "permits.shut.fly: unknown action fly",
        "permits.gone: unknown state gone",
    ]


def test_the_mode_type_must_list_the_states_of_its_machine(tmp_path: Path) -> None:
    checkout = Path(__file__).parents[2]
    machines = load_all(checkout)
    common = json.loads((checkout / "schemas/common.schema.json").read_text(encoding="utf-8"))
    common["$defs"]["Mode"]["enum"].remove("safe")
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/common.schema.json").write_text(json.dumps(common), encoding="utf-8")
    (tmp_path / "schemas/events").symlink_to(checkout / "schemas/events")
    with pytest.raises(SourceRefused) as refusal:
        machine_lint.refuse_bad(machines, tmp_path)
    assert len(refusal.value.problems) == 1
    assert refusal.value.problems[0].startswith("common.schema.json: $defs.Mode: ")
