"""PBO: the toy that can be done by hand (N-14), its limits (N-15), and a plain loop as oracle."""

from itertools import combinations
from math import log

import numpy as np
import pytest

from veracity.research.statistics.overfitting import halves, overfitting

TOY = np.array([[3.0, 0.0], [3.0, 0.0], [-1.0, 0.0], [-1.0, 0.0]])


@pytest.mark.ticket("T-194")
def test_n14_of_six_halves_two_choose_the_worse_trial() -> None:
    found = overfitting(TOY, blocks=4, measure="sum")
    assert sorted(found.lambdas.tolist()) == pytest.approx([-log(2)] * 2 + [log(2)] * 4)
    assert found.pbo.value == pytest.approx(1 / 3)


def test_n15_sixteen_blocks_have_12870_halves() -> None:
    """The paper prints 12,780."""
    chosen = halves(16)
    assert chosen.shape == (12_870, 16)
    assert set(chosen.sum(axis=1).tolist()) == {8}


def test_n15_a_dominant_trial_is_never_overfitted() -> None:
    noise = np.random.default_rng(5).normal(size=(160, 6)) * 0.01
    noise[:, 2] += 1.0
    assert overfitting(noise).pbo.value == 0.0


def test_n15_worthless_trials_come_out_near_one_half() -> None:
    found = [
        overfitting(np.random.default_rng(seed).normal(size=(320, 8)), blocks=8).pbo.value
        for seed in range(20)
    ]
    assert 0.35 < np.mean(found) < 0.65


def test_what_does_not_fit_the_blocks_is_left_out_at_the_start() -> None:
    rest = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]])
    with_rest = overfitting(np.concatenate([rest, TOY]), blocks=4, measure="sum")
    assert with_rest.lambdas.tolist() == overfitting(TOY, blocks=4, measure="sum").lambdas.tolist()


def test_sharpe_ratios_by_blocks_agree_with_a_plain_loop() -> None:
    returns = np.random.default_rng(7).normal(size=(43, 5))
    cut = returns[43 % 6 :].reshape(6, 7, 5)
    losses = 0
    lambdas = []
    for inside in combinations(range(6), 3):
        outside = [block for block in range(6) if block not in inside]
        first, second = (cut[list(part)].reshape(-1, 5) for part in (inside, outside))
        best = int(np.argmax(first.mean(axis=0) / first.std(axis=0)))
        scores = second.mean(axis=0) / second.std(axis=0)
        omega = (int((scores < scores[best]).sum()) + 1) / 6
        lambdas.append(log(omega / (1 - omega)))
        losses += scores[best] < 0
    found = overfitting(returns, blocks=6)
    assert found.lambdas.tolist() == pytest.approx(lambdas)
    assert found.loss.value == pytest.approx(losses / 20)
    assert found.degradation.value is not None


def test_trials_that_never_trade_tie_and_a_tie_counts_as_overfitted() -> None:
    assert overfitting(np.zeros((32, 3)), blocks=4).pbo.value == 1.0


def test_one_trial_and_a_short_sample_have_no_pbo_but_a_reason() -> None:
    assert overfitting(np.ones((32, 1))).pbo.reason == "there is only one trial: nothing was chosen"
    assert overfitting(np.ones((31, 2))).pbo.reason == "31 returns are too few for 16 blocks"
    with pytest.raises(ValueError, match="even, not 3"):
        overfitting(TOY, blocks=3)
