"""Log returns in whole units of 10^-9, the same number whoever computes them: one bar, a column of them, or compiled code.

ln(b / a) = 2 artanh(z) with z = (b - a) / (b + a). Only whole numbers take part, each division rounds down, and every
product fits 64 bits; a library's `log` is not the same number everywhere. z is taken to 12 digits and the terms behind it
(z^3 / 3 + z^5 / 5 + ...) to 9, so a return is at most three units too small. A bar that more than doubles or halves
counts as one that doubles or halves.
"""

from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from veracity.domain.amounts import RATE_ONE
from veracity.domain.market import Column

UNKNOWN: Final = -1
"""Instead of a square where there is no bar before, or one is missing."""

DIGITS: Final = 12
THIRD: Final = 333_333_333_333  # z of a double: ln 2
ODD: Final = (21, 19, 17, 15, 13, 11, 9, 7, 5, 3)

Whole = TypeVar("Whole", int, NDArray[np.int64])


def squared_return(before: int, after: int) -> int:
    """The square of ln(after / before), 10^-18; UNKNOWN where a price is not above zero."""
    if before <= 0 or after <= 0:
        return UNKNOWN
    size = _two_artanh(min(abs(after - before) * 10**DIGITS // (after + before), THIRD))
    return size * size


def squared_returns(closes: Column, follows: NDArray[np.bool_]) -> Column:
    """`squared_return` of each bar and the one before; UNKNOWN too where `follows` says that this one is missing.

    `follows[i]` says whether bar i is the next one after bar i - 1; the first follows none.
    """
    squares = np.full(len(closes), UNKNOWN, dtype=np.int64)
    before, after = closes[:-1], closes[1:]
    good = follows[1:] & (before > 0) & (after > 0)
    low, high = before[good], after[good]
    size = _two_artanh(np.minimum(_quotients(np.abs(high - low), high + low), THIRD))
    squares[1:][good] = size * size
    return squares


def _quotients(part: Column, whole: Column) -> Column:
    """part / whole in 10^-12 where part < whole, one digit at a time, so that nothing outgrows 64 bits."""
    quotient = np.zeros_like(part)
    for _ in range(DIGITS):
        digit, part = np.divmod(part * 10, whole)
        quotient = quotient * 10 + digit
    return quotient


def _two_artanh(z: Whole) -> Whole:
    """2 artanh of z (10^-12, at most a third) in 10^-9."""
    nano = z // 1_000
    square = nano * nano // RATE_ONE
    tail = square * 0 + RATE_ONE // 23
    for odd in ODD:
        tail = tail * square // RATE_ONE + RATE_ONE // odd
    tail = tail * square // RATE_ONE
    result: Whole = 2 * z // 1_000 + 2 * nano * tail // RATE_ONE
    return result
