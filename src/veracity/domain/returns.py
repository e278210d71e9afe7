"""Log returns in whole units of 10^-9, the same number whoever computes them: one bar, a column of them, or compiled code.

ln(b / a) = 2 artanh(z) = 2 (z + z^3 / 3 + z^5 / 5 + ...) with z = (b - a) / (b + a). Only whole numbers take part, each
division rounds down, and every product fits 64 bits; a library's `log` is not the same number everywhere. z is taken to
12 digits and the terms behind it to 9, so the return of a bar of one percent is at most two units too small, and of one
that doubles at most a dozen. A bar that more than doubles or halves counts as one that doubles or halves.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from veracity.domain.amounts import INT64_MAX, RATE_ONE
from veracity.domain.market import Column

UNKNOWN: Final = -1
"""Instead of a square where there is no bar before, or one is missing."""

DIGITS: Final = 12
THIRD: Final = 333_333_333_333  # z of a double, 10^-12: 2 artanh(1 / 3) is ln 2


def squared_return(before: int, after: int) -> int:
    """The square of ln(after / before), 10^-18; UNKNOWN where a price is not above zero."""
    if before <= 0 or after <= 0:
        return UNKNOWN
    z = min(abs(after - before) * 10**DIGITS // (after + before), THIRD)
    term = z // 1_000
    square, tail, odd = term * term // RATE_ONE, 0, 1
    while term:
        term = term * square // RATE_ONE
        odd += 2
        tail += term // odd
    size = 2 * z // 1_000 + 2 * tail
    return size * size


def squared_returns(closes: Column, follows: NDArray[np.bool_]) -> Column:
    """`squared_return` of each bar and the one before; UNKNOWN too where `follows` says that this one is missing.

    `follows[i]` says whether bar i is the next one after bar i - 1; the first follows none.
    """
    before, after = closes[:-1], closes[1:]
    good = follows[1:] & (before > 0) & (after > 0)
    z = np.minimum(_quotients(np.abs(after - before), np.where(good, after + before, 1)), THIRD)
    term = z // 1_000
    square, tail, odd = term * term // RATE_ONE, np.zeros_like(z), 1
    while term.any():
        term = term * square // RATE_ONE
        odd += 2
        tail += term // odd
    size = 2 * z // 1_000 + 2 * tail
    squares = np.full(len(closes), UNKNOWN, dtype=np.int64)
    squares[1:][good] = (size * size)[good]
    return squares


def _quotients(part: Column, whole: Column) -> Column:
    """part / whole in 10^-12, by long division: as many digits at a time as 64 bits can hold."""
    largest = max(int(whole.max(initial=1)), int(part.max(initial=0)))
    at_a_time = next(digits for digits in (12, 6, 4, 2, 1) if largest * 10**digits <= INT64_MAX)
    quotient = np.zeros_like(part)
    for _ in range(DIGITS // at_a_time):
        digits, part = np.divmod(part * 10**at_a_time, whole)
        quotient = quotient * 10**at_a_time + digits
    return quotient
