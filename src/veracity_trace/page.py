"""The matrix for people: Markdown for a diff or a pull request, and one HTML page that needs no network."""

import base64
import hashlib
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup, escape

from veracity_trace.levels import Level
from veracity_trace.matrix import Matrix

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
    return environment


def _mark_code(text: str) -> Markup:
    """Escape a sentence and set what stands between backticks as code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # an odd backtick: better the plain text than wrong code
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part for place, part in enumerate(parts)
    )


def _csp_hash(text: str) -> str:
    """Return the hash by which the page's own policy lets exactly this text run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
