"""`veracity stress`: what is left of a result when one thing is worse than was assumed?"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import Column, amount, emit, note, percent, say, table
from veracity.app.cli.progress import progress
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.domain.summary_models import ScenarioRow


@click.command()
@config_options(describe="Config (TOML).")
@common_options
def stress(config: Path, overrides: tuple[str, ...]) -> None:
    """Run the config as it is, and once for each scenario: dearer, slower, with bars missing, filled late, told late.

    Each scenario changes one thing (specs/policies/stress.yaml). Exit code 5 where a required one is not survived.

    \b
    veracity stress -c examples/btc_momentum.toml
    veracity stress -c examples/btc_funding_carry.toml --json
    """
    from veracity.app.config import load
    from veracity.app.stress_run import stress as run
    from veracity.app.wall_clock import now_ns

    loaded = load(config, overrides)
    with progress("stress") as heard:
        file, kept = run(loaded, runs_dir=settings().run_dir, clock=now_ns, progress=heard)
    if settings().json:
        emit(
            "veracity.stress_run/1",
            {"directory": str(kept), "stress": file.model_dump(mode="json", by_alias=True)},
        )
    else:
        _print([file.base, *file.scenarios])
        say(f"survived    {file.survived} of {file.required} required scenarios")
        say(f"stress      {kept}")
    if file.survived < file.required:
        click.get_current_context().exit(ExitCode.FINDING)


def _print(rows: "Sequence[ScenarioRow]") -> None:
    heads = ("PnL", "change", "fees", "max draw-\ndown %", "fills", "delay\ns", "break-\neven x")
    columns = [
        Column("scenario"),
        Column("verdict"),
        Column("most by"),
        *(Column(head, is_number=True) for head in heads),
    ]
    cells = []
    for row in rows:
        if row.net is None:
            note(f"{row.name}: {row.verdict.replace('_', ' ')}: {row.reason}")
            continue
        even = row.break_even.value
        cells.append(
            (
                row.name,
                row.verdict.replace("_", " ") + (" *" if row.required else ""),
                row.line or "-",
                amount(row.net.text, is_signed=True),
                amount(None if row.change is None else row.change.text, is_signed=True),
                amount(None if row.fees is None else row.fees.text),
                percent(None if row.max_drawdown is None else row.max_drawdown.value),
                str(row.fills),
                "-" if row.delay_ns is None else f"{row.delay_ns / 1e9:,.1f}",
                "-" if even is None else f"{even:.2f}",
            )
        )
    table(columns, cells)
    note("* required; break-even: the multiple of that cost at which nothing is left")
