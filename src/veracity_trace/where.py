"""What proves one ticket: its text, its code, its tests, in one answer."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from veracity_trace.artefacts import spec_gaps, symbol_gaps
from veracity_trace.evidence.claims import NoSuchPoint, find_point
from veracity_trace.evidence.evidence import (
    DRAFT_PATH,
    EvidenceUnreadable,
    Proof,
    TicketEvidence,
    functions_of,
    read_evidence,
)
from veracity_trace.index import load_index
from veracity_trace.levels import Level, Records, Standing, judge
from veracity_trace.report import read_records
from veracity_trace.run import OUTCOMES, RUN_PATH, Result, RunUnreadable, changed_files, read_run
from veracity_trace.tickets import Index, Ticket

WHERE_FORMAT: Final = "veracity-trace-where/1"

_DIFF_LINES: Final = 6  # of a fault on the screen; the whole of it is in tickets/evidence.json

_NO_RUN: Final = "no run of the tests is recorded, so nothing is judged; run: make test"

# This tool mentions ids as examples only.
_NOT_EVIDENCE: Final = Path(__file__).resolve().parent


class UnknownTicket(Exception):
    """No ticket file has the id."""


def where(root: Path, ticket_id: str) -> dict[str, Any]:
    """Return all that is known about one ticket of the checkout at `root`.

    The tests are those of the last recorded run; `run` says whether that record is "fresh", "stale" or "none".
    Raises UnknownTicket.
    """
    index = load_index(root)
    ticket = index.tickets.get(ticket_id.upper())
    if ticket is None:
        raise UnknownTicket(f"{ticket_id} is in no file of {root / 'tickets'}")
    freshness, results = _last_run(root)
    proving = {ticket.id} if ticket.kind == "T" else set(ticket.checks)
    tests = [result for result in results if not proving.isdisjoint(result.tickets)]
    standing = _standing(root, index, ticket, tests)
    backing = standing.backing
    return {
        "format": WHERE_FORMAT,
        "id": ticket.id,
        "kind": ticket.kind,
        "section": ticket.section,
        "section_title": index.sections[ticket.section],
        "title": ticket.title,
        "claimed": ticket.claimed,
        "level": int(standing.level) if ticket.kind == "T" else None,
        "verdict": standing.verdict,
        "acceptance": list(ticket.acceptance),
        "note": ticket.note,
        "texts": [_text(root, spec) for spec in _specs_of(ticket, index)],
        "symbols": [_symbol(other) for other in _symbols_of(ticket, index)],
        "checks": list(ticket.checks),
        "same_as": [{"id": twin, "differs": differs} for twin, differs in ticket.same_as.items()],
        "enforces": [_point(root, claim) for claim in ticket.enforces],
        "sabotage": ticket.sabotage,
        "must_see": list(ticket.must_see),
        "proofs": [] if backing is None or backing.evidence is None else _proofs(backing.evidence),
        "missing": [_NO_RUN] if freshness == "none" else [gap.message for gap in standing.gaps],
        "code": list(_mentions(root / "src", ticket.id, root)),
        "run": freshness,
        "tests": [
            {"nodeid": test.nodeid, "outcome": test.outcome, "asserts": test.asserts, "reason": test.reason}
            for test in tests
        ],
    }


def _standing(root: Path, index: Index, ticket: Ticket, tests: list[Result]) -> Standing:
    """Judge one ticket as strictly as the last level asks; evidence of a draft counts until there is a recorded one."""
    records, _ = read_records(root)
    part = index.around(ticket.id)
    standing = judge(part, tests, root, records, Level.CAN_FAIL_IN_CLAIM)[ticket.id]
    if standing.backing is not None and standing.backing.level < Level.CAN_FAIL_IN_CLAIM:
        try:
            draft = read_evidence(root / DRAFT_PATH).tickets
        except EvidenceUnreadable:  # nobody keeps it: the next run of the tool writes another
            draft = {}
        if ticket.id in draft:
            both = Records({**records.evidence, **draft}, records.links)
            standing = judge(part, tests, root, both, Level.CAN_FAIL_IN_CLAIM)[ticket.id]
    return standing


def _point(root: Path, claim: str) -> dict[str, Any]:
    try:
        point = find_point(root, claim)
    except NoSuchPoint:
        return {"claim": claim, "path": None, "first": None, "last": None}
    return {"claim": claim, "path": point.path, "first": point.first, "last": point.last}


def _proofs(evidence: TicketEvidence) -> list[dict[str, Any]]:
    return [{"test": test, **_proof(proof)} for test, proof in sorted(evidence.tests.items())]


def _proof(proof: Proof) -> dict[str, Any]:
    kill = proof.kill
    return {
        "result": proof.result,
        "why": proof.why,
        "operator": None if kill is None else kill.operator,
        "case": None if kill is None else kill.case,
        "diff": None if kill is None else kill.diff,
        "message": None if kill is None else kill.message,
    }


def render_where(found: dict[str, Any]) -> str:
    """Return the answer as text."""
    known = found["level"] is not None and found["run"] != "none"
    level = f", level {found['level']} ({found['verdict']})" if known else ""
    claim = "claimed" if found["claimed"] else "open"
    lines = [
        f"{found['id']} {found['title']}",
        f"section {found['section']} {found['section_title']}, {claim}{level}",
        "",
        *found["acceptance"],
    ]
    texts = [f"{text['id']} {text['spec']}{_missing(text)}" for text in found["texts"]]
    symbols = [f"{symbol['id']} {symbol['symbol']}{_missing(symbol)}" for symbol in found["symbols"]]
    code = [f"{place['path']}:{place['line']} {place['symbol']}".rstrip() for place in found["code"]]
    tests = list(_test_lines(found))
    twins = [f"{twin['id']} {twin['differs']}" for twin in found["same_as"]]
    run = {
        "fresh": "last run",
        "stale": "last run, files have changed since",
        "none": "no run recorded: make test",
    }
    for heading, entries in (
        ("Note", [found["note"]] if found["note"] else []),
        ("Specification", texts),
        ("Implementation", symbols),
        ("Enforced by", list(_claim_lines(found))),
        ("Code that names it", code),
        ("Checked by", [", ".join(found["checks"])] if found["checks"] else []),
        ("Nearly the same", twins),
        (f"Tests ({run[found['run']]})", tests or ["none"]),
        ("Missing", found["missing"]),
    ):
        if entries:
            lines += ["", heading, *(f"  {entry}" for entry in entries)]
    return "\n".join(lines)


def _claim_lines(found: dict[str, Any]) -> Iterator[str]:
    for point in found["enforces"]:
        place = (
            f"{point['path']}:{point['first']}-{point['last']}" if point["path"] else "there is no such code"
        )
        yield f"{place} {point['claim']}"
    if found["sabotage"]:
        yield f"sabotage {found['sabotage']}"
    if found["must_see"]:
        yield f"its tests must produce {', '.join(found['must_see'])}"


def _test_lines(found: dict[str, Any]) -> Iterator[str]:
    """Yield each test once, however many cases it has, and the fault that it noticed. Without a run: those on record."""
    proofs = {proof["test"]: proof for proof in found["proofs"]}
    if found["run"] == "none":
        for name, proof in proofs.items():
            yield f"on record {name}"
            yield from _proof_lines(proof)
    for name, cases in functions_of(test["nodeid"] for test in found["tests"]).items():
        results = [test for test in found["tests"] if test["nodeid"] in cases]
        outcome = max((test["outcome"] for test in results), key=OUTCOMES.index)
        reason = next((f": {test['reason']}" for test in results if test["reason"]), "")
        count = f"{len(cases)} cases, " if len(cases) > 1 else ""
        yield f"{outcome:<8} {name} ({count}asserts: {sum(test['asserts'] for test in results)}){reason}"
        if name in proofs:
            yield from _proof_lines(proofs[name])


def _proof_lines(proof: dict[str, Any]) -> Iterator[str]:
    if proof["diff"] is None:
        yield f"         {proof['result']}: {proof['why']}"
        return
    changed = [
        line
        for line in proof["diff"].splitlines()
        if line.startswith(("+", "-")) and not line.startswith(("+++", "---"))
    ]
    message = proof["message"].splitlines()
    yield f"         noticed ({proof['result']}, {proof['operator']}):"
    yield from (f"           {line}" for line in changed[:_DIFF_LINES])
    yield from (f"           > {line}" for line in message[:1])


def _missing(artefact: dict[str, Any]) -> str:
    return "" if artefact["exists"] else " (not there yet)"


def _last_run(root: Path) -> tuple[str, tuple[Result, ...]]:
    try:
        run = read_run(root / RUN_PATH)
    except RunUnreadable:
        return "none", ()
    return ("stale" if changed_files(run, root) else "fresh"), run.tests


def _specs_of(ticket: Ticket, index: Index) -> list[Ticket]:
    """Return the S tickets behind a ticket; an I ticket has those of its T tickets."""
    if ticket.kind == "S":
        return [ticket]
    tests = (
        [ticket] if ticket.kind == "T" else [index.tickets[t] for t in ticket.checks if t in index.tickets]
    )
    ids = sorted({spec for test in tests for spec in test.specs})
    return [index.tickets[spec] for spec in ids if spec in index.tickets]


def _symbols_of(ticket: Ticket, index: Index) -> list[Ticket]:
    """Return the I tickets behind a ticket: those that share a T ticket with it."""
    if ticket.kind == "I":
        return [ticket]
    tests = {ticket.id} if ticket.kind == "T" else set(ticket.checks)
    others = (index.tickets[key] for key in sorted(index.tickets))
    return [other for other in others if other.kind == "I" and not tests.isdisjoint(other.checks)]


def _text(root: Path, ticket: Ticket) -> dict[str, Any]:
    return {
        "id": ticket.id,
        "title": ticket.title,
        "spec": ticket.spec,
        "exists": not any(spec_gaps(root, ticket)),
    }


def _symbol(ticket: Ticket) -> dict[str, Any]:
    exists = not any(symbol_gaps(ticket))
    return {"id": ticket.id, "title": ticket.title, "symbol": ticket.symbol, "exists": exists}


def _mentions(folder: Path, ticket_id: str, root: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of the code that name the id, with the function or class around each."""
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if ticket_id not in text or path.resolve().is_relative_to(_NOT_EVIDENCE):
            continue
        tree = _parse(text)
        for number, line in enumerate(text.splitlines(), start=1):
            if ticket_id in line:
                yield {
                    "path": path.relative_to(root).as_posix(),
                    "line": number,
                    "symbol": _enclosing(tree, number),
                    "text": line.strip(),
                }


def _parse(text: str) -> ast.AST:
    try:
        return ast.parse(text)
    except SyntaxError:  # half-written: the line is still worth showing, only without its function
        return ast.Module([], [])


def _enclosing(node: ast.AST, line: int) -> str:
    """Return the qualified name of the innermost function or class around a line, "" at module level."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if child.lineno <= line <= (child.end_lineno or child.lineno):
            inner = _enclosing(child, line)
            return f"{child.name}.{inner}" if inner else child.name
    return ""
