"""The command `veracity`: what there is, and where it lives. Wiring only."""

import signal

import click

from veracity import __version__
from veracity.app.cli.boundary import Cli, terminate
from veracity.app.cli.lazy import Lazy
from veracity.app.cli.options import common_options

COMMANDS = {
    "demo": Lazy("veracity.app.cli.start", "demo", "Run a strategy on made-up minutes: the first look."),
    "init": Lazy("veracity.app.cli.start", "init", "Make a commented config and a strategy to change."),
    "doctor": Lazy("veracity.app.cli.doctor", "doctor", "Tell whether this machine can do the job."),
    "backtest": Lazy("veracity.app.cli.backtest", "backtest", "Run strategies on recorded market data."),
    "paper": Lazy("veracity.app.cli.paper", "paper", "Run strategies on recorded data as trading runs."),
    "practice": Lazy(
        "veracity.app.cli.practice", "practice", "Be the venue of a paper run, in a process of its own."
    ),
    "live": Lazy("veracity.app.cli.live", "live", "Say what stands against trading real money."),
    "status": Lazy("veracity.app.cli.operate", "status", "Ask a running process where it is."),
    "halt": Lazy("veracity.app.cli.operate", "halt", "Halt a running process: nothing new is opened."),
    "resume": Lazy("veracity.app.cli.operate", "resume", "Let a halted process go on, with a reason."),
    "close-only": Lazy("veracity.app.cli.operate", "close_only", "Let a running process only get out."),
    "safe": Lazy("veracity.app.cli.operate", "safe", "Put a running process into safe mode."),
    "cancel-all": Lazy("veracity.app.cli.operate", "cancel_all", "Cancel every open order of a process."),
    "close-all": Lazy("veracity.app.cli.operate", "close_all", "Halt a process and close all it holds."),
    "stop": Lazy("veracity.app.cli.operate", "stop", "End a running process in order."),
    "kill": Lazy("veracity.app.cli.operate", "kill", "Make a run's kill file, running or not."),
    "adopt-fill": Lazy("veracity.app.cli.operate", "adopt_fill", "Book a quarantined fill to a strategy."),
    "discard-fill": Lazy("veracity.app.cli.operate", "discard_fill", "Let go of a quarantined fill."),
    "replay": Lazy(
        "veracity.app.cli.replay", "replay", "Fold a run's journal again and compare the state hash."
    ),
    "lookahead": Lazy(
        "veracity.app.cli.lookahead", "lookahead", "Prove that a run uses nothing before it is known."
    ),
    "walkforward": Lazy(
        "veracity.app.cli.walkforward", "walkforward", "Choose on the past, judge on what came after."
    ),
    "sweep": Lazy("veracity.app.cli.sweep", "sweep", "Try many parameters on the same data."),
    "wal": Lazy("veracity.app.cli.wal", "wal", "Look at the journal of a run, judge it, care for it."),
    "stress": Lazy(
        "veracity.app.cli.stress", "stress", "Make one thing worse at a time and see what is left."
    ),
    "costs": Lazy("veracity.app.cli.costs", "costs", "Hold a config's costs against data and models."),
    "run": Lazy("veracity.app.cli.runs", "run", "List runs and show what one came to."),
    "report": Lazy(
        "veracity.app.cli.report", "report", "Write a page on a run with all that is known by now."
    ),
    "data": Lazy("veracity.app.cli.data", "data", "Check market data files."),
    "config": Lazy("veracity.app.cli.config", "config", "Check, show and explain configs."),
    "where": Lazy("veracity.app.cli.where", "where", "Say what proves a ticket of the roadmap."),
    "completion": Lazy(
        "veracity.app.cli.completion", "completion", "Print the completion script of a shell."
    ),
    "version": Lazy("veracity.app.cli.version", "version", "Say which versions run here."),
}


@click.group(cls=Cli, commands_by_name=COMMANDS)
@click.version_option(__version__, prog_name="veracity")
@common_options
def cli() -> None:
    """Deterministic crypto backtests that explain themselves.

    Tables are for people and may change; --json is for scripts and has a version. Exit codes: docs/exit-codes.md.
    """


def main() -> None:
    """Entry point of the `veracity` script."""
    signal.signal(signal.SIGTERM, terminate)
    cli()
