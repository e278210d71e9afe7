"""Walk-forward evaluation: parameters are chosen on past bars only and judged on later ones (S-077).

Which code runs a trial is handed in, and so is the executor that runs many: the same lines serve one process, a pool and
a cluster, and the answer does not depend on which. A trial of a train window never sees a bar behind its end.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from itertools import product
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.errors import OperatorFault
from veracity.domain.market import Column
from veracity.domain.summary_models import (
    CrossValidation,
    FoldRow,
    GridAxis,
    Joined,
    Ratio,
    Setting,
    WalkForwardFile,
    WindowPlan,
)
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR, ts_text
from veracity.engine.opening import RunIdentity
from veracity.research import measures, metrics, splits
from veracity.research.drawdown import falls
from veracity.research.metrics import DAYS_PER_YEAR
from veracity.research.multiple_testing import correct
from veracity.research.splits import Fold
from veracity.research.statistics import sharpe

WALK_FORWARD_FILE: Final = "walkforward.json"
PERIODS_FEW: Final = 60
"""With fewer days than these the statistics are of hours, or of bars: of few days nothing can be said."""

Settings = tuple[tuple[str, str], ...]
Returns = NDArray[np.float64]


class Task(NamedTuple):
    """One run: parameters, and the bars [begin, end) of the lead instrument that it may decide on.

    `primed` runs read as many earlier bars as their warm-up needs, so that the first decision is on bar `begin`.
    """

    settings: Settings
    begin: int
    end: int
    primed: bool


class Outcome(NamedTuple):
    """What one run came to: its account's start, its equity at the bars of the task, and what it traded."""

    start: int
    equity: Column
    trades: int
    fees: int
    entries: tuple[tuple[int, int], ...] = ()  # of each round trip: the task's bar that it began on, its net


Evaluate = Callable[[Task], Outcome]


class Study(NamedTuple):
    """What is to be evaluated."""

    opens: Column  # stamps of the lead instrument's bars
    interval_ns: int
    plan: WindowPlan
    grid: tuple[GridAxis, ...]
    identity: RunIdentity
    trials_before: int  # trials on this dataset that its ledger knows of already
    cross_validation: tuple[int, int] | None = None  # groups, tested at a time


def run_walk_forward(
    study: Study,
    evaluate: Evaluate,
    executor: Executor,
    heard: Callable[[Fold, Outcome], None] | None = None,
) -> WalkForwardFile:
    """Derive the folds, choose on each train window, run each test window from flat, and judge the whole grid.

    `heard` is told what every test window came to, in the order of the folds.

    Raises OperatorFault where no fold fits (exit code 4) or no parameters of the grid can run.
    """
    found = splits.folds(len(study.opens), study.plan)
    candidates = combinations_of(study.grid)
    whole = _tried(executor, evaluate, [Task(one, 0, len(study.opens), False) for one in candidates])
    if all(isinstance(one, str) for one in whole):
        raise OperatorFault("no parameters of the grid can run", why=str(whole[0]))
    tasks = [Task(one, fold.train_begin, fold.train_end, False) for fold in found for one in candidates]
    trained = _tried(executor, evaluate, tasks)
    width = len(candidates)
    picks = [choose(trained[number * width : (number + 1) * width]) for number in range(len(found))]
    tests = [
        Task(candidates[pick], fold.test_begin, fold.test_end, True)
        for fold, (pick, _) in zip(found, picks, strict=True)
    ]
    tested = list(executor.map(evaluate, tests))
    if heard is not None:
        for fold, one in zip(found, tested, strict=True):
            heard(fold, one)
    rows = tuple(
        _row(study, number, fold, tests[number].settings, picks[number][1], tested[number])
        for number, fold in enumerate(found)
    )
    matrix = _matrix(whole, len(study.opens))
    per_period, per_year = by_day(matrix, study.opens, study.interval_ns)
    return WalkForwardFile(
        config_hash=study.identity.config_hash,
        dataset_hash=study.identity.dataset_hash,
        code_hash=study.identity.code_hash,
        seed=study.identity.seed,
        plan=study.plan,
        bars=len(study.opens),
        grid=study.grid,
        folds=rows,
        joined=_joined(study, rows, tested),
        cross_validation=cross_validate(study, matrix),
        statistics=correct(
            per_period,
            trades=[0 if isinstance(one, str) else one.trades for one in whole],
            trials=width + study.trials_before,
            periods_per_year=per_year,
            seed=study.identity.seed,
        ),
    )


