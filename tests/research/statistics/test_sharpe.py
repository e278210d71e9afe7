"""Sharpe statistics against the published numbers (N-1 to N-11), each with its source."""

from math import sqrt

import numpy as np
import pytest
from empyrical import sharpe_ratio
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from veracity.research.metrics import Ratio
from veracity.research.statistics import sharpe
from veracity.research.statistics.sharpe import Moments


def normal(ratio: float, count: int) -> Moments:
    """Moments of normal returns."""
    return Moments(count, ratio, 0.0, 3.0)


def value(found: Ratio) -> float:
    assert found.value is not None, found.reason
    return found.value


# N-2: annual Sharpe ratio 2.5 on 250 days a year, 1,250 days (Bailey & Lopez de Prado 2014, numerical example; pypbo test_dsr).
N_2 = Moments(1250, 2.5 / sqrt(250), -3.0, 10.0)
N_2_VARIANCE = 0.5 / 250


def test_n1_psr_of_a_skewed_track_record_uses_raw_kurtosis() -> None:
    """Bailey & Lopez de Prado 2012, table of hedge fund styles; with excess kurtosis it would be 0.9198."""
    found = Moments(24, 1.585 / sqrt(12), -2.448, 10.164)
    assert value(sharpe.probabilistic(found)) == pytest.approx(0.9132343069, abs=1e-10)
    assert value(sharpe.probabilistic(normal(1.585 / sqrt(12), 24))) == pytest.approx(0.98159, abs=5e-6)


@pytest.mark.ticket("T-194")
def test_n2_dsr_is_computed_per_period() -> None:
    """Annual Sharpe ratios with daily counts would give 0.99999994."""
    assert sharpe.threshold(N_2_VARIANCE, 100) == pytest.approx(0.1132, abs=5e-5)
    assert value(sharpe.deflated(N_2, N_2_VARIANCE, 100)) == pytest.approx(0.9003968344, abs=1e-9)


def test_n5_expected_maximum_of_independent_trials() -> None:
    """pypbo test_expected_max for 100; the others follow from the formula of the 2014 paper."""
    assert sharpe.expected_max(100) == pytest.approx(2.5306028932, abs=1e-10)
    assert [round(sharpe.expected_max(n), 5) for n in (10, 200, 1000)] == [1.5746, 2.76552, 3.25512]


def test_a_single_trial_deflates_nothing_and_none_is_refused() -> None:
    assert sharpe.expected_max(1) == 0.0
    assert sharpe.deflated(N_2, N_2_VARIANCE, 1) == sharpe.probabilistic(N_2)
    with pytest.raises(ValueError, match="at least one trial, not 0"):
        sharpe.expected_max(0)


def test_n6_length_of_record_for_normal_returns() -> None:
    """Bailey & Lopez de Prado 2012; pypbo: 2 against 1 a year at 95 %, from daily, weekly and monthly returns."""
    years = [value(sharpe.record_needed(normal(2 / sqrt(n), 10), 1 / sqrt(n))) / n for n in (250, 52, 12)]
    assert years[:2] == pytest.approx([2.7311878, 2.8288336], abs=1e-6)
    assert years[2] == pytest.approx(3.2398, abs=1e-4)


def test_n7_length_of_record_for_a_fund_and_its_psr_on_both_sides() -> None:
    """The paper's example (PerformanceAnalytics repeats it): 59.895 months, 4.99 years."""
    fund = Moments(59, 2 / sqrt(12), -0.72, 5.78)
    assert value(sharpe.record_needed(fund, 1 / sqrt(12))) == pytest.approx(59.895, abs=1e-3)
    sure = [value(sharpe.probabilistic(fund._replace(periods=n), 1 / sqrt(12))) for n in (59, 60)]
    assert sure == pytest.approx([0.94869, 0.95015], abs=1e-5)


def test_a_ratio_that_does_not_beat_its_benchmark_has_no_length_of_record() -> None:
    found = sharpe.record_needed(normal(0.1, 50), 0.1)
    assert found.value is None
    assert found.reason is not None
    assert "no sample is long enough" in found.reason


@pytest.mark.ticket("T-215")
def test_n9_years_for_45_trials() -> None:
    """Notices of the AMS 61(5), 2014: with five years at most 45 trials may be made; pypbo has the digits."""
    assert sharpe.years_needed(45, 1.0) == pytest.approx(4.9980870044, abs=1e-10)


