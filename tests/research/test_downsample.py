"""Thinned series keep their extremes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.research.downsample import keep


def test_a_short_series_is_kept_whole() -> None:
    assert keep(np.arange(10), 10).tolist() == list(range(10))
    assert keep(np.arange(0), 10).tolist() == []


def test_one_spike_of_a_long_flat_series_survives() -> None:
    values = np.zeros(1_000_000, dtype=np.int64)
    values[123_456], values[654_321] = 7, -7
    found = keep(values, 2_000)
    assert {123_456, 654_321} <= set(found.tolist())
    assert len(found) <= 2_000


@given(
    values=st.lists(st.integers(-50, 50), min_size=1, max_size=300),
    points_max=st.integers(4, 60),
)
def test_first_last_and_extremes_survive_in_order(values: list[int], points_max: int) -> None:
    column = np.array(values, dtype=np.int64)
    found = keep(column, points_max)
    assert len(found) <= points_max
    assert np.all(np.diff(found) > 0)
    assert (found[0], found[-1]) == (0, len(values) - 1)
    assert (column[found].max(), column[found].min()) == (max(values), min(values))


def test_fewer_than_four_points_cannot_keep_them() -> None:
    with pytest.raises(AssertionError):
        keep(np.arange(10), 3)
