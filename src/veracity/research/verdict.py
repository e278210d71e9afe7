"""Whether a result may be believed: what speaks against it, and what leaves it open (S-079).

Two kinds of doubt. A result that chance explains is `untrustworthy`, however it came about; a sample too small to tell is
`unknown`. Only what is free of both is `trustworthy`.
"""

from collections.abc import Iterator
from math import ceil, floor
from typing import Final, NamedTuple

from veracity.domain.summary_models import Trust
from veracity.research.metrics import DAYS_PER_YEAR, Ratio

SURE: Final = 0.95
TRADES_FEW: Final = 30
"""Below this many round trips a mean is not normal yet, which every ratio here assumes: the convention of the field, such as
Pardo 2008, "The Evaluation and Optimization of Trading Strategies". Returns of many bars in one position are one decision."""
DAYS_FEW: Final = 90
"""Below a quarter of a year, ratios for a year are mostly extrapolation."""


class Evidence(NamedTuple):
    """What a verdict is made of; ratios are annual."""

    trials: int  # made on the data in all
    periods: int  # returns of the best of them
    years: float
    years_needed: float  # MinBTL
    target: float  # of MinBTL
    trades: int | None  # closed round trips of the best; None: not known
    dsr: Ratio
    periods_needed: Ratio  # MinTRL against what chance would show
    low: Ratio  # lower end of the 95 % interval of the ratio, by its standard error
    bootstrap_low: Ratio  # the same by the stationary bootstrap


def verdict(found: Evidence) -> tuple[Trust, list[str]]:
    """The verdict, and the sentences that say why."""
    against, left_open = list(_against(found)), list(_left_open(found))
    if against:
        return "untrustworthy", against + left_open
    if left_open:
        return "unknown", left_open
    assert found.dsr.value is not None
    return "trustworthy", [
        f"{_made(found)} on {found.years:.2f} years of data, of which {found.years_needed:.2f} are needed, with "
        f"{found.trades:,} round trips, of which {TRADES_FEW} are needed, and the probability that the true Sharpe ratio "
        f"is above what chance would show is {found.dsr.value:.1%}."
    ]


def _against(found: Evidence) -> Iterator[str]:
    """Why chance explains it."""
    if found.years < found.years_needed:
        yield (
            f"{_made(found)} on {found.years:.2f} years of data. The best of so many worthless ones is expected to show an "
            f"annual Sharpe ratio of {found.target:g} on less than {found.years_needed:.2f} years."
        )
    if found.dsr.value is not None and found.dsr.value < SURE:
        yield (
            f"After {_made(found)}, the probability that the true Sharpe ratio is above what chance would show is "
            f"{floor(found.dsr.value * 1_000) / 10:.1f}%, less than {SURE:.0%}: {_record(found)}."
        )
    for low, how in ((found.low, "by its standard error"), (found.bootstrap_low, "by the bootstrap")):
        if low.value is not None and low.value <= 0:
            yield f"The {SURE:.0%} interval of the annual Sharpe ratio {how} begins at {low.value:.2f}, not above zero."


def _left_open(found: Evidence) -> Iterator[str]:
    """Why nobody can tell from this sample."""
    if found.dsr.value is None:
        yield f"The deflated Sharpe ratio is unknown: {found.dsr.reason}."
    elif found.low.value is None or found.bootstrap_low.value is None:
        yield f"The interval of the Sharpe ratio is unknown: {found.low.reason or found.bootstrap_low.reason}."
    if found.trades is None:
        yield "How many round trips were made is not known."
    elif found.trades < TRADES_FEW:
        trips = "1 round trip was" if found.trades == 1 else f"{found.trades} round trips were"
        yield f"{trips} made: fewer than {TRADES_FEW} cannot be judged."
    days = found.years * DAYS_PER_YEAR
    if round(days, 6) < DAYS_FEW:
        yield f"The returns cover {days:.1f} days: fewer than {DAYS_FEW} say nothing about a year."


def _made(found: Evidence) -> str:
    return "1 trial was made" if found.trials == 1 else f"{found.trials:,} trials were made"


def _record(found: Evidence) -> str:
    """MinTRL in words; it asks for more returns exactly where DSR is too low."""
    if found.periods_needed.value is None:
        return found.periods_needed.reason or "no sample is long enough"
    return (
        f"there are {found.periods:,} returns, and {ceil(found.periods_needed.value):,} like them are needed"
    )
