"""`tickets/links.lock`: for which words and which tests a link was looked at. A changed text makes it suspect."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from veracity_trace.evidence.backing import test_hashes
from veracity_trace.evidence.fingerprint import spec_fingerprint
from veracity_trace.problems import Problem
from veracity_trace.run import Result
from veracity_trace.tickets import Ticket

LINKS_PATH: Final = Path("tickets/links.lock")
LINKS_FORMAT: Final = "veracity-trace-links/1"


class LinksUnreadable(Exception):
    """The lock file is torn or of another format."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a ticket asked for and which tests spoke for it when somebody stamped it."""

    spec: str
    tests: dict[str, str]  # test -> hash of its text; of a T ticket only


def link_of(root: Path, ticket: Ticket, tests: Sequence[Result]) -> Link:
    """Return the link as it stands now."""
    return Link(spec_fingerprint(root, ticket), test_hashes(root, tests) if ticket.kind == "T" else {})


def suspicions(root: Path, ticket: Ticket, tests: Sequence[Result], stamped: Link) -> Iterator[Problem]:
    """Yield why a stamped link has to be looked at again."""
    now = link_of(root, ticket, tests)
    changed = [] if now.spec == stamped.spec else ["what it asks for"]
    names = sorted(now.tests.keys() | stamped.tests.keys())
    changed += [name for name in names if now.tests.get(name) != stamped.tests.get(name)]
    if changed:
        message = f"changed since it was stamped: {', '.join(changed)}; read it again, then: python -m veracity_trace stamp"
        yield Problem("suspect", f"{message} {ticket.id}", ticket.id)


def read_links(path: Path) -> dict[str, Link]:
    """Return the stamped links, none where there is no file. Raises LinksUnreadable."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != LINKS_FORMAT:
            raise LinksUnreadable(f"{path} has format {content['format']!r}, not {LINKS_FORMAT!r}")
        return {key: Link(**link) for key, link in content["links"].items()}
    except FileNotFoundError:
        return {}
    except (ValueError, KeyError, TypeError) as problem:
        raise LinksUnreadable(f"{path} is no lock of links: {problem!r}") from None


def write_links(path: Path, links: dict[str, Link]) -> None:
    """Write one line for each ticket, whole or not at all."""
    lines = [
        f'"{key}": {json.dumps({"spec": link.spec, "tests": dict(sorted(link.tests.items()))})}'
        for key, link in sorted(links.items())
    ]
    text = f'{{"format": "{LINKS_FORMAT}",\n"links": {{\n' + ",\n".join(lines) + "\n}}\n"
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
