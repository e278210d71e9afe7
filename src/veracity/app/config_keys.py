"""Every key that a config may have, flat, with what its schema says of it: what `veracity config explain` tells."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from veracity.app.config_problems import did_you_mean
from veracity.app.config_schema import json_schema, strategies
from veracity.domain.errors import ExitCode, OperatorFault

PARAMS: Final = "strategies.params"
LIMITS: Final = {  # JSON Schema's word -> ours
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
    "minItems": "entries at least",
    "maxItems": "entries at most",
    "pattern": "of the form",
}


class Key(NamedTuple):
    """One key: its path without the numbers of list elements, and what its schema says."""

    path: str
    type: str
    limits: tuple[str, ...]
    description: str
    required: bool
    default: Any
    examples: tuple[Any, ...]
    strategy: str | None  # whose parameter it is


def keys() -> tuple[Key, ...]:
    """All of them in the order of the schemas; the parameters of each strategy at the end."""
    schema = json_schema()
    found = list(_under("", schema, schema["$defs"], None))
    for name in strategies():
        params = json_schema(name)
        found += _under(PARAMS, params, params.get("$defs", {}), name)
    return tuple(found)


def explain(text: str) -> tuple[Key, ...]:
    """The keys that `text` means: a path, the table above them, or the end of a path such as `daily_loss`.

    Raises OperatorFault (exit code 2) where there is none.
    """
    known = keys()
    found = tuple(key for key in known if key.path == text)
    found = found or tuple(key for key in known if key.path.endswith(f".{text}"))
    found = found or tuple(key for key in known if key.path.startswith(f"{text}."))
    if not found:
        ends = {key.path.rpartition(".")[2]: key.path for key in known}
        near = did_you_mean(text, [*ends.values(), *ends])
        hint = near if near.startswith("did you mean") else "all keys: veracity config explain"
        raise OperatorFault(f"no config has a key {text}", hint=hint, exit_code=ExitCode.USAGE)
    return found


def _under(
    prefix: str, schema: Mapping[str, Any], defs: Mapping[str, Any], strategy: str | None
) -> Iterator[Key]:
    required = schema.get("required", ())
    for name, written in schema.get("properties", {}).items():
        path = f"{prefix}.{name}" if prefix else name
        meant = _meant(written, defs)
        inner = _meant(meant.get("items", {}), defs)
        table = next((one for one in (meant, inner) if "properties" in one), None)
        if table is not None:
            yield from _under(path, table, defs, strategy)
            continue
        limits = tuple(f"{word} {meant[key]}" for key, word in LIMITS.items() if key in meant)
        described = str(written.get("description", meant.get("description", "")))
        default = written.get("default")
        yield Key(
            path, _type(meant, inner), limits, described, name in required, default,
            tuple(written.get("examples", ())), strategy,
        )  # fmt: skip


def _meant(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema behind a reference, or the one that is not null of a key that may be left out."""
    for one in schema.get("anyOf", ()):
        if one.get("type") != "null":
            return {**_meant(one, defs), **{key: schema[key] for key in ("description",) if key in schema}}
    reference = schema.get("$ref")
    return schema if reference is None else defs[reference.rpartition("/")[2]]


def _type(meant: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    if "enum" in meant:
        return "one of " + ", ".join(map(str, meant["enum"]))
    if "const" in meant:
        return str(meant["const"])
    words = {"integer": "whole number", "number": "number", "string": "text", "boolean": "true or false"}
    if meant.get("type") == "array":
        return f"list of {_type(inner, {})}" if inner else "list"
    return words.get(str(meant.get("type")), "table")
