"""What a strategy is shown of its optional series, before the run: it depends on the data and the time of a row alone."""

from collections.abc import Iterator

import numpy as np

from veracity.domain.market import Column
from veracity.engine.aux_view import is_fresh
from veracity.engine.core import BoundStrategy
from veracity.strategies.interface import UNKNOWN, Window


def shown_columns(bound: BoundStrategy, window: Window) -> Iterator[Column]:
    """Value and age of each optional series on each row, as `engine.aux_view.shown` puts them behind its features."""
    unknown = np.full(len(window.known_ts), UNKNOWN, dtype=np.int64)
    for name in bound.strategy.optional:
        series = window.aux.get(name)
        if series is None or not len(series.ts):
            yield from (unknown, unknown)
            continue
        newest = np.searchsorted(series.ts, window.known_ts, side="right") - 1
        age = window.known_ts - series.ts[newest]
        fresh = is_fresh(age, bound.limits.aux_ttl_ns.get(name)) & (newest >= 0)
        yield np.where(fresh, series.value[newest], UNKNOWN).astype(np.int64)
        yield np.where(newest >= 0, age, UNKNOWN).astype(np.int64)
