"""Short ways to make tickets and results for the tests of the trace tool."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from veracity_trace.evidence.evidence import Evidence, Kill, Proof, TicketEvidence
from veracity_trace.levels import judge
from veracity_trace.matrix import Matrix, build_matrix
from veracity_trace.problems import Problem
from veracity_trace.run import Result
from veracity_trace.tickets import Index, Ticket

FIELDS_OF_KIND = {
    "T": {"specs": ["S-001"]},
    "S": {"checks": ["T-001"], "spec": "specs/things/rules.md#s-00{number}"},
    "I": {"checks": ["T-001"], "symbol": "trace_sample:halve"},
}


def raw_ticket(ticket_id: str, **fields: Any) -> dict[str, Any]:
    """Return a ticket as a file has it; what is not given is made up so that it is valid."""
    kind, number = ticket_id[0], int(ticket_id[2:])
    own = {
        key: value.format(number=number) if isinstance(value, str) else value
        for key, value in FIELDS_OF_KIND.get(kind, {}).items()
    }
    ticket = {
        "id": ticket_id,
        "kind": kind,
        "title": f"Title of {ticket_id}",
        "acceptance": [f"What {ticket_id} shows is exact; fails if it is off by one."],
        **own,
        "claimed": False,
        **fields,
    }
    return {key: value for key, value in ticket.items() if value is not None}


def write_tickets(root: Path, *tickets: dict[str, Any], name: str = "01-things.yaml", **head: Any) -> None:
    folder = root / "tickets"
    folder.mkdir(parents=True, exist_ok=True)
    content = {"section": 1, "title": "Things", **head, "tickets": list(tickets)}
    (folder / name).write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def valid(*more: dict[str, Any]) -> list[dict[str, Any]]:
    """Return one ticket of each kind, where `more` replaces those of the same id and adds the others."""
    tickets = {ticket_id: raw_ticket(ticket_id) for ticket_id in ("S-001", "T-001", "I-001")}
    tickets |= {ticket["id"]: ticket for ticket in more}
    return list(tickets.values())


def ticket(ticket_id: str, claimed: bool = True, **fields: Any) -> Ticket:
    values: dict[str, Any] = {
        "kind": ticket_id[0],
        "section": 1,
        "title": f"Title of {ticket_id}",
        "acceptance": (f"What {ticket_id} shows is exact; fails if it is off by one.",),
        "checks": (),
        "specs": (),
        "spec": None,
        "symbol": None,
        "same_as": {},
        "note": None,
    }
    return Ticket(id=ticket_id, claimed=claimed, **(values | fields))


def index_of(*tickets: Ticket) -> Index:
    return Index({each.id: each for each in tickets}, {1: "Things"}, ())


def result(nodeid: str, *tickets: str, outcome: str = "passed", asserts: int = 1, reason: str = "") -> Result:
    return Result(nodeid, tickets, outcome, asserts, reason, scenario="")


KILL = Kill(
    path="src/trace_sample.py",
    name="halve",
    operator="arithmetic",
    before="number // 2",
    after="number * 2",
    nth=0,
    case="tests/test_halves.py::test_half_of_four",
    message="AssertionError: assert 8 == 2",
    diff="""--- a/src/trace_sample.py
+++ b/src/trace_sample.py
@@ -4 +4 @@
-    return number // 2
+    return number * 2
""",
    spread=2,
)


def proven(**tests: Proof) -> TicketEvidence:
    """Return what evidence records about a ticket whose tests of `tests/test_halves.py` showed `tests`."""
    return TicketEvidence(
        spec="0" * 10,
        code={"trace_sample:halve": "1" * 10},
        tests={f"tests/test_halves.py::{name}": proof for name, proof in tests.items()},
    )


def matrix_of(
    root: Path,
    *tickets: Ticket,
    results: Sequence[Result] = (),
    problems: Sequence[Problem] = (),
    evidence: Mapping[str, TicketEvidence] | None = None,
) -> Matrix:
    """Return the matrix of some tickets, judged by some results."""
    index = index_of(*tickets)
    recorded = Evidence(dict(evidence or {}))
    return build_matrix(index, None, judge(index, results, root), problems, recorded, root)
