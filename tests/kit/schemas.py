"""The published schemas, ready to judge documents: each names its schema, and the schema is a file of that name."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema
from jsonschema_specifications import REGISTRY
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SCHEMAS: Final = Path(__file__).resolve().parents[2] / "schemas"
PREFIX: Final = "veracity."
SHARED: Final = ("common", "summary")


def refuse_undescribed(document: dict[str, Any]) -> None:
    """Raise jsonschema.ValidationError where a document is not what the schema that it names says."""
    name, _, version = str(document["schema"]).removeprefix(PREFIX).partition("/")
    assert version.isdecimal(), f"{document['schema']} has no version"
    _validator(name).validate(document)


@cache
def _validator(name: str) -> jsonschema.Draft202012Validator:
    """Of a file in schemas/output/, or of one beside that directory."""
    path = SCHEMAS / f"output/{name}.schema.json"
    described = _read(path if path.exists() else SCHEMAS / f"{name}.schema.json")
    return jsonschema.Draft202012Validator(described, registry=_registry())


@cache
def _registry() -> Registry[Any]:
    """What schemas refer to: a document refers to `common.schema.json` beside it, or to `../summary.schema.json`."""
    shared = {f"{name}.schema.json": _read(SCHEMAS / f"{name}.schema.json") for name in SHARED}
    found: Registry[Any] = REGISTRY.with_resources(
        (uri, Resource.from_contents(content, DRAFT202012)) for uri, content in shared.items()
    )
    return found


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content
