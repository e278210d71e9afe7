"""`veracity practice`: the simulated venue of a config in a process of its own, for `veracity paper --venue`."""

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.boundary import Terminated
from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import command_line, emit, note, say

if TYPE_CHECKING:
    from veracity.app.practice import Served


@click.command()
@config_options()
@common_options
def practice(config: Path, overrides: tuple[str, ...]) -> None:
    """Be the venue of a paper run: take its orders, match them on the recorded data, report what became of them.

    It keeps its orders when the engine is killed, and when it is killed itself: started again it goes on. It listens on a
    socket in RUN_DIR/practice-<id> until SIGTERM or Ctrl-C, which is its normal end. `veracity paper --supervise` starts
    one by itself.

    \b
    Examples:
      veracity practice -c examples/btc_momentum.toml
      veracity paper -c examples/btc_momentum.toml --venue runs/practice-1a2b3c4d
    """
    from veracity.app.config import load
    from veracity.app.practice import serve_practice

    def ready(served: "Served") -> None:
        if settings().json:
            emit("veracity.practice/1", {"run_id": served.run_id, "venue": str(served.directory)})
            return
        say(f"venue       {served.directory}  (run {served.run_id})")
        note(f"next        {command_line('paper', '-c', str(config), '--venue', str(served.directory))}")

    with suppress(Terminated, KeyboardInterrupt):
        serve_practice(load(config, overrides), settings().run_dir, ready, note)
