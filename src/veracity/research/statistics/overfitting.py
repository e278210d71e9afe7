"""Probability of backtest overfitting by combinatorially symmetric cross-validation.

Bailey, Borwein, Lopez de Prado & Zhu 2017, J. of Computational Finance 20(4), ssrn 2326253. The returns of N trials are
cut into S even blocks; of all C(S, S/2) halves one is in sample, the rest out of sample. n* is the best in sample;
w = rank out of sample / (N + 1), lambda = ln(w / (1 - w)), PBO = share of lambda not above 0.
S = 16 has 12,870 halves (the paper prints 12,780).
"""

from itertools import combinations
from typing import Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from veracity.research.metrics import Ratio, quotient, ratio, unknown

BLOCKS: Final = 16
Measure: TypeAlias = Literal["sharpe", "sum"]
Matrix = NDArray[np.float64]


class Overfitting(NamedTuple):
    """What cross-validation says of the choice of the best trial."""

    pbo: Ratio
    degradation: (
        Ratio  # slope of the out-of-sample measure over the in-sample one: negative, the better the worse
    )
    loss: Ratio  # share of halves in which the chosen trial lost out of sample
    halves: int
    lambdas: NDArray[np.float64]


def overfitting(returns: Matrix, blocks: int = BLOCKS, measure: Measure = "sharpe") -> Overfitting:
    """PBO of a T x N matrix of per-period returns; the first T mod S rows are left out. S is even.

    Raises ValueError for an odd number of blocks. Fewer than two trials, or than two rows a block, have no PBO.
    """
    if blocks < 2 or blocks % 2:
        raise ValueError(f"the number of blocks must be even, not {blocks}")
    rows, trials = returns.shape
    if trials < 2:
        return _none("there is only one trial: nothing was chosen")
    size = rows // blocks
    if size < (2 if measure == "sharpe" else 1):
        return _none(f"{rows} returns are too few for {blocks} blocks")
    cut = returns[rows % blocks :].reshape(blocks, size, trials)
    chosen = halves(blocks)
    sums, squares = cut.sum(axis=1), (cut**2).sum(axis=1)
    inside = _measured(chosen @ sums, chosen @ squares, size * blocks // 2, measure)
    outside = _measured(~chosen @ sums, ~chosen @ squares, size * blocks // 2, measure)
    best = inside.argmax(axis=1)
    here = np.arange(len(chosen))
    reached = outside[here, best]
    omega = _rank(outside, reached) / (trials + 1)
    lambdas = np.log(omega / (1 - omega))
    return Overfitting(
        ratio(float(np.mean(lambdas <= 0))),
        _slope(inside[here, best], reached),
        ratio(float(np.mean(reached < 0))),
        len(chosen),
        lambdas,
    )


def halves(blocks: int) -> NDArray[np.bool_]:
    """All C(S, S/2) ways to take half of the blocks, one a row."""
    picks = np.array(list(combinations(range(blocks), blocks // 2)), dtype=np.int64)
    chosen = np.zeros((len(picks), blocks), dtype=bool)
    chosen[np.arange(len(picks))[:, None], picks] = True
    return chosen


def _measured(sums: Matrix, squares: Matrix, count: int, measure: Measure) -> Matrix:
    """Sum, or Sharpe ratio; a trial that never moved has earned nothing and ranks as 0."""
    if measure == "sum":
        return sums
    mean = sums / count
    variance = np.maximum(squares / count - mean**2, 0.0)
    flat = variance <= 1e-18 * np.maximum(squares / count, 1e-300)
    found: Matrix = np.where(flat, 0.0, mean / np.sqrt(np.where(flat, 1.0, variance)))
    return found


def _rank(outside: Matrix, reached: NDArray[np.float64]) -> NDArray[np.float64]:
    """Rank from the worst (1) on; equals share the mean of their ranks."""
    below = (outside < reached[:, None]).sum(axis=1)
    equal = (outside == reached[:, None]).sum(axis=1)
    rank: NDArray[np.float64] = below + (equal + 1) / 2
    return rank


def _slope(x: NDArray[np.float64], y: NDArray[np.float64]) -> Ratio:
    centred = x - x.mean()
    return quotient(
        float(centred @ (y - y.mean())), float(centred @ centred), "the chosen trials measure the same"
    )


def _none(reason: str) -> Overfitting:
    return Overfitting(unknown(reason), unknown(reason), unknown(reason), 0, np.zeros(0))
