"""`veracity walkforward`: are the parameters that looked best in the past any good afterwards?"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.options import common_options, config_options, grid_option, settings, workers_option
from veracity.app.cli.output import Column, amount, emit, percent, say, table
from veracity.app.cli.progress import progress
from veracity.app.cli.trust import number, print_trust

if TYPE_CHECKING:
    from veracity.domain.summary_models import StrategyReportFile, WalkForwardFile


def _groups(_: click.Context, __: click.Parameter, text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
        raise click.BadParameter("write GROUPS,TESTED such as 6,2")
    groups, tested = (int(part) for part in parts)
    if not 0 < tested < groups <= 16:
        raise click.BadParameter("TESTED must be below GROUPS, and GROUPS at most 16")
    return groups, tested


@click.command()
@config_options(describe="Config with one strategy.")
@grid_option(required=False)
@click.option(
    "--train",
    default="90d",
    show_default=True,
    metavar="LENGTH",
    help="Window to choose on: bars, or a time.",
)
@click.option("--test", default="30d", show_default=True, metavar="LENGTH", help="Window to judge on.")
@click.option("--step", metavar="LENGTH", help="From fold to fold.  [default: --test]")
@click.option(
    "--holding",
    default="0",
    show_default=True,
    metavar="LENGTH",
    help="Longest holding: purged before a test.",
)
@click.option("--embargo", metavar="LENGTH", help="Left out on top.  [default: 1 % of --train]")
@click.option("--anchored", is_flag=True, help="Let every train window begin at the first bar.")
@click.option(
    "--cpcv",
    callback=_groups,
    metavar="GROUPS,TESTED",
    help="Combinatorial purged cross-validation too, such as 6,2.",
)
@workers_option
@common_options
def walkforward(
    config: Path,
    overrides: tuple[str, ...],
    grid: tuple[str, ...],
    train: str,
    test: str,
    step: str | None,
    holding: str,
    embargo: str | None,
    anchored: bool,
    cpcv: tuple[int, int] | None,
    workers: int,
) -> None:
    """Choose parameters on a window of the past, run them on the time after it, move on, and judge the whole.

    The answer does not depend on the number of workers. Results: walkforward.json and strategy_report.json (each fold by
    volatility regime) in a directory below RUN_DIR/evaluations.

    \b
    veracity walkforward -c examples/btc_momentum.toml --grid fast=120,240 --grid slow=720,1440 --train 5d --test 2d
    veracity walkforward -c CONFIG --grid entry_z=2,3 --train 2000 --test 500 --anchored --cpcv 6,2 --json
    """
    from veracity.app.config_overrides import apply_overrides
    from veracity.app.config_text import read_file
    from veracity.app.walk_forward_run import Windows, walk_forward
    from veracity.app.wall_clock import now_ns
    from veracity.domain.summary_models import StrategyReportFile
    from veracity.research.strategy_report import STRATEGY_REPORT_FILE

    document = read_file(config)
    apply_overrides(document, overrides)
    windows = Windows(train, test, step, holding, embargo, "anchored" if anchored else "rolling", cpcv)
    with progress("walkforward") as heard:
        file, kept = walk_forward(
            document,
            grid,
            windows,
            runs_dir=settings().run_dir,
            clock=now_ns,
            workers=workers,
            progress=heard,
        )
    report = StrategyReportFile.model_validate_json((kept / STRATEGY_REPORT_FILE).read_bytes())
    if settings().json:
        emit(
            "veracity.walkforward_run/1",
            {
                "directory": str(kept),
                "walkforward": file.model_dump(mode="json", by_alias=True),
                "strategy_report": report.model_dump(mode="json", by_alias=True),
            },
        )
        return
    _print(file)
    _print_regimes(report)
    say(f"walkforward {kept}")


def _print(file: "WalkForwardFile") -> None:
    heads = ("PnL", "return\n%", "Sharpe\ntest", "max draw-\ndown %", "trades", "fees")
    columns = [Column("test from"), Column("chosen"), *(Column(head, is_number=True) for head in heads)]
    rows = []
    for fold in file.folds:
        chosen = ", ".join(f"{one.name.split('.')[-1]}={one.value}" for one in fold.settings)
        ratio = fold.sharpe_annual.value
        rows.append(
            (
                fold.test_first,
                chosen or "-",
                amount(fold.net.text, is_signed=True),
                percent(fold.total_return.value, is_signed=True),
                "-" if ratio is None else f"{ratio:.2f}",
                percent(fold.max_drawdown.value),
                str(fold.trades),
                amount(fold.fees.text),
            )
        )
    table(columns, rows)
    joined, found = file.joined, file.statistics
    say(f"folds that won      {joined.folds_positive} of {len(file.folds)}, net {amount(joined.net.text)}")
    say(
        f"Sharpe, a year      {number(joined.train_sharpe_annual)} on train, {number(joined.sharpe_annual)} on test"
    )
    if file.cross_validation is not None:
        ratios = sorted(one.value for one in file.cross_validation.sharpe_annual if one.value is not None)
        say(
            f"cross-validation    {file.cross_validation.paths} paths, Sharpe {', '.join(f'{one:.2f}' for one in ratios) or 'unknown'}"
        )
    print_trust(found)


def _print_regimes(report: "StrategyReportFile") -> None:
    """All folds together, a line a regime."""
    heads = (Column(head, is_number=True) for head in ("test bars", "trades", "PnL", "won %"))
    table([Column("regime"), *heads], [
        (cell.regime, str(cell.bars), str(cell.trades), amount(cell.pnl.text, is_signed=True), percent(cell.hit_rate.value))
        for cell in report.by_regime if cell.fold is None
    ])  # fmt: skip
