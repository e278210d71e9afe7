"""Does a strategy earn at certain hours? 24 strata by the UTC hour of the bar's open, and a test that is honest about
having looked at 24 of them (S-094)."""

from typing import Final, NamedTuple

import numpy as np
import scipy  # its parts are loaded when they are first used

from veracity.domain.market import Column
from veracity.domain.summary_models import HoursTest, Stratum
from veracity.research import measures, metrics, strata
from veracity.research.results import Book
from veracity.research.statistics.corrections import holm

HOURS: Final = tuple(f"{hour:02d}" for hour in range(24))
LEVEL: Final = 0.05


class Hours(NamedTuple):
    """The table of 24 rows, and what it proves."""

    rows: tuple[Stratum, ...]
    test: HoursTest


def stratify(book: Book, opens: Column) -> Hours:
    """Equity changes and trades by UTC hour of `opens`, the bars' open stamps; an hour without bars has an empty row."""
    labels = strata.hours(opens)
    changes = np.diff(book.equity, prepend=np.int64(book.equity_start)).astype(np.float64)
    return Hours(strata.cut(book, labels, HOURS), _test(changes, labels))


def _test(changes: np.ndarray, labels: Column) -> HoursTest:
    """Each hour's mean change against that of all others: Welch 1947, one-sided, Holm over 24."""
    p = np.array([_p_value(changes[labels == hour], changes[labels != hour]) for hour in range(24)])
    judged = np.flatnonzero(~np.isnan(p))
    if len(judged) == 0:
        none = measures.ratio(metrics.unknown(f"no hour with {strata.THIN_BARS} bars beside another"))
        return HoursTest(best=None, p_adjusted=none, verdict="no evidence")
    adjusted = holm(np.where(np.isnan(p), 1.0, p))
    best = int(judged[np.argmin(p[judged])])
    sure = float(adjusted[best])
    return HoursTest(
        best=HOURS[best],
        p_adjusted=measures.ratio(metrics.ratio(sure)),
        verdict="evidence" if sure <= LEVEL else "no evidence",
    )


def _p_value(own: np.ndarray, others: np.ndarray) -> float:
    """NaN where an hour is thin or nothing varies."""
    if min(len(own), len(others)) < strata.THIN_BARS:
        return np.nan
    first, second = own.var(ddof=1) / len(own), others.var(ddof=1) / len(others)
    if first + second == 0:
        return np.nan
    t = (own.mean() - others.mean()) / np.sqrt(first + second)
    freedom = (first + second) ** 2 / (first**2 / (len(own) - 1) + second**2 / (len(others) - 1))
    return float(scipy.special.stdtr(freedom, -t))
