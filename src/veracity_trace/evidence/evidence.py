"""What the search found, as `tickets/evidence.json` keeps it: sorted, without times, the same on every machine."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

EVIDENCE_FORMAT: Final = "veracity-trace-evidence/1"
EVIDENCE_PATH: Final = Path("tickets/evidence.json")  # committed
DRAFT_PATH: Final = Path("build/trace/evidence.json")  # of single tickets, until somebody commits
TOOL: Final = "1"  # raised when the rules of a kill change, so that older evidence is stale

Result = Literal["claim", "sabotage", "elsewhere", "passenger", "unjudged"]


class EvidenceUnreadable(Exception):
    """The evidence file is torn or of another format."""


@dataclass(frozen=True, slots=True)
class Kill:
    """A planted fault and the words in which a test noticed it. The lines say where it is when code has moved."""

    path: str
    name: str  # function, class or table; of a sabotage its name
    operator: str
    before: str
    after: str
    nth: int
    case: str  # nodeid of the case that failed
    message: str
    diff: str
    spread: int  # tickets whose tests reach the line

    def key(self) -> tuple[str, str, str, str, str, int]:
        """Return what `Mutant.key` returns."""
        return self.path, self.name, self.operator, self.before, self.after, self.nth


@dataclass(frozen=True, slots=True)
class Proof:
    """What one test shows for one ticket. `why` says why there is no kill."""

    result: Result
    kill: Kill | None
    why: str
    source: str = ""  # hash of the test's text


@dataclass(frozen=True, slots=True)
class TicketEvidence:
    """Everything recorded about one ticket. `problems` are claims that are wrong whatever the tests do."""

    spec: str  # fingerprint of what the ticket asks for
    code: dict[str, str]  # enforcement point or sabotage -> hash of its text
    tests: dict[str, Proof]
    problems: tuple[str, ...] = ()
    tool: str = TOOL

    @property
    def level(self) -> int:
        """Return 5 for a kill in the claim or by sabotage, 4 for one elsewhere, 0 for none."""
        results = {proof.result for proof in self.tests.values()}
        if self.problems:
            return 0
        if results & {"claim", "sabotage"}:
            return 5
        return 4 if "elsewhere" in results else 0

    @property
    def passengers(self) -> list[str]:
        """Return the tests that noticed nothing."""
        return [test for test, proof in self.tests.items() if proof.result in {"passenger", "unjudged"}]


@dataclass(slots=True)
class Evidence:
    """The evidence of all tickets, by id."""

    tickets: dict[str, TicketEvidence] = field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the file whole or not at all."""
        content = {
            "format": EVIDENCE_FORMAT,
            "tickets": {key: _plain(self.tickets[key]) for key in sorted(self.tickets)},
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".tmp")
        unfinished.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        unfinished.replace(path)


def read_evidence(path: Path) -> Evidence:
    """Return what was recorded, nothing where there is no file. Raises EvidenceUnreadable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != EVIDENCE_FORMAT:
            raise EvidenceUnreadable(f"{path} has format {content['format']!r}, not {EVIDENCE_FORMAT!r}")
        return Evidence({ticket: _ticket(raw) for ticket, raw in content["tickets"].items()})
    except FileNotFoundError:
        return Evidence()
    except (ValueError, KeyError, TypeError) as problem:
        raise EvidenceUnreadable(f"{path} is no evidence file: {problem!r}") from None


def _plain(ticket: TicketEvidence) -> dict[str, Any]:
    content = asdict(ticket)
    content["tests"] = dict(sorted(content["tests"].items()))
    content["code"] = dict(sorted(content["code"].items()))
    return content


def _ticket(raw: dict[str, Any]) -> TicketEvidence:
    tests = {
        test: Proof(**{**proof, "kill": None if proof["kill"] is None else Kill(**proof["kill"])})
        for test, proof in raw["tests"].items()
    }
    return TicketEvidence(**{**raw, "tests": tests, "problems": tuple(raw["problems"])})


def functions_of(nodeids: Iterable[str]) -> dict[str, list[str]]:
    """Return the cases of each test: a parametrised test is one test."""
    found: dict[str, list[str]] = {}
    for nodeid in nodeids:
        found.setdefault(test_of(nodeid), []).append(nodeid)
    return found


def test_of(nodeid: str) -> str:
    """Return a nodeid without its parameters."""
    head, separator, tail = nodeid.partition("::")
    return head + separator + tail.partition("[")[0]
