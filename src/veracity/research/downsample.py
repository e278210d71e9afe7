"""Fewer points for charts, extremes kept: of each bucket of a series the lowest and the highest value survive."""

import numpy as np
from numpy.typing import NDArray

from veracity.domain.market import Column


def keep(values: Column | NDArray[np.float64], points_max: int) -> Column:
    """Indices, rising and at most `points_max` (at least 4), that hold the first and last value and all extremes."""
    assert points_max >= 4, points_max
    count = len(values)
    if count <= points_max:
        return np.arange(count, dtype=np.int64)
    buckets = points_max // 2 - 1
    size = -(-count // buckets)
    padded = np.concatenate([values, np.full(size * buckets - count, values[-1], dtype=values.dtype)])
    grid = padded.reshape(buckets, size)
    starts = np.arange(buckets, dtype=np.int64) * size
    found = np.concatenate([[0], starts + grid.argmin(axis=1), starts + grid.argmax(axis=1), [count - 1]])
    return np.unique(np.minimum(found, count - 1)).astype(np.int64)
