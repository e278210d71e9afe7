"""How far the best trial of a sweep may be believed, given all that were made on its data (S-079).

Asked when somebody looks, not when the sweep ends: a later sweep on the same data makes the best of this one less of a
surprise too.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np

from veracity.domain.summary_models import Statistics
from veracity.research import metrics
from veracity.research.multiple_testing import Matrix, correct
from veracity.research.trial_log import Row

DAYS_MIN: Final = 2
COLUMNS_MAX: Final = 2_000
"""More trials are judged by every second, third, ... of them: enough to say how far they are apart."""


class Judged(NamedTuple):
    """The statistics of a sweep, and the number of its trial with the highest Sharpe ratio."""

    statistics: Statistics
    best: int


def judge(rows: Sequence[Row], *, trials: int, seed: int) -> Judged | None:
    """Statistics of the daily returns of the trials that ran, of `trials` on the dataset in all.

    None where none ran, or on fewer than two days: there is nothing to judge then.
    """
    ran = [row for row in rows if row["metrics"] is not None]
    taken = ran[:: -(-len(ran) // COLUMNS_MAX)] if ran else []
    if not taken:
        return None
    columns = [_returns(row) for row in taken]
    if len(columns[0]) < DAYS_MIN:
        return None
    matrix: Matrix = np.column_stack(columns)
    trades = [row["metrics"].get("trades") for row in taken]
    found = correct(matrix, trades=trades, trials=trials, periods_per_year=metrics.DAYS_PER_YEAR, seed=seed)
    return Judged(found, int(taken[found.best]["trial"]))


def _returns(row: Row) -> Matrix:
    """Daily returns, the first from the starting cash; what is left of a last day belongs to the day before it.

    Equity that fell to nothing has no returns: such a trial is one that earned nothing, as in a walk-forward.
    """
    start = row["metrics"]["final_equity"] - row["metrics"]["net"]
    *days, end = row["equity"]
    equity = np.array([*days[:-1], end], dtype=np.int64)
    found = metrics.returns(start, equity)
    return np.zeros(len(equity)) if found is None else found
