"""`veracity sweep`: many parameters, one dataset, every trial counted."""

import os
import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

import click

from veracity.app.cli.lazy import OrderedGroup
from veracity.app.cli.options import common_options, config_options, grid_option, settings, workers_option
from veracity.app.cli.output import Column, command_line, emit, note, say, table
from veracity.app.cli.progress import progress
from veracity.domain.amounts import money_text
from veracity.domain.errors import ExitCode

if TYPE_CHECKING:
    from veracity.app.sweep_proof import Proof
    from veracity.app.sweep_run import Sweep
    from veracity.research.trial_log import Row

SHOWN = 20
REASONS_MAX = 5
WATCH_S = 2.0
MONEY = ("final_equity", "net", "fees", "funding")
DIFFERENCE = ("at", "sweep", "events")


@click.group(cls=OrderedGroup)
@common_options
def sweep() -> None:
    """Try many parameters on the same data. Every trial counts, in this sweep and in later ones on the same data."""


def _executor_options(command: Any) -> Any:
    return click.option(
        "--executor",
        default="local",
        show_default=True,
        metavar="local|dask:ADDR",
        help="Who runs the trials.",
    )(workers_option(command))


@sweep.command()
@config_options(describe="Config with one strategy.")
@grid_option(required=True)
@click.option(
    "--search",
    type=click.Choice(["grid", "random", "optuna"]),
    default="grid",
    show_default=True,
    help="All combinations, drawn ones, or those that optuna proposes from the outcomes so far.",
)
@click.option(
    "--trials",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Trials of a random or optuna search.",
)
@click.option(
    "--round",
    "round_",
    type=click.IntRange(1),
    default=16,
    show_default=True,
    help="Trials that optuna proposes at a time; the next are proposed when all of them are known.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Seed of the search and of the trials.",
)
@click.option(
    "--state-hash",
    is_flag=True,
    help="Fold each trial to its state hash, which takes some hundred times longer. Without, `sweep prove` makes the hash of any trial.",
)
@_executor_options
@common_options
def run(
    config: Path,
    overrides: tuple[str, ...],
    grid: tuple[str, ...],
    search: Any,
    trials: int,
    round_: int,
    seed: int,
    state_hash: bool,
    workers: int,
    executor: str,
) -> None:
    """Begin a sweep. It can be stopped at any time: `veracity sweep resume` goes on with what is left.

    \b
    veracity sweep run -c examples/btc_momentum.toml --grid fast=5,10,20 --grid slow=50,100 --workers 2
    """  # fmt: skip
    from veracity.app.config_overrides import apply_overrides
    from veracity.app.config_text import read_file
    from veracity.app.grid import axis_of
    from veracity.app.sweep_run import start
    from veracity.app.trial_run import Trials, one_strategy
    from veracity.app.wall_clock import now_ns
    from veracity.research.sweep import SweepPlan
    from veracity.research.sweep_axes import Axis

    address = _address(executor)
    document = read_file(config)
    apply_overrides(document, overrides)
    (setup,) = one_strategy(Trials(document, "").loaded())
    axes = tuple(
        Axis(axis.key, axis.values) for axis in (axis_of(text, setup.bound.strategy_id) for text in grid)
    )
    plan = SweepPlan(search, axes, trials, seed, round_)
    runs_dir = settings().run_dir
    made = start(document, plan, runs_dir=runs_dir, clock=now_ns, state_hashes=state_hash, warn=note)
    _go_on(made, workers, address)


@sweep.command()
@click.argument("name", metavar="SWEEP")
@_executor_options
@common_options
def resume(name: str, workers: int, executor: str) -> None:
    """Run the trials of SWEEP (a name, a path, or `latest`) that are left; none is run twice."""
    _go_on(_found(name), workers, _address(executor))


@sweep.command()
@click.argument("name", metavar="SWEEP")
@click.option("--watch", is_flag=True, help="Say it again every two seconds, until nothing runs.")
@common_options
def status(name: str, watch: bool) -> None:
    """Say how far SWEEP (a name, a path, or `latest`) is: ask from any terminal, whoever runs it."""
    found = _found(name)
    while _say_status(found) and watch:
        sleep(WATCH_S)


