"""Options that every command takes, before or behind its name; and those that several commands share."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

if TYPE_CHECKING:
    from pathlib import Path

RUNS: Final = "runs"
WORKERS_MAX: Final = 64
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

    def words(self) -> list[str]:
        """The options that say the same to another process."""
        flags = {"--json": self.json, "--quiet": self.quiet, "--no-color": self.no_color}
        given = [name for name, is_given in flags.items() if is_given]
        return [*given, *["--verbose"] * self.verbose, "--run-dir", str(self.runs)]


def settings() -> Settings:
    """Those of the command that is running."""
    return click.get_current_context().ensure_object(Settings)


def common_options(command: Decorated) -> Decorated:
    """Add the common options; what a later place says replaces what an earlier one said."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def config_options(
    *, required: bool = True, describe: str = "Config of the run (TOML)."
) -> Callable[[Decorated], Decorated]:
    """Add -c/--config as `config: Path` (or None where it need not be), and --set as `overrides: tuple[str, ...]`."""
    from pathlib import Path  # not above: a start pays only for what it uses

    def add(command: Decorated) -> Decorated:
        path = click.Path(path_type=Path)
        option = click.option("-c", "--config", type=path, metavar="FILE", required=required, help=describe)
        return option(set_option(command))

    return add


def set_option(command: Decorated) -> Decorated:
    """Add --set as `overrides: tuple[str, ...]`."""
    return click.option(
        "--set",
        "overrides",
        multiple=True,
        metavar="KEY=VALUE",
        help="Change a value, such as run.seed=2.",
    )(command)


def grid_option(*, required: bool) -> Callable[[Decorated], Decorated]:
    """Add --grid as `grid: tuple[str, ...]`."""
    return click.option(
        "--grid",
        multiple=True,
        required=required,
        metavar="KEY=V1,V2,...",
        help="Values of a parameter to try; may be repeated.",
    )


def workers_option(command: Decorated) -> Decorated:
    """Add --workers as `workers: int`."""
    return click.option(
        "--workers", type=click.IntRange(1, WORKERS_MAX), default=1, show_default=True, help="Processes."
    )(command)


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
