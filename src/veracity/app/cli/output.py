"""What goes to the terminal: data on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from veracity.app.cli.options import settings

if TYPE_CHECKING:
    from rich.console import Console


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


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """A table for people, on stdout. Cells may hold rich markup."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    drawn = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for column in columns:
        if column.is_number:
            drawn.add_column(column.head, justify="right", no_wrap=True)
        else:
            drawn.add_column(column.head, overflow="fold")
    for row in rows:
        drawn.add_row(*row)
    console().print(drawn)


def console(*, stderr: bool = False) -> "Console":
    """A console that obeys --no-color, NO_COLOR and FORCE_COLOR; as wide as needed where it is not a terminal."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    made = Console(file=stream, no_color=settings().no_color or None, highlight=False)
    return made if made.is_terminal else Console(file=stream, no_color=True, highlight=False, width=200)


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
