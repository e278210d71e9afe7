"""`veracity data`: what a file of market data holds, and what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.lazy import OrderedGroup
from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, emit, say, table
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.data.quality import Quality


@click.group(cls=OrderedGroup)
@common_options
def data() -> None:
    """Check market data files."""


@data.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--interval", metavar="LENGTH", help="Length of a bar, such as 1m or 8h.  [default: the most common step]"
)
@common_options
def check(file: Path, interval: str | None) -> None:
    """Tell what FILE (Parquet or CSV) holds and all that is wrong with it. Exit code 4 where a run would refuse it."""
    from veracity.data.quality import inspect

    quality = inspect(file, None if interval is None else _interval(interval))
    if settings().json:
        emit(
            "veracity.data_check/1",
            {key: value for key, value in quality.as_dict().items() if key != "version"},
        )
    else:
        _print(quality)
    if not quality.accepted:
        click.get_current_context().exit(ExitCode.DATA)


def _interval(text: str) -> int:
    from veracity.domain.time import interval_ns

    try:
        return interval_ns(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--interval") from None


def _print(quality: "Quality") -> None:
    from veracity.app.shortcut import interval_text

    say(f"{quality.path}: {quality.verdict}, {quality.kind or 'unknown kind'}, {quality.rows_read} rows")
    heads = (
        "symbol",
        "first (UTC)",
        "last (UTC)",
        "interval",
        "price decimals",
        "qty decimals",
        "missing",
        "zero volume",
    )
    rows = [
        (
            one.symbol or "-",
            one.first,
            one.last,
            "-" if one.interval_ns is None else interval_text(one.interval_ns) or f"{one.interval_ns} ns",
            str(one.price_scale),
            str(one.qty_scale),
            str(one.missing),
            str(one.zero_volume),
        )
        for one in quality.series
    ]
    if rows:
        table([Column(head, is_number=number > 2) for number, head in enumerate(heads)], rows)
    for finding in quality.findings:
        place = finding.place()
        word = "error" if finding.refuses else "note"
        say(f"{word}: {finding.message}{f' ({place})' if place else ''}")
        say(f"  {finding.check}, {finding.code}: {finding.hint}")
