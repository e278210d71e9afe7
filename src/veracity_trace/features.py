"""Gherkin files that pytest-bdd would pass over in silence.

pytest-bdd drops the first of two scenarios with one name, turns tags on `Examples:` into plain marks that
never reach the ticket plugin, and runs no feature file that no test module names. So the files are parsed
here once more and compared with what the run collected.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from gherkin.errors import ParserError
from gherkin.parser import Parser

from veracity_trace.ids import ID
from veracity_trace.problems import Problem

FEATURES: Final = "features"


def check_features(root: Path, collected: Iterable[str]) -> list[Problem]:
    """Return what is wrong with the feature files below `root`.

    `collected` are the scenarios that the run had, as "features/x.feature::Name".
    """
    ran = frozenset(collected)
    return [
        problem
        for path in sorted((root / FEATURES).rglob("*.feature"))
        for problem in _check_file(path, path.relative_to(root).as_posix(), ran)
    ]


def _check_file(path: Path, name: str, ran: frozenset[str]) -> Iterator[Problem]:
    try:
        document: Any = Parser().parse(path.read_text(encoding="utf-8"))
    except (ParserError, UnicodeDecodeError) as problem:
        yield Problem("feature-unreadable", f"{name}: {problem}")
        return
    scenarios = list(_scenarios(document.get("feature") or {}))
    if not scenarios:
        yield Problem("empty-feature", f"{name}: the feature has no scenario")
    counts = Counter(scenario["name"] for scenario in scenarios)
    for title, count in counts.items():
        if count > 1:
            message = f'{name}: {count} scenarios are named "{title}"; pytest-bdd runs only the last'
            yield Problem("duplicate-scenario", message)
        if f"{name}::{title}" not in ran:
            yield Problem("orphan-scenario", f'{name}: no test module collects the scenario "{title}"')
    for scenario in scenarios:
        for tag in _example_tags(scenario):
            message = (
                f'{name}: tag {tag} on Examples of "{scenario["name"]}" marks nothing; put it on the scenario'
            )
            yield Problem("tag-on-examples", message)


def _scenarios(parent: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the scenarios of a feature, those inside rules too."""
    for child in parent.get("children", ()):
        if "scenario" in child:
            yield child["scenario"]
        elif "rule" in child:
            yield from _scenarios(child["rule"])


def _example_tags(scenario: dict[str, Any]) -> Iterator[str]:
    for examples in scenario["examples"]:
        yield from (tag["name"] for tag in examples["tags"] if ID.search(tag["name"]))
