"""`veracity run`: the run directories, and what one of them came to."""

from typing import Any

import click

from veracity.app.cli.lazy import OrderedGroup
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, amount, command_line, emit, note, say, table
from veracity.app.cli.run_argument import RUN
from veracity.app.cli.run_results import check, diff, export, repro
from veracity.app.cli.summary_table import lines, print_summary
from veracity.app.run_dirs import RunEntry, find, list_runs


@click.group(cls=OrderedGroup)
@common_options
def run() -> None:
    """List runs and show what one came to."""


@run.command("list")
@common_options
def list_command() -> None:
    """List every run, the youngest last."""
    runs = list_runs(settings().run_dir)
    if settings().json:
        emit(
            "veracity.run_list/1",
            {"run_dir": str(settings().run_dir), "runs": [_described(one) for one in runs]},
        )
        return
    if not runs:
        note(f"no runs in {settings().run_dir}; make one with `veracity backtest`")
        return
    columns = [
        Column("run"),
        Column("state"),
        Column("strategies"),
        Column("PnL\nquote", is_number=True),
    ]
    table(columns, [_row(one) for one in runs])


@run.command()
@RUN
@common_options
def show(run: str) -> None:
    """Show what RUN (an id, a path, or `latest`) came to, and where its files are."""
    entry = find(settings().run_dir, run)
    summary = entry.summary()
    if settings().json:
        emit("veracity.run/1", {**_described(entry), "summary": summary})
        return
    if summary is None:
        note(f"no summary: {_ended(entry)}; how far it came: {command_line('wal', 'show', str(entry.path))}")
    else:
        print_summary(summary)
        say(f"state hash  {summary['state_hash'] or 'none: the run did not end in order'}")
    say(f"run id      {entry.run_id or 'unknown'}  ({_state(entry)})")
    say(f"run         {entry.path}")
    if entry.report is not None:
        say(f"report      {entry.report}")


def _state(entry: RunEntry) -> str:
    """How the run ended; of one that did not, whether it runs. A writer of an open run is a process; none is a crash."""
    if entry.state != "open":
        return entry.state
    writer = entry.writer()
    return "crashed" if writer is None else f"running, pid {writer}"


def _ended(entry: RunEntry) -> str:
    state = _state(entry)
    if state == "crashed" and entry.mode == "paper":
        return "it crashed, and the command that began it goes on with it"
    return {"sealed": "it was stopped", "failed": "it failed", "crashed": "it crashed"}.get(state, "it runs")


def _described(entry: RunEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "path": str(entry.path),
        "run_id": entry.run_id or None,
        "mode": entry.mode or None,
        "created": entry.created or None,
        "label": entry.label or None,
        "state": entry.state,
        "writer": entry.writer(),
        "report": None if entry.report is None else str(entry.report),
    }


def _row(entry: RunEntry) -> tuple[str, ...]:
    summary = entry.summary()
    strategies = [] if summary is None else summary["strategies"]
    names = ", ".join(str(strategy["strategy_id"]) for strategy in strategies)
    results = [] if summary is None else list(lines(summary))[: len(strategies)]
    return (
        entry.name,
        _state(entry),
        names or "-",
        ", ".join(amount(result.net, is_signed=True) for result in results) or "-",
    )


for command in (export, diff, repro, check):
    run.add_command(command)
