"""128-bit steps between 64-bit numbers, for compiled code: Python's own whole numbers need none of this.

Written as they are compiled: `lowering` puts `mul_div` wherever a function divides a product, and `isqrt` for the one of
`math`. A result that does not fit 64 bits raises; nothing wraps unseen.
"""

from typing import Any

import numpy as np

SAFE_FLOAT = 9.0e18  # a product that floats see below this is below 2^63 for sure


def mul_div(a: int, b: int, c: int) -> int:
    """floor(a * b / c), exactly. Raises OverflowError where it does not fit 64 bits, ZeroDivisionError where c is 0."""
    if abs(float(a) * float(b)) < SAFE_FLOAT:
        return (a * b) // c
    if c == 0:
        raise ZeroDivisionError("division by zero")
    negative = ((a < 0) != (b < 0)) != (c < 0)
    quotient, rest = divide(np.uint64(abs(a)), np.uint64(abs(b)), np.uint64(abs(c)))
    if quotient > np.uint64(9223372036854775806):
        raise OverflowError("a quotient does not fit 64 bits")
    size: Any = np.int64(quotient)  # not int(): that stays unsigned when it is compiled
    if not negative:
        return size  # type: ignore[no-any-return]
    return -size - 1 if rest else -size  # type: ignore[no-any-return]


def divide(a: np.uint64, b: np.uint64, c: np.uint64) -> tuple[np.uint64, np.uint64]:
    """Quotient and rest of a * b by c, unsigned: schoolbook product in halves, then one bit of the quotient at a time."""
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    one, top = np.uint64(1), np.uint64(63)
    ah, al, bh, bl = a >> half, a & low, b >> half, b & low
    ll, lh, hl = al * bl, al * bh, ah * bl
    middle = (ll >> half) + (lh & low) + (hl & low)
    under = (middle << half) | (ll & low)
    over = ah * bh + (lh >> half) + (hl >> half) + (middle >> half)
    if over >= c:
        raise OverflowError("a quotient does not fit 64 bits")
    for _ in range(64):
        carry = over >> top
        over = (over << one) | (under >> top)
        under = under << one
        if carry or over >= c:
            over = over - c
            under = under | one
    return under, over


def isqrt(value: int) -> int:
    """Floor of the square root of a number that is not below zero."""
    root = int(np.sqrt(float(value)))
    while root > 0 and root * root > value:
        root -= 1
    while (root + 1) * (root + 1) <= value:
        root += 1
    return root
