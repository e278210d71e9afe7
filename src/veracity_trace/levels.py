"""How good the proof of each ticket is, and what it still lacks.

A T ticket climbs by its tests, an S ticket stands on its text, an I ticket on its symbol, and both on the
T tickets they name. docs/decisions/0003-evidence-levels.md says why each rule is as strict as it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Final

from veracity_trace.artefacts import document_gaps, spec_gaps, symbol_gaps
from veracity_trace.evidence.backing import Backing, backing_of
from veracity_trace.evidence.evidence import TicketEvidence
from veracity_trace.links import Link, suspicions
from veracity_trace.problems import Problem
from veracity_trace.run import Result
from veracity_trace.tickets import Index, Ticket


class Level(IntEnum):
    """What the tests of a ticket have shown; 4 and 5 rest on planted faults (`veracity_trace.evidence`)."""

    UNTESTED = 0
    LINKED = 1
    PASSING = 2
    ASSERTED = 3
    CAN_FAIL = 4
    CAN_FAIL_IN_CLAIM = 5


class Verdict(StrEnum):
    """The state of a T ticket's tests in one word."""

    UNTESTED = "untested"
    FAILING = "failing"
    NOT_RUN = "not-run"
    VACUOUS = "vacuous"
    PASSING = "passing"


@dataclass(frozen=True, slots=True)
class Records:
    """What is kept in the checkout beside the run: planted faults that were noticed, and links that were stamped."""

    evidence: Mapping[str, TicketEvidence] = field(default_factory=dict)
    links: Mapping[str, Link] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a ticket stands. `gaps` is empty exactly when its claim would hold; S and I have no verdict or backing."""

    level: Level
    verdict: Verdict | None
    tests: tuple[Result, ...]
    gaps: tuple[Problem, ...]
    backing: Backing | None = None


# How each bad end of a test is called, worst first: (outcomes, verdict, code, words).
_BAD_ENDS: Final = (
    (("failed", "error"), Verdict.FAILING, "failing", "fails"),
    (("xpassed",), Verdict.FAILING, "failing", "is marked xfail but passes"),
    (("no_parameters",), Verdict.NOT_RUN, "empty-parametrize", "is parametrized with nothing"),
    (("xfailed",), Verdict.NOT_RUN, "xfail", "is expected to fail"),
    (("skipped",), Verdict.NOT_RUN, "skipped", "was skipped"),
)


def judge(
    index: Index,
    results: Sequence[Result],
    root: Path,
    records: Records = Records(),
    claim_level: Level = Level.ASSERTED,
) -> dict[str, Standing]:
    """Return where every ticket stands after one run; a claim has to reach `claim_level`, which the project sets."""
    by_ticket: dict[str, list[Result]] = defaultdict(list)
    for result in results:
        for ticket_id in result.tickets:
            by_ticket[ticket_id].append(result)
    standings: dict[str, Standing] = {}
    for ticket in index.tickets.values():
        if ticket.kind == "T":
            tests = judge_tests(ticket, by_ticket[ticket.id], index.tickets)
            standings[ticket.id] = _backed(tests, ticket, root, records, claim_level)
    for ticket in index.tickets.values():
        if ticket.kind == "S":
            standings[ticket.id] = _judge_spec(ticket, index.tickets, standings, root, claim_level)
        elif ticket.kind == "I":
            standings[ticket.id] = _judge_symbol(ticket, index.tickets, standings, claim_level)
    for ticket in index.tickets.values():
        standing = standings[ticket.id]
        found = _link_gaps(ticket, standing.tests, root, records, claim_level)
        standings[ticket.id] = replace(standing, gaps=(*standing.gaps, *found))
    return standings


def _backed(standing: Standing, ticket: Ticket, root: Path, records: Records, claim_level: Level) -> Standing:
    """Raise a ticket whose tests hold to what its planted faults have shown."""
    backing = backing_of(root, ticket, standing.tests, records.evidence)
    holds = standing.level is Level.ASSERTED and not standing.gaps
    level = Level(max(standing.level, backing.level)) if holds else standing.level
    gaps = [*standing.gaps, *backing.broken]
    if claim_level > Level.ASSERTED and backing.level < claim_level:
        gaps += backing.gaps
    return replace(standing, level=level, gaps=tuple(gaps), backing=backing)


def _link_gaps(
    ticket: Ticket, tests: Sequence[Result], root: Path, records: Records, claim_level: Level
) -> list[Problem]:
    stamped = records.links.get(ticket.id)
    if stamped is not None:
        return list(suspicions(root, ticket, tests, stamped))
    if ticket.claimed and claim_level > Level.ASSERTED:
        return [
            Problem(
                "unstamped", f"nobody stamped it yet: python -m veracity_trace stamp {ticket.id}", ticket.id
            )
        ]
    return []


def judge_tests(ticket: Ticket, tests: Sequence[Result], tickets: Mapping[str, Ticket]) -> Standing:
    """Judge a T ticket. One linked test that did not run or checked nothing spoils it: a proof has no spare parts."""
    if not tests:
        gap = Problem("no-test", "no test carries it", ticket.id)
        return Standing(Level.UNTESTED, Verdict.UNTESTED, (), (gap,))
    gaps = []
    verdict = Verdict.PASSING
    for outcomes, bad_verdict, code, words in _BAD_ENDS:
        bad = [test for test in tests if test.outcome in outcomes]
        gaps += [Problem(code, _sentence(test, words), ticket.id) for test in bad]
        if bad and verdict is Verdict.PASSING:
            verdict = bad_verdict
    level = Level.PASSING if verdict is Verdict.PASSING else Level.LINKED
    empty = [test for test in tests if test.outcome == "passed" and not test.asserts]
    gaps += [
        Problem("no-assertion", _sentence(test, "passes without an assertion"), ticket.id) for test in empty
    ]
    if verdict is Verdict.PASSING:
        verdict, level = (Verdict.VACUOUS, level) if empty else (verdict, Level.ASSERTED)
    gaps += [
        Problem("shared-test", f"rests on {test.nodeid} with {other}; only twins in same_as may", ticket.id)
        for test in tests
        for other in test.tickets
        if other != ticket.id and not _twins(ticket, tickets.get(other))
    ]
    return Standing(level, verdict, tuple(tests), tuple(gaps))


def _sentence(test: Result, words: str) -> str:
    return f"{test.nodeid} {words}" + (f": {test.reason}" if test.reason else "")


def _twins(one: Ticket, other: Ticket | None) -> bool:
    return other is not None and other.id in one.same_as and one.id in other.same_as


def _judge_spec(
    ticket: Ticket,
    tickets: Mapping[str, Ticket],
    standings: Mapping[str, Standing],
    root: Path,
    claim_level: Level,
) -> Standing:
    """An S ticket stands when its section and documents do and every T ticket it names is claimed and proven."""
    checks = [check for check in ticket.checks if check in standings]
    reasons = [*spec_gaps(root, ticket), *document_gaps(root, ticket)]
    for check in checks:
        if not tickets[check].claimed:
            reasons.append(f"{check}, which checks it, is open")
        elif standings[check].level < claim_level or standings[check].gaps:
            reasons.append(f"{check}, which checks it, is at level {standings[check].level:d}")
    level = min((standings[check].level for check in checks), default=Level.UNTESTED)
    gaps = tuple(Problem("spec", reason, ticket.id) for reason in reasons)
    return Standing(level, None, _tests_of(checks, standings), gaps)


def _judge_symbol(
    ticket: Ticket, tickets: Mapping[str, Ticket], standings: Mapping[str, Standing], claim_level: Level
) -> Standing:
    """An I ticket stands when its symbol does and a proven T ticket exercises it; from level 4 on, claims it too."""
    checks = [check for check in ticket.checks if check in standings]
    reasons = list(symbol_gaps(ticket))
    level = max((standings[check].level for check in checks), default=Level.UNTESTED)
    proven = [
        check for check in checks if standings[check].level >= claim_level and not standings[check].gaps
    ]
    if not proven:
        reasons.append(f"none of {', '.join(ticket.checks)}, which exercise it, is at level {claim_level:d}")
    elif claim_level > Level.ASSERTED and not any(_claims(tickets[check], ticket.symbol) for check in proven):
        reasons.append(f"none of {', '.join(proven)} claims {ticket.symbol} in `enforces`")
    gaps = tuple(Problem("symbol", reason, ticket.id) for reason in reasons)
    return Standing(level, None, _tests_of(checks, standings), gaps)


def _claims(ticket: Ticket, symbol: str | None) -> bool:
    """Return whether a ticket claims the symbol, something inside it, or what it is inside of."""
    name = f"{symbol}."
    claims = [claim.removeprefix("@") for claim in ticket.enforces]
    return any(
        f"{claim}.".startswith(name) or name.startswith(f"{claim}.") or claim == name[:-1].replace(":", ".")
        for claim in claims
    )


def _tests_of(checks: Iterable[str], standings: Mapping[str, Standing]) -> tuple[Result, ...]:
    """Return the tests behind some T tickets, each once."""
    tests = {test.nodeid: test for check in checks for test in standings[check].tests}
    return tuple(tests.values())
