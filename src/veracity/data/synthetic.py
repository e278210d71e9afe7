"""One-minute bars of a seeded random walk: the same table for the same seed, on every machine.

Nobody can earn on it in the long run, so whatever a strategy makes of it is luck and cost. The walk is made of whole ticks
from the raw bits of PCG64, whose stream numpy keeps (NEP 19).
"""

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TICKS_PER_QUOTE: Final = 100  # tick 0.01
LOTS_PER_BASE: Final = 1_000  # lot 0.001
START_TICKS: Final = 3_000_000  # 30,000.00
# Largest move of a close. Sigma is about 408 ticks (1.4 bp) a bar, so a million bars end 7 sigma above zero.
STEP_TICKS: Final = 1_000
GAP_TICKS: Final = 2  # largest distance of an open from the close before it
WICK_TICKS: Final = 100
VOLUME_LOTS: Final = 50_000
FIRST_OPEN_S: Final = 1_577_836_800  # 2020-01-01T00:00:00Z
INTERVAL_S: Final = 60


def make_bars(bars: int, seed: int) -> pa.Table:
    """A table of `bars` bars.

    Columns: ts (UTC, bar open), open, high, low, close (tick 0.01), volume (lot 0.001); the numbers are float64, as most
    tools expect them. Raises AssertionError where the walk comes to zero.
    """
    draws = np.random.PCG64(seed).random_raw(6 * bars).reshape(bars, 6)
    # The sum of two uniform draws: small moves are more likely than large ones.
    steps = _below(draws[:, 0], STEP_TICKS) + _below(draws[:, 1], STEP_TICKS) - STEP_TICKS + 1
    close = START_TICKS + np.cumsum(steps)
    opened = np.concatenate(([START_TICKS], close[:-1])) + _below(draws[:, 2], 2 * GAP_TICKS + 1) - GAP_TICKS
    high = np.maximum(opened, close) + _below(draws[:, 3], WICK_TICKS)
    low = np.minimum(opened, close) - _below(draws[:, 4], WICK_TICKS)
    volume = 1 + _below(draws[:, 5], VOLUME_LOTS)
    assert low.min() > 0, "the walk reached zero: use fewer bars or another seed"
    ts = FIRST_OPEN_S + INTERVAL_S * np.arange(bars, dtype=np.int64)
    columns: dict[str, pa.Array] = {"ts": pa.array(ts * 1_000_000_000, pa.timestamp("ns", "UTC"))}
    for name, ticks in (("open", opened), ("high", high), ("low", low), ("close", close)):
        columns[name] = pa.array(ticks / TICKS_PER_QUOTE)
    columns["volume"] = pa.array(volume / LOTS_PER_BASE)
    return pa.table(columns)


def _below(raw: NDArray[np.uint64], limit: int) -> NDArray[np.int64]:
    """Whole numbers 0 <= n < limit; the bias of the remainder is below 10^-14."""
    return (raw % np.uint64(limit)).astype(np.int64)
