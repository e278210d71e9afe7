"""A parameter sweep: a plan becomes numbered trials, an executor runs them, and each outcome is durable once it is known.

Nothing depends on who runs a trial or when: its parameters and its seed follow from the plan and its number, and whatever
reads the outcomes sorts them by number. A local pool and a cluster are both `concurrent.futures.Executor`s.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import product
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.forensics.files import FILE_MODE
from veracity.simulator.chance import draw, stream

Row: TypeAlias = dict[str, Any]
"""A line of trials.jsonl: trial, seed, params, status (ok, failed, refused), error, and metrics or null."""

OUTSTANDING_A_WORKER: Final = 2
"""Batches that wait at an executor: enough that no worker starves, few enough that a scheduler's memory stays small."""


class Axis(NamedTuple):
    """A key of the config and the values to try, as they are written."""

    key: str
    values: tuple[str, ...]


class SweepPlan(NamedTuple):
    """What is searched, and how."""

    search: Literal["grid", "random"]
    axes: tuple[Axis, ...]
    trials: int  # of a random search; a grid has as many as its axes say
    seed: int


class Trial(NamedTuple):
    """One question: its number in the plan, its seed, and the values that it sets."""

    number: int
    seed: int
    params: tuple[tuple[str, str], ...]


Ask: TypeAlias = Callable[[Sequence[Trial]], Sequence[Row]]
"""Runs a batch of trials in whatever process it is called, and answers a row for each, in order; it never raises for one."""


def expand(plan: SweepPlan) -> tuple[Trial, ...]:
    """The trials of a plan: a grid in declared order, the last axis fastest, or drawn with the plan's seed."""
    if plan.search == "grid":
        chosen = [
            tuple(zip((axis.key for axis in plan.axes), values, strict=True))
            for values in product(*(axis.values for axis in plan.axes))
        ]
    else:
        chosen = [_drawn(plan, number) for number in range(plan.trials)]
    return tuple(Trial(number, seed_of(plan, number), params) for number, params in enumerate(chosen))


def seed_of(plan: SweepPlan, number: int) -> int:
    """The seed of a trial, 63 bits: of the plan's seed and its number, never of who runs it."""
    return draw(stream(plan.seed, "trial"), number) >> 1


def _drawn(plan: SweepPlan, number: int) -> tuple[tuple[str, str], ...]:
    source, width = stream(plan.seed, "search"), len(plan.axes)
    return tuple(
        (axis.key, axis.values[draw(source, number * width + place) % len(axis.values)])
        for place, axis in enumerate(plan.axes)
    )


def run_sweep(
    trials: Sequence[Trial],
    ask: Ask,
    executor: Executor,
    path: Path,
    *,
    batch: int,
    workers: int,
    heard: Callable[[int, int], None] | None = None,
) -> list[Row]:
    """Run the trials that `path` does not hold yet, and answer the rows of all, sorted by number.

    A row is on the disk before it counts as done, so a sweep that was killed goes on with what is left.
    Raises OperatorFault (exit code 9) where the executor lost its workers; what is done stays done.
    """
    done = {row["trial"]: row for row in read_rows(path)}
    left = [trial for trial in trials if trial.number not in done]
    waiting = iter([left[start : start + batch] for start in range(0, len(left), batch)])
    with _Lines(path) as lines:
        for rows in _answers(waiting, ask, executor, OUTSTANDING_A_WORKER * workers):
            lines.append(rows)
            done |= {row["trial"]: row for row in rows}
            if heard is not None:
                heard(len(done), len(trials))
    return [done[number] for number in sorted(done)]


def _answers(
    waiting: Iterator[Sequence[Trial]], ask: Ask, executor: Executor, outstanding: int
) -> Iterator[Sequence[Row]]:
    """The answers to all batches as they come, with so many asked at a time."""
    asked: set[Future[Sequence[Row]]] = set()
    while True:
        while len(asked) < outstanding and (next_batch := next(waiting, None)) is not None:
            asked.add(executor.submit(ask, next_batch))
        if not asked:
            return
        ready, asked = wait(asked, return_when=FIRST_COMPLETED)
        failed = [one for one in ready if one.exception() is not None]
        if failed:  # what the others still bring is kept
            ready, asked = wait(ready | asked)[0], set()
        for one in ready:
            if one.exception() is None:
                yield one.result()
        if failed:
            raise _lost(failed[0].exception())


def _lost(error: BaseException | None) -> OperatorFault:
    return OperatorFault(
        "the sweep stopped: its executor failed",
        why=f"{type(error).__name__}: {error}",
        hint="what is done is kept: veracity sweep resume SWEEP",
        exit_code=ExitCode.TIMEOUT,
    )


def read_rows(path: Path) -> list[Row]:
    """The rows of a trials.jsonl, sorted by number; a last line that was torn by a kill is none."""
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    rows = {row["trial"]: row for row in map(json.loads, whole.splitlines())}
    return [rows[number] for number in sorted(rows)]


class _Lines:
    """Appends rows; each block is durable when `append` returns. What a kill has torn is cut off first."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> "_Lines":
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(self._path, flags, FILE_MODE)
        whole, newline, _ = self._path.read_bytes().rpartition(b"\n")
        os.ftruncate(self._file, len(whole) + len(newline))
        return self

    def append(self, rows: Sequence[Row]) -> None:
        """Write the rows as lines."""
        block = "".join(json.dumps(row, sort_keys=True, ensure_ascii=False) + "\n" for row in rows)
        os.write(self._file, block.encode())
        os.fsync(self._file)

    def __exit__(self, *_: object) -> None:
        os.close(self._file)
