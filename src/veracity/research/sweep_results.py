"""The equity of a sweep's trials, period by period: one column a trial, for the statistics that need them all (PBO, SPA)."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from veracity.domain.market import Column

PREFIX: Final = "trial_"


def write_returns(rows: Sequence[dict[str, Any]], path: Path) -> None:
    """Write the equity (money) of every trial that has one: at each UTC midnight of the data, and at the end."""
    kept = {f"{PREFIX}{row['trial']}": row["equity"] for row in rows if row["equity"]}
    pq.write_table(pa.table({name: pa.array(values, pa.int64()) for name, values in kept.items()}), path)


def read_returns(sweep: Path) -> tuple[Column, tuple[int, ...]]:
    """Equity[T x N], money, of the trials of a sweep directory, and their numbers."""
    table = pq.read_table(sweep / "results" / "returns.parquet")
    numbers = tuple(int(name.removeprefix(PREFIX)) for name in table.column_names)
    columns = [table[name].to_numpy() for name in table.column_names]
    return (np.stack(columns, axis=1) if columns else np.empty((0, 0), dtype=np.int64)), numbers
