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


def spa(
    d: Matrix,
    *,
    seed: int,
    studentised: bool = True,
    draws: int = bootstrap.DRAWS,
    mean_block: float | None = None,
) -> Superiority:
    """Hansen's test. Only trials with mean >= -sqrt(w^2 / T * 2 ln ln T) are recentred on zero in the consistent form.

    Studentised, as Hansen defines it; `studentised=False` compares raw means. Trials that never differ from the benchmark
    carry no evidence and are left out; without any other the p-values are unknown.
    """
    live = d[:, d.std(axis=0) > 0] if len(d) > 2 else d[:, :0]
    if live.shape[1] == 0:
        none = unknown("no trial differs from the benchmark over more than 2 periods")
        return Superiority(none, none, none)
    count = len(live)
    length = bootstrap.block_length(count) if mean_block is None else mean_block
    mean = live.mean(axis=0)
    spread = np.sqrt(long_run_variance(live, length))
    scale = spread if studentised else np.ones_like(spread)
    statistic = max(float((math.sqrt(count) * mean / scale).max()), 0.0)
    drawn = bootstrap.means(live, draws, length, seed)
    bound = -spread * math.sqrt(2 * math.log(math.log(count)) / count)
    centres = (np.maximum(mean, 0.0), np.where(mean >= bound, mean, 0.0), mean)
    found = [_p_value(drawn, centre, scale, count, statistic) for centre in centres]
    return Superiority(*found)


def reality_check(
    d: Matrix, *, seed: int, draws: int = bootstrap.DRAWS, mean_block: float | None = None
) -> Ratio:
    """White's p-value: the largest sqrt(T) * mean against that of the bootstrap, all trials recentred."""
    return spa(d, seed=seed, studentised=False, draws=draws, mean_block=mean_block).upper


def step_m(
    d: Matrix,
    *,
    seed: int,
    level: float = 0.05,
    draws: int = bootstrap.DRAWS,
    mean_block: float | None = None,
) -> list[int]:
    """Trials that beat the benchmark at family-wise error `level`, by the studentised stepdown of Romano & Wolf."""
    live = np.flatnonzero(d.std(axis=0) > 0) if len(d) > 2 else np.zeros(0, dtype=np.int64)
    if len(live) == 0:
        return []
    used = d[:, live]
    count = len(used)
    length = bootstrap.block_length(count) if mean_block is None else mean_block
    scale = np.sqrt(long_run_variance(used, length))
    mean = used.mean(axis=0)
    statistics = math.sqrt(count) * mean / scale
    drawn = math.sqrt(count) * (bootstrap.means(used, draws, length, seed) - mean) / scale
    left = np.ones(len(live), dtype=bool)
    while left.any():
        critical = float(np.quantile(drawn[:, left].max(axis=1), 1 - level))
        found = left & (statistics > critical)
        if not found.any():
            break
        left &= ~found
    return [int(index) for index in live[~left]]


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


def _p_value(
    drawn: Matrix, centre: NDArray[np.float64], scale: NDArray[np.float64], count: int, statistic: float
) -> Ratio:
    simulated = np.maximum((math.sqrt(count) * (drawn - centre) / scale).max(axis=1), 0.0)
    return ratio(float(np.mean(simulated >= statistic)))
