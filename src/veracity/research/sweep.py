"""A parameter sweep: a plan becomes numbered trials, an executor runs them, and each outcome is durable once it is known.

Nothing depends on who runs a trial or when: its parameters and its seed follow from the plan, its number and the outcomes
of earlier rounds, and whatever reads the outcomes sorts them by number. A local pool and a cluster are both
`concurrent.futures.Executor`s.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from itertools import product
from math import prod
from typing import Final, Literal, NamedTuple, TypeAlias

from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep_axes import Axis, Params
from veracity.research.trial_log import Row, TrialLog
from veracity.simulator.chance import draw, stream

OUTSTANDING_A_WORKER: Final = 2
"""Batches that wait at an executor: enough that no worker starves, few enough that a scheduler's memory stays small."""
SEED: Final = "run.seed"
PULSE_S: Final = 5.0  # how long nothing may be heard before somebody asks whether there is a worker left


class SweepPlan(NamedTuple):
    """What is searched, and how."""

    search: Literal["grid", "random", "optuna"]
    axes: tuple[Axis, ...]
    trials: int  # of a random or optuna search; a grid has as many as its axes say
    seed: int
    round: int = 16  # trials that optuna proposes at a time, from the outcomes of all rounds before

    @property
    def total(self) -> int:
        """How many trials it has."""
        return prod(len(axis.values) for axis in self.axes) if self.search == "grid" else self.trials

    @property
    def rounds(self) -> list[range]:
        """Numbers of trials that may run at the same time; a round begins when the one before is done."""
        step = self.round if self.search == "optuna" else max(1, self.total)
        return [range(start, min(start + step, self.total)) for start in range(0, self.total, step)]


class Trial(NamedTuple):
    """One question: its number in the plan, its seed, and the values that it sets."""

    number: int
    seed: int
    params: Params


class Answer(NamedTuple):
    """What became of a batch of trials, in their order, and how long that took where it ran."""

    rows: Sequence[Row]
    seconds: float


Ask: TypeAlias = Callable[[Sequence[Trial]], Answer]
"""Runs a batch in whatever process it is called. What is wrong with a trial is in its row; it raises OperatorFault only where
this process must not run any: other code, other data."""


