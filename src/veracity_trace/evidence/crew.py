"""Some warm sessions that share a list of work."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final, TypeVar

from veracity_trace.evidence.worker import Worker

Thing = TypeVar("Thing")
_NAMED: Final = 10  # of the tests that cost most


class Crew:
    """Starts the sessions, spreads work over them, and says how far it is."""

    def __init__(self, root: Path, paths: Sequence[str], size: int, say: Callable[[str], None]) -> None:
        logs = root / "build" / "evidence"
        self.workers = [Worker(root, paths, logs / f"session-{number}.log") for number in range(size)]
        self.seconds: dict[str, float] = {}  # of each kind of work, on the clock
        self._say = say

    def told(self) -> str:
        """Return the seconds of each kind of work in words, and which tests cost most of them."""
        parts = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items())
        spent = sum((worker.spent for worker in self.workers), Counter[str]())
        lines = [
            f"{parts}; {sum(self.seconds.values()):.0f} s in all, {spent.total():.0f} s of processor time"
        ]
        lines += [f"  {seconds:5.1f} s {test}" for test, seconds in spent.most_common(_NAMED)]
        return "\n".join(lines)

    @property
    def tests(self) -> dict[str, tuple[list[str], str]]:
        """Return the tickets and the scenario of each collected test."""
        return self.workers[0].tests

    def start(self) -> None:
        """Start all sessions at once. Raises SessionFailed."""
        self.work("collect", self.workers, lambda _, worker: worker.start())

    def stop(self) -> None:
        """End all sessions."""
        for worker in self.workers:
            worker.stop()

    def work(self, name: str, things: Sequence[Thing], each: Callable[[Worker, Thing], None]) -> None:
        """Call `each` for all things, on all sessions. Raises what the first failing call raised."""
        queue: SimpleQueue[Thing] = SimpleQueue()
        for thing in things:
            queue.put(thing)
        failures: list[BaseException] = []
        done: list[Thing] = []
        begin = time.monotonic()

        def drain(worker: Worker) -> None:
            while not failures:
                try:
                    thing = queue.get_nowait()
                except Empty:
                    return
                try:
                    each(worker, thing)
                except BaseException as problem:  # noqa: BLE001 - raised again by the thread that waits
                    failures.append(problem)
                done.append(thing)
                spent = time.monotonic() - begin
                left = spent / len(done) * (len(things) - len(done))
                self._say(f"{name} {len(done)}/{len(things)}, {spent:.0f} s, about {left:.0f} s left")

        threads = [threading.Thread(target=drain, args=(worker,)) for worker in self.workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.seconds[name] = time.monotonic() - begin
        if failures:
            raise failures[0]
