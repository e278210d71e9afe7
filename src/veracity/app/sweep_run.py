"""The sweep wiring: a config, axes and an executor in; a sweep directory out, which another process can go on with."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from veracity.app.backtest import identify, plan_of
from veracity.app.config_text import Document, read_text
from veracity.app.trial_run import SerialExecutor, Trials, one_strategy
from veracity.domain.canonical import canonical_hash
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import CheckpointMarked
from veracity.forensics import run_directory
from veracity.forensics.code_identity import code_identity
from veracity.forensics.files import write_new
from veracity.research import trial_ledger
from veracity.research.memory_journal import MemoryJournal
from veracity.research.sweep import Axis, Row, SweepPlan, Trial, expand, read_rows, run_sweep
from veracity.research.sweep_results import write_returns
from veracity.runtime.simulation import Plan, simulate
from veracity.state.model import equity

MODE: Final = "sweep"
SWEEPS: Final = "sweeps"  # below the runs: a sweep is none, and `latest` beside the runs means a run
PLAN: Final = "plan.json"
TRIALS: Final = "trials.jsonl"
RESULTS: Final = "results"
BATCH_MAX: Final = 32
SHOWN_MAX: Final = 5  # names in a hint


class Sweep(NamedTuple):
    """A sweep as its directory describes it."""

    root: Path
    plan: SweepPlan
    dataset_hash: str
    state_hashes: bool

    @property
    def trials(self) -> Path:
        """The file of outcomes."""
        return self.root / TRIALS

    def rows(self) -> list[Row]:
        """Outcomes so far, by number."""
        return read_rows(self.trials)


@dataclass
class Asked:
    """Answers batches of trials on a config's data (`research.sweep.Ask`); it travels to other processes without the data."""

    trials: Trials
    cache: Path
    state_hashes: bool
    _kernel: Any = field(default=None, repr=False)
    _prepared: Any = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_kernel": None, "_prepared": None}

    def __call__(self, batch: Sequence[Trial]) -> list[Row]:
        """A row for each trial; what is wrong with one is in its row."""
        return [self._row(trial) for trial in batch]

    def _row(self, trial: Trial) -> Row:
        row: Row = {
            "trial": trial.number,
            "seed": trial.seed,
            "params": dict(trial.params),
            "status": "ok",
            "error": None,
            "metrics": None,
            "equity": None,
        }
        try:
            loaded = self.trials.loaded((*trial.params, ("run.seed", str(trial.seed))))
            one_strategy(loaded)
            dataset = self.trials.dataset()
            plan = plan_of(loaded, dataset, identify(loaded, dataset, self.trials.code_hash))
            row["metrics"], row["equity"] = self._outcome(plan)
        except OperatorFault as error:
            row["status"], row["error"] = "refused", str(error)
        except Exception as error:  # noqa: BLE001 - a trial that fails is an outcome, and counts
            row["status"], row["error"] = "failed", f"{type(error).__name__}: {error}"
        return row

    def _outcome(self, plan: Plan) -> tuple[dict[str, Any], list[int]]:
        """What a trial came to, compiled where the kernel covers the plan, event by event where it does not: the same numbers."""
        from veracity.research.kernel.run import Kernel, Prepared
        from veracity.research.kernel.scope import uncovered
        from veracity.research.kernel.state import folded

        if self._kernel is None:
            self._kernel, self._prepared = Kernel(self.cache), Prepared(plan, share=True)
        if uncovered(plan, self._prepared.extent):
            return _by_events(plan)
        try:
            run = self._kernel.run(plan, self._prepared, log=self.state_hashes)
        except OperatorFault:  # liquidated, or beyond 64 bits: the engine says what becomes of it
            return _by_events(plan)
        metrics = {
            "final_equity": run.final_equity,
            "net": run.final_equity - plan.started[0].cash,
            "fees": run.fees,
            "funding": run.funding,
            "fills": run.fills,
            "state_hash": folded(plan, run)[1][-1].state_hash if self.state_hashes else None,  # type: ignore[union-attr]
        }
        return metrics, run.samples.tolist()


def _by_events(plan: Plan) -> tuple[dict[str, Any], list[int]]:
    journal = MemoryJournal()
    state = simulate(plan, journal)
    (*_, last) = journal
    assert isinstance(last, CheckpointMarked)
    account = state.accounts[plan.bound[0].strategy_id]
    worth = equity(state, account)
    assert worth is not None
    return {
        "final_equity": worth,
        "net": worth - account.cash_start,
        "fees": account.fees,
        "funding": account.funding,
        "fills": account.fills,
        "state_hash": last.state_hash,
    }, []


