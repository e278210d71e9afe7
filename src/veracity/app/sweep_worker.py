"""The worker's half of a sweep: it makes sure that it is the same code on the same data, and answers batches of trials."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, Final, TypeAlias

from veracity.app.backtest import identify, plan_of
from veracity.app.config_text import Document
from veracity.app.trial_run import Trials, one_strategy
from veracity.data.shared_columns import SharedColumns
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.code_identity import code_hash, package_folders
from veracity.forensics.environment import environment_identity
from veracity.research.sweep import Answer, Trial
from veracity.research.sweep_results import by_events
from veracity.research.trial_log import Row
from veracity.runtime.simulation import Plan

Fingerprint: TypeAlias = Mapping[str, str]


@cache
def fingerprint() -> Fingerprint:
    """What the rows of this process depend on besides its question: its code, its interpreter and its packages."""
    environment = environment_identity()
    found = {one.name: one.version for one in environment.versions}
    try:
        found["llvmlite"] = version("llvmlite")
    except PackageNotFoundError:
        found["llvmlite"] = "unknown"
    return {"code": code_hash(package_folders()), "environment": environment.env_hash} | found


def foreign(mine: Fingerprint, other: Fingerprint) -> str:
    """How two fingerprints differ, in words; empty where they are equal."""
    names = [name for name in mine.keys() | other.keys() if mine.get(name) != other.get(name)]
    told = sorted(names, key=lambda name: (name == "environment", name))
    return ", ".join(f"{name} {_short(other.get(name))} is not {_short(mine.get(name))}" for name in told)


def _short(text: str | None) -> str:
    return "nothing" if text is None else text[:16]


@dataclass(frozen=True)
class Asked:
    """Answers batches of trials on a config's data (`research.sweep.Ask`), in whatever process it is called.

    It travels without the data. A process opens them once, whatever number of batches it answers.
    """

    sweep: str  # names all of what follows: a process keeps the data of one sweep
    document: Document
    dataset_hash: str
    made_by: Fingerprint
    cache: Path
    state_hashes: bool
    columns: SharedColumns | None = None

    def __call__(self, batch: Sequence[Trial]) -> Answer:
        """A row for each trial; what is wrong with one is in its row.

        Raises OperatorFault where this process is not like the one that asks: other code or packages (exit code 7), other
        data (4).
        """
        begin = perf_counter()
        differs = foreign(self.made_by, fingerprint())
        if differs:
            raise foreign_worker("here", differs)
        with _ONE_AT_A_TIME:
            worker = _worker(self)
            return Answer([worker.row(trial) for trial in batch], perf_counter() - begin)


def foreign_worker(where: str, differs: str) -> OperatorFault:
    """The refusal of a worker that would answer with other code or packages."""
    return OperatorFault(
        "a worker is not like the process that asks it",
        where=where,
        why=differs,
        hint="start workers from the same checkout and lock file",
        exit_code=ExitCode.UNSAFE,
    )


_KEPT: Final[dict[str, "Worker"]] = {}  # at most one
_ONE_AT_A_TIME: Final = Lock()  # a cluster may run several tasks in threads of one process


def _worker(asked: Asked) -> "Worker":
    """The worker of that sweep in this process; that of another sweep is forgotten."""
    if asked.sweep not in _KEPT:
        _KEPT.clear()
        _KEPT[asked.sweep] = Worker(asked)
    return _KEPT[asked.sweep]


class Worker:
    """What a process keeps between batches: the data, the compiled kernel, and what trials share."""

    def __init__(self, asked: Asked, trials: Trials | None = None) -> None:
        """`trials` are those of the same config, where their data are in memory already."""
        self._asked = asked
        self._trials = trials or Trials(asked.document, asked.made_by["code"])
        shared = None if asked.columns is None else asked.columns.opened()
        dataset = self._trials.dataset() if shared is None else shared
        if dataset.dataset_hash != asked.dataset_hash:
            raise OperatorFault(
                "a worker has other data",
                why=f"the sweep's dataset hash is {asked.dataset_hash}, its files have {dataset.dataset_hash}",
                exit_code=ExitCode.DATA,
            )
        self._dataset = dataset
        self._kernel: Any = None
        self._prepared: Any = None

    def row(self, trial: Trial) -> Row:
        """The row of a trial."""
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
            loaded = self._trials.loaded((*trial.params, ("run.seed", str(trial.seed))))
            one_strategy(loaded)
            plan = plan_of(
                loaded, self._dataset, identify(loaded, self._dataset, self._asked.made_by["code"])
            )
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
        from veracity.research.kernel.state import final_hash

        if self._kernel is None:
            self._kernel, self._prepared = Kernel(self._asked.cache), Prepared(plan, share=True)
        if uncovered(plan, self._prepared.extent):
            return by_events(plan)
        hashes = self._asked.state_hashes
        try:
            run = self._kernel.run(plan, self._prepared, log=hashes)
        except OperatorFault:  # beyond 64 bits: the engine says what becomes of it
            return by_events(plan)
        metrics = {
            "final_equity": run.final_equity,
            "net": run.final_equity - plan.started[0].cash,
            "fees": run.fees,
            "funding": run.funding,
            "fills": run.fills,
            "trades": run.trips,
            "state_hash": final_hash(plan, run) if hashes else None,
        }
        return metrics, run.samples.tolist()
