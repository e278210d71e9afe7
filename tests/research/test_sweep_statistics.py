"""The best of a sweep is judged by all trials that were made on its data."""

from typing import Any

import numpy as np
import pytest
from tests.kit.market import usd

from veracity.research import sweep_statistics
from veracity.research.multiple_testing import correct
from veracity.research.sweep_statistics import judge

CASH = usd(100_000)
DAYS = 120


def trial(number: int, daily: list[float]) -> dict[str, Any]:
    """A trial whose equity grows so from UTC midnight to midnight, to whole units; the last day is begun and not ended."""
    equity = (CASH * np.cumprod(1 + np.array(daily))).astype(np.int64).tolist()
    return {
        "trial": number,
        "equity": equity,
        "metrics": {"final_equity": equity[-1], "net": equity[-1] - CASH, "trades": 40 + number},
    }


def drawn(number: int, drift: float = 0.0) -> list[float]:
    return (np.random.default_rng(number).normal(drift, 0.01, DAYS + 1)).tolist()


def test_the_best_of_a_sweep_is_judged_by_its_daily_returns_and_by_all_trials_on_the_data() -> None:
    """An independent count: the last, unended day belongs to the one before it."""
    grown = [drawn(number, drift) for number, drift in ((3, 0.0), (4, 0.003), (7, 0.001))]
    failed = {"trial": 5, "equity": None, "metrics": None}
    rows = [trial(3, grown[0]), trial(4, grown[1]), failed, trial(7, grown[2])]
    found = judge(rows, trials=90, seed=2)
    assert found is not None
    daily = [[*one[:-2], (1 + one[-2]) * (1 + one[-1]) - 1] for one in grown]
    expected = correct(np.array(daily).T, trades=[43, 44, 47], trials=90, periods_per_year=365, seed=2)
    assert (found.best, found.statistics.trials, found.statistics.trials_here) == (4, 90, 3)
    assert (found.statistics.periods, found.statistics.trades) == (DAYS, 44)
    for name in ("sharpe_annual", "dsr", "spa_consistent", "pbo"):
        measured, hoped = getattr(found.statistics, name).value, getattr(expected, name).value
        assert measured == pytest.approx(hoped, abs=1e-9), name


def test_more_trials_on_the_same_data_make_the_same_best_less_believable() -> None:
    rows = [trial(number, drawn(number, 0.002)) for number in range(4)]
    first, later = judge(rows, trials=4, seed=1), judge(rows, trials=400, seed=1)
    assert first is not None
    assert later is not None
    assert first.statistics.dsr.value is not None
    assert later.statistics.dsr.value is not None
    assert later.statistics.dsr.value < first.statistics.dsr.value
    assert later.statistics.reasons[0].startswith("400 trials were made on 0.33 years of data.")


def test_equity_that_fell_to_nothing_is_a_trial_that_earned_nothing() -> None:
    ruined = trial(0, [-1.0] + [0.0] * DAYS)
    found = judge([ruined, trial(1, drawn(1, 0.002))], trials=2, seed=1)
    assert found is not None
    assert found.best == 1
    assert found.statistics.corrected[0].sharpe.reason == "no variance"


@pytest.mark.parametrize("daily", [[0.01], [0.01, 0.01]])
def test_on_fewer_than_two_days_there_is_nothing_to_judge(daily: list[float]) -> None:
    assert judge([trial(0, daily)], trials=1, seed=1) is None
    assert judge([trial(0, [*daily, 0.01, 0.02])], trials=1, seed=1) is not None


def test_a_sweep_of_which_nothing_ran_is_not_judged() -> None:
    assert judge([{"trial": 0, "equity": None, "metrics": None}], trials=1, seed=1) is None


def test_rows_of_a_sweep_that_did_not_count_its_round_trips_leave_the_verdict_open() -> None:
    row = trial(0, drawn(1, 0.01))
    del row["metrics"]["trades"]
    found = judge([row], trials=1, seed=1)
    assert found is not None
    assert (found.statistics.verdict, found.statistics.trades) == ("unknown", None)
    assert found.statistics.reasons == ("How many round trips were made is not known.",)


def test_of_very_many_trials_every_nth_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep_statistics, "COLUMNS_MAX", 3)
    rows = [trial(number, drawn(number, 0.001 * number)) for number in range(7)]
    found = judge(rows, trials=7, seed=1)
    assert found is not None
    assert (found.statistics.trials, found.statistics.trials_here, found.best) == (7, 3, 6)
