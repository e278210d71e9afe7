"""Volatility pauses before the run: they depend on the closes alone, so they are found once, by the guard's own rule."""

import numpy as np

from veracity.data.dataset import InstrumentData
from veracity.domain.amounts import INT64_MAX
from veracity.domain.market import Column
from veracity.domain.returns import UNKNOWN
from veracity.guards.view import VolatilityLimits
from veracity.guards.volatility_pause import holds, mean_square
from veracity.runtime.volatility import watched


def pauses_of(data: InstrumentData, limits: VolatilityLimits, first: int) -> tuple[Column, Column]:
    """How many squared returns in a row are known with each bar, by the row of the tape (`first` is the instrument's
    first), and the bars with which a pause begins or ends: row, 1 or 0, mean square; the last row comes never."""
    seen = watched(data, [limits])
    assert seen is not None
    index = np.arange(len(seen.squares))
    breaks = np.maximum.accumulate(np.where(seen.squares == UNKNOWN, index, -1))
    kept = np.minimum(index - breaks, limits.window + limits.dwell - 1)
    changes, paused = [], False
    for bar in seen.loud.tolist():
        squares = seen.squares[bar + 1 - kept[bar] : bar + 1].tolist()
        if holds(squares, limits, paused) is not paused:
            paused = not paused
            changes.append((first + bar, int(paused), mean_square(squares, limits.window)))
    changes.append((INT64_MAX, 0, 0))
    known = np.concatenate((np.zeros(first, dtype=np.int64), kept))
    return known, np.array(changes, dtype=np.int64)
