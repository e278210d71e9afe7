"""Who runs the batches of a sweep: this process, some beside it, or a cluster. All of them are executors."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, get_context
from typing import Any, Final, NamedTuple, TypeAlias

from veracity.app.sweep_worker import Fingerprint, fingerprint, foreign, foreign_worker
from veracity.app.trial_run import SerialExecutor
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep import PULSE_S, Batching

CONNECT_S: Final = 10.0
ALONE_PULSES: Final = 12  # a cluster without workers for so many pulses (a minute) gets none any more
CLUSTER_BATCH_S: Final = 1.0  # a scheduler takes some milliseconds a task: shorter ones would be mostly that
Pulse: TypeAlias = Callable[[], None]


class Crew(NamedTuple):
    """An executor, how work is cut for it, and what to call while it is silent."""

    executor: Executor
    batching: Batching
    pulse: Pulse | None = None


@contextmanager
def local(workers: int) -> Iterator[Crew]:
    """So many processes beside this one, or this one itself."""
    if workers == 1:
        yield Crew(SerialExecutor(), Batching(1))
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("forkserver"), initializer=_begin_worker)
    try:
        yield Crew(pool, Batching(workers))
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    """Leave Ctrl-C to the process that asks, and do not outlive it: one that is killed cannot say goodbye."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_die_with, args=(parent.sentinel,), daemon=True).start()


def _die_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@contextmanager
def cluster(address: str) -> Iterator[Crew]:
    """The workers of the Dask scheduler at `address` (host:port).

    Raises OperatorFault where `distributed` is not installed (exit code 2), where nobody answers (8), where there is no
    worker (9), or where one has other code or packages than this process (7).
    """
    distributed = distributed_package()
    try:
        client = distributed.Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise OperatorFault(
            "no scheduler answers",
            where=address,
            why=str(error) or type(error).__name__,
            hint="start one with `dask scheduler`, and write --executor dask:HOST:PORT",
            exit_code=ExitCode.VENUE,
        ) from error
    with client:
        workers = refuse_foreign(client, address)
        executor = client.get_executor(pure=False)
        pulse = _Pulse(client, address)
        try:
            yield Crew(executor, Batching(workers, CLUSTER_BATCH_S), pulse)
        finally:
            executor.shutdown(wait=False)  # what was asked and is not wanted any more


def distributed_package() -> Any:
    """The package distributed. Raises OperatorFault (exit code 2) where it is not installed."""
    try:
        import distributed
    except ModuleNotFoundError:
        raise OperatorFault(
            "Dask is not installed here",
            hint="install it, here and where the workers run: pip install 'veracity[cluster]'; or use --executor local",
            exit_code=ExitCode.USAGE,
        ) from None
    return distributed


def refuse_foreign(client: Any, address: str) -> int:
    """The number of worker threads, all of them like this process. Raises OperatorFault as `cluster` says."""
    found: Mapping[str, Any] = client.run(fingerprint, on_error="return")
    if not found:
        raise OperatorFault(
            "the cluster has no worker",
            where=address,
            hint=f"start some: dask worker {address} --nworkers 2 --nthreads 1",
            exit_code=ExitCode.TIMEOUT,
        )
    mine: Fingerprint = fingerprint()
    for worker, other in sorted(found.items()):
        if isinstance(other, Exception):
            raise foreign_worker(worker, f"it has no veracity like this one: {type(other).__name__}: {other}")
        differs = foreign(mine, other)
        if differs:
            raise foreign_worker(worker, differs)
    return len(found)


class _Pulse:
    """Called while nothing is heard: gives up where the scheduler, or its last worker, is gone for long."""

    def __init__(self, client: Any, address: str) -> None:
        self._client = client
        self._address = address
        self._alone = 0

    def __call__(self) -> None:
        """Raises OperatorFault (exit code 9) where nobody is left who could answer."""
        self._alone = 0 if self._workers() else self._alone + 1
        if self._alone >= ALONE_PULSES:
            raise OperatorFault(
                "the cluster has lost its workers",
                where=self._address,
                why=f"nobody answered for {ALONE_PULSES * PULSE_S:.0f} s",
                hint="start workers, then: veracity sweep resume SWEEP",
                exit_code=ExitCode.TIMEOUT,
            )

    def _workers(self) -> int:
        """How many there are. Asked for by itself: `scheduler_info` is overwritten every other second by one without workers."""
        if self._client.status != "running":
            return 0
        try:
            return len(self._client.nthreads())
        except OSError:
            return 0
