"""Randomness that is handed in: the n-th draw of a seed is a pure function, whoever asks and in whatever order."""

from hashlib import sha256
from typing import Final

import numpy as np
from numpy.typing import NDArray

_MASK: Final = (1 << 64) - 1
_GOLDEN: Final = 0x9E3779B97F4A7C15


def draw(seed: int, number: int) -> int:
    """64 random bits: output `number` of SplitMix64 (Steele, Lea, Flood 2014, OOPSLA) started at `seed`."""
    z = (seed + (number + 1) * _GOLDEN) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def draws(seed: int, count: int) -> NDArray[np.uint64]:
    """The first `count` of them at once: unsigned numbers of 64 bits wrap as the mask does."""
    z = np.uint64(seed & _MASK) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(_GOLDEN)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    bits: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return bits


def stream(seed: int, name: str) -> int:
    """The seed of one user of a run's randomness: whoever else draws, and however often, changes nothing for it."""
    return draw(seed, int.from_bytes(sha256(name.encode()).digest()[:8]))