def combinations_of(grid: Sequence[GridAxis]) -> list[Settings]:
    """All combinations in declared order, the last axis fastest; one empty one for no axis."""
    return [
        tuple(zip((axis.key for axis in grid), values, strict=True))
        for values in product(*(axis.values for axis in grid))
    ]


def choose(trained: Sequence[Outcome | str]) -> tuple[int, metrics.Ratio]:
    """The outcome with the largest Sharpe ratio a bar, the first of equals, and that ratio.

    What has no ratio ranks behind all that have one; where none has, the first that could run is taken.
    """
    scores = [
        metrics.unknown(one)
        if isinstance(one, str)
        else metrics.sharpe(metrics.returns(one.start, one.equity))
        for one in trained
    ]
    able = [number for number, one in enumerate(trained) if not isinstance(one, str)]
    if not able:
        raise OperatorFault("no parameters of the grid can run on a train window", why=str(trained[0]))
    value = {number: scores[number].value for number in able}
    best = max(able, key=lambda number: (value[number] is not None, value[number] or 0.0, -number))
    return best, scores[best]


def by_day(matrix: Returns, opens: Column, interval_ns: int) -> tuple[Returns, float]:
    """Returns by UTC day, and how many periods a year has: by hour where the days are few, by bar where hours are too."""
    for length in (NS_PER_DAY, NS_PER_HOUR):
        periods = opens // length
        firsts = np.flatnonzero(np.diff(periods, prepend=periods[0] - 1))
        if interval_ns < length and len(firsts) >= PERIODS_FEW:
            grown = np.multiply.reduceat(1.0 + matrix, firsts, axis=0) - 1.0
            return grown, DAYS_PER_YEAR * NS_PER_DAY / length
    return matrix, DAYS_PER_YEAR * NS_PER_DAY / interval_ns


def cross_validate(study: Study, matrix: Returns) -> CrossValidation | None:
    """Choose on the purged train rows of every split, collect the test rows along each path, and judge the paths."""
    if study.cross_validation is None:
        return None
    groups, tested = study.cross_validation
    holding, embargo = study.plan.holding, study.plan.embargo
    found = splits.combinatorial(len(matrix), groups, tested, holding=holding, embargo=embargo)
    picks = [_best_column(matrix[one.train]) for one in found]
    edges = splits.group_edges(len(matrix), groups)
    root = np.sqrt(_bars_per_year(study))
    ratios = []
    for taken in splits.paths(found, groups):
        parts = [matrix[edges[group] : edges[group + 1], picks[split]] for group, split in enumerate(taken)]
        moments = sharpe.moments(np.concatenate(parts))
        ratios.append(None if moments is None else moments.sharpe * float(root))
    known = [one for one in ratios if one is not None]
    return CrossValidation(
        groups=groups,
        tested=tested,
        splits=len(found),
        paths=splits.path_count(groups, tested),
        sharpe_annual=tuple(
            measures.ratio(metrics.unknown(metrics.NO_VARIANCE) if one is None else metrics.ratio(one))
            for one in ratios
        ),
        loss=measures.ratio(metrics.quotient(sum(one < 0 for one in known), len(known), "no path traded")),
    )


def _tried(executor: Executor, evaluate: Evaluate, tasks: Sequence[Task]) -> list[Outcome | str]:
    """Outcomes in the order of the tasks; a refusal is its own text: it was a trial, too."""
    return list(executor.map(_Attempt(evaluate), tasks))


