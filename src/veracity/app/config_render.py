"""Writes a resolved config as TOML: every value, defaults filled in, each with the place that it came from."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from veracity.app.config_lines import Path
from veracity.app.config_text import Document
from veracity.app.config_values import decimal_text

HEADER: Final = "# Resolved config of a veracity run: every value and where it came from.\n"
DEFAULT: Final = "default"


def resolved_toml(values: Mapping[str, Any], document: Document) -> str:
    """TOML of `values` (tables, lists of tables, plain values); loading it gives the same config again."""
    return HEADER + "\n".join(_table(values, (), "", document)) + "\n"


def _table(values: Mapping[str, Any], path: Path, name: str, document: Document) -> Iterator[str]:
    """The lines of one table: its own values first, then the tables inside it."""
    inside = {key: value for key, value in values.items() if _is_table(value) or _is_tables(value)}
    for key, value in values.items():
        if key not in inside and value is not None:
            origin = _printable(document.origin((*path, key)) or DEFAULT)
            yield f"{_key(key)} = {_value(value)}  # {origin}"
    for key, value in inside.items():
        if not value:
            continue
        full = f"{name}.{_key(key)}" if name else _key(key)
        if _is_table(value):
            yield f"\n[{full}]"
            yield from _table(value, (*path, key), full, document)
        else:
            for number, item in enumerate(value):
                yield f"\n[[{full}]]"
                yield from _table(item, (*path, key, number), full, document)


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: Any) -> bool:
    return (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(item, Mapping) for item in value)
    )


def _key(key: str) -> str:
    bare = key.isascii() and key.replace("_", "").replace("-", "").isalnum()
    return key if bare else _text(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case Decimal():
            return decimal_text(value)
        case str():
            return _text(value)
        case _:
            return f"[{', '.join(_value(item) for item in value)}]"


def _printable(origin: str) -> str:
    """An origin as a comment can hold it: an override is whatever was typed."""
    return "".join(char if char.isprintable() else "?" for char in origin)


def _text(value: str) -> str:
    """A basic string; JSON's escapes are TOML's, and TOML wants DEL escaped too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
