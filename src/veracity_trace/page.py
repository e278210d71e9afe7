"""The matrix for people: Markdown for a diff or a pull request, and one HTML page that needs no network."""

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup, escape

from veracity_trace.evidence.evidence import test_of
from veracity_trace.levels import Level
from veracity_trace.matrix import LinkedTest, Matrix, ProofRow, TicketRow

PARTS: Final = Path(__file__).parent / "page_parts"

LEVEL_WORDS: Final = {
    Level.UNTESTED: "untested",
    Level.LINKED: "linked",
    Level.PASSING: "passing",
    Level.ASSERTED: "asserts executed",
    Level.CAN_FAIL: "can fail",
    Level.CAN_FAIL_IN_CLAIM: "can fail in its claimed code",
}
KIND_WORDS: Final = {"T": "test", "S": "specification", "I": "implementation"}
STATUS_WORDS: Final = {
    "complete": "✓ complete",
    "broken": "✗ broken claim",
    "ready": "◐ proven, not claimed",
    "open": "○ open",
}
PROOF_WORDS: Final = {
    "claim": "✓ noticed a fault in the claimed code",
    "sabotage": "✓ noticed the sabotage",
    "elsewhere": "◐ noticed a fault, but not in the claimed code",
    "passenger": "✗ passenger: noticed no fault",
    "unjudged": "✗ could not be judged",
}


@dataclass(frozen=True, slots=True)
class ShownTest:
    """A test with its cases, as a row lists it. `proof` is None where nothing was recorded."""

    name: str
    cases: tuple[LinkedTest, ...]
    proof: ProofRow | None

    @property
    def file(self) -> str:
        """Path of the file that holds it."""
        return self.name.partition("::")[0]

    @property
    def ends(self) -> str:
        """How its cases ended: `passed`, or `3 passed, 1 failed`."""
        counts = Counter(case.outcome for case in self.cases)
        if len(self.cases) == 1:
            return self.cases[0].outcome
        return ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))

    @property
    def asserts(self) -> int:
        """Asserts that held, over all cases."""
        return sum(case.asserts for case in self.cases)


def shown_tests(row: TicketRow) -> list[ShownTest]:
    """Return a row's tests, each with its cases and what it showed when the code was broken."""
    cases: dict[str, list[LinkedTest]] = {}
    for test in row.tests:
        cases.setdefault(test_of(test.nodeid), []).append(test)
    proofs = {proof.test: proof for proof in row.proofs}
    return [ShownTest(name, tuple(found), proofs.get(name)) for name, found in cases.items()]


def render_html(matrix: Matrix, root_link: str) -> str:
    """Return the page. `root_link` leads from the page's folder to the checkout, so that links find the files."""
    style, script = (PARTS / "matrix.css").read_text("utf-8"), (PARTS / "matrix.js").read_text("utf-8")
    template = _environment().get_template("matrix.html.j2")
    return template.render(
        matrix=matrix,
        root=root_link,
        style=Markup(style),
        script=Markup(script),
        style_hash=_csp_hash(style),
        script_hash=_csp_hash(script),
        levels=LEVEL_WORDS,
        kinds=KIND_WORDS,
        statuses=STATUS_WORDS,
        proofs=PROOF_WORDS,
        reached=Counter(row.level for row in matrix.tickets if row.kind == "T"),
    )


def render_markdown(matrix: Matrix) -> str:
    """Return the matrix as Markdown tables, one per section."""
    return _environment().get_template("matrix.md.j2").render(matrix=matrix, statuses=STATUS_WORDS)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(PARTS),
        autoescape=jinja2.select_autoescape(["html.j2"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["code"] = _mark_code
    environment.filters["diff"] = _mark_diff
    environment.filters["shown_tests"] = shown_tests
    return environment


def _mark_code(text: str) -> Markup:
    """Escape a sentence and set what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # an odd backtick: better the plain text than wrong code
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(parts)
    )


def _mark_diff(text: str) -> Markup:
    """Escape a unified diff and mark what was taken away and what was put in; the signs stay, colour only helps."""
    classes = {"+": "added", "-": "removed"}
    lines = [line for line in text.splitlines() if not line.startswith(("---", "+++"))]
    return Markup("\n").join(
        Markup('<span class="{}">{}</span>').format(classes[line[0]], line)
        if line[:1] in classes
        else escape(line)
        for line in lines
    )


def _csp_hash(text: str) -> str:
    """Return the hash by which the page's own policy lets exactly this text run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
