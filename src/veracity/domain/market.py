"""Market data in memory: equally long int64 columns, oldest first."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Column: TypeAlias = NDArray[np.int64]


class Bars(NamedTuple):
    """Bars of one instrument in its own units. `ts` is the open (ns UTC); a bar is known at ts + its interval."""

    ts: Column
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column


class AuxSeries(NamedTuple):
    """A series beside the bars: `value` is known from `ts` on, and is as old as its moment in `observed` (both ns UTC).

    Both rise: what was observed before something that is known already is no news.
    """

    ts: Column
    value: Column  # in the unit of the series: 10^-9 for rates
    observed: Column


class FundingSeries(NamedTuple):
    """Settlements of one perpetual: the venue's own stamps (ns UTC), the paid rate (10^-9), the mark price."""

    ts: Column
    rate: Column
    mark: Column
