"""`veracity lookahead`: does a config's run use anything before it could be known?"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from veracity.app.cli.options import common_options, config_options, settings
from veracity.app.cli.output import emit, say
from veracity.app.cli.progress import progress
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.research.lookahead import Leak

SHOWN_MAX = 120
WORDS = {
    "feature": "looks ahead: with the bars after the cut its value is another one",
    "event": "depends on the future: the run that ends at the cut did something else before it",
    "warm_up": "is not ready when it says so: without the bars before its warm-up its value is another one",
}


@click.command()
@config_options(describe="Config of a backtest (TOML).")
@click.option(
    "--cuts",
    type=click.IntRange(1, 100_000),
    default=200,
    show_default=True,
    help="How often the future is cut off.",
)
@click.option(
    "--starts",
    type=click.IntRange(0, 100_000),
    default=20,
    show_default=True,
    help="How often the past is, for the warm-up.",
)
@common_options
def lookahead(config: Path, overrides: tuple[str, ...], cuts: int, starts: int) -> None:
    """Cut the future off at many points and compare, bit by bit, what was known and decided before.

    Every feature row and every event up to the cut must be the same with the bars after it and without them; and no row
    may depend on bars before its warm-up. Nothing is written. Exit code 5 where something differs.

    \b
    veracity lookahead -c examples/btc_momentum.toml
    veracity lookahead -c examples/btc_funding_carry.toml --cuts 1000 --json
    """
    from veracity.app.backtest import identify, plan_of
    from veracity.app.config import load
    from veracity.app.kernel_cache import kernel_cache
    from veracity.data.dataset import load as load_dataset
    from veracity.domain.time import ts_text
    from veracity.research.lookahead import faster, search_leaks

    loaded = load(config, overrides)
    dataset = load_dataset(loaded.sources())
    plan = plan_of(loaded, dataset, identify(loaded, dataset, "0" * 64))  # no run is named by it
    with progress("lookahead") as heard:
        cache = kernel_cache(os.environ)  # noqa: TID251 - the wiring reads the environment
        compare = faster(plan, cuts, cache)
        verdict = search_leaks(plan, cuts=cuts, starts=starts, progress=heard, compare=compare)
    if settings().json:
        content = {
            "bars": verdict.bars,
            "cuts": verdict.cuts,
            "starts": verdict.starts,
            "rows": verdict.rows,
            "intents": verdict.intents,
            "clean": not verdict.leaks,
            "leaks": [leak._asdict() for leak in verdict.leaks],
        }
        emit("veracity.lookahead/1", content)
    else:
        say(f"{verdict.bars} bars, the future cut off {verdict.cuts} times, the past {verdict.starts} times")
        say(
            f"compared: {verdict.rows} feature rows, and all that led to {verdict.intents} decisions to trade"
        )
        for leak in verdict.leaks:
            _say(leak, ts_text)
        say("clean: nothing was used before it was known" if not verdict.leaks else "LOOKAHEAD")
    if verdict.leaks:
        click.get_current_context().exit(ExitCode.FINDING)


def _say(leak: "Leak", written: Callable[[int], str]) -> None:
    bar = f"bar {leak.bar} ({written(leak.ts)})" if leak.bar >= 0 else written(leak.ts)
    say(f"{leak.strategy_id or 'run'}: {leak.what} at {bar} {WORDS[leak.kind]}")
    say(
        f"  then  {_short(leak.then)}   (tape {'from' if leak.kind == 'warm_up' else 'up to'} {written(leak.cut_ts)})"
    )
    say(f"  now   {_short(leak.now)}   (whole tape)")


def _short(text: str) -> str:
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."
