"""What all runs on one dataset have in common, made once."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from veracity.data.dataset import InstrumentData
from veracity.domain.market import AuxSeries, Column
from veracity.domain.regimes import REGIME
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR, TS_NEVER
from veracity.engine.core import BoundStrategy
from veracity.engine.opening import watches
from veracity.guards.view import VolatilityLimits
from veracity.research.kernel import records
from veracity.research.kernel.pauses import pauses_of
from veracity.research.kernel.regimes import Labels, labels_of
from veracity.research.kernel.scope import extent_of
from veracity.research.kernel.tapes import tape_of
from veracity.runtime.feed import window_of
from veracity.runtime.simulation import Plan, first_ts, opening_of
from veracity.strategies.interface import Window


class Prepared:
    """What all runs on one dataset share: its tape, and the windows of features that were asked for.

    `share` also keeps the columns that strategies say they share (`strategies.interface.Window.shared`), which pays
    where one process runs many trials.
    """

    def __init__(self, plan: Plan, *, sample_ns: int = NS_PER_DAY, share: bool = False) -> None:
        self.dataset: Final = plan.dataset
        self.extent: Final = extent_of(plan.dataset)
        self._tape: Final = tape_of(plan.dataset, sample_ns)
        self._share: Final = share
        self._windows: dict[tuple[str, ...], Window] = {}
        self._pauses: dict[tuple[int, VolatilityLimits], tuple[Column, Column]] = {}
        self._labels: dict[str, Labels] = {}
        self._numbers: Final = {
            data.source.symbol: number for number, data in enumerate(plan.dataset.instruments)
        }
        self._opened: dict[tuple[int, ...], int] = {}
        segments = self._tape.segments
        self.samples: Final = int((segments[:, 6] & (records.SAMPLES | records.ENDS) != 0).sum())
        known = segments[:, 5]
        # A longer gap than this one of the data holds nobody's interest back: a bar is told in between.
        longest = max(
            int(np.diff(known, prepend=known[:1]).max()),
            *(_gap_max(data) for data in plan.dataset.instruments),
        )
        self.hours_max: Final = longest // NS_PER_HOUR + 2
        self.ground: Final = np.zeros(1, dtype=records.WORLD)
        for name, column in self._tape._asdict().items():
            self.ground[name] = column.ctypes.data
        self.ground["ts"] = first_ts(plan.dataset)
        self.ground["day"] = first_ts(plan.dataset) // NS_PER_DAY
        self.ground["due"] = TS_NEVER
        self.ground["segment_count"] = len(segments)

    def window(self, bound: BoundStrategy) -> Window:
        """The window of a strategy's legs."""
        symbols = tuple(leg.symbol for leg in bound.legs)
        if symbols not in self._windows:
            window = window_of(self.dataset, bound.legs)
            self._windows[symbols] = window._replace(shared={}) if self._share else window
        return self._windows[symbols]

    def pauses(self, number: int, limits: VolatilityLimits) -> tuple[Column, Column]:
        """When a pause with these limits begins and ends on an instrument: it depends on the market alone."""
        if (number, limits) not in self._pauses:
            first = int(self._tape.first[number])
            self._pauses[number, limits] = pauses_of(self.dataset.instruments[number], limits, first)
        return self._pauses[number, limits]

    def labels(self, symbol: str) -> Labels:
        """The volatility regimes of an instrument."""
        if symbol not in self._labels:
            number = self._numbers[symbol]
            first = int(self._tape.first[number])
            self._labels[symbol] = labels_of(self.dataset.instruments[number], first)
        return self._labels[symbol]

    def beside(self, bound: BoundStrategy) -> Mapping[str, AuxSeries]:
        """The series beside the bars that the strategy may be shown."""
        series = self.window(bound).aux
        return {**series, REGIME: self.labels(bound.lead).shown} if bound.strategy.needs_regime else series

    def opened(self, plan: Plan) -> int:
        """How many events open the run: it depends on how many take part, and not on who."""
        labelled = len({bound.lead for bound in plan.bound if bound.strategy.needs_regime})
        key = len(plan.started), len(watches(plan.bound)), labelled
        if key not in self._opened:
            self._opened[key] = len(opening_of(plan).events)
        return self._opened[key]


def _gap_max(data: InstrumentData) -> int:
    """The longest time between two bars of an instrument."""
    return int(np.diff(data.bars.ts).max(initial=data.source.interval_ns))