class Batching(NamedTuple):
    """How many trials travel together: as many as take about `seconds`, and never more than leave work for everybody."""

    workers: int = 1
    seconds: float = 0.25
    most: int = 256

    def size(self, left: int, trial_s: float | None) -> int:
        """Trials of the next batch, of `left`; one, until it is known how long a trial takes (`trial_s`)."""
        if trial_s is None:
            return 1
        fair = -(-left // (OUTSTANDING_A_WORKER * self.workers))
        return max(1, min(fair, self.most, int(self.seconds / max(trial_s, 1e-9))))


ALONE: Final = Batching()


def trials_of(plan: SweepPlan, numbers: range, before: Sequence[Row] = ()) -> tuple[Trial, ...]:
    """The trials of a round; `before` are the rows of all earlier ones, which only optuna looks at.

    A grid is in declared order, the last axis fastest; a random search draws with the plan's seed.
    """
    match plan.search:
        case "grid":
            chosen = [
                tuple(zip((axis.key for axis in plan.axes), values, strict=True))
                for values in product(*(axis.values for axis in plan.axes))
            ][numbers.start : numbers.stop]
        case "random":
            chosen = [_drawn(plan, number) for number in numbers]
        case "optuna":
            from veracity.research.sweep_search import proposed

            chosen = proposed(plan.axes, before, len(numbers), seed=seed_of(plan, numbers.start))
    return tuple(
        Trial(number, seed_of(plan, number, params), params)
        for number, params in zip(numbers, chosen, strict=True)
    )


def seed_of(plan: SweepPlan, number: int, params: Params = ()) -> int:
    """The seed of a trial, 63 bits: of the plan's seed and its number, never of who runs it; its own where an axis says it."""
    own = next((value for key, value in params if key == SEED), None)
    return draw(stream(plan.seed, "trial"), number) >> 1 if own is None else int(own, 0)


def _drawn(plan: SweepPlan, number: int) -> Params:
    source, width = stream(plan.seed, "search"), len(plan.axes)
    return tuple(
        (axis.key, axis.values[draw(source, number * width + place) % len(axis.values)])
        for place, axis in enumerate(plan.axes)
    )


def run_sweep(
    plan: SweepPlan,
    ask: Ask,
    executor: Executor,
    log: TrialLog,
    *,
    batching: Batching = ALONE,
    heard: Callable[[int, int], None] | None = None,
    pulse: Callable[[], None] | None = None,
) -> list[Row]:
    """Run the trials of the plan that `log` does not hold yet, and answer the rows of all, sorted by number.

    A row is on the disk before it counts as done, so a sweep that was killed goes on with what is left. `heard` takes how
    many of those are done, and how many they are; `pulse` is called while no answer comes, and raises where none will.
    Raises OperatorFault where the log is of another plan or damaged (exit code 5), where the executor lost its workers (9),
    or what `ask` raised; what is done stays done.
    """
    done = {row["trial"]: row for row in log.rows()}
    before = len(done)
    for numbers in plan.rounds:
        trials = trials_of(plan, numbers, [done[number] for number in range(numbers.start)])
        _agree(trials, done, log.path)
        left = [trial for trial in trials if trial.number not in done]
        for rows in _answers(left, ask, executor, batching, pulse):
            log.append(rows)
            done |= {row["trial"]: row for row in rows}
            if heard is not None:
                heard(len(done) - before, plan.total - before)
    return [done[number] for number in range(plan.total)]


def _agree(trials: Sequence[Trial], done: Mapping[int, Row], path: object) -> None:
    """Refuse rows that answer other questions than the plan asks."""
    for trial in trials:
        row = done.get(trial.number)
        if row is not None and (row["seed"], row["params"]) != (trial.seed, dict(trial.params)):
            raise OperatorFault(
                f"the row of trial {trial.number} is not of this plan",
                where=str(path),
                why=f"the plan asks {dict(trial.params)} with seed {trial.seed}",
                hint="begin a new sweep",
                exit_code=ExitCode.FINDING,
            )


def _answers(
    left: list[Trial], ask: Ask, executor: Executor, batching: Batching, pulse: Callable[[], None] | None
) -> Iterator[Sequence[Row]]:
    """The rows of all trials as they come, with a few batches asked at a time."""
    asked: set[Future[Answer]] = set()
    begun, trial_s = 0, None
    while begun < len(left) or asked:
        while begun < len(left) and len(asked) < OUTSTANDING_A_WORKER * batching.workers:
            size = batching.size(len(left) - begun, trial_s)
            asked.add(executor.submit(ask, left[begun : begun + size]))
            begun += size
        ready, asked = wait(asked, timeout=PULSE_S, return_when=FIRST_COMPLETED)
        if not ready and pulse is not None:
            pulse()
        failed = next((one for one in ready if one.cancelled() or one.exception() is not None), None)
        for one in ready:
            if not one.cancelled() and one.exception() is None:
                rows, seconds = one.result()
                trial_s = seconds / len(rows)
                yield rows
        if failed is not None:
            yield from _kept(asked)
            raise _lost(None if failed.cancelled() else failed.exception())


def _kept(asked: set[Future[Answer]]) -> Iterator[Sequence[Row]]:
    """What was asked before one failed, as far as it is answered soon."""
    for one in wait(asked, timeout=PULSE_S)[0]:
        if not one.cancelled() and one.exception() is None:
            yield one.result().rows


def _lost(error: BaseException | None) -> OperatorFault:
    if isinstance(error, OperatorFault):
        return error
    return OperatorFault(
        "the sweep stopped: its executor failed",
        why="its tasks were cancelled" if error is None else f"{type(error).__name__}: {error}",
        hint="what is done is kept: veracity sweep resume SWEEP",
        exit_code=ExitCode.TIMEOUT,
    )
