"""The log of every arc of the order machine, driven through the real engine and loop, against the machine's YAML."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.generation.order_oracle import DOCUMENT, QTY, Case, outcome, reachable_cases
from tests.kit.players import player
from tests.kit.says import acked, cancel_all, cancel_refused, cancelled, expired, filled, lost, refused
from tests.kit.script import Script

from veracity.forensics import event_log

Step = tuple[str, int]  # an event of the machine and the quantity of its fill

INITIAL = "created"
# What only the engine itself does to an order; it does not do it where the table does not allow it.
OWN = ("submit", "request_cancel")


def paths() -> dict[tuple[str, int], tuple[Step, ...]]:
    """A shortest way to every (state, filled) that an order can be in, by the YAML alone."""
    found: dict[tuple[str, int], tuple[Step, ...]] = {(INITIAL, 0): ()}
    for case in reachable_cases():
        after = outcome(case)[0]
        place = (after or "", case.filled + case.fill_qty)
        if after is not None and place not in found:
            found[place] = (*found[case.state, case.filled], (case.event, case.fill_qty))
    return found


PATHS = paths()
CASES = [
    case for case in reachable_cases() if case.event != "fill" or case.fill_qty > 0
]  # a report has a quantity
ARCS = [case for case in CASES if outcome(case)[0] is not None]
REFUSED = [
    case for case in CASES if outcome(case)[0] is None and case.event not in OWN and case.state != INITIAL
]


def perform(script: Script, step: Step, number: int) -> None:
    """Let the engine hear what makes the machine's event happen."""
    event, fill_qty = step
    if event == "submit":
        script.wants("a", QTY)
        return
    order = script.order
    reports: dict[str, Any] = {
        "accept": acked(order),
        "reject": refused(order),
        "fill": filled(order, max(fill_qty, 1), trade=f"t-{number}"),
        "request_cancel": cancel_all(),
        "confirm_cancel": cancelled(order),
        "refuse_cancel": cancel_refused(order),
        "expire": expired(order),
        "lose": lost(order),
    }
    script.hears(reports[event])


def brought_to(case: Case) -> Script:
    """An engine whose one order is in the case's state."""
    script = Script(player("a")).ticks(100_00)
    for number, step in enumerate(PATHS[case.state, case.filled]):
        perform(script, step, number)
    return script


def lines_of_last_input(script: Script, folder: Path) -> list[dict[str, Any]]:
    """What the log says of the last input."""
    path = folder / "events.jsonl"
    event_log.write(script.journal.events, path, script.state.run_id)
    seqs = {event.seq for event in script.said}
    told = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in told if line["seq"] in seqs]


def label(case: Case) -> str:
    return f"{case.state}-{case.filled}-{case.event}-{case.fill_qty}"


@pytest.mark.ticket("T-082")
@pytest.mark.parametrize("case", ARCS, ids=label)
def test_an_arc_leaves_one_line_with_its_from_to_and_trigger(case: Case, tmp_path: Path) -> None:
    script = brought_to(case)
    perform(script, (case.event, case.fill_qty), 99)
    told = [line for line in lines_of_last_input(script, tmp_path) if "trigger" in line]
    assert [(line["from"], line["to"], line["trigger"]) for line in told] == [
        (case.state, outcome(case)[0], case.event)
    ]
    assert told[0]["order_id"] == script.order


@pytest.mark.parametrize("case", REFUSED, ids=label)
def test_a_refused_report_leaves_one_line_that_says_so_and_changes_no_state(
    case: Case, tmp_path: Path
) -> None:
    script = brought_to(case)
    before = script.order_of(script.order).state
    perform(script, (case.event, case.fill_qty), 99)
    lines = lines_of_last_input(script, tmp_path)
    assert len(lines) == 1
    line = lines[0]
    assert line["kind"] == ("fill_quarantined" if case.event == "fill" else "report_refused")
    assert not {"from", "to", "trigger"} & set(line)
    assert script.order_of(script.order).state is before
    if case.event != "fill":
        assert line["order_state"] == case.state


def test_the_cases_cover_every_arc_of_the_machine() -> None:
    arcs = {
        (state, arc["event"], arc["to"]) for arc in DOCUMENT["arcs"] if "to" in arc for state in arc["from"]
    }
    assert {(case.state, case.event, outcome(case)[0]) for case in ARCS} == arcs
    assert len(arcs) >= 40
    assert {case.state for case in REFUSED} == set(DOCUMENT["states"]) - {INITIAL}
