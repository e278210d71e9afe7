"""The worker's half of a sweep: it makes sure that it is the same code on the same data, and answers batches of trials."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, Final, NamedTuple, TypeAlias

from veracity.app.backtest import identify, plan_of
from veracity.app.config_text import Document
from veracity.app.trial_run import Trials, one_strategy
from veracity.data.shared_columns import SharedColumns
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults
from veracity.forensics.code_identity import code_hash, package_folders
from veracity.forensics.environment import environment_identity
from veracity.research.sweep import Answer, Trial
from veracity.research.sweep_results import by_events
from veracity.research.trial_log import Row
from veracity.runtime.simulation import Plan

Fingerprint: TypeAlias = Mapping[str, str]


class Outcome(NamedTuple):
    """What a trial came to."""

    metrics: dict[str, Any]
    equity: list[int]  # at each sample, and at the end
    event_path: str | None = None  # why it ran event by event; None where it was compiled


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
            return Answer(worker.rows(batch), perf_counter() - begin)


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

    def rows(self, batch: Sequence[Trial]) -> list[Row]:
        """A row for each trial, in their order."""
        rows, plans = [_unanswered(trial) for trial in batch], {}
        for place, trial in enumerate(batch):
            try:
                plans[place] = self._plan(trial)
            except Exception as error:  # noqa: BLE001 - a trial that fails is an outcome, and counts
                _fail(rows[place], error)
        for place, outcome in zip(plans, self._outcomes(list(plans.values())), strict=True):
            if isinstance(outcome, Exception):
                _fail(rows[place], outcome)
            else:
                rows[place] |= outcome._asdict()
        return rows

    def _plan(self, trial: Trial) -> Plan:
        loaded = self._trials.loaded((*trial.params, ("run.seed", str(trial.seed))))
        one_strategy(loaded)
        return plan_of(loaded, self._dataset, identify(loaded, self._dataset, self._asked.made_by["code"]))

    def _outcomes(self, plans: Sequence[Plan]) -> list[Outcome | Exception]:
        """What each trial came to, compiled where the kernel covers it, event by event where it does not: the same numbers."""
        if not plans:
            return []
        if self._kernel is None:
            from veracity.research.kernel.run import Kernel, Prepared

            self._kernel, self._prepared = Kernel(self._asked.cache), Prepared(plans[0], share=True)
        together = [[plan] for plan in plans] if self._asked.state_hashes else [plans]  # a log is large
        return [found for some in together for found in self._compiled(some)]

    def _compiled(self, plans: Sequence[Plan]) -> Iterator[Outcome | Exception]:
        """The trials of some plans that go through the tape together; where one breaks the loop, they go one by one."""
        hashes = self._asked.state_hashes
        try:
            runs = self._kernel.run_all(plans, self._prepared, log=hashes)
        except Exception as error:  # noqa: BLE001 - it is one trial's, and whose is found out
            runs = [error] if len(plans) == 1 else [self._alone(plan) for plan in plans]
        for plan, run in zip(plans, runs, strict=True):
            try:
                yield _by_events(plan, run) if isinstance(run, OperatorFault) else _outcome(plan, run, hashes)
            except Exception as error:  # noqa: BLE001 - as above
                yield error

    def _alone(self, plan: Plan) -> Any:
        try:
            (run,) = self._kernel.run_all([plan], self._prepared, log=False)
        except Exception as error:  # noqa: BLE001 - as above
            return error
        return run


def _outcome(plan: Plan, run: Any, hashes: bool) -> Outcome:
    """Metrics and equity of a compiled run; raises what it is where it is an error."""
    from veracity.research.kernel.state import final_hash

    if isinstance(run, Exception):
        raise run
    metrics = {
        "final_equity": run.final_equity,
        "net": run.final_equity - plan.started[0].cash,
        "fees": run.fees,
        "funding": run.funding,
        "fills": run.fills,
        "trades": run.trips,
        "state_hash": final_hash(plan, run) if hashes else None,
    }
    return Outcome(metrics, run.samples.tolist())


def _by_events(plan: Plan, refusal: OperatorFault) -> Outcome:
    """The trial that the kernel refuses, which says why."""
    parts = refusal.faults if isinstance(refusal, OperatorFaults) else (refusal,)
    return Outcome(*by_events(plan), "; ".join(f"{one.what}: {one.why}" for one in parts))


def _unanswered(trial: Trial) -> Row:
    return {
        "trial": trial.number,
        "seed": trial.seed,
        "params": dict(trial.params),
        "status": "ok",
        "error": None,
        "metrics": None,
        "equity": None,
        "event_path": None,
    }


def _fail(row: Row, error: Exception) -> None:
    """What is wrong with the operator's wish is refused, whatever else is raised failed."""
    if isinstance(error, OperatorFault):
        row["status"], row["error"] = "refused", str(error)
    else:
        row["status"], row["error"] = "failed", f"{type(error).__name__}: {error}"
