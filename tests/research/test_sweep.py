"""A sweep gives the same rows whoever runs it, in whatever order, and however often it is killed in between."""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from veracity.app.trial_run import SerialExecutor
from veracity.domain.errors import OperatorFault
from veracity.research.sweep import Answer, Batching, SweepPlan, Trial, run_sweep, seed_of, trials_of
from veracity.research.sweep_axes import Axis
from veracity.research.trial_log import Row, TrialLog, read_rows

GRID = SweepPlan(
    "grid", (Axis("fast", ("1", "2", "3")), Axis("slow", ("2", "3", "4", "5")), Axis("qty", ("7", "8"))), 0, 7
)


def answer(trial: Trial) -> Row:
    """Refused where fast >= slow, failed on two combinations, else a number that follows from the parameters."""
    params = dict(trial.params)
    fast, slow, qty = (int(params[name]) for name in ("fast", "slow", "qty"))
    row: Row = {"trial": trial.number, "seed": trial.seed, "params": params, "error": None, "metrics": None}
    if fast >= slow:
        return row | {"status": "refused", "error": "fast must be below slow"}
    if (fast, slow) == (1, 5):
        return row | {"status": "failed", "error": "ZeroDivisionError: planted"}
    return row | {"status": "ok", "metrics": {"final_equity": fast * slow * qty + trial.seed % 10}}


class Asked:
    """Answers batches, counts the trials, and dies after some."""

    def __init__(self, dies_after: int = 10**9) -> None:
        self.trials: list[int] = []
        self._left = dies_after

    def __call__(self, batch: Sequence[Trial]) -> Answer:
        if self._left < len(batch):
            raise RuntimeError("the worker was killed")
        self._left -= len(batch)
        self.trials += [trial.number for trial in batch]
        return Answer([answer(trial) for trial in batch], 0.1 * len(batch))


class LastFirst(Executor):
    """Answers nothing until all is asked, and then the last batch first."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def expand(plan: SweepPlan) -> tuple[Trial, ...]:
    return trials_of(plan, range(plan.total))


def run(path: Path, asked: Asked, executor: Executor, workers: int = 2, batch: int = 3) -> list[Row]:
    with executor, TrialLog(path / "trials.jsonl") as log:
        return run_sweep(GRID, asked, executor, log, batching=Batching(workers, seconds=0.1 * batch + 0.05))


def test_every_combination_has_its_row_whatever_became_of_it(tmp_path: Path) -> None:
    run(tmp_path, Asked(), SerialExecutor())
    lines = [json.loads(line) for line in (tmp_path / "trials.jsonl").read_text().splitlines()]
    assert sorted(row["trial"] for row in lines) == list(range(24))
    statuses = [row["status"] for row in lines]
    assert (statuses.count("failed"), statuses.count("refused"), statuses.count("ok")) == (2, 6, 16)
    assert all((row["metrics"] is None) == (row["status"] != "ok") for row in lines)
    assert {row["error"] for row in lines if row["status"] == "failed"} == {"ZeroDivisionError: planted"}


def test_rows_do_not_depend_on_the_workers_or_the_order_of_answers(tmp_path: Path) -> None:
    found = []
    for name, executor, workers in (
        ("one", SerialExecutor(), 1),
        ("two", ThreadPoolExecutor(2), 2),
        ("four", ThreadPoolExecutor(4), 4),
        ("odd", LastFirst(), 4),
    ):
        (tmp_path / name).mkdir()
        found.append(run(tmp_path / name, Asked(), executor, workers=workers))
    assert [row["trial"] for row in found[0]] == list(range(24))
    assert all(rows == found[0] for rows in found)


@pytest.mark.ticket("T-214")
def test_a_killed_sweep_goes_on_with_what_is_left(tmp_path: Path) -> None:
    (tmp_path / "whole").mkdir()
    whole = run(tmp_path / "whole", Asked(), SerialExecutor())
    with pytest.raises(OperatorFault, match="the worker was killed"):
        run(tmp_path, Asked(dies_after=9), SerialExecutor(), batch=1)
    assert len(read_rows(tmp_path / "trials.jsonl")) == 9
    with (tmp_path / "trials.jsonl").open("a") as file:
        file.write('{"trial": 9, "see')  # the kill tore a line
    asked = Asked()
    assert run(tmp_path, asked, SerialExecutor()) == whole
    assert sorted(asked.trials) == list(range(9, 24))


@pytest.mark.ticket("T-214")
def test_a_seed_follows_from_the_plan_and_the_number_alone() -> None:
    trials = expand(GRID)
    assert len({trial.seed for trial in trials}) == 24
    assert [trial.seed for trial in trials] == [seed_of(GRID, number) for number in range(24)]
    assert expand(GRID._replace(axes=GRID.axes[:1]))[2].seed == trials[2].seed
    assert expand(GRID._replace(seed=8))[2].seed != trials[2].seed


@pytest.mark.ticket("T-214")
def test_an_axis_of_seeds_gives_each_trial_the_seed_that_it_says() -> None:
    plan = SweepPlan("grid", (Axis("run.seed", ("3", "0x10", "1_000")), Axis("p.fast", ("1", "2"))), 0, 7)
    assert [trial.seed for trial in expand(plan)] == [3, 3, 16, 16, 1_000, 1_000]


def test_a_grid_is_in_declared_order_and_a_random_search_draws_from_its_seed() -> None:
    assert [trial.params for trial in expand(GRID)[:3]] == [
        (("fast", "1"), ("slow", "2"), ("qty", "7")),
        (("fast", "1"), ("slow", "2"), ("qty", "8")),
        (("fast", "1"), ("slow", "3"), ("qty", "7")),
    ]
    drawn = GRID._replace(search="random", trials=50)
    assert expand(drawn) == expand(drawn)
    assert expand(drawn)[:10] == expand(drawn._replace(trials=10))
    assert len({trial.params for trial in expand(drawn)}) > 12
    assert expand(drawn) != expand(drawn._replace(seed=8))
