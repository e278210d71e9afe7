"""The verdict over many trials: who decides it, and that nobody can forget how many there were."""

import inspect

import numpy as np
import pytest

from veracity.domain.summary_models import Statistics
from veracity.research.multiple_testing import adjusted, correct
from veracity.research.statistics import sharpe

DAYS = 365


def good(days: int, trials: int = 1, seed: int = 1) -> np.ndarray:
    """Trials with an annual Sharpe ratio of about 4: no doubt about them but their number."""
    return np.random.default_rng(seed).normal(0.2, 1.0, (days, trials)) * 0.01


def checked(returns: np.ndarray, trials: int, trades: int | None = 30) -> Statistics:
    columns = [trades] * returns.shape[1]
    return correct(returns, trades=columns, trials=trials, periods_per_year=DAYS, seed=1, draws=50)


@pytest.mark.ticket("T-215")
def test_45_trials_need_five_years_and_a_day_less_is_untrustworthy() -> None:
    """N-9: 4.9980870044 years. 1,824 days are 4.9973 years, 1,825 are 5.0000."""
    short, long = checked(good(1_824), 45), checked(good(1_825), 45)
    assert short.min_backtest_years.value == pytest.approx(4.9980870044, abs=1e-10)
    assert (short.verdict, long.verdict) == ("untrustworthy", "trustworthy")
    assert short.reasons[0].startswith("45 trials were made on 5.00 years of data.")
    assert "of 1 on less than 5.00 years" in short.reasons[0]


@pytest.mark.ticket("T-215")
def test_trials_of_earlier_sweeps_count() -> None:
    """10 trials here and 35 before are 45: by themselves 10 would be trusted on four years."""
    returns = good(4 * DAYS, 10)
    assert checked(returns, 10).verdict == "trustworthy"
    both = checked(returns, 45)
    assert (both.verdict, both.trials, both.trials_here) == ("untrustworthy", 45, 10)


def test_a_result_that_chance_would_show_is_untrustworthy_however_long_it_is() -> None:
    found = checked(np.random.default_rng(3).normal(0, 0.01, (20 * DAYS, 30)), 30)
    assert found.verdict == "untrustworthy"
    assert found.dsr.value is not None
    assert found.dsr.value < 0.95
    assert "less than 95%" in found.reasons[0]
    assert found.superior == 0


def test_the_parts_are_those_of_the_statistics_room() -> None:
    returns = good(800, 5, seed=4)
    found = checked(returns, 7)
    ratios = [float(column.mean() / column.std(ddof=1)) for column in returns.T]
    best = int(np.argmax(ratios))
    moments = sharpe.moments(returns[:, best])
    assert moments is not None
    assert found.best == best
    assert found.dsr.value == sharpe.deflated(moments, float(np.var(ratios, ddof=1)), 7).value
    assert found.sharpe_annual.value == pytest.approx(ratios[best] * np.sqrt(DAYS))
    assert found.halves == 12_870


@pytest.mark.parametrize("name", ["trials", "trades"])
def test_neither_trials_nor_their_trades_have_a_default(name: str) -> None:
    assert inspect.signature(correct).parameters[name].default is inspect.Parameter.empty


def test_the_number_of_trials_cannot_be_smaller_than_what_is_here_and_each_has_its_trades() -> None:
    with pytest.raises(ValueError, match="3 trials are here, and 2 are said"):
        checked(good(100, 3), 2)
    with pytest.raises(ValueError, match="3 trials are here, with the trades of 2"):
        correct(good(100, 3), trades=[30, 30], trials=3, periods_per_year=DAYS, seed=1)


@pytest.mark.ticket("T-215")
def test_the_round_trips_that_count_are_those_of_the_best_trial() -> None:
    """The second column is the best by far, and made too few; the first would have made enough."""
    returns = np.column_stack([good(800, 1, seed=2) * 0.5 + 0.001, good(800, 1, seed=3) + 0.01])
    found = correct(returns, trades=[500, 29], trials=2, periods_per_year=DAYS, seed=1, draws=50)
    assert (found.best, found.trades, found.verdict) == (1, 29, "unknown")
    assert found.reasons == ("29 round trips were made: fewer than 30 cannot be judged.",)


@pytest.mark.ticket("T-194")
def test_a_run_alone_is_still_the_best_of_all_that_were_tried() -> None:
    """N-5: the best of 100 worthless ones is 2.5306 deviations above zero; of 101 returns one deviation is 0.1."""
    alone, first = checked(good(101), 100), checked(good(101), 1)
    moments = sharpe.moments(good(101)[:, 0])
    assert moments is not None
    assert alone.threshold.value == pytest.approx(0.25306028932)
    assert alone.dsr.value == pytest.approx(sharpe.probabilistic(moments, 0.25306028932).value)
    assert first.threshold.value == 0
    assert first.dsr.value == first.psr.value == alone.psr.value


def test_a_trial_that_never_traded_has_no_ratio_but_is_a_trial() -> None:
    returns = np.column_stack([good(400), np.zeros(400)])
    found = checked(returns, 2)
    assert found.corrected[1].p.reason == "the trial has no Sharpe ratio"
    assert found.corrected[0].bonferroni.value == pytest.approx(2 * (found.corrected[0].p.value or 0))
    only = checked(np.zeros((400, 1)), 1)
    assert (only.verdict, only.dsr.reason) == ("unknown", "no variance")


@pytest.mark.ticket("T-194")
def test_unseen_trials_take_part_in_the_corrections_as_certain_chance() -> None:
    """N-10's six p-values among ten trials: the largest factor is 10, not 6."""
    p = [0.005, 0.009, 0.0128, 0.0135, 0.045, 0.06]
    assert adjusted(list(p), 10)["bonferroni"][:6] == pytest.approx([10 * one for one in p])
    assert adjusted(list(p), 6)["holm"] == pytest.approx([0.03, 0.045, 0.0512, 0.0512, 0.09, 0.09], abs=1e-12)
