"""Building blocks of features: exact integer window sums and as-of joins. Causal by construction.

Integer sums do not depend on where the history began, so the batch value and the streaming value are the same number.
"""

from collections.abc import Callable, Iterable
from math import isqrt
from typing import Any, Final, NamedTuple

import numpy as np

from veracity.domain.amounts import INT64_MAX, RATE_ONE
from veracity.domain.canonical import canonical_hash
from veracity.domain.market import AuxSeries, Column
from veracity.strategies.interface import UNKNOWN, MovingSum, Shared

MILLI_SQUARED_DIGITS: Final = 6
MILLI_SQUARED: Final = 10**MILLI_SQUARED_DIGITS


def shared(store: Shared | None, what: str, values: Column, length: int, make: Callable[[], Any]) -> Any:
    """What `make` makes of `values`; where there is a store (`Window.shared`) it is made once for all who ask for it.

    A column is known by where it lies, and is kept beside what was made of it, so that nothing else can come to lie there.
    """
    if store is None:
        return make()
    key = (what, values.ctypes.data, values.strides, len(values), length)
    if key not in store:
        store[key] = values, make()
    return store[key][1]


def moving_sum(values: Column, length: int, factor: int = 1, store: Shared | None = None) -> MovingSum:
    """`factor` times the sum of the last `length` values. Raises OverflowError where one does not fit 64 bits, or a sum
    would not if all values were as large as the largest."""
    assert length > 0, length
    total, most = shared(store, "total", values, 0, lambda: (_running_total(values), _largest(values)))
    largest = length * most
    if largest * abs(factor) > INT64_MAX and largest <= INT64_MAX:
        largest = _largest(rolling_sum(values, length))
    if largest * max(1, abs(factor)) > INT64_MAX:
        raise OverflowError(f"a feature of size {largest} times {factor} does not fit 64 bits")
    return MovingSum(total, length, factor, largest)


def rolling_sum(values: Column, length: int) -> Column:
    """Sum of the last `length` values at each index; 0 where there are fewer (inside every warm-up). A sum that does not
    fit 64 bits wraps around."""
    return MovingSum(_running_total(values), length, 1).column()


def _running_total(values: Column) -> Column:
    total = np.empty(len(values) + 1, dtype=np.int64)
    total[0] = 0
    np.cumsum(values, dtype=np.int64, out=total[1:])
    return total


def _largest(values: Column) -> int:
    return max(int(values.max(initial=0)), -int(values.min(initial=0)))


def z_score_milli(values: Column, length: int) -> Column:
    """How many standard deviations (of the last `length`, divisor `length`) a value is from their mean, in
    thousandths, rounded towards zero; 0 where all are equal, and in the warm-up. Exact: no float decides a threshold.

    With d = length * value - sum and v = length * sum of squares - sum^2 it is the root of d^2 / v, whatever is added
    to all values. Where d^2 or v may not fit 64 bits, Python's own whole numbers do the same, more slowly.
    """
    if len(values) < length:
        return np.zeros(len(values), dtype=np.int64)
    shifted = values - values.min()
    # d^2 is at most (length - 1) * v, and the long division needs 10 * v.
    if _spread_bound(shifted, length) * max(length - 1, 10) > INT64_MAX // 2:
        return _z_score_big(shifted, length)
    sums = rolling_sum(shifted, length)
    spread = (
        rolling_sum(shifted * shifted, length) * length - sums * sums
    )  # may wrap on the way, not in the end
    distance = shifted * length - sums
    distance[: length - 1] = 0  # the spread is 0 there as the sums are
    divisor = np.maximum(spread, 1)
    quotient, rest = np.divmod(distance * distance, divisor)
    for _ in range(MILLI_SQUARED_DIGITS):  # d^2 * 10^6 // v, ten at a time
        digit, rest = np.divmod(rest * 10, divisor)
        quotient = quotient * 10 + digit
    size = _isqrt(quotient)  # of at most (length - 1) * 10^6
    return np.where(spread > 0, np.where(distance < 0, -size, size), 0)


def _z_score_big(shifted: Column, length: int) -> Column:
    """The same without a bound on the size of the numbers."""
    values = shifted.tolist()
    scores = np.zeros(len(values), dtype=np.int64)
    total = sum(values[: length - 1])
    squares = sum(value * value for value in values[: length - 1])
    for index in range(length - 1, len(values)):
        value = values[index]
        total += value
        squares += value * value
        spread = length * squares - total * total
        distance = length * value - total
        if spread > 0:
            size = isqrt(distance * distance * MILLI_SQUARED // spread)
            scores[index] = size if distance > 0 else -size
        oldest = values[index + 1 - length]
        total -= oldest
        squares -= oldest * oldest
    return scores


def _spread_bound(shifted: Column, length: int) -> int:
    """The largest v of any window, in floats: good to far better than the factor of two that it is used with."""
    floats = shifted.astype(np.float64)
    sums, squares = (np.cumsum(np.concatenate(([0.0], column))) for column in (floats, floats * floats))
    windows = (squares[length:] - squares[:-length]) * length - (sums[length:] - sums[:-length]) ** 2
    return int(windows.max())


def _isqrt(values: Column) -> Column:
    """Floor of the square root of numbers below 2^52: there no float root is rounded up to a whole number."""
    return np.sqrt(values.astype(np.float64)).astype(np.int64)


def as_of(known_ts: Column, series: AuxSeries) -> Column:
    """Index of the last value of `series` known at each stamp; -1 before the first: unknown, not zero."""
    return np.searchsorted(series.ts, known_ts, side="right").astype(np.int64) - 1


def change_over(known_ts: Column, series: AuxSeries, span_ns: int, slack_ns: int) -> Column:
    """By how much the newest value known at each stamp differs from the one observed `span_ns` before it: 10^-9 of that one,
    rounded down. The begin of the span is the newest value observed by then, or else the first one behind it.

    UNKNOWN where there is no value, where that begin is further than `slack_ns` from the span's (the last value before a hole
    is none), and where it is not above zero. Raises OverflowError where a change does not fit 64 bits.
    """
    changes = np.full(
        len(series.ts) + 1, UNKNOWN, dtype=np.int64
    )  # the last one is that of no value: index -1
    if len(series.ts):
        begins = series.observed - span_ns
        begin = np.searchsorted(series.observed, begins, side="right") - 1
        late = (begin < 0) | (begins - series.observed[begin] > slack_ns)
        begin += late
        near = (np.abs(series.observed[begin] - begins) <= slack_ns) & (begin < np.arange(len(begin)))
        found = np.flatnonzero(near & (series.value[begin] > 0))
        values, before = series.value[found].tolist(), series.value[begin[found]].tolist()
        changes[found] = [(value - old) * RATE_ONE // old for value, old in zip(values, before, strict=True)]
    return changes[as_of(known_ts, series)]


class Provenance(NamedTuple):
    """Where the features of one strategy of a run come from."""

    strategy: str
    version: int
    config_hash: str  # of its parameters
    inputs: tuple[str, ...]  # series beside the bars
    lookback: int  # bars of its warm-up


def provenance_hash(source_hash: str, strategies: Iterable[Provenance]) -> str:
    """Hash of where a run's features come from: the code of this room, and each strategy's parameters, inputs and lookback.

    It does not depend on the values. `source_hash` is over the source of the strategies room.
    """
    return canonical_hash({"code": source_hash, "strategies": [list(one) for one in strategies]})
