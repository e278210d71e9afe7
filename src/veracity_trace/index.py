"""The tickets: read from tickets/*.yaml, checked one by one by their schema and then against each other."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
import yaml

from veracity_trace.consistency import check_consistency
from veracity_trace.ids import TICKETS
from veracity_trace.problems import Problem
from veracity_trace.tickets import Index, Ticket

# The format belongs to this tool, so its schema is the one beside it, whatever project is read.
SCHEMAS: Final = Path(__file__).resolve().parents[2] / "schemas"


def load_index(root: Path) -> Index:
    """Read and check every ticket file below `root`. Never raises for bad content: see `Index.problems`."""
    tickets: dict[str, Ticket] = {}
    sections: dict[int, str] = {}
    problems: list[Problem] = []
    for path in sorted((root / TICKETS).glob("*.yaml")):
        content, found = _read(path)
        problems += found
        if content is None:
            continue
        section = content["section"]
        if section in sections:
            problems.append(Problem("section", f"{path.name}: section {section} has another file already"))
        if not path.name.startswith(f"{section:02}-"):
            problems.append(
                Problem("section", f"{path.name}: a file of section {section} starts with {section:02}-")
            )
        sections[section] = content["title"]
        for raw in content["tickets"]:
            ticket = _ticket(raw, section)
            if ticket.id in tickets:
                problems.append(Problem("twice", f"{path.name}: the id is used twice", ticket.id))
            tickets[ticket.id] = ticket
    if not problems:  # references into a file that cannot be read would only repeat its error
        problems += check_consistency(tickets, sections)
    return Index(tickets, sections, tuple(problems))


def _read(path: Path) -> tuple[dict[str, Any] | None, list[Problem]]:
    """Return a file's content (None where nothing of it can be used) and every error in it."""
    try:
        content = _UniqueKeys(path.read_text(encoding="utf-8")).get_single_data()
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        return None, [Problem("yaml", f"{path.name}: {problem}")]
    problems = [_schema_problem(path, content, error) for error in _validator().iter_errors(content)]
    return (None if problems else content), problems


def _schema_problem(path: Path, content: Any, error: jsonschema.ValidationError) -> Problem:
    """Name the ticket instead of its place in the list."""
    place = list(error.absolute_path)
    ticket = None
    if len(place) > 1 and place[0] == "tickets":
        raw = content["tickets"][place[1]]
        ticket = str(raw.get("id", f"ticket {place[1]}")) if isinstance(raw, dict) else f"ticket {place[1]}"
        place = place[2:]
    field = ".".join(map(str, place))
    message = "a ticket of this kind has no such field" if error.validator == "not" else error.message
    return Problem("schema", f"{path.name}: {field + ': ' if field else ''}{message}", ticket)


def _ticket(raw: dict[str, Any], section: int) -> Ticket:
    return Ticket(
        id=raw["id"],
        kind=raw["kind"],
        section=section,
        title=raw["title"],
        acceptance=tuple(raw["acceptance"]),
        claimed=raw["claimed"],
        checks=tuple(raw.get("checks", ())),
        specs=tuple(raw.get("specs", ())),
        spec=raw.get("spec"),
        symbol=raw.get("symbol"),
        same_as={twin["id"]: twin["differs"] for twin in raw.get("same_as", ())},
        note=raw.get("note"),
        enforces=tuple(raw.get("enforces", ())),
        must_see=tuple(raw.get("must_see", ())),
        sabotage=raw.get("sabotage"),
    )


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((SCHEMAS / "tickets.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft202012Validator(schema)


class _UniqueKeys(yaml.CSafeLoader):
    """YAML lets the later of two equal keys win in silence; here it is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"key {key.value!r} twice", key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)
