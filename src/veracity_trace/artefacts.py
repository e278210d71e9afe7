"""The artefacts of S and I tickets: a section of a specification, a symbol of the code."""

import importlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import yaml

from veracity_trace.ids import ID
from veracity_trace.tickets import Ticket

GENERATED: Final = "veracity_generated"
GENERATED_FOLDER: Final = "generated"

_DOCUMENT: Final = re.compile(r"\b(?:specs|schemas)/[\w/.-]+\.(?:yaml|json)\b")
_H2: Final = re.compile(r"##\s+([TSI]-\d{3})\b")


def spec_gaps(root: Path, ticket: Ticket) -> Iterator[str]:
    """Yield why the text of an S ticket does not stand yet: no file, no section, a check it does not name."""
    name, _, _ = (ticket.spec or "").partition("#")
    path = root / name
    if not path.is_file():
        yield f"{name} does not exist"
        return
    sections = [text for heading, text in _sections(path.read_text(encoding="utf-8")) if heading == ticket.id]
    if len(sections) != 1:
        yield f"{name} has {len(sections)} sections '## {ticket.id} ...' instead of one"
        return
    named = set(ID.findall(sections[0]))
    for check in ticket.checks:
        if check not in named:
            yield f"the section {ticket.id} of {name} does not name {check}"


def document_gaps(root: Path, ticket: Ticket) -> Iterator[str]:
    """Yield why a table or schema that the section names does not stand: absent, unreadable, or reached by nothing."""
    for name in sorted(set(_DOCUMENT.findall(section_of(root, ticket) or ""))):
        path = root / name
        if not path.is_file():
            yield f"{name}, which its section names, does not exist"
            continue
        try:
            yaml.CSafeLoader(path.read_bytes()).get_single_data()  # JSON is YAML
        except yaml.YAMLError as problem:
            yield f"{name} cannot be read: {problem}"
            continue
        sources = (name, f"Generated from {name.rpartition('/')[0]}/")
        if not any(source in text for text in _reaching_texts(root) for source in sources):
            yield f"{name} is reached by no code and no generator"


@cache
def _reaching_texts(root: Path) -> tuple[str, ...]:
    """Return the text of everything that is run: hand-written code, and what was generated (it names its source)."""
    folders = (root / "src", root / GENERATED_FOLDER)
    return tuple(
        path.read_text(encoding="utf-8") for folder in folders for path in sorted(folder.rglob("*.py"))
    )


def section_of(root: Path, ticket: Ticket) -> str | None:
    """Return the text of an S ticket's section, None where it does not stand."""
    path = root / (ticket.spec or "").partition("#")[0]
    if not path.is_file():
        return None
    texts = [text for heading, text in _sections(path.read_text(encoding="utf-8")) if heading == ticket.id]
    return texts[0] if len(texts) == 1 else None


def symbol_gaps(ticket: Ticket) -> Iterator[str]:
    """Yield why the symbol of an I ticket does not stand yet: it cannot be imported, or it is generated."""
    module_name, _, qualname = (ticket.symbol or "").partition(":")
    try:
        module = importlib.import_module(module_name)
        value: object = module
        for name in qualname.split("."):
            value = getattr(value, name)
    except (ImportError, AttributeError, SyntaxError) as problem:
        yield f"{ticket.symbol} cannot be imported: {problem}"
        return
    home = getattr(value, "__module__", None) or module_name
    if any(name.partition(".")[0] == GENERATED for name in (module_name, home)):
        yield f"{ticket.symbol} is generated ({home}); an I ticket names code that somebody wrote"


def _sections(markdown: str) -> Iterator[tuple[str, str]]:
    """Yield (ticket id, text) for each H2 that starts with an id; code blocks hold no headings."""
    heading, lines, fenced = "", list[str](), False
    for line in markdown.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        if not fenced and re.match(r"##?\s", line):
            yield heading, "\n".join(lines)
            found = _H2.match(line)
            heading, lines = (found[1] if found else ""), []
        lines.append(line)
    yield heading, "\n".join(lines)
