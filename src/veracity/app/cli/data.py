"""`veracity data`: what a file of market data holds, and what is wrong with it."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from veracity.app.cli.lazy import OrderedGroup
from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import Column, emit, say, table
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.data.checks import DuplicatePolicy
    from veracity.data.ingest import Collected
    from veracity.data.manifest import FileEntry
    from veracity.data.quality import Quality


@click.group(cls=OrderedGroup)
@common_options
def data() -> None:
    """Check market data files, and make datasets of them."""


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


@data.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="New directory of the dataset.")
@click.option("--symbol", metavar="NAME", help="Whose rows they are, in files that do not say it.")
@click.option(
    "--interval", metavar="LENGTH", help="Length of a bar, such as 1m or 8h.  [default: the most common step]"
)
@click.option(
    "--duplicates",
    type=click.Choice(("reject", "drop_identical")),
    default="reject",
    show_default=True,
    help="What to do with rows that repeat another one exactly.",
)
@click.option("--source", default="unknown", metavar="TEXT", help="Where the files came from.")
@click.option("--licence", default="unknown", metavar="TEXT", help="Under which terms.")
@click.option(
    "--threads", type=click.IntRange(1, 64), default=1, show_default=True, help="Files read at a time."
)
@click.option(
    "--log", type=click.Path(path_type=Path), help="File of the gaps.  [default: OUT.log.jsonl, beside OUT]"
)
@common_options
def ingest(
    files: tuple[Path, ...],
    out: Path,
    symbol: str | None,
    interval: str | None,
    duplicates: "DuplicatePolicy",
    source: str,
    licence: str,
    threads: int,
    log: Path | None,
) -> None:
    """Make a dataset of FILES (Parquet or CSV, of one kind): checked and joined by symbol, stored as one Parquet file with its
    manifest.

    The same files give the same bytes, in whatever order and on whatever day. Gaps are told and stored; a run decides about
    them. What is refused is told all at once, with exit code 4, and leaves no directory.

    \b
    Examples:
      veracity data ingest BTCUSDT_1m_*.csv.gz --symbol BTCUSDT --out data/btc --source venue --licence MIT
      veracity data ingest old.parquet new.parquet --duplicates drop_identical --out data/joined --json
    """
    from veracity.app.cli.progress import progress
    from veracity.app.ingest_run import ingest as run
    from veracity.data.ingest import Wanted

    wanted = Wanted(
        files,
        symbol,
        None if interval is None else _interval(interval),
        duplicates,
        source=source,
        licence=licence,
    )
    with progress("read") as heard:
        entry, collected = run(wanted, out, log, threads, heard)
    series = _series(entry, collected)
    if settings().json:
        kept = {"out": str(out), "file": entry.file, "kind": entry.kind, "sha256": entry.sha256}
        emit("veracity.data_ingest/1", {**kept, "series": series})
        return
    heads = ("symbol", "first (UTC)", "last (UTC)", "rows", "gaps", "missing", "dropped")
    names = ("symbol", "first", "last", "rows", "gaps", "missing", "duplicates")
    table(
        [Column(head, is_number=number > 2) for number, head in enumerate(heads)],
        [tuple("-" if row[name] is None else str(row[name]) for name in names) for row in series],
    )
    say(f"{out / entry.file}: {entry.kind}, sha256 {entry.sha256[:16]}")


@data.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Overwrite OUT where it is there.")
@common_options
def convert(file: Path, out: Path, force: bool) -> None:
    """Write FILE, an exchange's archive of bars or a file that runs read, to OUT in canonical form: .parquet, .csv or .csv.gz.

    The archive's twelve columns become the six of a bar, stamped with its open; no digit is lost or added. What would be refused
    is told all at once, with exit code 4, and nothing is written.

    \b
    Examples:
      veracity data convert BTCUSDT-1m-2023-03.csv btc.parquet
      veracity data convert btc.parquet btc.csv --json
    """
    from veracity.data.convert import convert_archive

    rows = convert_archive(file, out, force=force)
    if settings().json:
        emit("veracity.data_convert/1", {"out": str(out), "rows": rows})
    else:
        say(f"{out}: {rows} rows")


def _series(entry: "FileEntry", collected: "Collected") -> list[dict[str, Any]]:
    """What an ingest says of each series."""
    return [
        {
            "symbol": one.symbol,
            "rows": one.rows,
            "first": one.first,
            "last": one.last,
            "interval_ns": one.interval_ns,
            "gaps": len(one.gaps),
            "missing": sum(gap.bars for gap in one.gaps),
            "duplicates": stored.duplicates,
            "content_hash": one.content_hash,
        }
        for one, stored in zip(entry.series, collected.series, strict=True)
    ]


def _interval(text: str) -> int:
    from veracity.domain.time import interval_ns

    try:
        return interval_ns(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--interval") from None


def _print(quality: "Quality") -> None:
    from veracity.app.shortcut import interval_text
    from veracity.data.findings import with_rest

    say(f"{quality.path}: {quality.verdict}, {quality.kind or 'unknown kind'}, {quality.rows_read} rows")
    heads = (
        "symbol",
        "first (UTC)",
        "last (UTC)",
        "interval",
        "decimals",
        "gaps",
        "missing",
        "duplicates",
        "outliers",
        "zero volume",
    )
    rows = [
        (
            one.symbol or "-",
            one.first,
            one.last,
            "-" if one.interval_ns is None else interval_text(one.interval_ns) or f"{one.interval_ns} ns",
            f"{one.price_scale} / {one.qty_scale}",
            *map(str, (len(one.gaps), one.missing, one.duplicates, one.outliers, one.zero_volume)),
        )
        for one in quality.series
    ]
    if rows:
        table([Column(head, is_number=number > 2) for number, head in enumerate(heads)], rows)
    for finding, more in with_rest(quality.findings):
        place = finding.place()
        word = "error" if finding.refuses else "note"
        rest = f"; {more} more like this" if more else ""
        say(f"{word}: {finding.message}{f' ({place})' if place else ''}{rest}")
        say(f"  {finding.check}, {finding.code}: {finding.hint}")
