"""How sure a Sharpe ratio is: its standard error, probability, haircut, and the sample that it needs.

Bailey & Lopez de Prado 2012, "The Sharpe Ratio Efficient Frontier", J. of Risk 15(2): the estimator of a per-period
Sharpe ratio SR over T returns with skewness g3 and raw kurtosis g4 has the variance
[1 - g3 SR + (g4 - 1) / 4 SR^2] / (T - 1). Annual ratios never meet per-period counts here.
"""

import math
from typing import Final, NamedTuple

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from veracity.research.metrics import NO_VARIANCE, Ratio, ratio, unknown

EULER_MASCHERONI: Final = 0.5772156649015329
CONFIDENCE: Final = 0.95
TINY_P: Final = 1e-12
FEW_RETURNS: Final = "fewer than 2 returns"
NO_SPREAD: Final = "the skewness and kurtosis of the returns leave the Sharpe ratio no spread"
Returns = NDArray[np.float64]


class Moments(NamedTuple):
    """A sample of per-period returns in four numbers."""

    periods: int
    sharpe: float  # mean / standard deviation (n - 1)
    skew: float  # third standardised moment (divisor n)
    kurtosis: float  # fourth standardised moment (divisor n), raw: 3 for a normal distribution


def moments(returns: Returns) -> Moments | None:
    """Moments of the returns; None where there are fewer than two or all are equal: then no ratio has a meaning."""
    if len(returns) < 2 or float(returns.max()) == float(returns.min()):
        return None
    mean = float(returns.mean())
    centred = returns - mean
    second = float((centred**2).mean())
    return Moments(
        len(returns),
        mean / float(returns.std(ddof=1)),
        float((centred**3).mean()) / second**1.5,
        float((centred**4).mean()) / second**2,
    )


def why_none(returns: Returns) -> str:
    """Why `moments` has no answer."""
    return FEW_RETURNS if len(returns) < 2 else NO_VARIANCE


def variance_factor(found: Moments) -> float:
    """T - 1 times the variance of the Sharpe ratio's estimator."""
    return 1 - found.skew * found.sharpe + (found.kurtosis - 1) / 4 * found.sharpe**2


def probabilistic(found: Moments, benchmark: float = 0.0) -> Ratio:
    """PSR: the probability that the true Sharpe ratio is above `benchmark`, both per period."""
    spread = variance_factor(found)
    if spread <= 0 or found.periods < 2:
        return unknown(NO_SPREAD if found.periods >= 2 else FEW_RETURNS)
    return ratio(
        float(
            scipy.special.ndtr((found.sharpe - benchmark) * math.sqrt(found.periods - 1) / math.sqrt(spread))
        )
    )


def expected_max(trials: float) -> float:
    """Expected largest of `trials` independent standard normal draws; 0 for a single one.

    (1 - g) z(1 - 1/N) + g z(1 - 1/(N e)), g the Euler-Mascheroni constant: Bailey & Lopez de Prado 2014, "The Deflated
    Sharpe Ratio", J. of Portfolio Management 40(5). Raises ValueError below one trial.
    """
    if trials < 1:
        raise ValueError(f"a result comes from at least one trial, not {trials}")
    if trials == 1:
        return 0.0
    g = EULER_MASCHERONI
    return float(
        (1 - g) * scipy.special.ndtri(1 - 1 / trials) + g * scipy.special.ndtri(1 - 1 / (trials * math.e))
    )


def threshold(variance: float, trials: float) -> float:
    """SR0: the Sharpe ratio that the best of `trials` worthless strategies is expected to show.

    `variance` is that of all trials' Sharpe ratios, per period as the answer is. Same paper as `expected_max`.
    """
    return math.sqrt(variance) * expected_max(trials)


def deflated(found: Moments, variance: float, trials: float) -> Ratio:
    """DSR: the probability that the true Sharpe ratio is above what the best of `trials` would show by chance."""
    return probabilistic(found, threshold(variance, trials))