def test_n11_haircut_of_harvey_and_liu() -> None:
    """ "Backtesting" 2015: 0.75 a year over 20 years, 200 tests: p 0.0008 becomes 0.15, the ratio 0.32, about 60 % gone."""
    found = sharpe.haircut(0.75, 20, 200)
    assert found.t == pytest.approx(3.354, abs=5e-4)
    assert found.p == pytest.approx(0.0008, abs=5e-5)
    assert found.p_adjusted == pytest.approx(0.147, abs=5e-4)
    assert found.sharpe == pytest.approx(0.324, abs=5e-4)
    assert value(found.haircut) == pytest.approx(0.57, abs=5e-3)


def test_a_ratio_beyond_all_doubt_keeps_almost_all_of_itself() -> None:
    """A p-value of 10^-400 does not fit a float; 200 times it is still nothing."""
    found = sharpe.haircut(10, 20, 200)
    assert 9.9 < found.sharpe < 10
    losing = sharpe.haircut(-0.75, 20, 200)
    assert losing.sharpe == pytest.approx(-0.324, abs=5e-4)
    assert sharpe.haircut(0.0, 20, 200).haircut.reason == "the Sharpe ratio is zero"


def test_moments_agree_with_scipy_and_empyrical() -> None:
    sample = np.random.default_rng(3).gamma(2.0, 0.01, 500) - 0.018
    found = sharpe.moments(sample)
    assert found is not None
    assert found.sharpe == pytest.approx(float(sharpe_ratio(sample, annualization=1)), rel=1e-12)
    assert found.skew == pytest.approx(float(stats.skew(sample)), rel=1e-12)
    assert found.kurtosis == pytest.approx(float(stats.kurtosis(sample, fisher=False)), rel=1e-12)


def test_equal_returns_have_no_moments_and_the_reason_is_told() -> None:
    assert sharpe.moments(np.full(9, 0.01)) is None
    assert sharpe.why_none(np.full(9, 0.01)) == "no variance"
    assert sharpe.why_none(np.array([0.01])) == "fewer than 2 returns"


def test_two_returns_without_spread_have_no_probability() -> None:
    """Skewness sqrt(g4 - 1) is the limit of any sample: there the variance of the estimator can be zero."""
    found = Moments(10, 2.0, 1.0, 2.0)
    assert sharpe.variance_factor(found) == 0
    assert sharpe.probabilistic(found) == Ratio(None, sharpe.NO_SPREAD)
    assert sharpe.interval(found)[0].value is None


@given(count=st.integers(2, 5000), ratio=st.floats(-0.5, 0.5), skew=st.floats(-2, 2))
def test_the_interval_holds_the_ratio_in_its_middle_and_the_psr_agrees_with_it(
    count: int, ratio: float, skew: float
) -> None:
    found = Moments(count, ratio, skew, 3 + skew * skew)
    low, high = (value(end) for end in sharpe.interval(found))
    assert (low + high) / 2 == pytest.approx(ratio, abs=1e-9)
    assert value(sharpe.probabilistic(found, low)) == pytest.approx(0.975, abs=1e-6)


def test_copies_of_one_trial_are_one_trial_and_independent_ones_count_each() -> None:
    one = np.random.default_rng(1).normal(size=(400, 1))
    assert value(sharpe.effective_trials(np.repeat(one, 20, axis=1))) == pytest.approx(1.0)
    many = np.random.default_rng(2).normal(size=(4000, 20))
    assert value(sharpe.effective_trials(many)) == pytest.approx(20, abs=0.3)
    flat = np.concatenate([one, one, np.zeros((400, 1))], axis=1)
    assert value(sharpe.effective_trials(flat)) == pytest.approx(2.0)


def test_n13_of_twenty_tests_at_five_percent_one_succeeds_by_chance_in_64_of_100() -> None:
    """1 - 0.95^20 = 0.6415: what is left of a ratio whose p is 0.05 where it is the best of twenty."""
    cut = sharpe.haircut(1.959963984540054, 1.0, 20)
    assert (cut.p, cut.p_adjusted) == (pytest.approx(0.05), pytest.approx(0.6415, abs=5e-5))
