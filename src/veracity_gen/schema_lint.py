"""What the schemas must satisfy before models are written from them. Each refusal names file and field.

Records (events, inputs, commands, journal) are stricter than documents: what was journaled must read back the same in
ten years, so nothing may be left out, defaulted, or of unknown unit.
"""

import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from veracity_gen import documents, records, schemas
from veracity_gen.errors import SourceRefused
from veracity_gen.schemas import Document

# An integer's description, its own or its type's, says what it counts in one of these ways.
UNIT: Final = re.compile(r"10\^-|\b(nanoseconds|days|times|decimals|number|version|seed)\b", re.IGNORECASE)
INT64_MAX: Final = 2**63 - 1  # a larger value encodes and then cannot be read back within its bounds
REFERENCE: Final = re.compile(r"(?:common\.schema\.json)?#/\$defs/(\w+)")


def refuse_bad(root: Path) -> None:
    """Raise SourceRefused with every problem of every schema that a model is generated from."""
    folder = root / "schemas"
    common = schemas.load(folder / schemas.COMMON)
    found = [f"{schemas.COMMON}: {problem}" for problem in common_problems(common)]
    for group in records.UNIONS:
        members = schemas.load_group(folder / group)
        if not members:
            found.append(f"schemas/{group}/: no schema, so no union")
        for name, document in members.items():
            found += [f"{group}/{name}: {problem}" for problem in record_problems(name, document, common)]
    for module, path in documents.paths(root).items():
        found += [f"{module}{schemas.SUFFIX}: {problem}" for problem in document_problems(schemas.load(path))]
    if found:
        raise SourceRefused(found)


def record_problems(file_name: str, document: Document, common: Document) -> Iterator[str]:
    """Everything wrong with one event, input, command or journal record."""
    stem = file_name.removesuffix(schemas.SUFFIX)
    title = "".join(word.capitalize() for word in stem.split("_"))
    if document.get("title") != title:
        yield f"title: {document.get('title')!r}, expected {title!r} from the file name"
    properties = document.get("properties", {})
    if next(iter(properties), None) != "kind" or properties["kind"].get("const") != stem:
        yield f"properties.kind: must come first and be the const {stem!r}"
    yield from _closed_object(document)
    for name, field in properties.items():
        yield from (f"properties.{name}: {problem}" for problem in _field_problems(field, common))
    yield from _forbidden(document, "default", "no defaults in records")
    yield from _forbidden(document, "enum", "an enum belongs in $defs of common.schema.json")


def document_problems(document: Document) -> Iterator[str]:
    """Everything wrong with one config, manifest, summary or report schema."""
    for key in ("title", "description"):
        if not document.get(key):
            yield f"{key}: missing"
    named = document.get("$defs", {})
    for place, node in [("", document), *((f"$defs.{name}.", one) for name, one in named.items())]:
        for name, field in node.get("properties", {}).items():
            if not field.get("description") and "$ref" not in field:
                yield f"{place}properties.{name}: no description"
    outside = {key: value for key, value in document.items() if key != "$defs"}
    yield from _forbidden(outside, "enum", "an enum belongs in $defs")
    for name, one in named.items():
        inside = {key: value for key, value in one.items() if key != "enum"}
        yield from (
            f"$defs.{name}.{problem}"
            for problem in _forbidden(inside, "enum", "an enum needs its own name in $defs")
        )


def common_problems(common: Document) -> Iterator[str]:
    """Everything wrong with the shared types; enums are at home here."""
    for name, one in common["$defs"].items():
        place = f"$defs.{name}"
        yield from (f"{place}: {problem}" for problem in _field_problems(one, common))
        if one.get("type") == "object":
            yield from (f"{place}.{problem}" for problem in _closed_object(one))
            for field, content in one["properties"].items():
                yield from (
                    f"{place}.properties.{field}: {problem}" for problem in _field_problems(content, common)
                )
    yield from _forbidden(common, "default", "no defaults in records")


def _closed_object(document: Document) -> Iterator[str]:
    if not document.get("description"):
        yield "description: missing"
    if document.get("type") != "object" or document.get("additionalProperties") is not False:
        yield "additionalProperties: must be a closed object"
    if document.get("required") != list(document.get("properties", {})):
        yield "required: must list every property, in their order"


def _field_problems(field: Document, common: Document) -> Iterator[str]:
    """One field: described, every reference known, every integer within int64 and with its unit."""
    described = field.get("description", "")
    for part in _alternatives(field):
        if "$ref" in part:
            match = REFERENCE.fullmatch(part["$ref"])
            if match is None or match[1] not in common["$defs"]:
                yield f"$ref: {part['$ref']} is not in {schemas.COMMON}"
                return
            part = common["$defs"][match[1]]
            described = f"{described} {part.get('description', '')}".strip()
        if part.get("type") == "integer":
            if not -INT64_MAX <= part.get("minimum", -math.inf) <= part.get("maximum", math.inf) <= INT64_MAX:
                yield "integer without bounds within int64"
            if not UNIT.search(described):
                yield f"description: no unit in {described!r}"
    if not described:
        yield "description: missing"


def _alternatives(field: Document) -> list[Document]:
    """The field itself, or the parts of a nullable one, or the items of an array."""
    if "anyOf" in field:
        return [part for part in field["anyOf"] if part != {"type": "null"}]
    return [field]


def _forbidden(node: Any, word: str, why: str, place: str = "") -> Iterator[str]:
    """Every place where `word` is a keyword; below `properties` the keys are names of fields, no keywords."""
    if isinstance(node, list):
        for number, item in enumerate(node):
            yield from _forbidden(item, word, why, f"{place}{number}.")
    elif isinstance(node, dict):
        names_follow = place.rstrip(".").rpartition(".")[2] in ("properties", "$defs")
        for key, value in node.items():
            if key == word and not names_follow:
                yield f"{place}{key}: {why}"
            yield from _forbidden(value, word, why, f"{place}{key}.")
