"""The hash of what a dataset contains: whole numbers, units and symbols; no bytes of a file, no path, no time.

So the same market stored as CSV, as Parquet or with another compression is the same dataset, and one tick elsewhere is not.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from veracity.domain.canonical import canonical_hash, canonical_json
from veracity.domain.market import Column

CONTENT_VERSION: Final = 1  # of this layout; a change of it changes every hash


def content_hash(header: Mapping[str, Any], columns: Mapping[str, Column]) -> str:
    """SHA-256 over a line of canonical JSON (the header, each column's name and length) and the columns' bytes.

    A column is its int64 cells, little-endian, in the order given.
    """
    layout = [[name, len(cells)] for name, cells in columns.items()]
    digest = hashlib.sha256(canonical_json({**header, "columns": layout, "version": CONTENT_VERSION}) + b"\n")
    for cells in columns.values():
        digest.update(np.ascontiguousarray(cells, dtype="<i8").data)
    return digest.hexdigest()


def combined_hash(by_symbol: Mapping[str, str]) -> str:
    """One hash of several instruments' contents; the order in which they are named does not count."""
    return canonical_hash({"instruments": by_symbol, "version": CONTENT_VERSION})
