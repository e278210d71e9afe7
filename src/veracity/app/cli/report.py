"""`veracity report RUN`: one page with all that is known about a run by now."""

import webbrowser
from typing import Literal

import click

from veracity.app.cli.options import common_options, settings
from veracity.app.cli.output import Column, emit, say, table
from veracity.app.cli.progress import progress
from veracity.app.cli.run_argument import RUN
from veracity.app.run_dirs import find

ONE = 1_000_000_000


@click.command()
@RUN
@click.option(
    "--format",
    "shape",
    type=click.Choice(["html", "md", "json"]),
    default="html",
    show_default=True,
    help="A page, or the run's summary on stdout.",
)
@click.option(
    "--cuts",
    type=click.IntRange(0, 10_000),
    default=50,
    show_default=True,
    help="How often the future is cut off to find lookahead; 0 leaves that unknown.",
)
@click.option("--open", "is_opened", is_flag=True, help="Open the page in a browser.")
@common_options
def report(run: str, shape: Literal["html", "md", "json"], cuts: int, is_opened: bool) -> None:
    """Write a page on RUN with the walk-forward and stress evaluations of its config, and its reality score.

    The run's own directory is sealed and stays as it is: the page goes to RUN_DIR/reports/.

    \b
    veracity report latest
    veracity report latest --format md
    """
    entry = find(settings().run_dir, run)
    if shape != "html":
        click.echo((entry.path / f"summary.{shape}").read_text(encoding="utf-8"), nl=False)
        return
    from veracity.app.report_run import report_run

    with progress("lookahead") as heard:
        done = report_run(entry.path, runs_dir=settings().run_dir, cuts=cuts, progress=heard)
    if settings().json:
        content = {"report": str(done.page), "reality": done.reality.model_dump(mode="json", by_alias=True)}
        emit("veracity.report/1", content)
    else:
        rows = [
            (
                one.name.replace("_", " "),
                "unknown" if one.value is None else f"{100 * one.value // ONE}",
                f"{one.contribution / ONE:.1f}",
                str(one.weight),
                one.explanation,
            )
            for one in done.reality.components
        ]
        heads = [Column("component"), *(Column(name, is_number=True) for name in ("%", "points", "of"))]
        table([*heads, Column("why")], rows)
        say(
            f"reality score  {done.reality.score} of 100"
            + (f": {done.reality.veto}" if done.reality.veto else "")
        )
        say(f"report         {done.page}")
    if is_opened:
        webbrowser.open(done.page.resolve().as_uri())
