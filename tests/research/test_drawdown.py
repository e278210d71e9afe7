"""Drawdowns on fixed series (reference case N-36) and against a plain loop."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.oracles import plain_books

from veracity.research.drawdown import Falls, depths, falls

N_36 = [100, 110, 105, 120, 90, 95, 121, 100]


def of(values: list[int], start: int | None = None) -> Falls:
    """The falls of a curve that starts at its first value unless told otherwise."""
    return falls(values[0] if start is None else start, np.array(values, dtype=np.int64))


@pytest.mark.ticket("T-209")
def test_the_deepest_fall_is_measured_from_its_own_peak() -> None:
    """30 of 120 is 0.25 exactly; 21 of 121 comes later and is smaller; 30 of 100 would be 0.3."""
    (deepest,) = of(N_36).deepest()
    assert deepest.depth == 0.25
    assert (deepest.peak, deepest.trough, deepest.amount) == (3, 4, 30)


@pytest.mark.ticket("T-209")
def test_a_curve_that_never_falls_has_no_drawdown() -> None:
    assert of([100, 100, 101, 150]).deepest() == []
    assert depths(100, np.array([100, 100, 101, 150])).tolist() == [0, 0, 0, 0]


@pytest.mark.ticket("T-209")
def test_equity_below_zero_is_a_drawdown_above_one() -> None:
    (deepest,) = of([100, -50, 20]).deepest()
    assert deepest.depth == 1.5


@pytest.mark.ticket("T-210")
def test_bars_under_water_leave_out_the_peak_and_the_recovery() -> None:
    deepest, latest, shallow = of(N_36).deepest(3)
    assert (deepest.bars, deepest.peak, deepest.recovery) == (2, 3, 6)
    assert (latest.bars, latest.peak, latest.recovery) == (1, 6, None)
    assert (shallow.bars, shallow.peak, shallow.recovery) == (1, 1, 3)
    assert of(N_36).longest() == 2


@pytest.mark.ticket("T-210")
def test_touching_the_old_peak_ends_a_drawdown_and_one_unit_below_does_not() -> None:
    assert [fall.bars for fall in of([100, 90, 100, 95]).deepest(5)] == [1, 1]
    assert [fall.bars for fall in of([100, 90, 99, 95]).deepest(5)] == [3]


def test_a_fall_from_the_starting_equity_has_no_peak_bar() -> None:
    (deepest,) = of([90, 80, 100], start=100).deepest()
    assert (deepest.peak, deepest.trough, deepest.recovery, deepest.bars) == (-1, 1, 2, 2)
    assert depths(100, np.array([90, 80, 100])).tolist() == [0.1, 0.2, 0.0]


def test_a_fall_from_nothing_has_no_depth() -> None:
    (deepest,) = of([0, -5]).deepest()
    assert (deepest.depth, deepest.amount) == (None, 5)


def test_of_equal_falls_the_older_comes_first() -> None:
    first, second = of([100, 50, 100, 50, 100]).deepest(2)
    assert (first.trough, second.trough) == (1, 3)


def test_a_curve_without_rows_has_no_falls() -> None:
    empty = np.zeros(0, dtype=np.int64)
    assert falls(100, empty).deepest() == []
    assert falls(100, empty).longest() == 0
    assert depths(100, empty).tolist() == []


@given(values=st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_every_fall_agrees_with_a_plain_loop(values: list[int]) -> None:
    found = of(values)
    ours = [found.at(index) for index in range(len(found.bars))]
    assert [
        (Fraction(fall.amount, values[fall.peak]), fall.peak, fall.trough, fall.recovery, fall.bars)
        for fall in ours
    ] == plain_books.falls([Fraction(value) for value in values])
    assert [fall.depth for fall in ours] == [fall.amount / values[fall.peak] for fall in ours]
