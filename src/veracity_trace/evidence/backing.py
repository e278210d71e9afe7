"""What the recorded evidence says about a T ticket today: it counts only while nothing it was made for has changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from veracity_trace.evidence.claims import NoSuchPoint, find_point
from veracity_trace.evidence.evidence import TOOL, TicketEvidence, test_of
from veracity_trace.evidence.fingerprint import code_hash, spec_fingerprint, test_hash
from veracity_trace.evidence.sabotage import NoSabotage, load_sabotage
from veracity_trace.problems import Problem
from veracity_trace.run import Result
from veracity_trace.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Backing:
    """`level` is 5, 4 or 0. `gaps` say what is missing for 5; `broken` what is wrong at any level."""

    level: int
    evidence: TicketEvidence | None
    gaps: tuple[Problem, ...]
    broken: tuple[Problem, ...]
    passengers: tuple[str, ...] = ()


def backing_of(
    root: Path, ticket: Ticket, tests: Sequence[Result], recorded: Mapping[str, TicketEvidence]
) -> Backing:
    """Weigh what is recorded about one T ticket."""
    broken = tuple(Problem("enforces", reason, ticket.id) for reason in claim_gaps(root, ticket))
    evidence = recorded.get(ticket.id)
    hint = f"run: python -m veracity_trace evidence {ticket.id}"
    if evidence is None:
        return Backing(
            0, None, (Problem("no-evidence", f"no fault was planted yet; {hint}", ticket.id),), broken
        )
    stale = [] if broken else list(changes(root, ticket, tests, evidence))
    if stale:
        message = f"its evidence is stale: {'; '.join(stale)}; {hint}"
        return Backing(0, evidence, (Problem("stale-evidence", message, ticket.id),), broken)
    gaps = [Problem("evidence", problem, ticket.id) for problem in evidence.problems]
    if evidence.level < 5 and not gaps:
        where = "outside of its claim only" if evidence.level == 4 else "nowhere"
        tests_named = ", ".join(evidence.passengers or evidence.tests)
        gaps = [Problem("passengers", f"a planted fault was noticed {where}: {tests_named}", ticket.id)]
    return Backing(evidence.level, evidence, tuple(gaps), broken, tuple(evidence.passengers))


def claim_gaps(root: Path, ticket: Ticket) -> Iterator[str]:
    """Yield each claim that names nothing."""
    for claim in ticket.enforces:
        try:
            find_point(root, claim)
        except NoSuchPoint as problem:
            yield str(problem)
    if ticket.sabotage is not None:
        try:
            load_sabotage(root, ticket.sabotage)
        except NoSabotage as problem:
            yield str(problem)


def changes(root: Path, ticket: Ticket, tests: Sequence[Result], evidence: TicketEvidence) -> Iterator[str]:
    """Yield what is another than when the evidence was gathered."""
    if evidence.tool != TOOL:
        yield "the rules of the tool changed"
    if evidence.spec != spec_fingerprint(root, ticket):
        yield "the words of the ticket changed"
    now = {claim: code_hash(root, find_point(root, claim)) for claim in ticket.enforces}
    if ticket.sabotage is not None:
        now[f"sabotage {ticket.sabotage}"] = load_sabotage(root, ticket.sabotage).hash
    for name in sorted(now.keys() | evidence.code.keys()):
        if name not in now:
            yield f"{name} is claimed no more"
        elif name not in evidence.code:
            yield f"{name} is claimed now"
        elif now[name] != evidence.code[name]:
            yield f"{name} changed"
    hashes = test_hashes(root, tests)
    for test in sorted(hashes.keys() | evidence.tests.keys()):
        if test not in evidence.tests:
            yield f"{test} is new"
        elif test not in hashes:
            yield f"{test} is gone"
        elif hashes[test] != evidence.tests[test].source:
            yield f"{test} changed"


def test_hashes(root: Path, tests: Sequence[Result]) -> dict[str, str]:
    """Return the hash of each test's text; a parametrised test is one."""
    scenarios = {test_of(result.nodeid): result.scenario for result in tests}
    return {test: test_hash(root, test, scenario) for test, scenario in scenarios.items()}
