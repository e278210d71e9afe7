"""Options that every command takes, before or behind its name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

RUNS: Final = "runs"
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


class Settings:
    """What the common options say. Every start makes this module: it imports nothing that only some commands need."""

    __slots__ = ("json", "no_color", "quiet", "runs", "verbose")

    def __init__(self) -> None:
        self.json = False
        self.quiet = False
        self.verbose = 0
        self.no_color = False
        self.runs = RUNS

    @property
    def run_dir(self) -> "Path":
        """Where run directories are."""
        from pathlib import Path

        return Path(self.runs)


def settings() -> Settings:
    """Those of the command that is running."""
    return click.get_current_context().ensure_object(Settings)


def common_options(command: Decorated) -> Decorated:
    """Add the common options; what a later place says replaces what an earlier one said."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value:
        assert parameter.name is not None
        setattr(context.ensure_object(Settings), parameter.name, value)


def _option(*names: str, **attributes: Any) -> Callable[[Decorated], Decorated]:
    return click.option(*names, callback=_keep, expose_value=False, is_eager=True, **attributes)


_OPTIONS: Final = (
    _option("--json", is_flag=True, help="Print one JSON document on stdout."),
    _option("-q", "--quiet", is_flag=True, help="No progress, no hints."),
    _option("-v", "--verbose", count=True, help="Say more; -vv shows the stack trace of an error."),
    _option("--no-color", is_flag=True, help="No colours; NO_COLOR does the same."),
    _option(
        "--run-dir",
        "runs",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help=f"Where run directories are.  [default: {RUNS}]",
    ),
)
