"""`veracity data`: what a file of market data holds, and what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.lazy import OrderedGroup
from veracity.app.cli.options import common_options, config_options, settings
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


@data.command()
@config_options(describe="Config of a backtest (TOML).")
@common_options
def accept(config: Path, overrides: tuple[str, ...]) -> None:
    """Read all data that a config names, by its own policy, and tell what a run would be told of each series.

    What the policy refuses is told all at once, with exit code 4, as a run would.

    \b
    Examples:
      veracity data accept -c examples/btc_momentum.toml
      veracity data accept -c examples/btc_open_interest_trend.toml --json
    """
    from veracity.app.acceptance import accepted
    from veracity.app.config import load
    from veracity.data.dataset import load as load_data

    dataset = load_data(load(config, overrides).sources())
    lines = list(accepted(dataset))
    if settings().json:
        series = [line._asdict() for line in lines]
        emit("veracity.data_accept/1", {"dataset_hash": dataset.dataset_hash, "series": series})
        return
    heads = (
        "symbol",
        "series",
        "first (UTC)",
        "last (UTC)",
        "rows",
        "missing",
        "dropped",
        "zero volume",
        "unknown",
        "not checked",
    )
    columns = [Column(head, is_number=3 < number < 9) for number, head in enumerate(heads)]
    table(
        columns,
        [
            (
                *(line.symbol, line.series, line.first, line.last),
                *map(str, (line.rows, line.missing, line.dropped, line.zero_volume, line.unknown)),
                ", ".join(line.unchecked) or "-",
            )
            for line in lines
        ],
    )
    say(f"accepted; dataset hash {dataset.dataset_hash}")


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
