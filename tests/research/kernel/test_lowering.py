"""A function that is compiled answers what it answers as it is written."""

from types import FunctionType

import pytest
from tests.research.kernel.compiled import compiled

from veracity.research.kernel.run import Kernel


def counted(first: int, stop: int) -> int:
    """Counts whose bound changes on the way, with one in another, and what is left of the last number."""
    total, number = 0, -7
    for number in range(first, stop):
        stop -= 1
        if number in (2, 4):
            continue
        if number not in (1, 3, 5):
            for _ in range(number):
                total += 1
        if number == 9:
            break
        number += 100
        total += stop
    return 1_000 * total + number


@pytest.mark.parametrize("bounds", [(0, 12), (-2, 3), (4, 5), (3, 3), (5, -1)])
def test_a_count_is_the_same_compiled(kernel: Kernel, bounds: tuple[int, int]) -> None:
    assert isinstance(counted, FunctionType)
    assert compiled(counted, kernel.place)(*bounds) == counted(*bounds)
