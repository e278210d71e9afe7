"""The published schema of an event line, ready to judge lines."""

import json
from functools import cache
from typing import Any

import jsonschema
from referencing import Registry, Resource
from tests.forensics.runs import ROOT

SCHEMAS = ROOT / "schemas"


def document(path: str) -> dict[str, Any]:
    """A schema by its path below schemas/."""
    content: dict[str, Any] = json.loads((SCHEMAS / path).read_bytes())
    return content


@cache
def validator() -> jsonschema.Draft202012Validator:
    """Judges one line. Events refer to the common types as if these lay beside them; a notice to a report."""
    events = [f"events/{path.name}" for path in sorted((SCHEMAS / "events").iterdir())]
    resources = {path: document(path) for path in (*events, "reports/recovery.schema.json")}
    resources["common.schema.json"] = resources["events/common.schema.json"] = document("common.schema.json")
    registry: Registry[Any] = Registry().with_resources(
        (uri, Resource.from_contents(content)) for uri, content in resources.items()
    )
    return jsonschema.Draft202012Validator(document("logs/event_line.schema.json"), registry=registry)


def faults(line: dict[str, Any]) -> list[str]:
    """What is wrong with a line, in words; empty where nothing is."""
    return [f"{error.json_path}: {error.message}"[:200] for error in validator().iter_errors(line)]
