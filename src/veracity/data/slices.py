"""A dataset as it was known at one time, or as it would be without its beginning. Views: no number is copied."""

from dataclasses import replace

import numpy as np

from veracity.data.dataset import Dataset, InstrumentData
from veracity.data.gaps import find_gaps
from veracity.domain.market import AuxSeries, Bars, FundingSeries


def until(dataset: Dataset, ts: int) -> Dataset:
    """What is known at `ts`: bars that are closed by then, settlements and aux values up to then; an instrument may have none.

    The hash stays that of the whole: the part is no dataset that anybody could name.
    """
    return replace(dataset, instruments=tuple(_until(data, ts) for data in dataset.instruments))


def since(dataset: Dataset, ts: int) -> Dataset:
    """The bars that open at `ts` or later; settlements and aux values keep their history, which was known before the first bar."""
    return replace(dataset, instruments=tuple(_since(data, ts) for data in dataset.instruments))


def _until(data: InstrumentData, ts: int) -> InstrumentData:
    closed = int(np.searchsorted(data.bars.ts, ts - data.source.interval_ns, side="right"))
    funding = data.funding
    if funding is not None:
        settled = int(np.searchsorted(funding.ts, ts, side="right"))
        funding = FundingSeries(*(column[:settled] for column in funding))
    aux = tuple(replace(one, series=known_by(one.series, ts)) for one in data.aux)
    return _part(replace(data, aux=aux), Bars(*(column[:closed] for column in data.bars)), funding)


def known_by(series: AuxSeries, ts: int) -> AuxSeries:
    """The values that are known at `ts`."""
    count = int(np.searchsorted(series.ts, ts, side="right"))
    return AuxSeries(*(column[:count] for column in series))


def _since(data: InstrumentData, ts: int) -> InstrumentData:
    first = int(np.searchsorted(data.bars.ts, ts, side="left"))
    return _part(data, Bars(*(column[first:] for column in data.bars)), data.funding)


def _part(data: InstrumentData, bars: Bars, funding: FundingSeries | None) -> InstrumentData:
    gaps = find_gaps(bars.ts, data.source.interval_ns) if data.gaps else ()
    return replace(data, bars=bars, funding=funding, gaps=gaps)
