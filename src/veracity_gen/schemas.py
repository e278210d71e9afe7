"""Reads `schemas/` and bundles the many small files of a group into one document for the model generator."""

import json
from pathlib import Path
from typing import Any, Final

from veracity_gen.errors import SourceRefused

Document = dict[str, Any]

COMMON: Final = "common.schema.json"
SUFFIX: Final = ".schema.json"
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def load(path: Path) -> Document:
    """One schema file; raises SourceRefused where it is not JSON or not an object."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise SourceRefused([f"{path.name}: not JSON: {error}"]) from error
    if not isinstance(document, dict):
        raise SourceRefused([f"{path.name}: not a JSON object"])
    return document


def load_group(folder: Path) -> dict[str, Document]:
    """All schema files right under a folder by file name, in sorted order; empty where there is no folder."""
    return {path.name: load(path) for path in sorted(folder.glob(f"*{SUFFIX}"))}


def union(title: str, members: dict[str, Document], shared: str) -> Document:
    """One document whose root is the tagged union of the members and that finds common types in `shared`.

    The tool tags structs only where one document holds the union and all its members.
    """
    definitions = {member["title"]: _bare(member) for member in members.values()}
    tags = {one["properties"]["kind"]["const"]: f"#/$defs/{name}" for name, one in definitions.items()}
    document = {
        "$schema": DIALECT,
        "title": title,
        "oneOf": [{"$ref": reference} for reference in tags.values()],
        "discriminator": {"propertyName": "kind", "mapping": tags},
        "$defs": definitions,
    }
    return redirected(document, shared)


def redirected(document: Document, shared: str) -> Document:
    """The same document with every reference into common.schema.json pointing into `shared`, and others into their module."""
    changed: Document = _redirected(document, shared)
    return changed


def _redirected(node: Any, shared: str) -> Any:
    if isinstance(node, dict):
        return {
            key: value.replace(f"{COMMON}#", f"{shared}#").replace(f"{SUFFIX}#", ".json#")
            if key == "$ref"
            else _redirected(value, shared)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [_redirected(item, shared) for item in node]
    return node


def _bare(document: Document) -> Document:
    return {key: value for key, value in document.items() if key not in ("$schema", "$id")}
