"""What a strategy is shown of its optional series, before the run: it depends on the data and the time of a row alone."""

from collections.abc import Iterator, Mapping

import numpy as np

from veracity.domain.market import AuxSeries, Column
from veracity.engine.aux_view import is_fresh
from veracity.engine.core import BoundStrategy
from veracity.state.model import FUNDING
from veracity.strategies.interface import UNKNOWN


def shown_columns(bound: BoundStrategy, known_ts: Column, aux: Mapping[str, AuxSeries]) -> Iterator[Column]:
    """Value and age of each optional series on each row, as `engine.aux_view.shown` puts them behind its
    features; `known_ts` says when each row is known."""
    for name in bound.strategy.optional:
        series = aux.get(name)
        if series is not None and name == FUNDING:  # a settlement that nobody knows is none to the engine
            series = AuxSeries(*(column[series.value != UNKNOWN] for column in series))
        if series is None or not len(series.ts):
            unknown = np.full(len(known_ts), UNKNOWN, dtype=np.int64)
            yield from (unknown, unknown)
            continue
        newest = np.searchsorted(series.ts, known_ts, side="right") - 1
        age = known_ts - series.observed[newest]
        fresh = is_fresh(age, bound.limits.aux_ttl_ns.get(name)) & (newest >= 0)
        yield np.where(fresh, series.value[newest], UNKNOWN).astype(np.int64)
        yield np.where(newest >= 0, age, UNKNOWN).astype(np.int64)
