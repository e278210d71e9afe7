"""`veracity paper`: a config on recorded data, run as trading runs; killed, it goes on where it was."""

import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from veracity.app.cli.boundary import Terminated
from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import command_line, emit, note, say
from veracity.app.cli.progress import progress
from veracity.app.cli.summary_table import print_summary
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.app.config import LoadedConfig
    from veracity.app.paper import PaperOutcome


@click.command()
@config_options()
@click.option(
    "--kill-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Halt when this exists.  [default: KILL in the run directory]",
)
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    default=0,
    metavar="BARS",
    help="Take so many bars a second, so that there is time to speak to it.  [default: as fast as it goes]",
)
@click.option(
    "--checkpoint-every",
    type=click.IntRange(min=0),
    default=0,
    metavar="N",
    help="Journal the state's hash every N events and facts.  [default: only at the end]",
)
@click.option(
    "--venue",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Trade at the `veracity practice` that listens there.  [default: a venue in this process]",
)
@click.option(
    "--supervise",
    is_flag=True,
    help="Run engine and venue in processes of their own, and start the engine again when it crashed.",
)
@common_options
def paper(
    config: Path,
    overrides: tuple[str, ...],
    kill_file: Path | None,
    pace: float,
    checkpoint_every: int,
    venue: Path | None,
    supervise: bool,
) -> None:
    """Run strategies on recorded data as trading runs: journaled first, then done.

    A run that was killed is gone on with by the same command, and ends with the same state hash. SIGTERM or Ctrl-C
    cancels what works, leaves positions as they are and ends the run.

    \b
    veracity paper -c examples/btc_momentum.toml
    veracity paper -c examples/btc_momentum.toml --pace 10
    veracity paper -c examples/btc_momentum.toml --pace 10 --supervise
    veracity status latest                          asks it where it is; halt, resume, close-all command it
    veracity kill latest                            halts it, whatever it does: nothing new is opened
    """
    from veracity.app.config import load
    from veracity.app.paper import run_paper
    from veracity.app.paper_trade import Manner
    from veracity.app.wall_clock import now_ns

    loaded = load(config, overrides)
    if supervise and venue is not None:
        raise click.UsageError("--supervise brings its own venue; leave out --venue")
    if supervise:
        _supervise(loaded, config, overrides, kill_file, pace, checkpoint_every)
        return
    with progress("paper") as heard:
        outcome = run_paper(
            loaded,
            runs_dir=settings().run_dir,
            clock=now_ns,
            manner=Manner(kill_file, pace, checkpoint_every, heard, venue=venue),
        )
    _tell(outcome)
    if outcome.signal:
        _end(outcome.signal)
    if outcome.is_halted:
        note("halted: the run ended while nothing could be opened; events.jsonl says why")
        click.get_current_context().exit(ExitCode.HALTED)


def _tell(outcome: "PaperOutcome") -> None:
    if settings().json:
        emit(
            "veracity.paper/1",
            {
                "run_id": outcome.run_id,
                "run_dir": str(outcome.run_dir),
                "state_hash": outcome.state_hash,
                "resumed_at": outcome.resumed_at,
                "signal": outcome.signal,
                "seconds": round(outcome.seconds, 3),
                "summary": outcome.summary,
            },
        )
    else:
        if outcome.summary is not None:
            print_summary(outcome.summary)
        if outcome.resumed_at:
            say(f"resumed     behind seq {outcome.resumed_at}")
        say(f"state hash  {outcome.state_hash}")
        say(f"run         {outcome.run_dir}  ({outcome.seconds:.1f} s)")
        note(f"next        {command_line('wal', 'verify', str(outcome.run_dir))}")


def _supervise(
    loaded: "LoadedConfig",
    config: Path,
    overrides: tuple[str, ...],
    kill_file: Path | None,
    pace: float,
    checkpoint_every: int,
) -> None:
    """The same command without --supervise at a venue of its own, until that ends for good; ends as it did."""
    from veracity.app.supervised_paper import PaperWatch, supervise_paper

    veracity = [sys.executable, "-m", "veracity.app.cli"]
    of_config = ["-c", str(config), *(word for override in overrides for word in ("--set", override))]
    words = ["--pace", str(pace), "--checkpoint-every", str(checkpoint_every)]
    words += ["--kill-file", str(kill_file)] if kill_file is not None else []
    ended = supervise_paper(
        [*veracity, *settings().words(), "paper", *of_config, *words],
        [*veracity, "--quiet", "--run-dir", str(settings().run_dir), "practice", *of_config],
        PaperWatch(loaded, settings().run_dir, kill_file, tell=note),
    )
    if ended.code:
        raise click.exceptions.Exit(ended.exit_code)


def _end(number: int) -> NoReturn:
    raise Terminated if number == signal.SIGTERM else KeyboardInterrupt
