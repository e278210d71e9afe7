"""The building blocks of features against exact fractions (specs/strategies/interface.md, S-133)."""

from fractions import Fraction
from math import isqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.domain.amounts import INT64_MAX
from veracity.domain.market import AuxSeries
from veracity.strategies.features import (
    Provenance,
    as_of,
    moving_sum,
    provenance_hash,
    rolling_sum,
    z_score_milli,
)

SMALL = st.lists(st.integers(1, 10**6), min_size=1, max_size=40)
LARGE = st.lists(st.integers(1, 10**12), min_size=1, max_size=40)


def column(values: list[int]) -> np.ndarray:
    return np.asarray(values, dtype=np.int64)


@given(values=st.lists(st.integers(-(10**15), 10**15), max_size=40), length=st.integers(1, 45))
def test_a_rolling_sum_is_the_sum_of_the_window(values: list[int], length: int) -> None:
    expected = [sum(values[at - length + 1 : at + 1]) if at + 1 >= length else 0 for at in range(len(values))]
    assert rolling_sum(column(values), length).tolist() == expected


def test_a_rolling_sum_outlives_a_total_that_does_not_fit() -> None:
    huge = 2**62
    assert rolling_sum(column([huge, huge, huge, 5, 7]), 2).tolist()[3:] == [huge + 5, 12]


@given(values=SMALL | LARGE, length=st.integers(2, 12))
def test_a_z_score_is_the_exact_one_cut_to_thousandths(values: list[int], length: int) -> None:
    scores = z_score_milli(column(values), length).tolist()
    for at, score in enumerate(scores):
        if at + 1 < length:
            assert score == 0
            continue
        window = values[at - length + 1 : at + 1]
        mean = Fraction(sum(window), length)
        variance = sum((value - mean) ** 2 for value in window) / length
        if variance == 0:
            assert score == 0
            continue
        squared = (values[at] - mean) ** 2 / variance * 10**6
        size = isqrt(int(squared))
        assert score == (size if values[at] >= mean else -size)


@pytest.mark.parametrize("apart", [1, 2**40])
def test_the_smallest_spread_counts_and_the_larger_of_two_is_one_deviation_above(apart: int) -> None:
    """Of two values one is as far above their mean as the other is below; 2^40 apart they take the slow way."""
    low, high = 7, 7 + apart
    assert z_score_milli(column([low, high, low, low]), 2).tolist() == [0, 1_000, -1_000, 0]


@pytest.mark.parametrize(("spike", "score"), [(90_000_000, 7_000), (-90_000_000, -7_000)])
def test_a_spike_after_a_long_calm_is_scored_exactly(spike: int, score: int) -> None:
    """49 zeros and a spike k: d = 49 k and v = 49 k^2, a score of root 49; d^2 does not fit 64 bits though 10 v does."""
    values = column([0] * 49 + [spike])
    assert z_score_milli(values, 50).tolist() == [0] * 49 + [score]
    assert z_score_milli(values + 10**15, 50).tolist() == [0] * 49 + [score]


def test_truncating_the_future_changes_nothing() -> None:
    values = column([(number * 7_919) % 1_009 + 1 for number in range(300)])
    whole = z_score_milli(values, 20)
    for end in (20, 57, 123, 299):
        assert z_score_milli(values[:end], 20).tolist() == whole[:end].tolist()


def test_what_does_not_fit_64_bits_is_refused() -> None:
    """All values are looked at only where the largest, as often as the window is long, would not fit."""
    third = INT64_MAX // 3
    assert moving_sum(column([third]), 1, 3).column().tolist() == [third * 3]
    assert moving_sum(column([INT64_MAX]), 1).column().tolist() == [INT64_MAX]
    assert moving_sum(column([third, -third, third]), 2, 3).column().tolist() == [0, 0, 0]
    with pytest.raises(OverflowError, match="does not fit 64 bits"):
        moving_sum(column([third + 1]), 1, 3)
    with pytest.raises(OverflowError, match="does not fit 64 bits"):
        moving_sum(column([1, -(2**62)]), 1, 3)


@pytest.mark.parametrize("length", [1, 2, 3, 8])
def test_a_moving_sum_is_the_same_as_a_column_and_one_by_one(length: int) -> None:
    """The total of these values does not fit 64 bits."""
    values = [2**60, -5, 7, 2**60 + 1, 2**60, 2**60, 11, 2**60, 2**60, 2**60, 2**60, 2**60]
    if length == 8:
        with pytest.raises(OverflowError, match="does not fit 64 bits"):
            moving_sum(column(values), length)
        return
    told = moving_sum(column(values), length, -2)
    wanted = [0 if at + 1 < length else -2 * sum(values[at + 1 - length : at + 1]) for at in range(12)]
    assert told.column().tolist() == wanted
    assert [told[index] for index in range(len(told))] == wanted


def test_an_aux_value_is_known_from_its_own_stamp_on() -> None:
    series = AuxSeries(column([10, 20, 20, 30]), column([1, 2, 3, 4]), column([10, 20, 20, 30]))
    assert as_of(column([9, 10, 19, 20, 31]), series).tolist() == [-1, 0, 0, 2, 3]
    nothing = AuxSeries(column([]), column([]), column([]))
    assert as_of(column([1, 2]), nothing).tolist() == [-1, -1]


def origin(**changes: object) -> Provenance:
    return Provenance("momentum", 1, "c" * 64, (), 20)._replace(**changes)


@pytest.mark.ticket("T-391")
@pytest.mark.parametrize(
    "changes", [{"version": 2}, {"config_hash": "d" * 64}, {"inputs": ("x",)}, {"lookback": 21}]
)
def test_whatever_features_come_from_is_in_their_hash(changes: dict[str, object]) -> None:
    first = provenance_hash("a" * 64, [origin()])
    assert first == provenance_hash("a" * 64, [origin()])
    assert first != provenance_hash("a" * 64, [origin(**changes)])
    assert first != provenance_hash("b" * 64, [origin()])
