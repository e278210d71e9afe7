"""Is the best of many trials better than a benchmark, given that it is the best of many?

`d` is a T x K matrix: what each trial earned in each period above the benchmark. White 2000, "A Reality Check for Data
Snooping", Econometrica 68(5); Hansen 2005, "A Test for Superior Predictive Ability", J. of Business & Economic Statistics
23(4); Romano & Wolf 2005, "Stepwise Multiple Testing", Econometrica 73(4).
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.research.metrics import Ratio, ratio, unknown
from veracity.research.statistics import bootstrap

Matrix = NDArray[np.float64]


class Superiority(NamedTuple):
    """P-values of "no trial beats the benchmark": lower (liberal), consistent (Hansen's), upper (conservative)."""

    lower: Ratio
    consistent: Ratio
    upper: Ratio


class Sample(NamedTuple):
    """What the tests look at: the trials that differ from the benchmark, and bootstrapped means of them."""

    trials: NDArray[np.int64]  # their numbers; the others carry no evidence
    periods: int
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]  # root of the long-run variance
    drawn: Matrix  # means, one row a draw


def sample(
    d: Matrix, *, seed: int, draws: int = bootstrap.DRAWS, mean_block: float | None = None
) -> Sample | None:
    """Bootstrap the trials once for all tests; None where no trial differs over more than 2 periods."""
    trials = np.flatnonzero(d.std(axis=0) > 0) if len(d) > 2 else np.zeros(0, dtype=np.int64)
    if len(trials) == 0:
        return None
    live = d[:, trials]
    length = bootstrap.block_length(len(live)) if mean_block is None else mean_block
    return Sample(
        trials,
        len(live),
        live.mean(axis=0),
        np.sqrt(long_run_variance(live, length)),
        bootstrap.means(live, draws, length, seed),
    )


def spa(drawn: Sample | None, *, studentised: bool = True) -> Superiority:
    """Hansen's test. Only trials with mean >= -sqrt(w^2 / T * 2 ln ln T) are recentred on zero in the consistent form.

    Studentised, as Hansen defines it; `studentised=False` compares raw means.
    """
    if drawn is None:
        none = unknown("no trial differs from the benchmark over more than 2 periods")
        return Superiority(none, none, none)
    mean, root = drawn.mean, math.sqrt(drawn.periods)
    scale = drawn.spread if studentised else np.ones_like(drawn.spread)
    statistic = max(float((root * mean / scale).max()), 0.0)
    bound = -drawn.spread * math.sqrt(2 * math.log(math.log(drawn.periods)) / drawn.periods)
    centres = (np.maximum(mean, 0.0), np.where(mean >= bound, mean, 0.0), mean)
    found = [_p_value(root * (drawn.drawn - centre) / scale, statistic) for centre in centres]
    return Superiority(*found)


def reality_check(drawn: Sample | None) -> Ratio:
    """White's p-value: the largest sqrt(T) * mean against that of the bootstrap, all trials recentred."""
    return spa(drawn, studentised=False).upper


def step_m(drawn: Sample | None, level: float = 0.05) -> list[int]:
    """Trials that beat the benchmark at family-wise error `level`, by the studentised stepdown of Romano & Wolf."""
    if drawn is None:
        return []
    root = math.sqrt(drawn.periods)
    statistics = root * drawn.mean / drawn.spread
    simulated = root * (drawn.drawn - drawn.mean) / drawn.spread
    left = np.ones(len(drawn.trials), dtype=bool)
    while left.any():
        critical = float(np.quantile(simulated[:, left].max(axis=1), 1 - level))
        found = left & (statistics > critical)
        if not found.any():
            break
        left &= ~found
    return [int(trial) for trial in drawn.trials[~left]]


def long_run_variance(d: Matrix, mean_block: float) -> NDArray[np.float64]:
    """Variance of sqrt(T) * mean under the stationary bootstrap (Politis & Romano 1994, lemma 1): autocovariances with
    the weights (1 - i/T) (1 - q)^i + i/T (1 - q)^(T - i), q = 1 / mean_block."""
    count = len(d)
    centred = d - d.mean(axis=0)
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(centred, size, axis=0)
    covariances = np.fft.irfft(np.abs(spectrum) ** 2, size, axis=0)[:count] / count
    lags = np.arange(1, count)
    keep = 1.0 - 1.0 / mean_block
    weights = (1 - lags / count) * keep**lags + lags / count * keep ** (count - lags)
    found: NDArray[np.float64] = covariances[0] + 2 * (weights @ covariances[1:])
    return np.maximum(found, np.finfo(np.float64).tiny)


def _p_value(simulated: Matrix, statistic: float) -> Ratio:
    return ratio(float(np.mean(np.maximum(simulated.max(axis=1), 0.0) >= statistic)))
