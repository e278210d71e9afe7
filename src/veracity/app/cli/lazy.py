"""A click group that knows its commands by name and imports one when it is called."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final, NamedTuple

import click

# What people type who come from other tools, or who guess: word -> what to do here.
PHRASES: Final[Mapping[str, str]] = {
    "backtesting": "veracity backtest",
    "backtesting-show": "veracity run show RUN",
    "bt": "veracity backtest",
    "check-health": "veracity doctor",
    "create-userdir": "veracity init DIR",
    "check": "veracity config check FILE, or veracity data check FILE",
    "dry-run": "veracity paper",
    "hyperopt": "veracity sweep run -c FILE --grid KEY=V1,V2",
    "forceexit": "veracity close-all RUN",
    "liquidate": "veracity close-all RUN",
    "health": "veracity doctor",
    "list": "veracity run list",
    "list-data": "veracity data check FILE",
    "list-strategies": "veracity config schema",
    "new": "veracity init DIR",
    "new-config": "veracity init DIR",
    "new-strategy": "veracity init DIR",
    "optimize": "veracity sweep run -c FILE --grid KEY=V1,V2",
    "plot": "every run has a report: veracity run show RUN, or veracity backtest --open",
    "plot-dataframe": "every run has a report: veracity run show RUN, or veracity backtest --open",
    "plot-profit": "every run has a report: veracity run show RUN, or veracity backtest --open",
    "quickstart": "veracity demo",
    "runs": "veracity run list",
    "pause": "veracity halt RUN",
    "show": "veracity run show RUN",
    "show-config": "veracity config show FILE",
    "show-trades": "veracity run show RUN; the trades are in its results/trades.parquet",
    "stopentry": "veracity close-only RUN",
    "test": "veracity backtest",
    "trade": "veracity paper",
    "validate": "veracity config check FILE",
    "verify": "veracity wal verify RUN (is the journal whole?), or veracity replay RUN (does it fold to the same state?)",
}


SENTENCE_MAX: Final = 1_000  # more than any first sentence has characters


class Lazy(NamedTuple):
    """Where a command is, and its line in the help, which needs no import."""

    module: str
    attribute: str
    short_help: str


class OrderedGroup(click.Group):
    """Commands in the order in which they are defined, each with the whole first sentence of its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in their order."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, one.get_short_help_str(SENTENCE_MAX)) for name, one in self.commands.items()]
            )


class LazyGroup(click.Group):
    """Commands in the order of the table; an unknown one is answered with what was probably meant."""

    def __init__(self, *args: Any, commands_by_name: Mapping[str, Lazy], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_by_name = commands_by_name

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(self.commands_by_name)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None where there is no such name."""
        lazy = self.commands_by_name.get(cmd_name)
        if lazy is None:
            return None
        command = getattr(import_module(lazy.module), lazy.attribute)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The help's list of commands, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, lazy.short_help) for name, lazy in self.commands_by_name.items()])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a better answer to an unknown word."""
        word = args[0]
        if word not in self.commands_by_name and not word.startswith("-"):
            raise click.UsageError(f"there is no command {word!r}; {meant(word, self.commands_by_name)}", ctx)
        return super().resolve_command(ctx, args)


def meant(word: str, known: Mapping[str, Any]) -> str:
    """What somebody who typed `word` may want: the phrase book first, then the nearest command."""
    if word.lower() in PHRASES:
        return f"here: {PHRASES[word.lower()]}"
    from difflib import get_close_matches  # here: a start pays only for what it uses

    close = get_close_matches(word.lower(), [*known, *PHRASES], n=1)
    if not close:
        return f"known: {', '.join(known)}"
    return f"did you mean {close[0]}?" if close[0] in known else f"here: {PHRASES[close[0]]}"
