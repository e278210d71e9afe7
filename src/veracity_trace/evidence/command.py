"""What `python -m veracity_trace evidence` prints and writes."""

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import click

from veracity_trace.evidence.crew import Crew
from veracity_trace.evidence.evidence import (
    DRAFT_PATH,
    EVIDENCE_PATH,
    Evidence,
    TicketEvidence,
    read_evidence,
)
from veracity_trace.evidence.gather import Gathering
from veracity_trace.evidence.odds import Odds, recorded_kills
from veracity_trace.evidence.replay import Recorded, chosen_kill, replay
from veracity_trace.evidence.search import Limits
from veracity_trace.evidence.settings import read_settings
from veracity_trace.evidence.worker import SessionFailed
from veracity_trace.index import load_index
from veracity_trace.levels import Level
from veracity_trace.tickets import Index, Ticket

_LOG_EVERY_SECONDS: Final = 15.0
LEVEL: Final = 5  # what the command demands of every ticket it looks at


def gather_evidence(
    root: Path, ids: Sequence[str], workers: int, limits: Limits, write: bool, anew: bool
) -> list[str]:
    """Gather, print and record. Returns the ids of the tickets below level 5.

    Faults that were noticed before are tried first, and judged like any other; `anew` forgets them.
    """
    tickets = _chosen(load_index(root), ids)
    path = root / (EVIDENCE_PATH if write or not ids else DRAFT_PATH)
    before = read_evidence(path)
    progress = Progress()
    odds = Odds({} if anew else recorded_kills(read_evidence(root / EVIDENCE_PATH).tickets))
    gathering = Gathering(root, tickets, min(workers, max(1, len(tickets) // 2)), limits, odds, progress)
    try:
        found = gathering.run()
    except SessionFailed as problem:
        raise click.ClickException(str(problem)) from None
    progress("")
    low = [key for key, ticket in sorted(found.tickets.items()) if ticket.level < LEVEL]
    for key, ticket in sorted(found.tickets.items()):
        if ids or key in low or ticket.passengers:
            click.echo("\n".join(_lines(key, ticket, brief=len(ids) != 1)))
    click.echo(_sum(found))
    click.echo(gathering.crew.told())
    kept = before.tickets if ids else {}
    Evidence(kept | found.tickets).write(path)
    click.echo(f"written: {path.relative_to(root)}", err=True)
    return low


def replay_evidence(root: Path, ids: Sequence[str], workers: int) -> list[str]:
    """Plant the recorded faults once more. Returns the ids of the tickets whose fault is noticed no more."""
    tickets = _chosen(load_index(root), ids)
    evidence = read_evidence(root / EVIDENCE_PATH)
    kills = {
        ticket.id: chosen_kill(evidence.tickets[ticket.id])
        for ticket in tickets
        if ticket.id in evidence.tickets
    }
    recorded = [Recorded(ticket, kill) for ticket in tickets if (kill := kills.get(ticket.id)) is not None]
    asked = read_settings(root).claim_level
    failures = {
        ticket.id: f"no fault is recorded; run: python -m veracity_trace evidence {ticket.id} --write"
        for ticket in tickets
        if kills.get(ticket.id) is None and asked > Level.ASSERTED
    }
    if not evidence.tickets and not failures:
        click.echo("no evidence is recorded yet (make evidence), and no claim asks for it")
        return []
    progress = Progress()
    crew = Crew(root, sorted({each.kill.case.partition("::")[0] for each in recorded}), workers, progress)
    try:
        if recorded:
            crew.start()
            failures |= replay(root, crew, recorded)
    except SessionFailed as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        crew.stop()
    progress("")
    for ticket, why in sorted(failures.items()):
        click.echo(f"{ticket}: {why}")
    noticed = sum(each.ticket.id not in failures for each in recorded)
    click.echo(f"{noticed} of {len(tickets)} claimed tickets: their recorded fault was noticed again")
    click.echo(crew.told())
    return sorted(failures)


class Progress:
    """One line that is always the newest on a terminal; in a log a line now and then."""

    def __init__(self) -> None:
        self._said = time.monotonic()

    def __call__(self, line: str) -> None:
        """Show it; an empty line clears."""
        if sys.stderr.isatty():
            click.echo(f"\r\x1b[2K{line}", nl=False, err=True)
        elif line and time.monotonic() - self._said >= _LOG_EVERY_SECONDS:
            self._said = time.monotonic()
            click.echo(line, err=True)


def _chosen(index: Index, ids: Sequence[str]) -> list[Ticket]:
    unknown = [name for name in ids if index.tickets.get(name.upper()) is None or name.upper()[0] != "T"]
    if unknown:
        raise click.UsageError(f"no such T ticket: {', '.join(unknown)}")
    if index.problems and not ids:
        raise click.ClickException(f"the ticket files are wrong: {index.problems[0]}")
    if ids:
        return [index.tickets[name.upper()] for name in ids]
    return [ticket for ticket in index.tickets.values() if ticket.kind == "T" and ticket.claimed]


def _lines(key: str, ticket: TicketEvidence, brief: bool) -> Iterator[str]:
    word = {5: "can fail in its claimed code", 4: "can fail, but not in its claimed code"}
    yield f"{key} level {ticket.level or '3 or less'}: {word.get(ticket.level, 'no fault was noticed')}"
    yield from (f"  ! {problem}" for problem in ticket.problems)
    for test, proof in ticket.tests.items():
        if proof.kill is None:
            yield f"  {proof.result:9} {test}: {proof.why}"
            continue
        yield f"  {proof.result:9} {test}: noticed {proof.kill.operator} in {proof.kill.name}"
        if not brief:
            yield from (f"            {line}" for line in proof.kill.diff.splitlines()[2:])
            yield from (f"            > {line}" for line in proof.kill.message.splitlines()[:4])


def _sum(found: Evidence) -> str:
    total = len(found.tickets)
    proven = sum(ticket.level == LEVEL for ticket in found.tickets.values())
    passengers = sum(len(ticket.passengers) for ticket in found.tickets.values())
    return f"{proven} of {total} tickets can fail in their claimed code; {passengers} linked tests noticed nothing"


if not sys.platform.startswith(("linux", "darwin")):
    raise ImportError("evidence needs fork()")
