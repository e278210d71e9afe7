"""The sweep wiring: a config, axes and an executor in; a sweep directory out, which another process can go on with."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from veracity.app import sweep_executor
from veracity.app.config_text import Document, read_text
from veracity.app.grid import refuse_impossible, refuse_too_many, refuse_unable, told
from veracity.app.sweep_worker import Asked, Fingerprint, fingerprint, foreign
from veracity.app.trial_run import Trials, one_strategy
from veracity.data.shared_columns import share
from veracity.domain.canonical import canonical_hash
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.time import NS_PER_SECOND
from veracity.forensics import run_directory
from veracity.forensics.files import write_new
from veracity.forensics.run_directory import RunDirectory
from veracity.research import trial_ledger
from veracity.research.files import publish
from veracity.research.sweep import SweepPlan, run_sweep, trials_of
from veracity.research.sweep_axes import Axis
from veracity.research.sweep_results import write_results
from veracity.research.sweep_search import searcher
from veracity.research.sweep_statistics import Judged, judge
from veracity.research.trial_log import Row, TrialLog, is_written, read_rows

MODE: Final = "sweep"
SWEEPS: Final = "sweeps"  # below the runs: a sweep is none, and `latest` beside the runs means a run
PLAN: Final = "plan.json"
TRIALS: Final = "trials.jsonl"
BEGUN: Final = "status.json"
COLUMNS: Final = "columns.bin"
SHOWN_MAX: Final = 5  # names in a hint


class Sweep(NamedTuple):
    """A sweep as its directory describes it."""

    root: Path
    plan: SweepPlan
    dataset_hash: str
    state_hashes: bool
    made_by: Fingerprint

    @property
    def trials(self) -> Path:
        """The file of outcomes."""
        return self.root / TRIALS

    def rows(self) -> list[Row]:
        """Outcomes so far, by number."""
        return read_rows(self.trials)


class Status(NamedTuple):
    """How far a sweep is. `running` asks the lock of its file, so it is true of a process that lives and of no other."""

    done: int
    ok: int
    failed: int
    refused: int
    running: bool
    finished: bool
    left_s: float | None  # at the pace so far; None where nothing runs, or nothing was done since it began


def start(
    document: Document,
    plan: SweepPlan,
    *,
    runs_dir: Path,
    clock: Callable[[], int],
    state_hashes: bool = False,
    warn: Callable[[str], None] | None = None,
) -> Sweep:
    """Make the directory of a new sweep, and count its trials for its dataset. Raises OperatorFault before that.

    `warn` is told which trials cannot run, before data are read.
    """
    trials = Trials(document, fingerprint()["code"])
    loaded = trials.loaded()
    one_strategy(loaded)
    refuse_too_many(plan.total)
    refuse_impossible(trials, plan.axes)
    unable = refuse_unable(trials, (trial.params for trial in trials_of(plan, plan.rounds[0])))
    if warn is not None:
        for line in told(unable, plan.total):
            warn(line)
    identity = trials.identity()
    made_by = dict(fingerprint())
    if plan.search == "optuna":
        made_by["optuna"] = searcher().__version__
    content = plan._asdict() | {"axes": [[axis.key, list(axis.values)] for axis in plan.axes]}
    made = run_directory.create(
        runs_dir / SWEEPS,
        mode=MODE,
        label=loaded.run.label,
        run_id=canonical_hash([identity.run_id, content])[:16],
        created_ts=clock(),
    )
    content |= {"dataset_hash": identity.dataset_hash, "state_hashes": state_hashes, "made_by": made_by}
    write_new(made.config, loaded.resolved_toml().encode())
    write_new(made.root / PLAN, json.dumps(content, indent=2, sort_keys=True).encode())
    sweep = opened(made.root)
    _count(sweep)
    return sweep


def _count(sweep: Sweep) -> None:
    runs_dir = sweep.root.parent.parent
    trial_ledger.record(runs_dir, sweep.dataset_hash, sweep.root.name, sweep.plan.total)


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
    plan = SweepPlan(said["search"], axes, said["trials"], said["seed"], said["round"])
    return Sweep(root, plan, said["dataset_hash"], said["state_hashes"], said["made_by"])


def go_on(
    sweep: Sweep,
    *,
    cache: Path,
    clock: Callable[[], int],
    workers: int = 1,
    address: str | None = None,
    heard: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run what is left of the sweep, on so many local processes or on the cluster at `address`, write its results, seal it.

    Raises what `unchanged`, `research.sweep.run_sweep` and `app.sweep_executor.cluster` raise.
    """
    run = RunDirectory(sweep.root)
    if run.end_state() == "sealed":
        return sweep.rows()
    trials = unchanged(sweep)
    _count(sweep)
    text = run.config.read_text(encoding="utf-8")
    asked = canonical_hash([text, sweep.dataset_hash, sweep.state_hashes, str(sweep.root), str(cache)])
    chosen = sweep_executor.cluster(address) if address else sweep_executor.local(workers)
    with chosen as crew, TrialLog(sweep.trials) as log:
        begun = {"began_ts": clock(), "done_before": len(log.rows()), "workers": crew.batching.workers}
        publish(sweep.root / BEGUN, json.dumps(begun).encode())
        document, columns = trials.document, share(trials.dataset(), sweep.root / COLUMNS)
        del trials  # from here on its columns are in memory once, for all
        ask = Asked(asked, document, sweep.dataset_hash, fingerprint(), cache, sweep.state_hashes, columns)
        rows = run_sweep(
            sweep.plan, ask, crew.executor, log, batching=crew.batching, heard=heard, pulse=crew.pulse
        )
        (sweep.root / COLUMNS).unlink()
        write_results(rows, sweep.root)
        run.seal(success=True)
    return rows


