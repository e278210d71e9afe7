"""The harness with a trial that can be checked by hand: it earns `edge` a bar, plus what the tape says."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from tests.kit.market import START
from tests.kit.script import IDENTITY
from tests.research.test_splits import plan

from veracity.app.trial_run import SerialExecutor
from veracity.domain.errors import OperatorFault
from veracity.domain.summary_models import GridAxis, WalkForwardFile
from veracity.domain.time import NS_PER_HOUR
from veracity.research.summary import document
from veracity.research.walk_forward import (
    Outcome,
    Study,
    Task,
    by_day,
    choose,
    combinations_of,
    run_walk_forward,
)

GRID = (GridAxis(key="edge", values=("1", "3", "2")), GridAxis(key="other", values=("a", "b")))
CASH = 1_000_000


class Tape:
    """Remembers what it was asked; trial `edge=e` earns e on even bars and loses 1 on odd ones."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def __call__(self, task: Task) -> Outcome:
        self.tasks.append(task)
        edge = int(dict(task.settings).get("edge", "1"))
        bars = np.arange(task.begin, task.end)
        return Outcome(CASH, CASH + np.cumsum(np.where(bars % 2, -1, edge)), 2, 7)


def study(bars: int = 1_000, **changes: object) -> Study:
    opens = START + NS_PER_HOUR * np.arange(bars, dtype=np.int64)
    made = Study(opens, NS_PER_HOUR, plan(), GRID, IDENTITY, trials_before=4)
    return made._replace(**changes)


def run(bars: int = 1_000, **changes: object) -> tuple[WalkForwardFile, Tape]:
    tape = Tape()
    return run_walk_forward(study(bars, **changes), tape, SerialExecutor()), tape


def test_combinations_come_in_declared_order_with_the_last_axis_fastest() -> None:
    assert [dict(one) for one in combinations_of(GRID)][:3] == [
        {"edge": "1", "other": "a"},
        {"edge": "1", "other": "b"},
        {"edge": "3", "other": "a"},
    ]
    assert combinations_of(()) == [()]


@pytest.mark.ticket("T-193")
def test_every_fold_is_chosen_on_its_train_window_and_run_on_its_test_window() -> None:
    file, tape = run()
    trained = {(task.begin, task.end) for task in tape.tasks if not task.primed} - {(0, 1_000)}
    tested = [(task.begin, task.end) for task in tape.tasks if task.primed]
    assert sorted(trained) == [(100 * n, 400 + 100 * n) for n in range(5)]
    assert tested == [(430 + 100 * n, 530 + 100 * n) for n in range(5)]
    assert {dict(task.settings)["edge"] for task in tape.tasks if task.primed} == {"3"}
    assert [fold.net.units for fold in file.folds] == [50 * 3 - 50] * 5
    assert file.joined.net.units == 500


@pytest.mark.ticket("T-234")
def test_no_train_run_is_given_a_bar_at_or_behind_the_end_of_its_window() -> None:
    """Bar 399 is the last that training reads: whatever is fitted on it, a scaler too, cannot hold bar 400."""
    file, tape = run(530)
    (fold,) = file.folds
    seen = [task for task in tape.tasks if not task.primed and task.end != 530]
    assert len(seen) == 6
    assert {(task.begin, task.end) for task in seen} == {(0, 400)}
    assert (fold.train_end, fold.test_begin, fold.test_end) == (400, 430, 530)


@pytest.mark.ticket("T-250")
def test_a_hundred_bars_more_add_a_sixth_fold_and_leave_the_five_as_they_were() -> None:
    shorter, longer = run()[0], run(1_100)[0]
    assert len(longer.folds) == 6
    assert longer.folds[:5] == shorter.folds
    last = longer.folds[5]
    assert (last.train_begin, last.train_end, last.test_begin, last.net.units) == (500, 900, 930, 100)


@pytest.mark.ticket("T-250")
def test_the_file_is_the_same_from_one_worker_and_from_two() -> None:
    first = document(run(cross_validation=(6, 2))[0])
    with ThreadPoolExecutor(2) as two:
        second = document(run_walk_forward(study(cross_validation=(6, 2)), Tape(), two))
    assert first == second
    assert b"seconds" not in first
    nets = [fold.net.units for fold in WalkForwardFile.model_validate_json(first).folds]
    assert nets == [50 * 3 - 50] * 5


def test_trials_before_and_trials_that_were_refused_are_counted() -> None:
    def refuses(task: Task) -> Outcome:
        if dict(task.settings)["edge"] == "3":
            raise OperatorFault("fast must be below slow")
        return Tape()(task)

    file = run_walk_forward(study(), refuses, SerialExecutor())
    assert (file.statistics.trials, file.statistics.trials_here) == (6 + 4, 6)
    assert {fold.settings[0].value for fold in file.folds} == {"2"}
    assert file.statistics.corrected[2].p.value is None


def test_a_grid_that_cannot_run_at_all_is_refused() -> None:
    def refuses(task: Task) -> Outcome:
        raise OperatorFault("fast must be below slow")

    with pytest.raises(OperatorFault, match="no parameters of the grid can run"):
        run_walk_forward(study(), refuses, SerialExecutor())


def test_the_best_ratio_is_chosen_the_first_of_equals_and_none_ranks_last() -> None:
    def earned(*changes: int) -> Outcome:
        return Outcome(CASH, CASH + np.cumsum(np.array(changes)), 1, 0)

    flat, losing, winning = earned(0, 0, 0), earned(-2, 1, -2), earned(2, -1, 2)
    assert choose([flat, losing, winning, winning, "refused"])[0] == 2
    assert choose([flat, losing])[0] == 1
    assert choose(["refused", flat])[0] == 1
    assert choose([flat])[1].reason == "no variance"


def test_n16_cross_validation_has_fifteen_splits_and_five_paths() -> None:
    found = run(cross_validation=(6, 2))[0].cross_validation
    assert found is not None
    assert (found.splits, found.paths, len(found.sharpe_annual)) == (15, 5, 5)
    assert found.loss.value == 0.0


def test_returns_are_taken_by_day_where_there_are_enough_days() -> None:
    file = run(61 * 24)[0]
    assert (file.statistics.periods, file.statistics.periods_per_year) == (61, 365)
    few = run(59 * 24)[0]
    assert (few.statistics.periods, few.statistics.periods_per_year) == (59 * 24, 365 * 24)
    minutes = START + 60 * 10**9 * np.arange(60 * 60)
    hourly, a_year = by_day(np.zeros((3_600, 1)), minutes, 60 * 10**9)
    assert (len(hourly), a_year) == (60, 365 * 24)
