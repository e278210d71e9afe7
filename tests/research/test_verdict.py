"""What the verdict on a result hangs on: each doubt by itself, on both sides of its edge."""

from typing import Any

import numpy as np
import pytest

from veracity.research.metrics import Ratio, ratio, unknown
from veracity.research.statistics import sharpe
from veracity.research.verdict import DAYS_FEW, Evidence, verdict

BEST: dict[str, Any] = {
    "trials": 10,
    "periods": 1_000,
    "years": 3.0,
    "years_needed": 2.48,
    "target": 1.0,
    "trades": 30,
    "dsr": ratio(0.99),
    "periods_needed": ratio(400.0),
    "low": ratio(0.4),
    "bootstrap_low": ratio(0.3),
}


def judged(**changes: Any) -> tuple[str, list[str]]:
    return verdict(Evidence(**BEST | changes))


def test_what_no_doubt_is_left_of_is_trustworthy_and_says_by_what_numbers() -> None:
    assert judged() == (
        "trustworthy",
        [
            "10 trials were made on 3.00 years of data, of which 2.48 are needed, with 30 round trips, of which 30 are needed, "
            "and the probability that the true Sharpe ratio is above what chance would show is 99.0%."
        ],
    )


@pytest.mark.ticket("T-215")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"years": 2.47},
            "10 trials were made on 2.47 years of data. The best of so many worthless ones is expected to show an annual "
            "Sharpe ratio of 1 on less than 2.48 years.",
        ),
        (
            {"dsr": ratio(0.9499), "periods_needed": ratio(1_000.2)},
            "After 10 trials were made, the probability that the true Sharpe ratio is above what chance would show is 94.9%, "
            "less than 95%: there are 1,000 returns, and 1,001 like them are needed.",
        ),
        (
            {"low": ratio(0.0)},
            "The 95% interval of the annual Sharpe ratio by its standard error begins at 0.00, not above zero.",
        ),
        (
            {"bootstrap_low": ratio(-0.2)},
            "The 95% interval of the annual Sharpe ratio by the bootstrap begins at -0.20, not above zero.",
        ),
    ],
)
def test_one_way_for_chance_to_explain_it_is_enough(changes: dict[str, Ratio], said: str) -> None:
    assert judged(**changes) == ("untrustworthy", [said])


@pytest.mark.ticket("T-215")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"trades": 29}, "29 round trips were made: fewer than 30 cannot be judged."),
        ({"trades": 1}, "1 round trip was made: fewer than 30 cannot be judged."),
        ({"trades": None}, "How many round trips were made is not known."),
        ({"dsr": unknown("no variance")}, "The deflated Sharpe ratio is unknown: no variance."),
        ({"bootstrap_low": unknown("so")}, "The interval of the Sharpe ratio is unknown: so."),
        (
            {"years": (DAYS_FEW - 1) / 365, "years_needed": 0.0},
            "The returns cover 89.0 days: fewer than 90 say nothing about a year.",
        ),
    ],
)
def test_a_sample_that_cannot_tell_is_never_trusted(changes: dict[str, Any], said: str) -> None:
    assert judged(**changes) == ("unknown", [said])


@pytest.mark.ticket("T-215")
def test_the_edges_themselves_are_enough() -> None:
    edge = {"years": DAYS_FEW / 365, "years_needed": DAYS_FEW / 365, "dsr": ratio(0.95), "low": ratio(1e-9)}
    assert judged(**edge)[0] == "trustworthy"


def test_what_chance_explains_is_not_saved_by_being_too_small_to_tell() -> None:
    found, reasons = judged(years=0.1, trades=3)
    assert found == "untrustworthy"
    assert [reason.split(" ")[0] for reason in reasons] == ["10", "3", "The"]


def test_a_ratio_below_what_chance_shows_says_that_no_sample_is_long_enough() -> None:
    _, (reason,) = judged(dsr=ratio(0.2), periods_needed=unknown("no sample is long enough"))
    assert reason.endswith("is 20.0%, less than 95%: no sample is long enough.")


@pytest.mark.parametrize("chance", [0.0, 0.03, 0.1])
def test_the_deflated_ratio_is_too_low_exactly_where_the_record_is_too_short(chance: float) -> None:
    """Bailey & Lopez de Prado 2012: MinTRL is the T at which PSR is 95 %, so one sentence can say both."""
    for periods in range(20, 400, 20):
        found = sharpe.moments(np.random.default_rng(periods).normal(0.15, 1.0, periods))
        assert found is not None
        sure, needed = sharpe.probabilistic(found, chance).value, sharpe.record_needed(found, chance).value
        assert sure is not None
        assert (sure >= 0.95) == (needed is not None and needed <= periods)