def unchanged(sweep: Sweep) -> Trials:
    """The sweep's own config with the data that it began with.

    Raises OperatorFault (exit code 4) where data or (7) where code or packages are not those that it began with.
    """
    config = RunDirectory(sweep.root).config
    document = read_text(config.read_text(encoding="utf-8"), sweep.root.name, sweep.root)
    _refuse_changed_code(sweep)
    trials = Trials(document, sweep.made_by["code"])
    found = trials.dataset().dataset_hash
    if found != sweep.dataset_hash:
        raise OperatorFault(
            "the data changed since the sweep began",
            why=f"its dataset hash is {sweep.dataset_hash}, the files have {found}",
            exit_code=ExitCode.DATA,
        )
    return trials


def _refuse_changed_code(sweep: Sweep) -> None:
    here = dict(fingerprint())
    if sweep.plan.search == "optuna":
        here["optuna"] = searcher().__version__
    differs = foreign(sweep.made_by, here)
    if differs:
        raise OperatorFault(
            "the code or its packages changed since the sweep began",
            why=differs,
            hint="begin a new sweep",
            exit_code=ExitCode.UNSAFE,
        )


def judged(sweep: Sweep, rows: Sequence[Row]) -> Judged | None:
    """How far the best of the rows may be believed, given all trials that are known on the data by now."""
    runs_dir = sweep.root.parent.parent
    known = trial_ledger.trials_of(runs_dir, sweep.dataset_hash, sweep.root.name, sweep.plan.total)
    return judge(rows, trials=known, seed=sweep.plan.seed)


def status_of(sweep: Sweep, clock: Callable[[], int]) -> Status:
    """How far the sweep is; any process may ask at any time."""
    running, rows = is_written(sweep.trials), sweep.rows()
    ok, failed, refused = (sum(row["status"] == kind for row in rows) for kind in ("ok", "failed", "refused"))
    left_s = None
    if running and (sweep.root / BEGUN).exists():
        begun = json.loads((sweep.root / BEGUN).read_bytes())
        done, seconds = len(rows) - begun["done_before"], (clock() - begun["began_ts"]) / NS_PER_SECOND
        left_s = seconds / done * (sweep.plan.total - len(rows)) if done else None
    finished = RunDirectory(sweep.root).end_state() == "sealed"
    return Status(len(rows), ok, failed, refused, running, finished, left_s)