def _say_status(found: "Sweep") -> bool:
    """Say how far the sweep is; answers whether a process runs it."""
    from veracity.app.sweep_run import status_of
    from veracity.app.wall_clock import now_ns
    from veracity.research.trial_ledger import trials_of

    now = status_of(found, now_ns)
    known = trials_of(settings().run_dir, found.dataset_hash)
    told = {"sweep": found.root.name, "trials": found.plan.total, "trials_on_dataset": known, **now._asdict()}
    if settings().json:
        emit("veracity.sweep_status/1", told)
    else:
        word = "finished" if now.finished else "running" if now.running else "stopped"
        left = "" if now.left_s is None else f", about {now.left_s:.0f} s left"
        say(
            f"{found.root.name}: {word}, {now.done} of {found.plan.total} trials done{left}; "
            f"{now.ok} ok, {now.failed} failed, {now.refused} refused"
        )
        say(f"this dataset was asked {known} times in all")
        if word == "stopped":
            say(f"veracity sweep resume {found.root.name}")
    return now.running


@sweep.command()
@click.argument("name", metavar="SWEEP")
@common_options
def show(name: str) -> None:
    """The trials of SWEEP (a name, a path, or `latest`), the best ones first; --json has all of them by number.

    Below them: how far the best may be believed after all trials that were made on its data, later sweeps included.
    """
    _show(_found(name))


@sweep.command()
@click.argument("name", metavar="SWEEP")
@click.option(
    "--trial",
    "numbers",
    type=click.IntRange(0),
    multiple=True,
    metavar="N",
    help="Trial to prove; may be repeated.  [default: the best by net]",
)
@common_options
def prove(name: str, numbers: tuple[int, ...]) -> None:
    """Run trials of SWEEP (a name, a path, or `latest`) again, event by event, and compare every number and the state hash.

    Exit code 0: the same. 5: something differs. 4: the data are others. 7: the code or its packages are.

    \b
    veracity sweep prove latest --trial 3
    """
    from veracity.app.kernel_cache import kernel_cache
    from veracity.app.sweep_proof import prove as proof_of

    found = _found(name)
    rows = {row["trial"]: row for row in found.rows()}
    missing = [number for number in numbers if number not in rows]
    if missing or not rows:
        raise click.BadParameter(
            f"{found.root.name} has the trials {', '.join(map(str, sorted(rows)[:SHOWN])) or 'of nobody yet'}",
            param_hint=f"--trial {missing[0]}" if missing else "SWEEP",
        )
    asked = [rows[number] for number in numbers] or _best_first(rows.values())[:1] or [rows[min(rows)]]
    cache = kernel_cache(os.environ)  # noqa: TID251 - the wiring reads the environment
    with progress("prove") as heard:
        proofs = []
        for row in asked:
            proofs.append(proof_of(found, row, cache=cache))
            if heard is not None:
                heard(len(proofs), len(asked))
    _say_proofs(found, proofs)
    if not all(proof.is_same for proof in proofs):
        click.get_current_context().exit(ExitCode.FINDING)


def _say_proofs(found: "Sweep", proofs: "list[Proof]") -> None:
    if settings().json:
        emit(
            "veracity.sweep_prove/1", {"sweep": found.root.name, "trials": [_document(one) for one in proofs]}
        )
        return
    for proof in proofs:
        said = " ".join(f"{key.rpartition('.')[2]}={value}" for key, value in proof.row["params"].items())
        say(f"trial {proof.row['trial']}: {said}, seed {proof.row['seed']}")
        columns = [Column("value"), Column("sweep", is_number=True), Column("event path", is_number=True)]
        *numbers, hashes = proof.values
        table(columns, [[one.name.replace("_", " "), *map(_shown(one.name), one[1:])] for one in numbers])
        told = dict.fromkeys(str(one) for one in hashes[1:])
        say(f"state hash  {', event path '.join(told)}")
        differs = proof.first_difference
        say(
            f"equity      {proof.samples} values, all the same"
            if differs is None
            else f"equity      differs first at value {differs[0]}: {differs[1]}, event path {differs[2]}"
        )
        say("same" if proof.is_same else "DIFFERENT")
        words = " ".join(f"--set {shlex.quote(one)}" for one in proof.settings)
        note(f"as a run with a journal: veracity backtest -c {found.root}/config.resolved.toml {words}")


