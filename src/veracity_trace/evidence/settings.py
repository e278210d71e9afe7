"""What the project says about itself in pyproject.toml: where its tests are, which function every event passes."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from veracity_trace.evidence.claims import NoSuchPoint, find_point

STRICTEST: Final = 5
"""What a claimed ticket has to reach where the project does not say otherwise."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`applies` is (file, function) of the code that every event passes, where the project has such."""

    test_folders: tuple[str, ...]
    applies: tuple[str, str] | None
    claim_level: int


def read_settings(root: Path) -> Settings:
    """Read them; a project without any has its tests in `tests`."""
    path = root / "pyproject.toml"
    tool = tomllib.loads(path.read_text(encoding="utf-8")).get("tool", {}) if path.is_file() else {}
    folders = tuple(tool.get("pytest", {}).get("testpaths", ["tests"]))
    own = tool.get("veracity-trace", {})
    level = own.get("claim-level", STRICTEST)
    claim = own.get("events-pass")
    if claim is None:
        return Settings(folders, None, level)
    try:
        point = find_point(root, claim)
    except NoSuchPoint as problem:
        raise NoSuchPoint(f"pyproject.toml, [tool.veracity-trace] events-pass: {problem}") from None
    return Settings(folders, (point.path, point.name), level)