def record_needed(found: Moments, benchmark: float = 0.0, confidence: float = CONFIDENCE) -> Ratio:
    """MinTRL: how many returns like these it takes to be `confidence` sure that the true ratio is above `benchmark`.

    1 + [1 - g3 SR + (g4 - 1) / 4 SR^2] (z / (SR - SR*))^2: Bailey & Lopez de Prado 2012.
    """
    if found.sharpe <= benchmark:
        return unknown("the Sharpe ratio is not above the one to be beaten: no sample is long enough")
    spread = variance_factor(found)
    if spread <= 0:
        return unknown(NO_SPREAD)
    return ratio(1 + spread * (float(scipy.special.ndtri(confidence)) / (found.sharpe - benchmark)) ** 2)


def years_needed(trials: float, target: float) -> float:
    """MinBTL: years below which the best of `trials` worthless strategies is expected to show the annual ratio `target`.

    (E[max] / target)^2: Bailey, Borwein, Lopez de Prado & Zhu 2014, Notices of the AMS 61(5).
    """
    if target <= 0:
        raise ValueError(f"the target Sharpe ratio must be above zero, not {target}")
    return (expected_max(trials) / target) ** 2


def interval(found: Moments, confidence: float = CONFIDENCE) -> tuple[Ratio, Ratio]:
    """Two-sided confidence interval of the per-period ratio from its standard error (Mertens 2002; see the module)."""
    spread = variance_factor(found)
    if spread <= 0:
        return unknown(NO_SPREAD), unknown(NO_SPREAD)
    reach = float(scipy.special.ndtri(0.5 + confidence / 2)) * math.sqrt(spread / (found.periods - 1))
    return ratio(found.sharpe - reach), ratio(found.sharpe + reach)


class Haircut(NamedTuple):
    """What is left of an annual Sharpe ratio after `trials` independent tests."""

    t: float
    p: float  # two-sided, of this test alone
    p_adjusted: float  # of the best of all tests (Sidak)
    sharpe: float  # that has `p_adjusted` when it is tested alone
    haircut: Ratio  # share of the ratio that is gone


def haircut(sharpe_annual: float, years: float, trials: float) -> Haircut:
    """Harvey & Liu 2015, "Backtesting", J. of Portfolio Management 42(1): p, adjusted p, t, Sharpe ratio; normal tails.

    The adjustment is 1 - (1 - p)^N for independent tests. Raises ValueError where there is no time or no trial.
    """
    if years <= 0 or trials < 1:
        raise ValueError(f"no ratio comes from {trials} trials on {years} years")
    t = abs(sharpe_annual) * math.sqrt(years)
    log_p = math.log(2) + float(scipy.special.log_ndtr(-t))
    p = min(math.exp(log_p), 1.0)
    adjusted = -math.expm1(trials * math.log1p(-p)) if p < 1 else 1.0
    # A p-value below what a float holds is multiplied as a logarithm: 1 - (1 - p)^N is N p there.
    log_adjusted = math.log(trials) + log_p if p < TINY_P else math.log(adjusted)
    left = math.copysign(
        float(-scipy.special.ndtri_exp(log_adjusted - math.log(2))) / math.sqrt(years), sharpe_annual
    )
    gone = ratio(1 - left / sharpe_annual) if sharpe_annual else unknown("the Sharpe ratio is zero")
    return Haircut(t, p, adjusted, left, gone)


def p_value(found: Moments) -> Ratio:
    """One-sided p-value of a Sharpe ratio not above zero: 1 - PSR(0)."""
    sure = probabilistic(found)
    return sure if sure.value is None else ratio(1 - sure.value)


def effective_trials(returns: NDArray[np.float64]) -> Ratio:
    """How many independent trials the columns of a T x N matrix amount to: r + (1 - r) N, r their mean correlation.

    Bailey & Lopez de Prado 2014, appendix 3. Columns without variance count as trials of their own; r below zero is 0.
    """
    count = returns.shape[1]
    moving = returns[:, returns.std(axis=0) > 0]
    if count == 0 or len(returns) < 2:
        return unknown("no trial with at least 2 returns")
    live = moving.shape[1]
    if live < 2:
        return ratio(float(count))
    matrix = np.corrcoef(moving, rowvar=False)
    mean = (float(matrix.sum()) - live) / (live * (live - 1))
    r = min(max(mean, 0.0), 1.0)
    return ratio(r + (1 - r) * live + (count - live))
