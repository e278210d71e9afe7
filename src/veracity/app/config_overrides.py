"""`--set key=value`: changes values of a config before they are checked, and remembers that it did.

A key is a path such as run.seed, costs.fee_taker, strategies.sma.params.fast or instruments[0].start; an element of a
list of tables is named by its index or by its id or symbol.
"""

import re
from collections.abc import Iterable
from typing import Any, Final

from veracity.app.config_lines import Path
from veracity.app.config_text import Document, read_value
from veracity.domain.errors import ExitCode, OperatorFault

NAMED_BY: Final = ("id", "symbol")
INDEX: Final = re.compile(r"\[(\d+)\]")


def apply_overrides(document: Document, overrides: Iterable[str]) -> list[Path]:
    """Set each `key=value` in turn; answers where. Raises OperatorFault where one is not of that form or names nothing."""
    paths = []
    for text in overrides:
        key, equals, value = text.partition("=")
        parts = INDEX.sub(r".\1", key.strip()).split(".")
        if not equals or not all(parts):
            raise _refused(text, "it is not of the form key=value", "for example --set run.seed=2")
        paths.append(_set(document, parts, read_value(value.strip()), text))
    return paths


def _set(document: Document, parts: list[str], value: Any, text: str) -> Path:
    at: Any = document.values
    path: Path = ()
    for part in parts[:-1]:
        if isinstance(at, list):
            step: str | int = _index(at, part, text)
            at = at[int(step)]
        else:
            step = part
            at = at.setdefault(part, {})
        path = (*path, step)
        if not isinstance(at, dict | list):
            raise _refused(text, f"{part} is a value and has nothing inside", "see `veracity config schema`")
    last: str | int = parts[-1]
    if isinstance(at, list):
        last = _index(at, parts[-1], text)
    at[last] = value
    document.overrides[*path, last] = f"--set {text}"
    document.broken.discard((*path, last))
    return (*path, last)


def _index(items: list[Any], part: str, text: str) -> int:
    for number, item in enumerate(items):
        if part == str(number) or (isinstance(item, dict) and part in [item.get(key) for key in NAMED_BY]):
            return number
    names = [
        str(item.get(key)) for item in items if isinstance(item, dict) for key in NAMED_BY if key in item
    ]
    raise _refused(text, f"there is no {part}", f"known: {', '.join(names) or 'none'}")


def _refused(text: str, why: str, hint: str) -> OperatorFault:
    return OperatorFault("cannot be set", where=f"--set {text}", why=why, hint=hint, exit_code=ExitCode.USAGE)
