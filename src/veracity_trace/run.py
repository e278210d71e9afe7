"""What one pytest run showed: the record between the plugin that writes it and the report that judges it.

Only the standard library is imported here: every pytest start loads this module.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

RUN_FORMAT: Final = "veracity-trace-run/1"
RUN_PATH: Final = Path("build/trace/run.json")

# A change in any of these after the run makes the run say nothing about the checkout any more.
WATCHED: Final = ("tests", "features", "src", "generated")


class RunUnreadable(Exception):
    """The run record is missing, torn or of another format."""


@dataclass(frozen=True, slots=True)
class Result:
    """The end of one test. `asserts` counts what the test body checked; set-up and tear-down do not count."""

    nodeid: str
    tickets: tuple[str, ...]
    outcome: str  # one of OUTCOMES
    asserts: int
    reason: str  # why it was skipped or marked xfail; empty otherwise
    scenario: str  # "features/x.feature::Name"; empty for a plain test


@dataclass(frozen=True, slots=True)
class Run:
    """One pytest run."""

    exit_status: int
    assertion_hook: bool  # False: passing asserts were not counted, so every count is 0
    filters: tuple[str, ...]  # what may have left tests out; empty for a whole run
    files: dict[str, str]  # path below the root -> sha256 when the run began
    tests: tuple[Result, ...]


# From best to worst: a test whose phases (or subtests) differ ends as its worst.
OUTCOMES: Final = ("passed", "xfailed", "skipped", "no_parameters", "xpassed", "failed", "error")


def write_run(run: Run, path: Path) -> None:
    """Write the record whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"format": RUN_FORMAT, **asdict(run)}, indent=1, ensure_ascii=False)
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(text + "\n", encoding="utf-8")
    unfinished.replace(path)


def read_run(path: Path) -> Run:
    """Read the record back. Raises RunUnreadable."""
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != RUN_FORMAT:
            raise RunUnreadable(f"{path} has format {content['format']!r}, not {RUN_FORMAT!r}")
        tests = tuple(Result(**{**test, "tickets": tuple(test["tickets"])}) for test in content["tests"])
        return Run(
            exit_status=content["exit_status"],
            assertion_hook=content["assertion_hook"],
            filters=tuple(content["filters"]),
            files=content["files"],
            tests=tests,
        )
    except FileNotFoundError:
        raise RunUnreadable(f"{path} does not exist") from None
    except (ValueError, KeyError, TypeError) as problem:
        raise RunUnreadable(f"{path} is not a run record: {problem!r}") from None


def hash_files(root: Path) -> dict[str, str]:
    """Return the sha256 of every file of the watched folders, by its path below `root`."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in WATCHED
        for path in _files(root / folder)
    }


def changed_files(run: Run, root: Path) -> list[str]:
    """Return the watched files that were added, removed or changed since the run began."""
    now = hash_files(root)
    return sorted(path for path in now.keys() | run.files.keys() if now.get(path) != run.files.get(path))


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != "__pycache__" and not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))
