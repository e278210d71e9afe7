"""What a proof was made for, as short hashes: the words of the ticket, the code it claims, the text of its tests."""

import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from veracity_trace.artefacts import section_of
from veracity_trace.evidence.claims import Point, definition, parse
from veracity_trace.tickets import Ticket

_DIGITS: Final = 10
_NAMING: Final = ("x-tickets", "tickets", "ticket")


def digest(fields: Iterable[str]) -> str:
    """Return ten hex digits over fields: blanks collapsed, lengths before texts, so that no two lists look alike."""
    total = hashlib.sha256()
    for text in fields:
        words = " ".join(unicodedata.normalize("NFC", text).split()).encode()
        total.update(f"{len(words)}:".encode() + words)
    return total.hexdigest()[:_DIGITS]


def spec_fingerprint(root: Path, ticket: Ticket) -> str:
    """Return the fingerprint of what a ticket asks for: its words, and the definitions, arcs and entries that name it."""
    own = [ticket.title, *ticket.acceptance, *ticket.checks, ticket.symbol or ""]
    if ticket.spec is not None:
        own.append(section_of(root, ticket) or "")
    return digest([*own, *_named_parts(root).get(ticket.id, ())])


def code_hash(root: Path, point: Point) -> str:
    """Return the hash of the claimed lines as they stand."""
    lines = (root / point.path).read_text(encoding="utf-8").splitlines()
    return digest(lines[point.first - 1 : point.last])


def test_hash(root: Path, test: str, scenario: str) -> str:
    """Return the hash of a test's text: of its function, or of its scenario."""
    if scenario:
        file, _, name = scenario.partition("::")
        return digest(_scenario_text((root / file).read_text(encoding="utf-8"), name))
    file, _, qualname = test.partition("::")
    path = root / file
    node = definition(parse(path), qualname.replace("::", "."))
    if node is None:
        return digest([path.read_text(encoding="utf-8")])
    first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
    return digest(path.read_text(encoding="utf-8").splitlines()[first - 1 : node.end_lineno])


def _scenario_text(feature: str, name: str) -> list[str]:
    """Return the lines from the scenario's heading to the next one."""
    lines: list[str] = []
    inside = False
    for line in feature.splitlines():
        head, colon, title = line.strip().partition(":")
        if colon and head in {"Scenario", "Scenario Outline", "Rule", "Background"}:
            inside = title.strip() == name
        if inside:
            lines.append(line)
    return lines


@cache
def _named_parts(root: Path) -> dict[str, list[str]]:
    """Return the parts of schemas, machines and policies that name each ticket, as canonical JSON."""
    parts: dict[str, list[str]] = {}
    for path, content in _documents(root):
        for ticket, part in _naming_parts(content):
            text = json.dumps(part, sort_keys=True, ensure_ascii=False, default=str)
            parts.setdefault(ticket, []).append(f"{path}: {text}")
    return parts


def _documents(root: Path) -> Iterator[tuple[str, Any]]:
    for path in sorted((root / "schemas").rglob("*.json")):
        yield path.relative_to(root).as_posix(), json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((root / "specs").rglob("*.yaml")):
        yield path.relative_to(root).as_posix(), yaml.CSafeLoader(path.read_bytes()).get_single_data()


def _naming_parts(content: Any) -> Iterator[tuple[str, Any]]:
    """Yield (ticket, part) for every mapping that names tickets; a part inside it that names its own is left out."""
    if isinstance(content, list):
        for each in content:
            yield from _naming_parts(each)
    elif isinstance(content, dict):
        for ticket in _names(content):
            yield ticket, _without_named(content)
        for value in content.values():
            yield from _naming_parts(value)


def _names(content: dict[Any, Any]) -> list[str]:
    found: list[str] = []
    for key in _NAMING:
        value = content.get(key)
        found += (
            [value] if isinstance(value, str) else [each for each in value or () if isinstance(each, str)]
        )
    return found


def _without_named(content: Any, top: bool = True) -> Any:
    if isinstance(content, list):
        return [_without_named(each, top=False) for each in content]
    if not isinstance(content, dict):
        return content
    if not top and _names(content):
        return None
    return {key: _without_named(value, top=False) for key, value in content.items() if key not in _NAMING}
