"""The argument RUN of every command that takes one."""

from typing import Final

import click
from click.shell_completion import CompletionItem

from veracity.app.cli.options import Settings
from veracity.app.run_dirs import list_runs
from veracity.forensics.run_directory import LATEST


def names(context: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """What TAB offers for RUN: `latest` and the names of the runs, the youngest first; directories after a slash."""
    if "/" in typed:
        return [CompletionItem(typed, type="dir")]
    runs = list_runs(context.ensure_object(Settings).run_dir)
    known = [LATEST, *(run.name for run in reversed(runs))] if runs else []
    return [CompletionItem(name) for name in known if name.startswith(typed)]


RUN: Final = click.argument("run", shell_complete=names)
