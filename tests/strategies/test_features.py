"""The building blocks of features against exact fractions (specs/strategies/interface.md, S-133)."""

from fractions import Fraction
from math import isqrt
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.data.aux_series import AuxSource, read_aux
from veracity.data.findings import Report
from veracity.domain.amounts import INT64_MAX
from veracity.domain.market import AuxSeries
from veracity.domain.time import NS_PER_HOUR, NS_PER_MINUTE
from veracity.strategies.features import (
    Provenance,
    as_of,
    change_over,
    moving_sum,
    provenance_hash,
    rolling_sum,
    z_score_milli,
)
from veracity.strategies.interface import UNKNOWN

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
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


@pytest.mark.ticket("T-339")
def test_a_change_is_a_fraction_of_what_was_there_rounded_down() -> None:
    """20403.637 to 20401.367 in five minutes: -2270 of 20403637 thousandths is -111254.6..., so -111255."""
    stamps = column([0, 5 * NS_PER_MINUTE])
    series = AuxSeries(stamps, column([20_403_637, 20_401_367]), stamps)
    found = change_over(stamps, series, 5 * NS_PER_MINUTE, NS_PER_MINUTE // 2)
    assert found.tolist() == [UNKNOWN, -111_255]
    rising = AuxSeries(stamps, series.value[::-1], stamps)
    assert change_over(stamps, rising, 5 * NS_PER_MINUTE, 0).tolist() == [
        UNKNOWN,
        2_270 * 10**9 // 20_401_367,
    ]


@pytest.mark.ticket("T-339")
def test_the_last_value_before_the_real_hole_is_no_begin_of_a_change_behind_it() -> None:
    """Of the bundled BTC series the points from 2026-01-19T00:00Z to 17:00Z are missing."""
    file = SAMPLE / "hyperliquid_open_interest_1h_2025-12_2026-03.parquet"
    declared = AuxSource("open_interest", file, "open_interest_usd", symbol="BTC", scale=7)
    begin = 1_768_608_000 * 10**9  # 2026-01-17T00:00Z
    data = read_aux(declared, "BTC", begin, begin + 96 * NS_PER_HOUR, Report(file))
    assert data is not None
    six, eleven = begin + 66 * NS_PER_HOUR, begin + 47 * NS_PER_HOUR  # 19th 18:00, 18th 23:00
    at = column([eleven, six - 1, six, six + NS_PER_HOUR])
    last, between, behind, again = change_over(at, data.series, NS_PER_HOUR, NS_PER_HOUR // 2).tolist()
    assert last == between != UNKNOWN, "what is known stays the newest value of an hour, however old"
    assert behind == UNKNOWN
    assert again != UNKNOWN


@pytest.mark.parametrize(
    ("observed", "slack", "begin"),
    [
        ([0, 10], 0, 0),
        ([1, 10], 0, None),
        ([1, 10], 1, 0),
        ([-1, 10], 1, 0),
        ([-2, 10], 1, None),
        ([-1, 1, 10], 1, 0),  # the one observed by then goes before the one behind it
        ([-2, 1, 10], 1, 1),
        ([0, 0, 10], 0, 1),  # a revision counts
        ([10], 10, None),  # never itself
    ],
)
def test_the_begin_of_a_span_is_the_value_observed_by_then_within_the_slack(
    observed: list[int], slack: int, begin: int | None
) -> None:
    values = column([100 * (number + 1) for number in range(len(observed))])
    series = AuxSeries(column(observed), values, column(observed))
    found = change_over(column([10]), series, 10, slack).tolist()
    last, first = int(values[-1]), None if begin is None else int(values[begin])
    assert found == [UNKNOWN if first is None else (last - first) * 10**9 // first]


def test_a_change_of_nothing_is_unknown_and_one_beyond_64_bits_is_no_change() -> None:
    stamps = column([0, 10])
    for before in (0, -5):
        assert change_over(stamps, AuxSeries(stamps, column([before, 7]), stamps), 10, 0)[1] == UNKNOWN
    with pytest.raises(OverflowError):
        change_over(stamps, AuxSeries(stamps, column([1, 2**62]), stamps), 10, 0)
    nothing = AuxSeries(column([]), column([]), column([]))
    assert change_over(stamps, nothing, 10, 0).tolist() == [UNKNOWN, UNKNOWN]


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
