"""Reality Check, SPA and StepM against arch, whose `studentize` leaves the p-values unstudentised."""

import warnings

import numpy as np
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from arch.bootstrap import SPA, RealityCheck, StepM

from veracity.research.statistics import superiority
from veracity.research.statistics.superiority import sample

ROWS, TRIALS = 300, 12


def earned(seed: int, best: float = 0.0) -> np.ndarray:
    """Returns of trials, some far below zero; the first earns `best` a period more."""
    rng = np.random.default_rng(seed)
    d = rng.normal(size=(ROWS, TRIALS)) * rng.uniform(0.5, 3.0, TRIALS)
    d[:, -3:] -= 1.5
    d[:, 0] += best
    return d


@pytest.mark.parametrize(("seed", "best"), [(1, 0.0), (2, 0.15)])
def test_the_unstudentised_form_agrees_with_arch(seed: int, best: float) -> None:
    """Two independent bootstraps of 1,000 draws: the standard error of the difference is at most 0.022."""
    d = earned(seed, best)
    oracle = SPA(np.zeros(ROWS), -d, block_size=7, reps=1000, studentize=False, seed=np.random.default_rng(1))
    oracle.compute()
    ours = superiority.spa(sample(d, seed=1, mean_block=7), studentised=False)
    found = [ours.lower.value, ours.consistent.value, ours.upper.value]
    assert found == pytest.approx(list(oracle.pvalues), abs=0.07)


def test_whites_p_value_is_the_upper_one_and_agrees_with_arch() -> None:
    d = earned(3, 0.1)
    oracle = RealityCheck(np.zeros(ROWS), -d, block_size=7, reps=1000, seed=np.random.default_rng(1))
    oracle.compute()
    found = superiority.reality_check(sample(d, seed=4, mean_block=7))
    assert found.value == pytest.approx(float(oracle.pvalues["upper"]), abs=0.07)


def test_studentising_lets_a_quiet_good_trial_count() -> None:
    """A noisy worthless trial hides a quiet good one from the raw means; Hansen's form sees it."""
    rng = np.random.default_rng(8)
    d = np.column_stack([rng.normal(0.02, 0.1, ROWS), rng.normal(0, 3.0, (ROWS, 5))])
    raw = superiority.spa(sample(d, seed=1, mean_block=5), studentised=False).consistent.value
    studentised = superiority.spa(sample(d, seed=1, mean_block=5)).consistent.value
    assert raw is not None
    assert studentised is not None
    assert studentised < 0.05 < raw


def test_hopeless_trials_do_not_make_the_consistent_test_weaker() -> None:
    d = earned(4, 0.18)
    hopeless = np.column_stack([d, np.random.default_rng(5).normal(-30, 1.0, (ROWS, 200))])
    found = superiority.spa(sample(hopeless, seed=1, mean_block=5))
    alone = superiority.spa(sample(d, seed=1, mean_block=5))
    assert found.consistent.value == alone.consistent.value
    assert found.lower.value is not None
    assert found.consistent.value is not None
    assert found.upper.value is not None
    assert found.lower.value <= found.consistent.value <= found.upper.value


def test_trials_that_all_lose_have_a_p_value_of_one() -> None:
    d = np.random.default_rng(6).normal(-1, 1, (ROWS, 4))
    assert superiority.spa(sample(d, seed=1)).consistent.value == 1.0


def test_a_trial_equal_to_the_benchmark_is_no_evidence() -> None:
    found = superiority.spa(sample(np.zeros((ROWS, 2)), seed=1))
    assert found.consistent.reason == "no trial differs from the benchmark over more than 2 periods"
    assert superiority.step_m(sample(np.zeros((ROWS, 2)), seed=1)) == []


def test_stepdown_finds_the_trials_that_arch_finds() -> None:
    d = earned(9)
    d[:, 1] += 0.8
    d[:, 2] += 1.2
    oracle = StepM(np.zeros(ROWS), -d, size=0.05, block_size=7, reps=500, seed=np.random.default_rng(1))
    oracle.compute()
    found = superiority.step_m(sample(d, seed=1, mean_block=7))
    assert found == sorted(oracle.superior_models)
    assert {1, 2} <= set(found)


def test_the_long_run_variance_of_white_noise_is_its_variance() -> None:
    d = np.random.default_rng(10).normal(0, 2.0, (4000, 1))
    assert superiority.long_run_variance(d, 5.0)[0] == pytest.approx(4.0, rel=0.15)
    assert superiority.long_run_variance(d, 1.0)[0] == pytest.approx(float(d.var()), rel=1e-9)
