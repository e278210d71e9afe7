"""`python -m veracity_trace`: check the tickets, report on the last run, say what proves a ticket."""

import json
from collections import Counter
from pathlib import Path
from typing import Any, Final

import click

from veracity_trace.evidence.command import gather_evidence, replay_evidence
from veracity_trace.evidence.search import Limits
from veracity_trace.ids import KINDS
from veracity_trace.index import load_index
from veracity_trace.links import LinksUnreadable
from veracity_trace.report import examine, summary, write_matrix
from veracity_trace.run import RUN_PATH, RunUnreadable
from veracity_trace.stamp import NotStamped, stamp
from veracity_trace.tickets import Index
from veracity_trace.where import UnknownTicket, render_where, where

FINDING: Final = 5  # exit code: something does not hold
CHECK_FORMAT: Final = "veracity-trace-check/1"

_root = click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    show_default="working directory",
    help="The checkout.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")


@click.group()
def main() -> None:
    """From every ticket to its specification, its code and its test. Exit codes: 0 ok, 2 usage, 5 finding."""


@main.command()
@_root
@_as_json
@click.pass_context
def check(context: click.Context, root: Path, as_json: bool) -> None:
    """Check the ticket files, without looking at any test."""
    index = load_index(root)
    content = _counts(index)
    if as_json:
        click.echo(json.dumps(content, indent=1, ensure_ascii=False))
    else:
        for section in content["sections"]:
            counts = "  ".join(f"{kind} {section[kind]}" for kind in KINDS)
            click.echo(f"{section['section']} {section['title']}  {counts}")
        total = ", ".join(f"{content['total'][kind]} {kind}" for kind in KINDS)
        click.echo(f"{len(index.tickets)} tickets: {total}")
        for problem in index.problems:
            click.echo(str(problem), err=True)
    context.exit(FINDING if index.problems else 0)


@main.command()
@_root
@click.option(
    "--run", "run_path", type=click.Path(path_type=Path), help="Run record.  [default: build/trace/run.json]"
)
@click.option("--out", type=click.Path(path_type=Path), help="Where the matrix goes.  [default: build/trace]")
@click.option("--all", "every", is_flag=True, help="Name every open ticket, not only their number.")
@_as_json
@click.pass_context
def report(
    context: click.Context, root: Path, run_path: Path | None, out: Path | None, every: bool, as_json: bool
) -> None:
    """Judge every ticket by the last run; write matrix.json, matrix.md and matrix.html."""
    matrix = examine(root, run_path or root / RUN_PATH)
    folder = out or (root / RUN_PATH).parent
    write_matrix(matrix, folder, root)
    if as_json:
        click.echo((folder / "matrix.json").read_text(encoding="utf-8"), nl=False)
    else:
        click.echo(summary(matrix, every))
        click.echo(f"\nMatrix: {folder / 'matrix.html'}")
    context.exit(FINDING if matrix.problems else 0)


@main.command("where")
@click.argument("ticket")
@_root
@_as_json
def where_command(ticket: str, root: Path, as_json: bool) -> None:
    """Say what proves TICKET: acceptance, specification, code, tests."""
    try:
        found = where(root, ticket)
    except UnknownTicket as problem:
        raise click.UsageError(str(problem)) from None
    click.echo(json.dumps(found, indent=1, ensure_ascii=False) if as_json else render_where(found))


@main.command()
@click.argument("tickets", nargs=-1)
@_root
@click.option("--replay", is_flag=True, help="Plant the recorded faults only; name what is stale.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
@click.option("--trials", default=40, show_default=True, help="Faults to try, for each ticket and test.")
@click.option(
    "--seconds", default=12.0, show_default=True, help="Processor time to try, for each ticket and test."
)
@click.option("--anew", is_flag=True, help="Search as if no fault was ever noticed.")
@click.option("--write", is_flag=True, help="Also with TICKETS: record in tickets/evidence.json.")
@click.pass_context
def evidence(
    context: click.Context,
    tickets: tuple[str, ...],
    root: Path,
    replay: bool,
    workers: int,
    trials: int,
    seconds: float,
    anew: bool,
    write: bool,
) -> None:
    """Break the code that TICKETS claim (all claimed ones by default) and see which test notices."""
    root = root.resolve()
    if replay:
        low = replay_evidence(root, tickets, workers)
    else:
        low = gather_evidence(root, tickets, workers, Limits(trials, seconds), write, anew)
    context.exit(FINDING if low else 0)


@main.command("stamp")
@click.argument("ticket")
@_root
def stamp_command(ticket: str, root: Path) -> None:
    """Say that TICKET was read beside its tests as they are now: tickets/links.lock. One at a time, on purpose."""
    try:
        stamp(root.resolve(), load_index(root), ticket.upper())
    except (NotStamped, RunUnreadable, LinksUnreadable) as problem:
        click.echo(str(problem), err=True)
        raise SystemExit(FINDING) from None
    click.echo(f"{ticket.upper()} stamped")


def _counts(index: Index) -> dict[str, Any]:
    """Return how many tickets there are by section and kind; every number comes from the ids."""
    by_section = Counter((ticket.section, ticket.kind) for ticket in index.tickets.values())
    sections = [
        {
            "section": number,
            "title": index.sections[number],
            **{kind: by_section[number, kind] for kind in KINDS},
        }
        for number in sorted(index.sections)
    ]
    total = Counter(ticket.kind for ticket in index.tickets.values())
    return {
        "format": CHECK_FORMAT,
        "total": {kind: total[kind] for kind in KINDS},
        "sections": sections,
        "problems": [
            {"code": problem.code, "message": problem.message, "ticket": problem.ticket}
            for problem in index.problems
        ],
    }