def start(
    document: Document,
    plan: SweepPlan,
    *,
    runs_dir: Path,
    clock: Callable[[], int],
    state_hashes: bool = True,
) -> Sweep:
    """Make the directory of a new sweep, and count its trials for its dataset. Raises OperatorFault before that."""
    trials = Trials(document, code_identity(os.environ).code_hash)  # noqa: TID251 - the wiring reads the environment
    loaded = trials.loaded()
    one_strategy(loaded)
    identity = trials.identity()
    every = expand(plan)
    if not every:
        raise OperatorFault("the sweep has no trial", hint="--grid KEY=V1,V2", exit_code=ExitCode.USAGE)
    _refuse_where_none_can_run(trials, every)
    made = run_directory.create(
        runs_dir / SWEEPS,
        mode=MODE,
        label=loaded.run.label,
        run_id=canonical_hash([identity.run_id, plan.seed, plan.search, [[*axis] for axis in plan.axes]])[
            :16
        ],
        created_ts=clock(),
    )
    content = {
        "search": plan.search,
        "axes": [[axis.key, list(axis.values)] for axis in plan.axes],
        "trials": plan.trials,
        "seed": plan.seed,
        "dataset_hash": identity.dataset_hash,
        "code_hash": identity.code_hash,
        "state_hashes": state_hashes,
    }
    write_new(made.config, loaded.resolved_toml().encode())
    write_new(made.root / PLAN, json.dumps(content, indent=2, sort_keys=True).encode())
    trial_ledger.record(runs_dir, identity.dataset_hash, made.root.name, len(every))
    return opened(made.root)


def _refuse_where_none_can_run(trials: Trials, every: Sequence[Trial]) -> None:
    """Raise what is wrong with the first trial where all of them are refused, as with a key that is mistyped."""
    first: OperatorFault | None = None
    for trial in every:
        try:
            trials.loaded(trial.params)
        except OperatorFault as error:
            first = first or error
        else:
            return
    assert first is not None
    raise first


def opened(root: Path) -> Sweep:
    """The sweep in that directory. Raises OperatorFault (exit code 2) where there is none."""
    try:
        said = json.loads((root / PLAN).read_bytes())
    except FileNotFoundError:
        names = sorted(path.parent.name for path in root.parent.glob(f"{MODE}-*/{PLAN}"))
        hint = (
            f"the last ones: {', '.join(names[-SHOWN_MAX:])}" if names else "`veracity sweep run` begins one"
        )
        raise OperatorFault("no such sweep", where=str(root), hint=hint, exit_code=ExitCode.USAGE) from None
    axes = tuple(Axis(key, tuple(values)) for key, values in said["axes"])
    plan = SweepPlan(said["search"], axes, said["trials"], said["seed"])
    return Sweep(root, plan, said["dataset_hash"], said["state_hashes"])


def go_on(
    sweep: Sweep,
    *,
    cache: Path,
    workers: int = 1,
    address: str | None = None,
    heard: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run what is left of the sweep, on so many local processes or on the cluster at `address`, and write its results.

    Raises OperatorFault (exit code 4) where data or (7) where code are not those that it began with.
    """
    text = (sweep.root / "config.resolved.toml").read_text(encoding="utf-8")
    document = read_text(text, sweep.root.name, sweep.root)
    code = code_identity(os.environ).code_hash  # noqa: TID251 - the wiring reads the environment
    trials = Trials(document, code)
    found = trials.dataset().dataset_hash
    if found != sweep.dataset_hash:
        raise OperatorFault(
            "the data changed since the sweep began",
            why=f"its dataset hash is {sweep.dataset_hash}, the files have {found}",
            exit_code=ExitCode.DATA,
        )
    began = json.loads((sweep.root / PLAN).read_bytes())["code_hash"]
    if began != code:
        raise OperatorFault(
            "the code changed since the sweep began",
            why=f"{began} began it, this is {code}",
            hint="begin a new sweep",
            exit_code=ExitCode.UNSAFE,
        )
    every = expand(sweep.plan)
    ask = Asked(trials, cache, sweep.state_hashes)
    batch = max(1, min(BATCH_MAX, len(every) // (4 * workers)))
    with _executor(workers, address) as executor:
        rows = run_sweep(every, ask, executor, sweep.trials, batch=batch, workers=workers, heard=heard)
    _write_results(sweep, rows)
    return rows


@contextmanager
def _executor(workers: int, address: str | None) -> Iterator[Executor]:
    """Here, in so many processes, or on a cluster; all of them are used in the same way."""
    if address is not None:
        from distributed import Client

        with Client(address) as client, client.get_executor() as executor:  # type: ignore[no-untyped-call]
            yield executor
    elif workers == 1:
        yield SerialExecutor()
    else:
        with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as executor:
            yield executor


def _write_results(sweep: Sweep, rows: Sequence[Row]) -> None:
    """The table of all trials and the equity of those that ran, sorted by number."""
    results = sweep.root / RESULTS
    results.mkdir(exist_ok=True)
    flat = [
        {key: row[key] for key in ("trial", "seed", "status", "error")}
        | {f"param {key}": value for key, value in row["params"].items()}
        | (row["metrics"] or dict.fromkeys(("final_equity", "net", "fees", "funding", "fills", "state_hash")))
        for row in rows
    ]
    pq.write_table(pa.Table.from_pylist(flat), results / "trials.parquet")
    write_returns(rows, results / "returns.parquet")
