"""128-bit steps between 64-bit numbers, for compiled code: Python's own whole numbers need none of this.

Written as they are compiled: `lowering` puts `mul_div` wherever a function divides a product, and `isqrt` for the one of
`math`. A result that does not fit 64 bits raises; nothing wraps unseen.
"""

from typing import Any

import numpy as np

from veracity.research.kernel.native import product, wraps
from veracity.research.kernel.records import NONE


def mul_div(a: int, b: int, c: int) -> int:
    """floor(a * b / c), exactly. Raises OverflowError where it does not fit 64 bits, ZeroDivisionError where c is 0."""
    above: int = product(a, b)
    if wraps(a, b) or above == NONE:
        return mul_div_wide(a, b, c)
    return above // c


def mul_div_wide(a: int, b: int, c: int) -> int:
    """The same where the product may not fit 64 bits."""
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
    """Quotient and rest of a * b by c, unsigned.

    Schoolbook product in halves; then a quotient of two digits of 32 bits each (Knuth, TAOCP 2, 4.3.1, algorithm D).
    """
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    ah, al, bh, bl = a >> half, a & low, b >> half, b & low
    ll, lh, hl = al * bl, al * bh, ah * bl
    middle = (ll >> half) + (lh & low) + (hl & low)
    under = (middle << half) | (ll & low)
    over = ah * bh + (lh >> half) + (hl >> half) + (middle >> half)
    if over >= c:
        raise OverflowError("a quotient does not fit 64 bits")
    if c <= low:
        first = (over << half) | (under >> half)
        second = ((first % c) << half) | (under & low)
        return ((first // c) << half) | (second // c), second % c
    shift = np.uint64(0)
    for size in (16, 8, 4, 2, 1):  # until the divisor's highest bit is set
        if (c << shift) >> np.uint64(64 - size) == np.uint64(0):
            shift += np.uint64(size)
    divisor = c << shift
    over = (over << shift) | ((under >> np.uint64(1)) >> (np.uint64(63) - shift))
    under = under << shift
    high, over = digit(over, under >> half, divisor)
    last, over = digit(over, under & low, divisor)
    return (high << half) | last, over >> shift


def digit(over: np.uint64, next_digit: np.uint64, divisor: np.uint64) -> tuple[np.uint64, np.uint64]:
    """One digit of 32 bits of the quotient of `over` and the digit behind it, and what is left; the divisor's highest bit
    is set. Guessed by the divisor's first digit, the guess is at most two too large."""
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    first, second = divisor >> half, divisor & low
    guess = over // first
    rest = over - guess * first
    while rest <= low and (guess > low or guess * second > ((rest << half) | next_digit)):
        guess -= np.uint64(1)
        rest += first
    return guess, ((over << half) | next_digit) - guess * divisor


def isqrt(value: int) -> int:
    """Floor of the square root of a number that is not below zero."""
    root = int(np.sqrt(float(value)))
    while root > 0 and root * root > value:
        root -= 1
    while (root + 1) * (root + 1) <= value:
        root += 1
    return root
