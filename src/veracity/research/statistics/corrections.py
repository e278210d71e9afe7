"""P-values of several tests made comparable with one: family-wise (Bonferroni, Holm) and false discovery (BH, BHY).

Harvey & Liu 2014, "Evaluating Trading Strategies", J. of Portfolio Management 40(5), write all four out. Answers are in
the order of the p-values given, never above 1. A trial without a p-value takes part as 1: it was tried.
"""

import numpy as np
from numpy.typing import NDArray

PValues = NDArray[np.float64]


def bonferroni(p: PValues) -> PValues:
    """p * M."""
    return np.minimum(p * len(p), 1.0)


def holm(p: PValues) -> PValues:
    """The largest of (M - j + 1) p(j) over all j up to its place (Holm 1979): monotone in p."""
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _placed(np.minimum(stepped, 1.0), order)


def benjamini_hochberg(p: PValues, *, dependent: bool = False) -> PValues:
    """The smallest of M p(j) / j over all j from its place on (Benjamini & Hochberg 1995).

    `dependent` multiplies by c(M) = sum of 1/j, which holds under any dependence (Benjamini & Yekutieli 2001: BHY).
    """
    count = len(p)
    ranks = np.arange(1, count + 1)
    factor = count * (float(np.sum(1.0 / ranks)) if dependent else 1.0)
    order = np.argsort(p, kind="stable")
    stepped = np.minimum.accumulate((p[order] * factor / ranks)[::-1])[::-1]
    return _placed(np.minimum(stepped, 1.0), order)


def family_wise_error(alpha: float, tests: int) -> float:
    """Chance of at least one false alarm in so many independent tests at level `alpha`: 1 - (1 - alpha)^M."""
    return 1.0 - (1.0 - alpha) ** tests


def _placed(ordered: PValues, order: NDArray[np.intp]) -> PValues:
    found = np.empty_like(ordered)
    found[order] = ordered
    return found
