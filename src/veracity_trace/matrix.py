"""The matrix: every ticket with its level, claim, gaps and tests, and the tallies of each section.

The fields here are those of schemas/matrix.schema.json.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final, Literal

from veracity_trace.evidence.claims import NoSuchPoint, find_point
from veracity_trace.evidence.evidence import Evidence, Kill
from veracity_trace.ids import KINDS
from veracity_trace.levels import Standing
from veracity_trace.problems import Problem
from veracity_trace.run import Run
from veracity_trace.tickets import Index, Ticket

MATRIX_FORMAT: Final = "veracity-trace-matrix/2"

# complete: claimed, and the evidence holds. broken: claimed, and it does not.
# ready: the evidence holds, nobody claims it yet. open: not there yet, and not claimed.
Status = Literal["complete", "broken", "ready", "open"]


@dataclass(frozen=True, slots=True)
class LinkedTest:
    """One test behind a ticket."""

    nodeid: str
    outcome: str
    asserts: int


@dataclass(frozen=True, slots=True)
class CodePlace:
    """Claimed code and the lines on which it stands; a claim that names no code has no path."""

    claim: str
    path: str | None
    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class ProofRow:
    """What one test showed when the claimed code was broken; parametrised cases are one test. `why` explains no fault."""

    test: str
    result: str
    why: str
    fault: Kill | None


@dataclass(frozen=True, slots=True)
class TicketRow:
    """One ticket. `tests` of an S or I ticket are those of its `checks`; only a T ticket has a verdict and proofs."""

    id: str
    kind: str
    section: int
    title: str
    level: int
    claimed: bool
    complete: bool
    status: Status
    verdict: str | None
    tests: tuple[LinkedTest, ...]
    gaps: tuple[str, ...]
    acceptance: tuple[str, ...]
    spec: str | None
    symbol: str | None
    specs: tuple[str, ...]
    checks: tuple[str, ...]
    same_as: tuple[str, ...]
    code: tuple[CodePlace, ...]
    sabotage: str | None
    must_see: tuple[str, ...]
    proofs: tuple[ProofRow, ...]


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of a section's tickets of one kind are complete."""

    complete: int
    total: int


@dataclass(frozen=True, slots=True)
class SectionRow:
    """One section of the roadmap."""

    section: int
    title: str
    tallies: dict[str, Tally]  # by kind

    def line(self) -> str:
        """Return the section in one line: `3 WAL + recovery  T 12/33  S 4/12  I 5/12`."""
        counts = (f"{kind} {tally.complete}/{tally.total}" for kind, tally in self.tallies.items())
        return "  ".join((f"{self.section} {self.title}", *counts))


@dataclass(frozen=True, slots=True)
class Matrix:
    """All of it. `problems` is empty exactly when the report exits with 0."""

    format: str
    tests_run: int
    sections: tuple[SectionRow, ...]
    problems: tuple[Problem, ...]
    tickets: tuple[TicketRow, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the content of matrix.json."""
        return asdict(self)


def build_matrix(
    index: Index,
    run: Run | None,
    standings: Mapping[str, Standing],
    problems: Iterable[Problem],
    evidence: Evidence,
    root: Path,
) -> Matrix:
    """Put everything together. `problems` are those of files and run; broken claims are added to them here."""
    tickets = sorted(index.tickets.values(), key=lambda t: (t.section, KINDS.index(t.kind), t.id))
    rows = tuple(_row(ticket, standings[ticket.id], evidence, root) for ticket in tickets)
    broken = [gap for row in rows if row.status == "broken" for gap in standings[row.id].gaps]
    shared = [  # never allowed, claimed or not
        gap
        for row in rows
        if row.status != "broken"
        for gap in standings[row.id].gaps
        if gap.code == "shared-test"
    ]
    return Matrix(
        format=MATRIX_FORMAT,
        tests_run=0 if run is None else len(run.tests),
        sections=tuple(_section(number, index, rows) for number in sorted(index.sections)),
        problems=(*broken, *shared, *problems),
        tickets=rows,
    )


def _row(ticket: Ticket, standing: Standing, evidence: Evidence, root: Path) -> TicketRow:
    holds = not standing.gaps
    claims = ticket.enforces if ticket.symbol is None else (ticket.symbol,)
    return TicketRow(
        id=ticket.id,
        kind=ticket.kind,
        section=ticket.section,
        title=ticket.title,
        level=int(standing.level),
        claimed=ticket.claimed,
        complete=ticket.claimed and holds,
        status=_status(ticket.claimed, holds),
        verdict=standing.verdict,
        tests=tuple(LinkedTest(test.nodeid, test.outcome, test.asserts) for test in standing.tests),
        gaps=tuple(gap.message for gap in standing.gaps),
        acceptance=ticket.acceptance,
        spec=ticket.spec,
        symbol=ticket.symbol,
        specs=ticket.specs,
        checks=ticket.checks,
        same_as=tuple(ticket.same_as),
        code=tuple(_place(claim, root) for claim in claims),
        sabotage=ticket.sabotage,
        must_see=ticket.must_see,
        proofs=tuple(_proofs(ticket, evidence)),
    )


def _place(claim: str, root: Path) -> CodePlace:
    try:
        point = find_point(root, claim)
    except NoSuchPoint:
        return CodePlace(claim, None, None, None)
    return CodePlace(claim, point.path, point.first, point.last)


def _proofs(ticket: Ticket, evidence: Evidence) -> Iterator[ProofRow]:
    recorded = evidence.tickets.get(ticket.id)
    if recorded is not None:
        for test, proof in recorded.tests.items():
            yield ProofRow(test, proof.result, proof.why, proof.kill)


def _status(claimed: bool, holds: bool) -> Status:
    if claimed:
        return "complete" if holds else "broken"
    return "ready" if holds else "open"


def _section(number: int, index: Index, rows: Iterable[TicketRow]) -> SectionRow:
    mine = [row for row in rows if row.section == number]
    tallies = {}
    for kind in KINDS:
        done = [row.complete for row in mine if row.kind == kind]
        tallies[kind] = Tally(sum(done), len(done))
    return SectionRow(number, index.sections[number], tallies)
