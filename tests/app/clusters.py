"""A real Dask scheduler and its workers on this machine, each a process of its own; all are gone at the end."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.kit.process import PATIENCE_S


def _spawn(stack: ExitStack, *words: object, code: Path | None = None) -> subprocess.Popen[bytes]:
    path = () if code is None else ("env", f"PYTHONPATH={code}")
    command = [*path, sys.executable, "-m", *map(str, words)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


class Cluster:
    """A scheduler, its address, and the processes of its workers."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack, self._folder = stack, folder
        self._file = folder / "scheduler.json"
        words = ("distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", 0, "--no-dashboard")
        self.scheduler = _spawn(stack, *words, "--no-jupyter", "--scheduler-file", self._file)
        self.workers: list[subprocess.Popen[bytes]] = []
        patience = time.monotonic() + PATIENCE_S
        while not self._file.exists() or not self._file.read_text():
            assert time.monotonic() < patience, "no scheduler"
            time.sleep(0.05)
        self.address = json.loads(self._file.read_text())["address"].removeprefix("tcp://")

    def add_workers(self, count: int, *, code: Path | None = None) -> None:
        """Start workers, of the code in that folder or of this one, and wait until the scheduler knows them."""
        from distributed import Client

        place = ("--local-directory", self._folder, "--no-dashboard")
        words = ("distributed.cli.dask_worker", self.address, "--nthreads", 1, "--no-nanny", *place)
        self.workers += [_spawn(self._stack, *words, code=code) for _ in range(count)]
        with Client(self.address, set_as_default=False, timeout=PATIENCE_S) as client:
            client.wait_for_workers(len(self.workers), timeout=PATIENCE_S)


@contextmanager
def cluster(folder: Path, workers: int) -> Iterator[Cluster]:
    """A scheduler with so many workers."""
    with ExitStack() as stack:
        made = Cluster(stack, folder)
        if workers:
            made.add_workers(workers)
        yield made
