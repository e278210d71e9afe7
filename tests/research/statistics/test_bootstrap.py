"""The stationary bootstrap: block lengths, wrapping, seeds."""

import numpy as np
import pytest

from veracity.research.statistics import bootstrap


def test_blocks_run_on_and_wrap_around_the_end() -> None:
    found = bootstrap.indices(50, 200, 10.0, seed=1)
    steps = (np.diff(found, axis=1) % 50) == 1
    assert steps.mean() == pytest.approx(1 - 1 / 10 + 1 / 10 / 50, abs=0.01)
    assert {0, 49} <= set(found.ravel().tolist())


def test_every_observation_is_drawn_equally_often() -> None:
    found = bootstrap.indices(20, 4000, 5.0, seed=2)
    counts = np.bincount(found.ravel(), minlength=20) / found.size
    assert counts == pytest.approx(np.full(20, 1 / 20), abs=0.004)


def test_a_block_of_one_is_the_plain_bootstrap_and_the_seed_is_the_draw() -> None:
    first = bootstrap.indices(30, 5, 1.0, seed=3)
    assert first.tolist() == bootstrap.indices(30, 5, 1.0, seed=3).tolist()
    assert first.tolist() != bootstrap.indices(30, 5, 1.0, seed=4).tolist()
    with pytest.raises(ValueError, match="mean length 0"):
        bootstrap.indices(30, 5, 0.0, seed=3)


def test_means_are_means_of_the_drawn_rows() -> None:
    columns = np.random.default_rng(1).normal(size=(40, 3))
    drawn = bootstrap.indices(40, 6, 4.0, seed=(9, 0))
    assert bootstrap.means(columns, 6, 4.0, seed=9) == pytest.approx(columns[drawn].mean(axis=1))


def test_the_interval_of_a_mean_covers_it_about_as_often_as_it_says() -> None:
    """95 % intervals of 60 samples of white noise: the standard error of the coverage is 2.8 %."""
    covered = 0
    for seed in range(60):
        sample = np.random.default_rng(seed).normal(size=200)
        low, high = bootstrap.interval(sample, lambda rows: rows.mean(axis=1), seed=seed, draws=300)
        assert low.value is not None
        assert high.value is not None
        covered += low.value <= 0 <= high.value
    assert 0.86 <= covered / 60 <= 1.0


def test_what_is_not_defined_has_no_interval() -> None:
    low, _ = bootstrap.interval(np.zeros(10), bootstrap.sharpe_of_rows, seed=1, draws=50)
    assert (low.value, low.reason) == (None, "not defined in most bootstrap samples")
    assert (
        bootstrap.interval(np.zeros(1), bootstrap.sharpe_of_rows, seed=1)[0].reason == "fewer than 2 returns"
    )
