"""One trial of an evaluation: the config with other parameters, on a part of its data, in memory."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from multiprocessing import get_context
from typing import Any, TypeVar

import numpy as np

from veracity.app.backtest import identify, plan_of
from veracity.app.collector import without_collector
from veracity.app.config import LoadedConfig
from veracity.app.config_text import Document
from veracity.app.config_variants import Variants
from veracity.data import slices
from veracity.data.dataset import Dataset, load
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.market import Column
from veracity.engine.opening import RunIdentity
from veracity.research.memory_journal import MemoryJournal
from veracity.research.results import collect
from veracity.research.strata import entries_of
from veracity.research.walk_forward import Outcome, Task
from veracity.runtime.simulation import simulate

Answer = TypeVar("Answer")


@dataclass
class Trials:
    """Runs tasks on a config's data. It travels to other processes without the data, and reads them again there."""

    document: Document
    code_hash: str
    _dataset: Dataset | None = field(default=None, repr=False)
    _variants: Variants | None = field(default=None, repr=False)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_dataset": None, "_variants": None}

    def loaded(self, overrides: Iterable[tuple[str, str]] = ()) -> LoadedConfig:
        """The config with these values set; raises OperatorFaults with all that is wrong with it then."""
        if self._variants is None:
            self._variants = Variants(self.document)
        return self._variants.of([f"{key}={value}" for key, value in overrides])

    def dataset(self) -> Dataset:
        """The data, read once in each process."""
        if self._dataset is None:
            self._dataset = load(self.loaded().sources())
        return self._dataset

    def identity(self) -> RunIdentity:
        """What the config without changes is."""
        return identify(self.loaded(), self.dataset(), self.code_hash)

    def __call__(self, task: Task) -> Outcome:
        """Run the task from flat with the starting cash; an open position is closed on its last bar."""
        loaded = self.loaded(task.settings)
        (setup,) = one_strategy(loaded)
        bound = setup.bound
        lead = next(data for data in self.dataset().instruments if data.source.symbol == bound.lead)
        opens, interval = lead.bars.ts, lead.source.interval_ns
        early = bound.strategy.warmup(bound.params) - 1 if task.primed else 0
        first = max(task.begin - early, 0)
        part = slices.until(
            slices.since(self.dataset(), int(opens[first])), int(opens[task.end - 1]) + interval
        )
        plan = plan_of(loaded, part, identify(loaded, part, self.code_hash))._replace(close_at_end=True)
        journal = MemoryJournal()
        with without_collector():
            state = simulate(plan, journal)
            results = collect(journal, part, state)
        book = results.books[bound.strategy_id]
        rows = np.searchsorted(results.timeline.known, opens[task.begin : task.end] + interval)
        if len(rows):
            rows[-1] = len(results.timeline.known) - 1  # the closing fills of the end belong to the last bar
        return Outcome(
            book.equity_start,
            book.equity[rows],
            len(book.trades),
            sum(fill.fee for fill in book.fills),
            tuple((_at(rows, row), net) for row, net in entries_of(book)),
        )


def _at(rows: Column, row: int) -> int:
    """Which of a task's bars, whose rows of the curve are given, shows what happened at `row`."""
    return min(int(np.searchsorted(rows, row)), len(rows) - 1)


def one_strategy(loaded: LoadedConfig) -> tuple[Any]:
    """The only strategy of a config; raises OperatorFault (exit code 3) where there is none, or a choice."""
    if len(loaded.strategies) != 1:
        raise OperatorFault(
            f"an evaluation needs a config with one strategy, this one has {len(loaded.strategies)}",
            where=loaded.name,
            hint="each strategy has an account of its own: evaluate them one by one",
            exit_code=ExitCode.CONFIG,
        )
    return (loaded.strategies[0],)


class Pool(ProcessPoolExecutor):
    """Does the work in `workers` processes; `heard` is told, from a thread of the pool, how much of it is done."""

    def __init__(self, workers: int, heard: Callable[[int], None] | None = None) -> None:
        super().__init__(workers, mp_context=get_context("forkserver"))
        self._heard = heard
        self._done = count(1)

    def submit(self, fn: Callable[..., Answer], /, *args: Any, **kwargs: Any) -> Future[Answer]:
        """As any executor."""
        future = super().submit(fn, *args, **kwargs)
        heard = self._heard
        if heard is not None:
            future.add_done_callback(lambda _: heard(next(self._done)))
        return future


class SerialExecutor(Executor):
    """Does the work at once, here."""

    def __init__(self, heard: Callable[[int], None] | None = None) -> None:
        self._heard = heard
        self._done = 0

    def submit(self, fn: Callable[..., Answer], /, *args: Any, **kwargs: Any) -> Future[Answer]:
        """Call it, and answer a future that is done."""
        future: Future[Answer] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001 - it is raised where the result is asked for
            future.set_exception(error)
        self._done += 1
        if self._heard is not None:
            self._heard(self._done)
        return future
