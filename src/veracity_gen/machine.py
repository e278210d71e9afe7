"""One state machine as read from specs/machines/<name>.yaml (schemas/machine.schema.json describes the file)."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema

from veracity_gen import strict_yaml
from veracity_gen.errors import SourceRefused


@dataclass(frozen=True)
class Arm:
    """What one event does in one state where the guard holds: go to a state, or refuse by name."""

    state: str
    event: str
    guard: str | None
    to: str | None
    refuse: str | None
    tickets: tuple[str, ...]


@dataclass(frozen=True)
class Machine:
    """One machine; dicts keep the order of the file."""

    name: str
    title: str
    description: str
    tickets: tuple[str, ...]
    initial: str
    states: dict[str, str]  # name -> description
    terminal: tuple[str, ...]
    facts: dict[str, tuple[str, int]]  # name -> description, least value
    guards: dict[str, tuple[str, str]]  # name -> condition, description
    events: dict[str, tuple[str, str]]  # name -> description, kind of the journal event
    must_judge: dict[str, tuple[str, ...]]  # event -> facts that its guards must look at in every state
    arms: tuple[Arm, ...]
    permits: dict[str, Any] | None

    def choices(self) -> dict[tuple[str, str], list[Arm]]:
        """The arms of each (state, event) that has any, in the order of states and events."""
        found: dict[tuple[str, str], list[Arm]] = {}
        for state in self.states:
            for event in self.events:
                arms = [arm for arm in self.arms if (arm.state, arm.event) == (state, event)]
                if arms:
                    found[state, event] = arms
        return found


def load(path: Path, schema: dict[str, Any]) -> Machine:
    """Read and check one file against the schema; raises SourceRefused with every violation and its place."""
    document = strict_yaml.load(path)
    validator = jsonschema.Draft202012Validator(schema)
    problems = [
        f"{path.name}: {'.'.join(map(str, error.absolute_path)) or 'file'}: {error.message}"
        for error in sorted(
            validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path))
        )
    ]
    if not problems and document["machine"] != path.stem:
        problems = [f"{path.name}: machine: {document['machine']} is not the stem of the file"]
    if problems:
        raise SourceRefused(problems)
    return from_document(document)


def from_document(document: dict[str, Any]) -> Machine:
    """The machine of a document that satisfies the schema; an arc of several states becomes an arm for each."""
    return Machine(
        name=document["machine"],
        title=document["title"],
        description=document["description"],
        tickets=tuple(document["tickets"]),
        initial=document["initial"],
        states={name: state["description"] for name, state in document["states"].items()},
        terminal=tuple(name for name, state in document["states"].items() if state.get("terminal")),
        facts={name: (one["description"], one["minimum"]) for name, one in document.get("facts", {}).items()},
        guards={name: (one["when"], one["description"]) for name, one in document.get("guards", {}).items()},
        events={
            name: (one["description"], one.get("record", "")) for name, one in document["events"].items()
        },
        must_judge={name: tuple(one.get("facts", ())) for name, one in document["events"].items()},
        arms=tuple(
            Arm(
                state, arc["event"], arc.get("guard"), arc.get("to"), arc.get("refuse"), tuple(arc["tickets"])
            )
            for arc in document["arcs"]
            for state in arc["from"]
        ),
        permits=document.get("permits"),
    )


def load_all(root: Path) -> list[Machine]:
    """Every machine of specs/machines/, by file name."""
    schema = json.loads((root / "schemas/machine.schema.json").read_text(encoding="utf-8"))
    return [load(path, schema) for path in sorted((root / "specs/machines").glob("*.yaml"))]
