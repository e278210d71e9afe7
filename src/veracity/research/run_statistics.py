"""results/statistics.json: how far the result of each strategy of a run may be believed (S-079)."""

from pathlib import Path
from typing import Final

import numpy as np

from veracity.domain.summary_models import StatisticsFile, StrategyStatistics
from veracity.research import metrics
from veracity.research.files import publish
from veracity.research.multiple_testing import correct
from veracity.research.results import Results
from veracity.research.statistics.bootstrap import DRAWS
from veracity.research.summary import document
from veracity.research.walk_forward import by_day

STATISTICS_FILE: Final = "statistics.json"
CELLS_MAX: Final = 2_000_000
DRAWS_MIN: Final = 100


def statistics_file(results: Results, run_id: str, *, seed: int, trials: int) -> StatisticsFile | None:
    """Statistics of every strategy's returns, of which `trials` were made on the dataset; None of a run without bars.

    Returns are of days where there are enough of them. The bootstrap draws less often from long samples of bars.
    """
    lived = results.timeline
    if len(lived.known) < 2:
        return None
    found = []
    for name, book in results.books.items():
        per_bar = metrics.returns(book.equity_start, book.equity)
        column = np.zeros(len(lived.known)) if per_bar is None else per_bar
        returns, per_year = by_day(column[:, None], lived.open_ts, lived.interval_ns)
        draws = max(DRAWS_MIN, min(DRAWS, CELLS_MAX // len(returns)))
        closed = sum(trade.exit_ts is not None for trade in book.trades)
        judged = correct(
            returns, trades=[closed], trials=trials, periods_per_year=per_year, seed=seed, draws=draws
        )
        found.append(StrategyStatistics(strategy_id=name, statistics=judged))
    return StatisticsFile(run_id=run_id, strategies=tuple(found))


def write_statistics(file: StatisticsFile, directory: Path) -> None:
    """Write it into the results of a run, checked against its schema first, whole or not at all."""
    content = document(file)
    StatisticsFile.model_validate_json(content)
    publish(directory / STATISTICS_FILE, content)
