"""What proves one ticket: its text, its code, its tests, in one answer."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from veracity_trace.artefacts import spec_gaps, symbol_gaps
from veracity_trace.index import load_index
from veracity_trace.levels import judge_tests
from veracity_trace.run import RUN_PATH, Result, RunUnreadable, changed_files, read_run
from veracity_trace.tickets import Index, Ticket

WHERE_FORMAT: Final = "veracity-trace-where/1"

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
    standing = judge_tests(ticket, tests, index.tickets) if ticket.kind == "T" else None
    return {
        "format": WHERE_FORMAT,
        "id": ticket.id,
        "kind": ticket.kind,
        "section": ticket.section,
        "section_title": index.sections[ticket.section],
        "title": ticket.title,
        "claimed": ticket.claimed,
        "level": None if standing is None else int(standing.level),
        "verdict": None if standing is None else standing.verdict,
        "acceptance": list(ticket.acceptance),
        "note": ticket.note,
        "texts": [_text(root, spec) for spec in _specs_of(ticket, index)],
        "symbols": [_symbol(other) for other in _symbols_of(ticket, index)],
        "checks": list(ticket.checks),
        "same_as": [{"id": twin, "differs": differs} for twin, differs in ticket.same_as.items()],
        "code": list(_mentions(root / "src", ticket.id, root)),
        "run": freshness,
        "tests": [
            {"nodeid": test.nodeid, "outcome": test.outcome, "asserts": test.asserts, "reason": test.reason}
            for test in tests
        ],
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
    tests = [
        f"{test['outcome']:<8} {test['nodeid']} (asserts: {test['asserts']})"
        + (f": {test['reason']}" if test["reason"] else "")
        for test in found["tests"]
    ]
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
        ("Code that names it", code),
        ("Checked by", [", ".join(found["checks"])] if found["checks"] else []),
        ("Nearly the same", twins),
        (f"Tests ({run[found['run']]})", tests or ["none"]),
    ):
        if entries:
            lines += ["", heading, *(f"  {entry}" for entry in entries)]
    return "\n".join(lines)


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
