"""What is missing is listed, and only what is missing."""

import numpy as np
import pytest

from veracity.data.gaps import Gap, Short, find_gaps, find_holes, range_short, usual_step
from veracity.domain.time import NS_PER_HOUR as HOUR


def hours(*numbers):
    return np.asarray(numbers, dtype=np.int64) * HOUR


@pytest.mark.ticket("T-230")
def test_gaps_are_listed_with_their_first_and_last_missing_stamp_and_their_count():
    assert find_gaps(hours(0, 1, 4, 5, 7), HOUR) == (
        Gap(2 * HOUR, 3 * HOUR, 2),
        Gap(6 * HOUR, 6 * HOUR, 1),
    )


@pytest.mark.ticket("T-230")
@pytest.mark.parametrize("stamps", [(), (5,), (5, 6, 7, 8)])
def test_an_empty_a_one_row_and_a_full_series_have_no_gap(stamps):
    assert find_gaps(hours(*stamps), HOUR) == ()


def test_the_order_of_rows_and_repeated_stamps_make_no_gap():
    assert find_gaps(hours(3, 1, 2, 2), HOUR) == ()
    assert find_gaps(hours(5, 1, 1, 3), HOUR) == (Gap(2 * HOUR, 2 * HOUR, 1), Gap(4 * HOUR, 4 * HOUR, 1))


def test_a_stamp_off_the_grid_is_no_gap_besides():
    late = hours(0, 1, 2)
    late[1] += 1
    assert find_gaps(late, HOUR) == ()


@pytest.mark.parametrize(
    ("start", "end", "short"),
    [
        (None, None, Short(0, 0)),
        (3 * HOUR, 6 * HOUR, Short(0, 0)),
        (HOUR, 8 * HOUR, Short(2, 2)),
        (
            2 * HOUR + 1,
            6 * HOUR + 1,
            Short(0, 1),
        ),  # 03:00 is the first open after the start; 06:00 is before the end
        (4 * HOUR, 5 * HOUR, Short(0, 0)),
    ],
)
def test_a_range_is_short_by_the_bars_that_it_asks_for_and_the_series_has_not(start, end, short):
    assert range_short(hours(3, 4, 5), HOUR, start, end) == short


def test_a_settlement_is_missing_where_a_step_is_longer_than_both_neighbours():
    assert find_holes(hours(0, 8, 24, 32)) == (Gap(16 * HOUR, 16 * HOUR, 1),)
    assert find_holes(hours(0, 8, 40, 48)) == (Gap(16 * HOUR, 32 * HOUR, 3),)


@pytest.mark.parametrize("stamps", [(0, 8, 9, 10, 11), (0, 1, 2, 10, 18, 26), (0, 8, 16), (0, 8), (0,)])
def test_an_interval_that_changes_for_good_is_no_missing_settlement(stamps):
    assert find_holes(hours(*stamps)) == ()


def test_milliseconds_of_lateness_are_no_missing_settlement():
    stamps = hours(0, 8, 16, 24)
    stamps[2] += 16_000_000
    assert find_holes(stamps) == ()


def test_the_usual_step_is_the_most_common_one():
    assert usual_step(hours(0, 1, 2, 4, 7)) == HOUR
    assert usual_step(hours(0, 1, 3, 4, 6)) == HOUR
    assert usual_step(hours(0)) is None
    assert usual_step(hours(7, 7)) is None
