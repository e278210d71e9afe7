"""Options that every command takes, before or behind its name."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import click

RUNS: Final = Path("runs")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])


@dataclass(slots=True)
class Settings:
    """What the common options say."""

    json: bool = False
    quiet: bool = False
    verbose: int = 0
    no_color: bool = False
    run_dir: Path = RUNS


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
        type=click.Path(file_okay=False, path_type=Path),
        metavar="DIR",
        help=f"Where run directories are.  [default: {RUNS}]",
    ),
)
