"""Calendar months."""

from datetime import UTC, datetime

import numpy as np

from veracity.research.metrics import Ratio
from veracity.research.months import Month, months


def known(*texts: str) -> np.ndarray:
    """Closes of bars."""
    return np.array(
        [int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9 for text in texts]
    )


def test_a_bar_that_closes_at_midnight_belongs_to_the_month_it_opened_in() -> None:
    closes = known("2023-02-28T23:59", "2023-03-01T00:00", "2023-03-01T00:01")
    found = months(closes, 100, np.array([110, 120, 90], dtype=np.int64))
    assert found == [Month("2023-02", 20, Ratio(0.2)), Month("2023-03", -30, Ratio(-0.25))]


def test_a_month_without_a_bar_is_left_out_and_the_changes_add_up() -> None:
    closes = known("2022-12-15T00:00", "2023-03-01T12:00", "2024-03-01T12:00")
    found = months(closes, 100, np.array([110, 90, 95], dtype=np.int64))
    assert [month.month for month in found] == ["2022-12", "2023-03", "2024-03"]
    assert sum(month.change for month in found) == -5


def test_a_month_that_begins_with_nothing_has_no_return() -> None:
    (month,) = months(known("2023-03-01T12:00"), 0, np.array([5], dtype=np.int64))
    assert (month.change, month.total_return.value) == (5, None)


def test_no_bars_no_months() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert months(empty, 100, empty) == []
