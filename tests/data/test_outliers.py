"""A move beyond a limit is refused, one that equals it passes, and nothing is clipped."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.files import MINUTE, START, bars, codes_of, source, told, write_bars

from veracity.data.dataset import load
from veracity.data.outliers import OutlierLimits, _beyond
from veracity.data.quality import inspect
from veracity.domain.errors import ExitCode, OperatorFaults


@pytest.fixture
def at(tmp_path):
    return tmp_path / "bars.parquet"


def closes(*prices):
    """One flat bar for each close."""
    return bars(
        len(prices),
        {row: dict.fromkeys(("open", "high", "low", "close"), price) for row, price in enumerate(prices, 1)},
    )


def refused(one_source):
    with pytest.raises(OperatorFaults) as raised:
        load([one_source])
    assert raised.value.exit_code is ExitCode.DATA
    return raised.value.faults


@pytest.mark.ticket("T-196")
def test_a_move_beyond_a_quarter_is_refused_with_its_row_stamp_and_limit(at):
    (fault,) = refused(source(write_bars(at, closes("100.00", "130.00"))))
    assert fault.what == "close 130.00 after 100.00 is beyond return_abs_max 0.25"
    assert "row 2, 2023-02-13T00:01:00Z" in fault.where


@pytest.mark.ticket("T-196")
@pytest.mark.parametrize(
    "close", ["125.00", "75.00", "81.79"]
)  # a fall of 18.21 % was real (BTC, 2020-03-12)
def test_a_move_up_to_the_limit_passes(at, close):
    one = source(write_bars(at, closes("100.00", close)))
    assert codes_of(one) == []
    data = load([one]).instruments[0]
    assert data.bars.close[1] == int(Decimal(close) * 100)


@pytest.mark.ticket("T-196")
def test_a_wick_far_from_its_body_is_refused(at):
    columns = bars(3, {2: {"open": "100.00", "high": "101.00", "low": "10.00", "close": "101.00"}})
    (fault,) = refused(source(write_bars(at, columns)))
    assert fault.what == "low 10.00 is beyond wick_abs_max 0.25 of its bar's body"


@pytest.mark.parametrize(
    ("column", "price", "passes"),
    [("low", "75.00", True), ("low", "74.99", False), ("high", "125.00", True), ("high", "125.01", False)],
)
def test_a_wick_is_measured_from_the_body_on_its_side(at, column, price, passes):
    cells = {"open": "100.00", "close": "100.00", "low": "100.00", "high": "100.00", column: price}
    quality = inspect(write_bars(at, bars(1, {1: cells})), MINUTE)
    assert quality.accepted is passes
    assert quality.outliers == (0 if passes else 1)


REAL = ("7354.21", "6014.90")  # Bitcoin, the hour of 2020-03-12T10:00Z
FIFTEEN = 150_000_000


@pytest.mark.ticket("T-357")
def test_the_real_fall_is_named_with_its_size_and_refused_below_it(at):
    write_bars(at, closes(*REAL))
    (fault,) = refused(source(at, outliers=OutlierLimits(return_abs_max=FIFTEEN)))
    assert fault.what == "close 6014.90 after 7354.21 is beyond return_abs_max 0.15"
    move = inspect(at).series[0].largest_move
    assert move.rate == "-0.182114734"
    assert codes_of(source(at, outliers=OutlierLimits(return_abs_max=182_114_734))) == ["outlier_return"]
    assert codes_of(source(at, outliers=OutlierLimits(return_abs_max=182_114_735))) == []


@pytest.mark.ticket("T-357")
@pytest.mark.parametrize(
    "limits",
    [
        OutlierLimits(return_abs_max=200_000_000),
        OutlierLimits(return_abs_max=FIFTEEN, exceptions=((START + MINUTE, "seen on every venue"),)),
    ],
)
def test_above_it_or_excepted_with_a_reason_it_is_read_as_it_was(at, limits):
    one = source(write_bars(at, closes(*REAL)), outliers=limits)
    assert codes_of(one) == []
    assert load([one]).instruments[0].bars.close.tolist() == [735_421, 601_490]


@pytest.mark.ticket("T-357")
def test_the_exception_of_one_stamp_does_not_let_the_next_fall_pass(at):
    write_bars(at, closes(*REAL, "6014.90", "4919.50"))
    limits = OutlierLimits(return_abs_max=FIFTEEN, exceptions=((START + MINUTE, "seen on every venue"),))
    (fault,) = refused(source(at, outliers=limits))
    assert fault.what == "close 4919.50 after 6014.90 is beyond return_abs_max 0.15"
    assert "row 4, 2023-02-13T00:03:00Z" in fault.where


def test_an_exception_lets_one_stamp_pass_and_no_other(at):
    write_bars(at, closes("100.00", "130.00", "130.00", "200.00"))
    limits = OutlierLimits(exceptions=((START + MINUTE, "listing day"),))
    (fault,) = refused(source(at, outliers=limits))
    assert fault.what.startswith("close 200.00")


def test_a_price_that_is_refused_already_is_not_an_outlier_too(at):
    faults = refused(source(write_bars(at, closes("100.00", "0", "100.00"))))
    assert {fault.hint.partition(":")[0] for fault in faults} == {"zero_price"}
    assert len(told(OperatorFaults(tuple(faults)))) == 4


@pytest.mark.parametrize("column", ["open", "close"])
def test_a_price_outside_of_its_bars_range_is_not_an_outlier_too(at, column):
    flat = dict.fromkeys(("open", "high", "low", "close"), "100.00")
    columns = bars(3, {row: flat | ({column: "200.00"} if row == 2 else {}) for row in (1, 2, 3)})
    assert inspect(write_bars(at, columns), MINUTE).rules == (f"{column}_outside_range",)


@given(st.integers(1, 2**40), st.integers(0, 2**40), st.integers(0, 10**9))
def test_the_limit_is_exact_however_large_the_prices_are(base, cell, limit):
    found = _beyond(np.asarray([cell]), np.asarray([base]), limit, np.asarray([True]))
    assert found.tolist() == [abs(cell - base) * 10**9 > limit * base]
