"""The volatility regime of an instrument before the run: it depends on the closes alone, so it is found once, as reports
find it, and ranked by the engine's own rule."""

from typing import NamedTuple

import numpy as np

from veracity.data.dataset import InstrumentData
from veracity.domain.amounts import INT64_MAX
from veracity.domain.market import AuxSeries, Column
from veracity.domain.regimes import CODE, rank_of, settings_for
from veracity.domain.regimes import UNKNOWN as UNKNOWN_REGIME
from veracity.research.kernel.records import NONE
from veracity.research.regimes import label_bars, moves
from veracity.strategies.features import rolling_sum
from veracity.strategies.interface import UNKNOWN

UNLABELLED = CODE[UNKNOWN_REGIME]


class Labels(NamedTuple):
    """The regimes of one instrument."""

    shown: AuxSeries  # what a strategy is shown of each bar: `CODE`, or the interface's UNKNOWN
    changes: (
        Column  # rows of: row of the tape, label before and after, rank or NONE; the last one comes never
    )


def labels_of(data: InstrumentData, first: int) -> Labels:
    """The regimes of an instrument whose bars begin at the row `first` of the tape."""
    bars, interval = data.bars, data.source.interval_ns
    chosen, labels = settings_for(interval), label_bars(bars.ts, bars.close, interval)
    sums = rolling_sum(moves(bars.ts, bars.close, interval)[0], chosen.window)
    changes = []
    for bar in np.flatnonzero(np.diff(labels, prepend=UNLABELLED)).tolist():
        before, after = labels[bar - 1 : bar + 1].tolist()
        earlier = sums[bar - chosen.history : bar].tolist()
        rank = NONE if after == UNLABELLED else rank_of(int(sums[bar]), earlier)
        changes.append((first + bar, before, after, rank))
    changes.append((INT64_MAX, 0, 0, 0))
    shown = np.where(labels == UNLABELLED, UNKNOWN, labels)
    known = bars.ts + interval
    return Labels(AuxSeries(known, shown, known), np.array(changes, dtype=np.int64))
