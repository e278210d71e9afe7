"""Reads a config file as text: values by `tomllib` with exact decimals, and where each of them stands.

A value that is not TOML does not hide the other mistakes: its fault is kept, the value is set aside as broken, and
the rest is read on.
"""

import re
import tomllib
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from veracity.app.config_lines import Path as KeyPath
from veracity.app.config_lines import line_index, path_text
from veracity.domain.errors import OperatorFault, OperatorFaults

Values = dict[str, Any]

POSITION: Final = re.compile(r" \(at line (\d+), column (\d+)\)$")
PAIR: Final = re.compile(r"\s*[\w.\"' \t-]+=")
REPEATED: Final = "Cannot overwrite a value"
UNCLOSED: Final = "Unclosed array"
PLACEHOLDER: Final = " 0"
BROKEN_MAX: Final = (
    100  # values of one file that are set aside; a file with more is something else than a config
)


class SchemaFault(OperatorFault):
    """A key or a value that the schema refuses, whatever else stands in the config."""


@dataclass(slots=True)
class Document:
    """The values of one config and where they came from; overrides change both."""

    name: str  # as the operator wrote it
    folder: Path  # what relative paths are relative to
    values: Values
    lines: dict[KeyPath, int]
    faults: list[OperatorFault] = field(default_factory=list)  # what was not TOML
    broken: set[KeyPath] = field(default_factory=set)  # values that were set aside for it
    overrides: dict[KeyPath, str] = field(default_factory=dict)

    def copy(self) -> "Document":
        """Another one to override: what overrides do not change is the same."""
        return replace(
            self, values=_copied(self.values), broken=set(self.broken), overrides=dict(self.overrides)
        )

    def origin(self, path: KeyPath) -> str | None:
        """Where the value at `path` was given: `file:line` or the override; None for a default."""
        if path in self.overrides:
            return self.overrides[path]
        return f"{self.name}:{self.lines[path]}" if path in self.lines else None

    def place(self, path: KeyPath) -> str:
        """Where to look for `path`: its own origin, or that of the nearest table around it."""
        while path:
            found = self.origin(path)
            if found is not None:
                return found
            path = path[:-1]
        return self.name

    def fault(
        self,
        path: KeyPath,
        problem: str,
        why: str = "",
        hint: str = "",
        kind: type[OperatorFault] = OperatorFault,
    ) -> OperatorFault:
        """A fault of the value at `path`: where it stands, which it is, and what is wrong with it."""
        return kind(f"{path_text(path)}: {problem}", where=self.place(path), why=why, hint=hint)


def read_file(path: Path) -> Document:
    """The document at `path`. Raises OperatorFault where there is no text to read."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise OperatorFault(
            "there is no such config file",
            where=str(path),
            hint="`veracity init DIR` makes one; the checkout has some in examples/",
        ) from None
    except UnicodeDecodeError as error:
        raise OperatorFault("the config is not UTF-8 text", where=str(path), why=str(error)) from None
    except OSError as error:
        hint = "name the TOML file itself" if path.is_dir() else "see who may read it"
        raise OperatorFault(
            "the config cannot be read", where=str(path), why=str(error.strerror), hint=hint
        ) from None
    return read_text(text, str(path), path.parent)


def read_text(text: str, name: str, folder: Path) -> Document:
    """The document that `text` is. Raises OperatorFaults where its tables cannot be told apart."""
    lines = text.replace("\r\n", "\n").split("\n")
    broken: dict[int, str] = {}  # line -> what the parser says
    while True:
        try:
            values = tomllib.loads("\n".join(lines), parse_float=Decimal)
            break
        except tomllib.TOMLDecodeError as error:
            message, line = _position(error)
            if not _set_aside(lines, line, message, broken):
                told = [*broken.items(), (line, message)]
                raise OperatorFaults.of([_not_toml(name, *one) for one in told]) from None
    document = Document(name, folder, values, line_index("\n".join(lines)))
    for line, message in broken.items():
        paths = [path for path, at in document.lines.items() if at == line]
        document.broken.update(paths)
        document.faults.append(_not_toml(name, line, message, path_text(paths[-1]) if paths else ""))
    return document


def read_value(text: str) -> Any:
    """A value from the command line: TOML where it is TOML, plain text otherwise."""
    try:
        return tomllib.loads(f"value = {text}", parse_float=Decimal)["value"]
    except tomllib.TOMLDecodeError:
        return text


def _copied(value: Any) -> Any:
    """Tables and lists anew; what stands in them cannot change."""
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _position(error: tomllib.TOMLDecodeError) -> tuple[str, int]:
    """The parser's words without the place, and the line; 0 at the end of the document."""
    match = POSITION.search(str(error))
    if match is None:
        return str(error), 0
    return f"{str(error)[: match.start()]} (column {match[2]})", int(match[1])


def _not_toml(name: str, line: int, message: str, key: str = "") -> OperatorFault:
    what = f"{key}: is not TOML" if key else "not TOML"
    return OperatorFault(what, where=f"{name}:{line}" if line else name, why=message)


def _set_aside(lines: list[str], line: int, message: str, broken: dict[int, str]) -> bool:
    """Replace the broken value of one `key = value` line, so that the rest can be read; False where that is no help."""
    pair = PAIR.match(lines[line - 1]) if line else None
    if pair is None or line in broken or len(broken) == BROKEN_MAX or message.startswith(UNCLOSED):
        return False
    broken[line] = message
    lines[line - 1] = "" if message.startswith(REPEATED) else pair[0] + PLACEHOLDER
    return True
