"""Products and roots beyond 64 bits, compiled: the same numbers that Python's own whole numbers give."""

from math import isqrt
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.research.kernel.compiled import compiled

from veracity.domain.amounts import INT64_MAX
from veracity.research.kernel import wide
from veracity.research.kernel.records import NONE

numbers = st.integers(-INT64_MAX, INT64_MAX) | st.integers(-(10**6), 10**6)


@pytest.fixture(scope="module")
def mul_div(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return compiled(wide.mul_div, tmp_path_factory.mktemp("wide"))


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return compiled(wide.isqrt, tmp_path_factory.mktemp("wide"))


@given(a=numbers, b=numbers, c=numbers.filter(bool))
def test_a_product_is_divided_as_whole_numbers_are(a: int, b: int, c: int, mul_div: Any) -> None:
    expected = a * b // c
    assume(abs(expected) < INT64_MAX)
    assert mul_div(a, b, c) == expected


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        (10**13, 500_000_000, 10**9, 5 * 10**12),
        (-(10**13), 333_333_333, 10**9, -3_333_333_330_000),
        (-1, 1, 10**9, -1),
        (INT64_MAX - 1, 10**18, 10**18, INT64_MAX - 1),
    ],
)
def test_examples_by_hand(a: int, b: int, c: int, expected: int, mul_div: Any) -> None:
    assert mul_div(a, b, c) == expected


def test_what_does_not_fit_is_an_error_and_not_another_number(mul_div: Any) -> None:
    assert mul_div(INT64_MAX, INT64_MAX, 1) == NONE
    assert mul_div(INT64_MAX, INT64_MAX, 0) == NONE


@given(value=st.integers(0, 10**18) | st.integers(0, 10**9).map(lambda root: root * root))
def test_a_root_is_rounded_down(value: int, root: Any) -> None:
    assert root(value) == isqrt(value)
