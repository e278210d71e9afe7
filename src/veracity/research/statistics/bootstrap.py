"""The stationary bootstrap: blocks of random length, wrapped around the end, so that dependence between returns survives.

Politis & Romano 1994, J. of the American Statistical Association 89. Draws come from the bits of a PCG64 generator with a
given seed, whose stream does not change between versions of the library; no global state is touched.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from veracity.research.metrics import Ratio, ratio, unknown

DRAWS: Final = 1_000
CHUNK_CELLS: Final = 4_000_000
"""Indices made at a time: 32 MB of them."""


def block_length(count: int) -> float:
    """Mean length of a block where nothing better is known: the cube root of the sample, at least 1."""
    return float(max(1, round(float(count) ** (1 / 3))))


def indices(count: int, draws: int, mean_block: float, seed: int | tuple[int, ...]) -> NDArray[np.int64]:
    """`draws` rows of `count` indices. A block begins anew with probability 1 / mean_block at every step."""
    if count < 1 or mean_block < 1:
        raise ValueError(f"no blocks of mean length {mean_block} in {count} observations")
    bits = np.random.PCG64(seed).random_raw(2 * draws * count).reshape(2, draws, count)
    begins = (bits[0] >> np.uint64(11)) * 2.0**-53 < 1.0 / mean_block
    begins[:, 0] = True
    places = np.arange(count)
    last = np.maximum.accumulate(np.where(begins, places, 0), axis=1)
    firsts = np.take_along_axis((bits[1] % np.uint64(count)).astype(np.int64), last, axis=1)
    return (firsts + places - last) % count


def means(columns: NDArray[np.float64], draws: int, mean_block: float, seed: int) -> NDArray[np.float64]:
    """Bootstrapped means of the columns of a T x K matrix, one row a draw; the columns are drawn together."""
    count = len(columns)
    per_chunk = max(1, CHUNK_CELLS // max(count, 1))
    found = []
    for number, start in enumerate(range(0, draws, per_chunk)):
        drawn = min(per_chunk, draws - start)
        chosen = indices(count, drawn, mean_block, (seed, number))
        cells = (chosen + np.arange(drawn)[:, None] * count).ravel()
        weights = np.bincount(cells, minlength=drawn * count).reshape(drawn, count)
        found.append(weights @ columns / count)
    return np.concatenate(found)


def interval(
    returns: NDArray[np.float64],
    measure: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    seed: int,
    confidence: float = 0.95,
    draws: int = DRAWS,
    mean_block: float | None = None,
) -> tuple[Ratio, Ratio]:
    """Percentile interval of `measure`, which maps rows of returns to one number each (NaN: not defined there)."""
    if len(returns) < 2:
        reason = "fewer than 2 returns"
        return unknown(reason), unknown(reason)
    length = block_length(len(returns)) if mean_block is None else mean_block
    values = measure(returns[indices(len(returns), draws, length, seed)])
    defined = values[np.isfinite(values)]
    if 2 * len(defined) < draws:
        reason = "not defined in most bootstrap samples"
        return unknown(reason), unknown(reason)
    low, high = np.quantile(defined, [(1 - confidence) / 2, (1 + confidence) / 2])
    return ratio(float(low)), ratio(float(high))


def sharpe_of_rows(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Per-period Sharpe ratio of each row; NaN where it has no variance."""
    spread = rows.std(axis=1, ddof=1)
    flat = spread == 0
    found: NDArray[np.float64] = np.where(flat, np.nan, rows.mean(axis=1) / np.where(flat, 1.0, spread))
    return found