def _document(proof: "Proof") -> dict[str, Any]:
    differs = proof.first_difference
    return {
        "trial": proof.row["trial"],
        "params": proof.row["params"],
        "seed": proof.row["seed"],
        "values": [one._asdict() for one in proof.values],
        "samples": proof.samples,
        "first_difference": None if differs is None else dict(zip(DIFFERENCE, differs, strict=True)),
        "settings": proof.settings,
        "same": proof.is_same,
    }


def _shown(name: str) -> Any:
    """How a value of that name is written."""
    return money_text if name in MONEY else str


def _address(executor: str) -> str | None:
    """Where the cluster is that --executor names; None for this machine. Raises OperatorFault or BadParameter."""
    address = executor.removeprefix("dask:") if executor.startswith("dask:") else None
    if address is not None:
        from veracity.app.sweep_executor import distributed_package

        distributed_package()
    if address is None and executor != "local":
        raise click.BadParameter("write local, or dask:HOST:PORT", param_hint="--executor")
    return address


def _go_on(found: "Sweep", workers: int, address: str | None) -> None:
    from veracity.app.kernel_cache import kernel_cache
    from veracity.app.sweep_run import go_on
    from veracity.app.wall_clock import now_ns

    cache = kernel_cache(os.environ)  # noqa: TID251 - the wiring reads the environment
    with progress("sweep") as heard:
        rows = go_on(found, cache=cache, clock=now_ns, workers=workers, address=address, heard=heard)
    _show(found)
    if not any(row["status"] == "ok" for row in rows):
        click.get_current_context().exit(ExitCode.FINDING)
    note(f"prove it with: {command_line('sweep', 'prove', found.root.name)}")


def _show(found: "Sweep") -> None:
    from veracity.app.cli.trust import number, print_trust
    from veracity.app.sweep_run import judged

    rows = found.rows()
    trust = judged(found, rows)
    if settings().json:
        shown = [{key: value for key, value in row.items() if key != "equity"} for row in rows]
        told = None if trust is None else trust.statistics.model_dump(mode="json", by_alias=True)
        best_of = None if trust is None else trust.best
        emit(
            "veracity.sweep/1",
            {"sweep": found.root.name, "trials": shown, "best": best_of, "statistics": told},
        )
        return
    best = _best_first(rows)
    columns = [
        Column("trial"),
        Column("parameters"),
        Column("net", is_number=True),
        Column("fills", is_number=True),
        Column("trades", is_number=True),
    ]
    table(columns, [
        [str(row["trial"]), " ".join(f"{key.rpartition('.')[2]}={value}" for key, value in row["params"].items()), money_text(row["metrics"]["net"]), *(str(row["metrics"].get(name, "")) for name in ("fills", "trades"))]
        for row in best[:SHOWN]
    ])  # fmt: skip
    if trust is None:
        say("verdict             none: fewer than two days, or no trial ran")
    else:
        say(f"best by Sharpe      trial {trust.best}: {number(trust.statistics.sharpe_annual)} a year")
        print_trust(trust.statistics)
    others = len(rows) - len(best)
    say(f"{len(best)} of {len(rows)} trials ran; {others} failed or were refused; {found.root}")
    slow = Counter(row["event_path"] for row in best if row.get("event_path"))
    for reason, count in slow.most_common(REASONS_MAX):
        note(f"{count} x run event by event, since the compiled kernel does not cover it: {reason}")
    reasons = Counter(f"{row['status']}: {row['error']}" for row in rows if row["status"] != "ok")
    for reason, count in reasons.most_common(REASONS_MAX):
        note(f"{count} x {'; '.join(reason.splitlines())}")


def _best_first(rows: "Iterable[Row]") -> "list[Row]":
    """Those that ran, by net, the first of equals by number."""
    ran = (row for row in rows if row["status"] == "ok")
    return sorted(ran, key=lambda row: (-row["metrics"]["net"], row["trial"]))


def _found(name: str) -> "Sweep":
    from veracity.app.sweep_run import SWEEPS, opened

    path = Path(name)
    found = path if path.is_dir() else settings().run_dir / SWEEPS / name
    return opened(found.resolve() if found.is_symlink() else found)
