"""`veracity demo` and `veracity init`: the first minute."""

import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

import click

from veracity.app.cli.backtest import run_and_show
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import command_line, emit, note, say

DEMO: Final = "demo"  # directory below the run directories


@click.command()
@common_options
def demo() -> None:
    """Run a strategy on made-up minutes, without a config and offline, and show what a run is.

    The market is a seeded random walk: nobody can earn on it, so the result is cost and luck. Config and data are
    written to RUN_DIR/demo, for you to read and change.
    """
    from veracity.app.config import load
    from veracity.app.starter import CONFIG, write_project

    folder = settings().run_dir / DEMO
    if not (folder / CONFIG).exists():
        write_project(folder)
    note(f"momentum on two weeks of made-up minutes; config and data: {folder}")
    run_and_show(
        load(folder / CONFIG, ("run.label=demo",)),
        (
            command_line("run", "show", "latest"),
            command_line("init", "my-bot"),
            command_line("backtest", "-c", "my-bot/engine.toml"),
        ),
    )


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@common_options
def init(folder: Path) -> None:
    """Make DIR with a commented config, made-up bars that it runs on, and a strategy of your own to change.

    Nothing is overwritten (exit code 7).

    \b
    veracity init my-bot
    veracity backtest -c my-bot/engine.toml
    """
    from veracity.app.starter import BARS, CONFIG, PROGRAM, SCHEMA, STRATEGY, write_project

    write_project(folder)
    run = command_line("backtest", "-c", str(folder / CONFIG))
    own = shlex.join([_python(), str(folder / PROGRAM)])
    if settings().json:
        names = (CONFIG, SCHEMA, BARS, STRATEGY, PROGRAM)
        emit("veracity.init/1", {"directory": str(folder), "files": list(names), "next": [run, own]})
        return
    say(f"{folder}/")
    for name, what in (
        (CONFIG, "what a run is made of: data, costs, strategy, limits, each key with its meaning"),
        (SCHEMA, "lets an editor complete and check it"),
        (BARS, "two weeks of made-up minutes: a seeded random walk, on which nobody can earn"),
        (STRATEGY, "a strategy of your own, and"),
        (PROGRAM, "what runs it through the engine and tries to catch it looking ahead"),
    ):
        say(f"  {name:<20}  {what}")
    note(f"next        {run}")
    note(f"            {own}")


def _python() -> str:
    """The interpreter that has veracity, by its short name where that is the one that a shell finds."""
    found = shutil.which("python")
    is_this = found is not None and Path(found).parent == Path(sys.executable).parent
    return "python" if is_this else sys.executable