class _Attempt:
    """Runs a task, and answers a refusal as text. A class, because it travels to other processes."""

    def __init__(self, evaluate: Evaluate) -> None:
        self._evaluate = evaluate

    def __call__(self, task: Task) -> Outcome | str:
        try:
            return self._evaluate(task)
        except OperatorFault as fault:
            return str(fault)


def _matrix(whole: Sequence[Outcome | str], bars: int) -> Returns:
    """Per-bar returns, one column a trial; zeros where it could not run or lost everything."""
    columns = []
    for one in whole:
        found = None if isinstance(one, str) else metrics.returns(one.start, one.equity)
        columns.append(np.zeros(bars) if found is None else found)
    return np.column_stack(columns)


def _best_column(returns: Returns) -> int:
    spread = returns.std(axis=0)
    flat = spread == 0
    return int(np.argmax(np.where(flat, 0.0, returns.mean(axis=0) / np.where(flat, 1.0, spread))))


def _row(
    study: Study, number: int, fold: Fold, settings: Settings, trained: metrics.Ratio, tested: Outcome
) -> FoldRow:
    end = int(tested.equity[-1])
    per_bar = metrics.returns(tested.start, tested.equity)
    deepest = falls(tested.start, tested.equity).deepest()
    depth = deepest[0].depth if deepest else 0.0
    return FoldRow(
        number=number,
        train_begin=fold.train_begin,
        train_end=fold.train_end,
        test_begin=fold.test_begin,
        test_end=fold.test_end,
        train_first=ts_text(int(study.opens[fold.train_begin])),
        test_first=ts_text(int(study.opens[fold.test_begin])),
        test_last=ts_text(int(study.opens[fold.test_end - 1])),
        settings=tuple(Setting(name=name, value=value) for name, value in settings),
        train_sharpe_annual=measures.ratio(_annual(trained, study)),
        net=measures.amount(end - tested.start),
        total_return=measures.ratio(metrics.total_return(tested.start, end)),
        sharpe_annual=measures.ratio(_annual(metrics.sharpe(per_bar), study)),
        max_drawdown=measures.ratio(
            metrics.unknown("the peak is not above zero") if depth is None else metrics.ratio(depth)
        ),
        trades=tested.trades,
        fees=measures.amount(tested.fees),
    )


def _joined(study: Study, rows: Sequence[FoldRow], tested: Sequence[Outcome]) -> Joined:
    parts = [metrics.returns(one.start, one.equity) for one in tested]
    every = (
        None if any(part is None for part in parts) else np.concatenate([p for p in parts if p is not None])
    )
    moments = None if every is None else sharpe.moments(every)
    out = _annual(metrics.sharpe(every), study)
    inside = [row.train_sharpe_annual.value for row in rows if row.train_sharpe_annual.value is not None]
    trained = (
        metrics.ratio(float(np.mean(inside))) if inside else metrics.unknown("no train window has a ratio")
    )
    return Joined(
        bars=sum(len(one.equity) for one in tested),
        net=measures.amount(sum(row.net.units for row in rows)),
        folds_positive=sum(row.net.units > 0 for row in rows),
        sharpe_annual=measures.ratio(out),
        psr=measures.ratio(
            metrics.unknown(out.reason or metrics.NO_VARIANCE)
            if moments is None
            else sharpe.probabilistic(moments)
        ),
        train_sharpe_annual=measures.ratio(trained),
        kept=_kept(out, trained),
    )


def _kept(out: metrics.Ratio, trained: metrics.Ratio) -> Ratio:
    if out.value is None or trained.value is None:
        return measures.ratio(metrics.unknown("one of the ratios is unknown"))
    return measures.ratio(
        metrics.quotient(out.value, trained.value, "the train windows have no ratio above zero")
    )


def _annual(per_bar: metrics.Ratio, study: Study) -> metrics.Ratio:
    if per_bar.value is None:
        return per_bar
    return metrics.ratio(per_bar.value * float(np.sqrt(_bars_per_year(study))))


def _bars_per_year(study: Study) -> float:
    return DAYS_PER_YEAR * NS_PER_DAY / study.interval_ns
