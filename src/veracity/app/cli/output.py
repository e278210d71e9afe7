"""What goes to the terminal: data on stdout, everything else on stderr."""

import json
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from veracity.app.cli.options import settings

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NAME: Final = "veracity"
ANY_WIDTH: Final = 10_000  # more than any table is wide


class Column(NamedTuple):
    """A column of a table: its head, with the unit, and whether it holds numbers."""

    head: str
    is_number: bool = False


def emit(schema: str, content: Mapping[str, Any]) -> None:
    """Print one JSON document that names its schema, such as veracity.backtest/1."""
    click.echo(json.dumps({"schema": schema, **content}, indent=2, ensure_ascii=False))


def say(text: str) -> None:
    """A line for people, on stdout."""
    click.echo(text)


def note(text: str) -> None:
    """A remark on stderr that --quiet silences."""
    if not settings().quiet:
        click.echo(text, err=True)


def command_line(*words: str) -> str:
    """`veracity *words` to copy into a shell: called as this process was where the name alone would not be found."""
    called = sys.argv[0]
    is_found = Path(called).name != NAME or shutil.which(NAME) is not None
    return shlex.join([NAME if is_found else called, *words])


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """A table for people, on stdout; on a terminal that is too narrow for it, a line for each cell. Cells may hold rich markup."""
    from rich.measure import Measurement

    shown = console()
    drawn = _drawn(columns, rows)
    if Measurement.get(shown, shown.options.update(width=ANY_WIDTH), drawn).maximum > shown.width:
        shown.print("\n".join(_listed(columns, rows)), soft_wrap=True)
    else:
        shown.print(drawn)


def _drawn(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> "Table":
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    made = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False)
    for column in columns:
        made.add_column(column.head, justify="right" if column.is_number else "left", no_wrap=True)
    for row in rows:
        made.add_row(*row)
    return made


def _listed(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Each row's name, and below it what the table has in its columns."""
    heads = [column.head.replace("-\n", "").replace("\n", " ") for column in columns[1:]]
    width = max(len(head) for head in heads)
    for row in rows:
        yield f"[bold]{row[0]}[/]"
        for head, cell in zip(heads, row[1:], strict=True):
            yield f"  {head:<{width}}  {cell}"


def console(*, stderr: bool = False) -> "Console":
    """A console that obeys --no-color, NO_COLOR and FORCE_COLOR; as wide as needed where it is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    made = Console(file=stream, no_color=settings().no_color or None, highlight=False)
    return made if made.is_terminal else Console(file=stream, no_color=True, highlight=False, width=ANY_WIDTH)


def amount(text: str | None, *, is_signed: bool = False) -> str:
    """An amount with two decimals for a table, coloured by its sign where `is_signed`; a dash where it is unknown."""
    if text is None:
        return "-"
    value = Decimal(text)
    return coloured(value, f"{value:+,.2f}") if is_signed else f"{value:,.2f}"


def percent(value: float | None, *, is_signed: bool = False) -> str:
    """A ratio in percent for a table; a dash where it is unknown."""
    if value is None:
        return "-"
    return f"{value * 100:+.2f}" if is_signed else f"{value * 100:.2f}"


def coloured(value: Decimal, text: str) -> str:
    """Gains blue with an arrow up, losses orange with an arrow down (Okabe-Ito: told apart by every eye)."""
    if value == 0:
        return text
    return f"[#0072B2]▲ {text}[/]" if value > 0 else f"[#D55E00]▼ {text}[/]"
