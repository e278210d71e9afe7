"""Equity changes by calendar month (UTC). A bar belongs to the month in which it opened; the changes add up to the net."""

from typing import NamedTuple

import numpy as np

from veracity.domain.market import Column
from veracity.research.metrics import Ratio, total_return


class Month(NamedTuple):
    """One month that has a bar: its name as 2023-03, the change in money, and the change over the equity before it."""

    month: str
    change: int
    total_return: Ratio


def months(known: Column, start: int, equity: Column) -> list[Month]:
    """Every month that has a bar, oldest first. `known`: close of each bar."""
    if len(known) == 0:
        return []
    of_row = (known - 1).astype("datetime64[ns]").astype("datetime64[M]")
    last = np.append(np.flatnonzero(of_row[1:] != of_row[:-1]), len(of_row) - 1)
    ends = equity[last].tolist()
    return [
        Month(str(name), end - before, total_return(before, end))
        for name, before, end in zip(of_row[last], [start, *ends[:-1]], ends, strict=True)
    ]
