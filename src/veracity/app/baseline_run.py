"""The baselines beside a run: one more engine run on the same data, costs, guards and cash, kept in memory.

With much data it happens in a second process while the first one runs the strategy; what comes back is small.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection
from typing import Final

from veracity.app.collector import without_collector
from veracity.data.dataset import Dataset, load
from veracity.domain.errors import EngineFault
from veracity.research import baselines
from veracity.research.baselines import BaselineSetup, Outcome

INLINE_BARS_MAX: Final = 100_000
"""Up to so many bars another process would spend longer on its imports than on the run."""


def run_baselines(setting: BaselineSetup, dataset: Dataset | None = None) -> Outcome:
    """Run all baselines that the data allow; the dataset is loaded again where none is given."""
    data = load(setting.sources) if dataset is None else dataset
    with without_collector():
        return baselines.run_baselines(setting, data)


@contextmanager
def beside(setting: BaselineSetup | None, dataset: Dataset) -> Iterator[Callable[[], Outcome | None]]:
    """Start the baselines; the value is asked for their outcome when it is needed, None where none are wanted."""
    if setting is None:
        yield lambda: None
    elif sum(len(data.bars.ts) for data in dataset.instruments) <= INLINE_BARS_MAX:
        yield lambda: run_baselines(setting, dataset)
    else:
        with _second_process(setting) as ask:
            yield ask


@contextmanager
def _second_process(setting: BaselineSetup) -> Iterator[Callable[[], Outcome]]:
    """Run the baselines in a process that ends with the block, however that is left."""
    context = get_context("spawn")
    heard, said = context.Pipe(duplex=False)
    process = context.Process(target=_tell, args=(setting, said), daemon=True)
    # Ctrl-C reaches both processes, and only this one shall answer it: the other inherits that it is blocked.
    resource_tracker.ensure_running()  # its first start, which `start` would make, unblocks it again
    unblocked = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        process.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, unblocked)
    said.close()
    try:
        yield lambda: _outcome(heard)
    finally:
        process.terminate()
        process.join()
        heard.close()


def _tell(setting: BaselineSetup, said: Connection) -> None:
    """In the second process: run them, and say what they came to."""
    outcome = run_baselines(setting)
    with suppress(BrokenPipeError):  # the first process was killed: nobody is left to hear it
        said.send(outcome)


def _outcome(heard: Connection) -> Outcome:
    """What the second process says; where it died, it told why on stderr."""
    try:
        outcome: Outcome = heard.recv()
    except EOFError as error:
        raise EngineFault("the process that ran the baselines ended without an answer") from error
    return outcome
