"""`veracity run export|diff|repro|check`: tables for other tools, two runs side by side, a run made again, a run as it ended."""

from pathlib import Path
from typing import Literal

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, amount, emit, note, say, table
from veracity.app.cli.progress import progress
from veracity.app.cli.run_argument import RUN, names
from veracity.app.run_dirs import find
from veracity.domain.errors import ExitCode

SHOWN_MAX = 40


@click.command()
@RUN
@click.option(
    "--to", type=click.Path(path_type=Path), required=True, metavar="DIR", help="Where the files go."
)
@click.option(
    "--format",
    "shape",
    type=click.Choice(["csv", "parquet"]),
    default="csv",
    show_default=True,
    help="Of the files.",
)
@common_options
def export(run: str, to: Path, shape: Literal["csv", "parquet"]) -> None:
    """Write RUN's trades, fills, equity, attribution, baselines, regimes and hours as files for other tools.

    Money is in whole units of 10^-8 (_1e8), stamps are nanoseconds UTC (_ns). The run itself is only read.
    """
    from veracity.research.export import export_run

    written = export_run(find(settings().run_dir, run).path, to, shape)
    if settings().json:
        emit("veracity.run_export/1", {"files": [str(path) for path in written]})
    else:
        for path in written:
            say(str(path))


@click.command()
@click.argument("first", shell_complete=names)
@click.argument("second", shell_complete=names)
@common_options
def diff(first: str, second: str) -> None:
    """Compare two runs trade by trade: what differs, by how much, and what the runs were given that differs.

    Exit code 5 where a trade differs.
    """
    from veracity.domain.amounts import money_text
    from veracity.domain.time import ts_text
    from veracity.research.run_diff import compare

    one, two = (find(settings().run_dir, name).path for name in (first, second))
    found = compare(one, two)
    if settings().json:
        content = {
            "first": str(one),
            "second": str(two),
            "causes": [cause._asdict() for cause in found.causes],
            "same": found.same,
            "differences": [difference._asdict() for difference in found.differences],
            "net_change": found.net_change,
            "state_hash_equal": found.state_hash_equal,
        }
        emit("veracity.run_diff/1", content)
    else:
        for cause in found.causes:
            say(f"{cause.kind:<12}{cause.what}: {_short(cause.first)} -> {_short(cause.second)}")
        rows = [
            (
                ts_text(each.entry_ts),
                f"{each.strategy_id} {each.symbol}",
                each.kind.replace("_", " "),
                each.cause,
                ", ".join(each.fields) or "-",
                amount(money_text(each.change), is_signed=True),
            )
            for each in found.differences[:SHOWN_MAX]
        ]
        if rows:
            heads = ("trade", "in", "points to", "fields")
            table([Column("entered"), *(Column(head) for head in heads), Column("net", is_number=True)], rows)
        left = len(found.differences) - len(rows)
        if left:
            note(f"{left} more; all with --json")
        say(
            f"{found.same} trades are the same, {len(found.differences)} are not; net {amount(money_text(found.net_change))}"
        )
        say(f"final state {'equal' if found.state_hash_equal else 'differs'}")
    if found.differences:
        click.get_current_context().exit(ExitCode.FINDING)


@click.command()
@RUN
@common_options
def repro(run: str) -> None:
    """Make RUN, a backtest, again from its own config and data, and compare journal, results, summary and logs byte by byte.

    Exit code 5 where something differs; the parts of the identity that differ say why.
    """
    from veracity.app.repro import reproduce
    from veracity.app.wall_clock import now_ns

    with progress("repro") as heard:
        found = reproduce(find(settings().run_dir, run).path, clock=now_ns, progress=heard)
    if settings().json:
        emit("veracity.run_repro/1", found._asdict())
    else:
        for name in found.differing:
            say(f"differs     {name}")
        for name in found.identity:
            say(f"because     {name} is another one")
        same = found.files - len(found.differing)
        say(f"{same} of {found.files} files are the same" + ("" if found.differing else ": reproduced"))
    if found.differing:
        click.get_current_context().exit(ExitCode.FINDING)


@click.command()
@RUN
@common_options
def check(run: str) -> None:
    """Compare every file of RUN with the sums of its end marker, and the chain of its audit trail.

    It says whether anything was changed, added or taken away since the run ended; what `wal compact` did to the journal is
    judged by the digests that it left, what `wal upgrade` did by the journal that it set aside. Nothing is written.

    Exit code 5 where a file is not what it was, or the run has not ended.
    """
    from veracity.app.run_check import check_run
    from veracity.forensics.run_directory import RunDirectory

    path = find(settings().run_dir, run).path
    found = check_run(RunDirectory(path))
    if settings().json:
        content = {
            "run_dir": str(path),
            "good": not found.findings,
            "marker": found.marker,
            "files": found.files,
            "audit_lines": found.audit_lines,
            "findings": [one._asdict() for one in found.findings],
        }
        emit("veracity.run_check/1", content)
    else:
        for one in found.findings:
            say(f"{one.name}: {one.what}")
        say(f"{found.marker:<12}{found.files} files; audit trail of {found.audit_lines} lines")
        say("CHANGED" if found.findings else "as it was when it ended")
    if found.findings:
        click.get_current_context().exit(ExitCode.FINDING)


def _short(text: str) -> str:
    return text if len(text) <= 24 else f"{text[:12]}..."
