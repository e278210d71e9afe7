from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.domain.amounts import (
    INT64_MAX,
    RATE_ONE,
    fee_ceil,
    funding_floor,
    money_text,
    notional_factor,
    rate_ceil,
    rate_floor,
    share_floor,
    step_ceil,
    step_floor,
    units_exact,
    units_text,
)

AMOUNTS = st.integers(-(10**18), 10**18)


def test_a_notional_is_exact_because_the_scales_add_up_to_at_most_8() -> None:
    assert notional_factor(2, 3) == 1_000
    assert notional_factor(2, 6) == 1
    assert 123_45 * 1_001 * notional_factor(2, 3) == 12_357_345_000  # 123.45 * 1.001 = 123.57345
    with pytest.raises(AssertionError):
        notional_factor(3, 6)


@pytest.mark.parametrize(
    ("notional", "rate", "fee"),
    [
        (20_000_000_000, 500_000, 10_000_000),  # 200.00 at 5 bp: 0.10
        (20_000_000_001, 500_000, 10_000_001),  # one unit more: rounded up
        (1, 1, 1),
        (0, 500_000, 0),
        (20_000_000_001, -100_000, -2_000_000),  # a rebate is rounded down
    ],
)
def test_a_fee_is_rounded_up(notional: int, rate: int, fee: int) -> None:
    assert fee_ceil(notional, rate) == fee


@pytest.mark.parametrize(
    ("position", "rate", "cash"),
    [
        (1_000, 100_000, -500_000_000),  # N-29: long 1 at 50,000 and +0.01 % pays 5
        (-1_000, 100_000, 500_000_000),
        (1_000, -200_000, 1_000_000_000),  # -0.02 %: the long gets 10
    ],
)
def test_funding_has_the_signs_of_the_venue(position: int, rate: int, cash: int) -> None:
    assert funding_floor(position, 50_000_00, 1_000, rate) == cash


def test_funding_is_rounded_against_us_in_both_directions() -> None:
    assert funding_floor(1, 1, 1, 1) == -1
    assert funding_floor(-1, 1, 1, 1) == 0


@given(whole=AMOUNTS, total=st.integers(1, 10**9), part=st.integers(0, 10**9))
def test_a_share_is_never_more_than_its_whole_and_all_of_it_is_exactly_it(
    whole: int, total: int, part: int
) -> None:
    part = min(part, total)
    share = share_floor(whole, part, total)
    assert abs(share) * total <= abs(whole) * part
    assert (abs(share) + 1) * total > abs(whole) * part
    assert share_floor(whole, total, total) == whole


@given(value=AMOUNTS, step=st.integers(1, 10**9))
def test_steps_are_multiples_on_either_side(value: int, step: int) -> None:
    below, above = step_floor(value, step), step_ceil(value, step)
    assert below <= value <= above
    assert below % step == above % step == 0
    assert above - below in (0, step)


@pytest.mark.parametrize(
    ("text", "scale", "units"), [("0.10", 8, 10_000_000), ("-5", 8, -500_000_000), ("1e3", 0, 1_000)]
)
def test_decimal_text_becomes_units_exactly(text: str, scale: int, units: int) -> None:
    assert units_exact(Decimal(text), scale) == units


@pytest.mark.parametrize(
    ("text", "scale", "why"),
    [
        ("0.001", 2, "more than 2 decimals"),
        ("1.234", 2, "more than 2 decimals"),
        ("-30000.005", 2, "more than 2 decimals"),
        ("NaN", 2, "not a finite number"),
        ("Infinity", 2, "not a finite number"),
        ("9223372036854775808", 0, "does not fit 64 bits"),
        ("1e999999999", 2, "does not fit 64 bits"),  # and is not written out for it
        ("-1e-999999999", 2, "more than 2 decimals"),
    ],
)
def test_what_has_no_exact_units_is_refused(text: str, scale: int, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        units_exact(Decimal(text), scale)


def test_the_largest_units_fit() -> None:
    assert units_exact(Decimal(INT64_MAX), 0) == INT64_MAX


@given(units=st.integers(-INT64_MAX, INT64_MAX), scale=st.integers(0, 8))
def test_units_as_text_are_the_same_number(units: int, scale: int) -> None:
    text = units_text(units, scale)
    assert units_exact(Decimal(text), scale) == units
    assert len(text.partition(".")[2]) == scale


def test_zero_has_no_sign() -> None:
    assert units_text(0, 2) == "0.00"


def test_money_shows_all_its_decimals() -> None:
    assert money_text(-5) == "-0.00000005"
    assert money_text(1_001_990_000_000) == "10019.90000000"


@pytest.mark.parametrize(
    ("amount", "rate", "down", "up"),
    [
        (3, 500_000_000, 1, 2),  # half of 3
        (4, 500_000_000, 2, 2),
        (-3, 500_000_000, -2, -1),
        (1, 1, 0, 1),
        (0, RATE_ONE, 0, 0),
    ],
)
def test_a_rate_of_an_amount_is_rounded_as_its_name_says(amount: int, rate: int, down: int, up: int) -> None:
    assert (rate_floor(amount, rate), rate_ceil(amount, rate)) == (down, up)


@pytest.mark.parametrize(
    ("written", "decimals", "cut"),
    [
        ("12.3456", 3, "12.3450"),
        ("12.3456", 2, "12.3400"),
        ("12.3456", 0, "12.0000"),
        ("99.9999", -1, "90.0000"),
        ("99.9999", -2, "0.0000"),
        ("0.9", 0, "0.0000"),
    ],
)
def test_n34_a_quantity_is_cut_to_its_lot_and_nothing_is_no_minus_nothing(
    written: str, decimals: int, cut: str
) -> None:
    """ccxt, test_decimal_to_precision.py, truncation: 12.345, 12.34, 12; 90, 0; -0.9 becomes 0 and not -0.

    A quantity has no sign here, its side has: what is sold is cut as what is bought, towards nothing.
    """
    lot = 10 ** (4 - decimals)
    units = step_floor(units_exact(Decimal(written), 4), lot)
    assert units_text(units, 4) == cut
    assert units_text(-units, 4) == (f"-{cut}" if units else cut)
