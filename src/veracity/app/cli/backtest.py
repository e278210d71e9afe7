"""`veracity backtest`: a config file, or a strategy and a data file, in; a run directory and its summary out."""

import json
import webbrowser
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import command_line, emit, note, say
from veracity.app.cli.progress import progress
from veracity.app.cli.summary_table import print_summary
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.app.config import LoadedConfig


@click.command()
@config_options(required=False)
@click.option("--strategy", metavar="NAME", help="Without a config: strategy of the library.")
@click.option(
    "--data", type=click.Path(path_type=Path), metavar="FILE", help="Without a config: Parquet file of bars."
)
@click.option(
    "--param", "params", multiple=True, metavar="KEY=VALUE", help="Parameter of --strategy, such as fast=10."
)
@click.option("--cash", metavar="AMOUNT", help="Starting cash with --strategy.  [default: 100000]")
@click.option("--symbol", help="Instrument with --strategy.  [default: from the file's name]")
@click.option("--open", "is_opened", is_flag=True, help="Open the report in a browser.")
@common_options
def backtest(
    config: Path | None,
    overrides: tuple[str, ...],
    strategy: str | None,
    data: Path | None,
    params: tuple[str, ...],
    cash: str | None,
    symbol: str | None,
    is_opened: bool,
) -> None:
    """Run strategies on recorded market data.

    Ends with a table, the state hash and the run directory; nothing is made where config or data are refused.

    \b
    veracity backtest -c examples/btc_momentum.toml
    veracity backtest -c examples/btc_momentum.toml --set strategies.sma.params.fast=20
    veracity backtest --strategy momentum --data BTCUSDT_1m.parquet --param slow=100
    """
    if config is not None:
        if strategy or data or params or cash or symbol:
            raise click.UsageError("--config says it all; change values of it with --set KEY=VALUE")
        loaded = _load(config, overrides)
    else:
        loaded = _shortcut(strategy, data, params, cash, symbol, overrides)
    run_and_show(loaded, is_opened=is_opened)


def _load(config: Path, overrides: tuple[str, ...]) -> "LoadedConfig":
    from veracity.app.config import load

    return load(config, overrides)


def _shortcut(
    strategy: str | None,
    data: Path | None,
    params: tuple[str, ...],
    cash: str | None,
    symbol: str | None,
    overrides: tuple[str, ...],
) -> "LoadedConfig":
    if strategy is None or data is None:
        raise click.UsageError("say what to run: -c FILE, or --strategy NAME --data FILE")
    from veracity.app.config import validate_at_boot
    from veracity.app.config_overrides import apply_overrides
    from veracity.app.shortcut import document

    made = document(strategy, data, params, cash, symbol)
    apply_overrides(made, overrides)
    loaded = validate_at_boot(made, "backtest")
    note(
        f"{strategy} on {data} as spot, with default costs; config.resolved.toml in the run says every setting"
    )
    return loaded


def run_and_show(loaded: "LoadedConfig", following: Sequence[str] = (), *, is_opened: bool = False) -> None:
    """Run the backtest and tell what it came to; `following` are the commands that the reader may want next."""
    from veracity.app.backtest import run_backtest
    from veracity.app.wall_clock import now_ns
    from veracity.forensics.run_directory import RunDirectory

    with progress("backtest") as heard:
        outcome = run_backtest(loaded, runs_dir=settings().run_dir, clock=now_ns, progress=heard)
    report = RunDirectory(outcome.run_dir).report
    if settings().json:
        emit("veracity.backtest/1", _document(outcome, report))
    else:
        print_summary(outcome.summary)
        _tell_trust(outcome.run_dir)
        say(f"reality     {_score(outcome.run_dir)} of 100, by what the run alone proves: `report` says why")
        say(f"state hash  {outcome.state_hash}")
        say(f"run         {outcome.run_dir}  ({outcome.seconds:.1f} s)")
        say(f"report      {report}")
        run = str(outcome.run_dir)
        for head, words in zip_longest(
            ("next",),
            following or (command_line("run", "show", run), command_line("replay", run)),
            fillvalue="",
        ):
            note(f"{head:<10}  {words}")
    if is_opened:
        webbrowser.open(report.resolve().as_uri())
    if outcome.is_halted:
        note("halted: the engine denied every opening after a halt; events.jsonl says why")
        click.get_current_context().exit(ExitCode.HALTED)


def _tell_trust(run: Path) -> None:
    """How far each result may be believed after all trials on its data, with why on stderr."""
    from veracity.forensics.run_directory import RunDirectory
    from veracity.research.run_statistics import STATISTICS_FILE

    file = RunDirectory(run).results / STATISTICS_FILE
    if not file.exists():
        say("verdict     none: fewer than two bars were closed")
        return
    for one in json.loads(file.read_bytes())["strategies"]:
        found = one["statistics"]
        trials = "1 trial" if found["trials"] == 1 else f"{found['trials']:,} trials"
        say(f"verdict     {one['strategy_id']}: {found['verdict']}, after {trials} on this data")
        for reason in found["reasons"]:
            note(f"            {reason}")


def _score(run: Path) -> int:
    """The reality score of the finished run."""
    from veracity.forensics.run_directory import RunDirectory
    from veracity.research.reality_evidence import REALITY_FILE

    return int(json.loads((RunDirectory(run).results / REALITY_FILE).read_bytes())["score"])


def _document(outcome: Any, report: Path) -> dict[str, Any]:
    return {
        "run_id": outcome.run_id,
        "run_dir": str(outcome.run_dir),
        "report": str(report),
        "state_hash": outcome.state_hash,
        "seconds": round(outcome.seconds, 3),
        "summary": outcome.summary,
    }
