"""When the market facts of a dataset became known, and the rows of an equity curve.

A journal of a backtest leaves the market facts out, but their numbers are in `seq`: an event that is preceded by n
facts came after the n-th fact of the dataset and before the next one. So the place of every event among the bars is
known exactly, also where stamps are equal (a fill at the open of the next bar has the stamp of the last close).
"""

from typing import NamedTuple

import numpy as np

from veracity.data.dataset import Dataset
from veracity.domain.market import Column
from veracity.runtime.feed import streams_of


class Timeline(NamedTuple):
    """Rows of an equity curve: one for each moment at which some instrument's bar closed, oldest first."""

    known: Column  # close of each row, ns UTC
    facts: Column  # when each market fact became known, ns UTC, oldest first
    interval_ns: int  # the shortest bar of the dataset

    @property
    def open_ts(self) -> Column:
        """The stamp that a row is shown under: the open of its bar."""
        return self.known - self.interval_ns

    def rows_after(self, facts_before: Column) -> Column:
        """Row at which an event is first seen that came after so many facts; events behind the last fact: the last row.

        A row shows the state right after the last fact of its moment, so what follows that fact (orders, their fills)
        belongs to the row of the next one.
        """
        behind_all = facts_before >= len(self.facts)
        following = self.facts[np.minimum(facts_before, len(self.facts) - 1)]
        rows = np.minimum(np.searchsorted(self.known, following), len(self.known) - 1)
        return np.where(behind_all, len(self.known) - 1, rows).astype(np.int64)

    def rows_of_fact(self, facts_before: Column) -> Column:
        """Row at which an event is first seen that the last of so many facts led to, such as a funding payment."""
        cause = self.facts[facts_before - 1]
        return np.minimum(np.searchsorted(self.known, cause), len(self.known) - 1).astype(np.int64)

    def up_to(self, facts_seen: int) -> "Timeline":
        """The part that a run which took only so many facts has lived through."""
        if facts_seen >= len(self.facts):
            return self
        last = self.facts[facts_seen - 1] if facts_seen else np.int64(-1)
        rows = int(np.searchsorted(self.known, last, side="right"))
        return Timeline(self.known[:rows], self.facts[:facts_seen], self.interval_ns)


def timeline(dataset: Dataset) -> Timeline:
    """Rows and facts of a dataset whose instruments have at least one bar."""
    closes = [data.bars.ts + data.source.interval_ns for data in dataset.instruments]
    interval_ns = min(data.source.interval_ns for data in dataset.instruments)
    known = _distinct(_merged(closes))
    facts = _merged([stamps for stamps in streams_of(dataset) if len(stamps)])
    return Timeline(known, facts, interval_ns)


def marks(known: Column, closed: Column) -> Column:
    """Index of an instrument's last bar at each row; -1 before its first. `closed`: when its bars were known."""
    if len(known) == len(closed) and np.array_equal(known, closed):
        return np.arange(len(known), dtype=np.int64)
    return np.searchsorted(closed, known, side="right").astype(np.int64) - 1


def _merged(columns: list[Column]) -> Column:
    if len(columns) == 1:
        return columns[0]
    return np.sort(np.concatenate(columns), kind="stable")


def _distinct(ascending: Column) -> Column:
    keep = np.ones(len(ascending), dtype=bool)
    keep[1:] = ascending[1:] != ascending[:-1]
    return ascending if keep.all() else ascending[keep]
