"""How far the best of several trials may be believed, given how many were tried (S-079).

What decides is in `research.verdict`; everything else is shown beside it. The number of trials is that of the dataset's
ledger, earlier sweeps and failed trials included: it is an argument without a default, as the trades are.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from veracity.domain.summary_models import CorrectedTrial, Ratio, Statistics
from veracity.research import measures, metrics
from veracity.research.metrics import unknown
from veracity.research.statistics import bootstrap, corrections, overfitting, sharpe, superiority
from veracity.research.statistics.sharpe import Moments
from veracity.research.verdict import Evidence, verdict

TARGET_SHARPE: Final = 1.0
"""Annual ratio that chance alone must not be expected to reach: that of a result worth having."""
Matrix = NDArray[np.float64]


def correct(
    returns: Matrix,
    *,
    trades: Sequence[int | None],
    trials: int,
    periods_per_year: float,
    seed: int,
    target: float = TARGET_SHARPE,
    draws: int = bootstrap.DRAWS,
) -> Statistics:
    """Statistics of a T x N matrix of per-period returns, one column a trial, of which `trials` were made in all.

    `trades` are the closed round trips of each column, None where nobody counted them. A column without variance never
    traded: it has no ratio, but it was a trial. Raises ValueError where fewer trials are said to have been made than there
    are columns, or not every column has its trades.
    """
    periods, here = returns.shape
    if len(trades) != here:
        raise ValueError(f"{here} trials are here, with the trades of {len(trades)}")
    if here < 1 or trials < here:
        raise ValueError(f"{here} trials are here, and {trials} are said to have been made")
    found = [sharpe.moments(returns[:, number]) for number in range(here)]
    best = int(np.argmax([-np.inf if one is None else one.sharpe for one in found]))
    variance = variance_of([one.sharpe for one in found if one is not None], periods)
    made = _Made(trials, periods, periods / periods_per_year, float(np.sqrt(periods_per_year)), variance)
    drawn = bootstrap.interval(returns[:, best], bootstrap.sharpe_of_rows, seed=seed, draws=draws)
    evidence = _evidence(found[best], returns[:, best], made, trades[best], drawn[0], target)
    believed, reasons = verdict(evidence)
    return Statistics(
        trials=trials,
        trials_here=here,
        best=best,
        periods=periods,
        periods_per_year=periods_per_year,
        years=_shown(metrics.ratio(made.years)),
        bootstrap_low=_scaled(drawn[0], made.root),
        bootstrap_high=_scaled(drawn[1], made.root),
        dsr=_shown(evidence.dsr),
        min_backtest_years=_shown(metrics.ratio(evidence.years_needed)),
        target_sharpe=target,
        corrected=corrected(found, trials),
        trades=trades[best],
        verdict=believed,
        reasons=tuple(reasons),
        **_of_best(found[best], returns[:, best], made),
        **_of_choice(returns, seed, draws),
    )


def variance_of(ratios: Sequence[float], periods: int) -> float:
    """V of DSR: how far the trials' Sharpe ratios are apart, per period.

    Where fewer than two are here, as beside a single run, V is that of worthless trials: the sampling variance of a ratio
    whose true value is 0, 1 / (T - 1). Zero would say that many trials are as good as one.
    """
    if len(ratios) > 1:
        return float(np.var(ratios, ddof=1))
    return 1 / (periods - 1) if periods > 1 else 0.0


class _Made(NamedTuple):
    """How many trials were made on how long a sample, and how far apart their ratios are."""

    trials: int
    periods: int
    years: float
    root: float  # of the periods in a year
    variance: float


def _evidence(
    found: Moments | None,
    column: NDArray[np.float64],
    made: _Made,
    trades: int | None,
    drawn_low: metrics.Ratio,
    target: float,
) -> Evidence:
    """What the verdict on the best trial is made of."""
    chance = sharpe.threshold(made.variance, made.trials)
    return Evidence(
        trials=made.trials,
        periods=made.periods,
        years=made.years,
        years_needed=sharpe.years_needed(made.trials, target),
        target=target,
        trades=trades,
        dsr=_of(found, column, lambda one: sharpe.deflated(one, made.variance, made.trials)),
        periods_needed=_of(found, column, lambda one: sharpe.record_needed(one, chance)),
        low=_times(_of(found, column, lambda one: sharpe.interval(one)[0]), made.root),
        bootstrap_low=_times(drawn_low, made.root),
    )


def _of_best(found: Moments | None, column: NDArray[np.float64], made: _Made) -> dict[str, Any]:
    """What is known of the best trial."""

    def shown(measure: Callable[[Moments], metrics.Ratio]) -> Ratio:
        return _shown(_of(found, column, measure))

    def cut(one: Moments) -> sharpe.Haircut:
        return sharpe.haircut(one.sharpe * made.root, made.years, made.trials)

    return {
        "sharpe": shown(lambda one: metrics.ratio(one.sharpe)),
        "sharpe_annual": shown(lambda one: metrics.ratio(one.sharpe * made.root)),
        "interval_low": _scaled(_of(found, column, lambda one: sharpe.interval(one)[0]), made.root),
        "interval_high": _scaled(_of(found, column, lambda one: sharpe.interval(one)[1]), made.root),
        "psr": shown(sharpe.probabilistic),
        "threshold": _shown(metrics.ratio(sharpe.threshold(made.variance, made.trials))),
        "periods_needed": shown(sharpe.record_needed),
        "haircut_sharpe": shown(lambda one: metrics.ratio(cut(one).sharpe)),
        "haircut": shown(lambda one: cut(one).haircut),
    }


def _of_choice(returns: Matrix, seed: int, draws: int) -> dict[str, Any]:
    """What is known of having chosen it."""
    cross = overfitting.overfitting(returns)
    drawn = superiority.sample(returns, seed=seed, draws=draws)
    against_nothing = superiority.spa(drawn)
    return {
        "effective_trials": _shown(sharpe.effective_trials(returns)),
        "pbo": _shown(cross.pbo),
        "degradation": _shown(cross.degradation),
        "loss": _shown(cross.loss),
        "halves": cross.halves,
        "reality_check": _shown(superiority.reality_check(drawn)),
        "spa_lower": _shown(against_nothing.lower),
        "spa_consistent": _shown(against_nothing.consistent),
        "spa_upper": _shown(against_nothing.upper),
        "superior": len(superiority.step_m(drawn)),
    }


def _of(
    found: Moments | None, column: NDArray[np.float64], measure: Callable[[Moments], metrics.Ratio]
) -> metrics.Ratio:
    return unknown(sharpe.why_none(column)) if found is None else measure(found)


def corrected(found: list[Moments | None], trials: int) -> tuple[CorrectedTrial, ...]:
    """P-values of the trials, alone and among all; trials of the ledger whose returns are not here take part as 1."""
    alone = [None if one is None else sharpe.p_value(one).value for one in found]
    columns = adjusted(alone, trials)
    return tuple(
        CorrectedTrial(
            trial=number,
            sharpe=_shown(metrics.unknown("no variance") if one is None else metrics.ratio(one.sharpe)),
            **{name: _p(alone[number], float(column[number])) for name, column in columns.items()},
        )
        for number, one in enumerate(found)
    )


def adjusted(alone: list[float | None], trials: int) -> dict[str, NDArray[np.float64]]:
    """Columns of p-values, by name, in the order given; what is not known is 1."""
    p = np.ones(max(trials, len(alone)))
    p[: len(alone)] = [1.0 if one is None else one for one in alone]
    return {
        "p": p,
        "bonferroni": corrections.bonferroni(p),
        "holm": corrections.holm(p),
        "bh": corrections.benjamini_hochberg(p),
        "bhy": corrections.benjamini_hochberg(p, dependent=True),
    }


def _shown(found: metrics.Ratio) -> Ratio:
    return measures.ratio(found)


def _times(found: metrics.Ratio, factor: float) -> metrics.Ratio:
    return found if found.value is None else metrics.ratio(found.value * factor)


def _scaled(found: metrics.Ratio, factor: float) -> Ratio:
    return _shown(_times(found, factor))


def _p(alone: float | None, value: float) -> Ratio:
    if alone is None:
        return measures.ratio(unknown("the trial has no Sharpe ratio"))
    return measures.ratio(metrics.ratio(value))
