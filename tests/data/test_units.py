"""A number of a file is the whole number that it says, or a fault; never something near it."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.data.units import decimals_of, to_ns, to_units


def faults(units):
    return {code: np.flatnonzero(cells).tolist() for code, cells in units.faults if cells.any()}


def decimals(cells, scale, digits=38):
    return pa.array([None if cell is None else Decimal(cell) for cell in cells], pa.decimal128(digits, scale))


def test_a_decimal_is_the_same_number_at_a_finer_and_a_coarser_scale():
    column = decimals(["1.50", "-0.25", "0"], 2)
    assert to_units(column, 4).values.tolist() == [15_000, -2_500, 0]
    assert to_units(decimals(["1.5000", "-0.2500"], 4), 2).values.tolist() == [150, -25]


def test_a_decimal_with_one_digit_too_many_is_off_the_grid_and_not_rounded():
    units = to_units(decimals(["1.230", "1.235", "1.239"], 3), 2)
    assert faults(units) == {"off_grid": [1, 2]}
    assert units.good.tolist() == [True, False, False]
    assert units.values.tolist() == [123, 0, 0]


def test_a_decimal_fits_up_to_the_last_unit_of_64_bits():
    top = Decimal(2**63 - 1)
    units = to_units(decimals([top, -top, top + 1], 0), 0)
    assert units.values.tolist() == [2**63 - 1, -(2**63 - 1), 0]
    assert faults(units) == {"too_large": [2]}
    grown = to_units(decimals(["92233720368547758.07", "92233720368547758.08"], 2), 2)
    assert grown.values[0] == 2**63 - 1
    assert faults(grown) == {"too_large": [1]}


def test_scaling_up_does_not_wrap_around():
    units = to_units(decimals(["9223372036854775.807", "9223372036854775.808"], 3, 20), 3)
    assert units.values[0] == 2**63 - 1
    assert faults(units) == {"too_large": [1]}
    assert faults(to_units(decimals(["92233720369", "92233720368"], 0, 18), 8)) == {"too_large": [0]}


def test_a_decimal_with_more_digits_than_64_bits_hold_is_judged_by_its_value():
    column = decimals(["20000.12", "1.00000000000000000001"], 20)
    units = to_units(column, 2)
    assert units.values.tolist() == [2_000_012, 0]
    assert faults(units) == {"off_grid": [1]}


def test_a_mark_price_is_rounded_half_to_even():
    column = decimals(["38241.69935461", "1.005", "1.015", "1.0150001"], 8)
    assert to_units(column, 2, rounded=True).values.tolist() == [3_824_170, 100, 102, 102]
    floats = pa.array([38241.69935461, 1.125, 1.375])
    assert to_units(floats, 2, rounded=True).values.tolist() == [3_824_170, 112, 138]


def test_a_whole_number_counts_whole_quote_units():
    assert to_units(pa.array([20_000, -1], pa.int32()), 2).values.tolist() == [2_000_000, -100]
    unsigned = to_units(pa.array([2**64 - 1, 5], pa.uint64()), 2)
    assert unsigned.values.tolist() == [0, 500]
    assert faults(unsigned) == {"too_large": [0]}


def test_a_float_within_a_millionth_of_a_unit_is_taken_and_beyond_it_is_not():
    units = to_units(pa.array([0.1 + 0.2, 1.000000009, 1.00000002]), 2)
    assert units.values.tolist() == [30, 100, 0]
    assert faults(units) == {"off_grid": [2]}


def test_a_large_float_that_is_the_nearest_one_to_a_grid_value_is_taken():
    # 74243.12345678 is a double whose distance to the decimal is more than a millionth of 10^-8.
    cells = [74_243.12345678, 7_424_303.12345678]
    assert to_units(pa.array(cells), 8).values.tolist() == [7_424_312_345_678, 742_430_312_345_678]


def test_a_float_that_cannot_be_told_from_its_neighbours_is_too_large():
    units = to_units(pa.array([9_999_999.0, 1e7, 10_000_001.0, 1e308]), 8)
    assert units.values.tolist() == [999_999_900_000_000, 10**15, 0, 0]
    assert faults(units) == {"too_large": [2, 3]}


def test_what_is_no_number_is_a_fault_of_its_own():
    units = to_units(pa.array([1.0, float("nan"), float("inf"), None]), 2)
    assert units.values.tolist() == [100, 0, 0, 0]
    assert faults(units) == {"empty": [3], "not_finite": [1, 2]}
    assert faults(to_units(decimals(["1", None], 2), 2)) == {"empty": [1]}
    assert faults(to_units(pa.array([None, 1], pa.int64()), 2)) == {"empty": [0]}


def test_a_slice_of_a_decimal_column_starts_where_it_says():
    column = decimals(["1", "2", "3"], 0).slice(1)
    assert to_units(column, 0).values.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("unit", "tick", "ns"), [("s", 1, 10**9), ("ms", 1, 10**6), ("us", 1, 10**3), ("ns", 1, 1)]
)
def test_a_stamp_of_any_unit_becomes_nanoseconds(unit, tick, ns):
    assert to_ns(pa.array([tick], pa.timestamp(unit, "UTC"))).values.tolist() == [ns]


def test_a_stamp_before_1970_or_after_2262_is_refused():
    units = to_ns(pa.array([-1, 0, 9_223_372_036, 9_223_372_037, None], pa.timestamp("s", "UTC")))
    assert units.values.tolist() == [0, 0, 9_223_372_036 * 10**9, 0, 0]
    assert faults(units) == {"bad_stamp": [0, 3], "empty": [4]}


def test_the_fewest_decimals_that_hold_every_number_are_found():
    assert decimals_of(pa.array([1.5, 2.25, float("nan")])) == 2
    assert decimals_of(decimals(["1.50000000", "2.00000000"], 8)) == 1
    assert decimals_of(pa.array([1, 2])) == 0
    assert decimals_of(pa.array([1 / 3])) is None
    assert decimals_of(decimals(["0.000000001"], 9)) is None


@given(st.lists(st.integers(-(10**14), 10**14), min_size=1), st.integers(0, 8))
def test_floats_and_decimals_of_the_same_text_are_the_same_units(numbers, scale):
    texts = [Decimal(number).scaleb(-scale) for number in numbers]
    from_floats = to_units(pa.array([float(text) for text in texts]), scale)
    from_decimals = to_units(pa.array(texts, pa.decimal128(38, scale)), scale)
    assert from_floats.good.all()
    assert from_floats.values.tolist() == from_decimals.values.tolist() == numbers
