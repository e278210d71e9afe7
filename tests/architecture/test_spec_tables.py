"""A table that a specification shows is the table that the code was made from; where they differ the file is right and the text a
defect. (The modes' table: tests/engine/test_modes.py.)"""

from typing import Any

import yaml
from tests.architecture.sources import ROOT

from veracity.domain.policies import ABSOLUTE, RULEBOOK
from veracity.guards.rulebook import GUARDS

GUARD_WORDS = {
    "": "",
    "n = 0": "nothing_filled",
    "n > 0": "something_filled",
    "0 < q < leaves": "fill_is_partial",
    "q = leaves": "fill_is_complete",
}


def rows(path: str, first: str) -> list[list[str]]:
    """The cells of the table whose head begins with the column `first`, without its head."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    (head,) = [number for number, line in enumerate(lines) if line.strip().startswith(f"| {first} |")]
    table = []
    for line in lines[head + 2 :]:
        if not line.strip().startswith("|"):
            break
        table.append([cell.strip().strip("`") for cell in line.strip().strip("|").split("|")])
    return table


def machine(name: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        (ROOT / f"specs/machines/{name}.yaml").read_text(encoding="utf-8")
    )
    return document


def test_the_rulebooks_table_has_its_rules_in_their_order_with_their_tickets() -> None:
    shown = [(rule, ticket) for rule, _, ticket in rows("specs/risk/rulebook.md", "rule")]
    assert shown == [(guard.rule, guard.ticket) for guard in GUARDS]
    assert tuple(rule for rule, _ in shown) == RULEBOOK
    assert RULEBOOK[:2] == ABSOLUTE


def test_the_orders_table_has_every_arc_of_the_machine_that_leads_somewhere() -> None:
    document = machine("order")
    record = {event: fields["record"] for event, fields in document["events"].items()}
    made = {
        (before, record[arc["event"]], arc.get("guard", ""), arc["to"])
        for arc in document["arcs"]
        if "to" in arc
        for before in arc["from"]
    }
    shown = set()
    for befores, event, guards, afters, _ in rows("specs/core-engine/orders.md", "from"):
        for before in befores.split(", "):
            for guard, after in zip(guards.split(" / "), afters.split(" / "), strict=True):
                shown.add((before, event, GUARD_WORDS[guard], before if after == "the same" else after))
    assert shown == made


def test_the_orders_states_are_those_of_the_machine() -> None:
    states = machine("order")["states"]
    shown = {
        state: ends == "yes"
        for names, _, ends in rows("specs/core-engine/orders.md", "state")
        for state in names.split(", ")
    }
    assert shown == {state: fields.get("terminal", False) for state, fields in states.items()}


def test_a_starts_steps_end_in_every_state_of_the_machine_in_their_order() -> None:
    table = rows("specs/journal/recovery.md", "step")
    ends = [state.strip("` ") for row in table for state in row[2].split(" or ") if state]
    assert [row[0] for row in table] == [str(number + 1) for number in range(len(table))]
    ways = list(dict.fromkeys(ends))
    assert set(ways) == set(machine("recovery")["states"]) - {"begun", "refused"}
    order = [ways.index(state) for state in ("chosen", "whole", "folded", "taken_over", "running")]
    assert order == sorted(order)
