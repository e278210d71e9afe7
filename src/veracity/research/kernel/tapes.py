"""A dataset as the compiled loop reads it: all instruments in one row, and the stretches in which nothing comes between."""

from typing import Any, Final

import numpy as np

from veracity.data.dataset import Dataset
from veracity.domain.market import Column
from veracity.domain.time import NS_PER_DAY
from veracity.research.kernel.records import (
    BAR,
    BARS,
    ENDS,
    MISSES,
    ROLLS,
    SAMPLES,
    SETTLEMENT,
    VALUE,
    Tape,
)
from veracity.runtime.feed import aux_of, order_of, streams_of
from veracity.runtime.simulation import first_ts

NONE_YET: Final = np.empty(0, dtype=np.int64)


def tape_of(dataset: Dataset, sample_ns: int) -> Tape:
    """The tape of a dataset; equity is sampled when the first bars are known at or after each multiple of `sample_ns`.

    What is looked through keeps its column, and a bar that is traded on is a record.
    """
    bars = [data.bars for data in dataset.instruments]
    counts = np.array([len(one.ts) for one in bars], dtype=np.int64)
    funding = [data.funding for data in dataset.instruments if data.funding is not None]
    return Tape(
        bar_ts=_joined([one.ts for one in bars]),
        high=_joined([one.high for one in bars]),
        low=_joined([one.low for one in bars]),
        close=_joined([one.close for one in bars]),
        bar=_records(dataset),
        first=np.concatenate((NONE_YET, [0], np.cumsum(counts)[:-1])).astype(np.int64),
        bars=counts,
        interval=np.array([data.source.interval_ns for data in dataset.instruments], dtype=np.int64),
        rate=_joined([one.rate for one in funding]),
        mark=_joined([one.mark for one in funding]),
        segments=_segments(dataset, sample_ns),
    )


def _joined(columns: list[Column]) -> Column:
    if not columns:
        return NONE_YET
    whole = columns[0] if len(columns) == 1 else np.concatenate(columns)
    return np.ascontiguousarray(whole, dtype=np.int64)


def _records(dataset: Dataset) -> Any:
    """The bars of all instruments as records, the first of them at the begin of a line of the cache."""
    count = sum(len(data.bars.ts) for data in dataset.instruments)
    room = np.zeros((count + 1) * BAR.itemsize, dtype=np.uint8)
    begin = -room.ctypes.data % BAR.itemsize
    made = room[begin : begin + count * BAR.itemsize].view(BAR)
    at = 0
    for data in dataset.instruments:
        here = made[at : at + len(data.bars.ts)]
        for name, column in data.bars._asdict().items():
            here[name] = column
        here["end_ts"] = data.bars.ts + data.source.interval_ns
        at += len(here)
    return made


def _segments(dataset: Dataset, sample_ns: int) -> Column:
    """Rows of `Tape.segments`: maximal runs of facts of one stream; a new one where the day rolls or a sample is due."""
    order, beside = order_of(dataset), 2 * len(dataset.instruments)
    known, index, about = _facts(dataset, order)
    bars = (order % 2 == 1) & (order < beside)
    missing = np.where(bars, about, 0)
    day = _crossed(known, bars, NS_PER_DAY, first_ts(dataset))
    due = known[np.flatnonzero(_crossed(known, bars, sample_ns, first_ts(dataset)))]
    sample = np.zeros(len(order), dtype=np.int64)
    sample[np.searchsorted(known, due, side="right") - 1] = 1  # the last bar of that moment
    bits = day * ROLLS + sample * SAMPLES + (missing > 0) * MISSES
    last = np.flatnonzero(bars)[-1]
    bits[last] += sample[last] * (ENDS - SAMPLES)
    new = np.ones(len(order), dtype=np.bool_)
    new[1:] = (order[1:] != order[:-1]) | (bits[1:] != 0) | ~bars[1:]
    starts = np.flatnonzero(new)
    counts = np.diff(np.append(starts, len(order)))
    stream = order[starts]
    before = np.cumsum(
        [0, *(0 if one.funding is None else len(one.funding.ts) for one in dataset.instruments)]
    )
    values, settled = stream >= beside, (stream < beside) & (stream % 2 == 0)
    at = index[starts]
    at[settled] += before[stream[settled] // 2]
    kind = np.where(values, VALUE, np.where(settled, SETTLEMENT, BARS))
    number = np.where(values, stream - beside, stream // 2)
    rows = (kind, number, at, counts, starts, known[starts], bits[starts], about[starts])
    return np.ascontiguousarray(np.stack(rows, axis=1), dtype=np.int64)


def _facts(dataset: Dataset, order: Column) -> tuple[Column, Column, Column]:
    """When each fact is known, its number within its stream, and of a bar how many are missing before it, of a value beside
    the bars when it was observed."""
    known = np.empty(len(order), dtype=np.int64)
    index = np.empty(len(order), dtype=np.int64)
    about = np.zeros(len(order), dtype=np.int64)
    streams = streams_of(dataset)
    for stream, stamps in enumerate(streams):
        here = order == stream
        known[here] = stamps
        index[here] = np.arange(len(stamps))
    for number, data in enumerate(dataset.instruments):
        steps = np.diff(data.bars.ts, prepend=data.bars.ts[:1] - data.source.interval_ns)
        about[order == 2 * number + 1] = steps // data.source.interval_ns - 1
    for stream, (_, one) in enumerate(aux_of(dataset), start=2 * len(dataset.instruments)):
        about[order == stream] = one.series.observed
    return known, index, about


def _crossed(known: Column, bars: Column, step: int, begin: int) -> Column:
    """1 on each bar that is the first to be known at or after another multiple of `step` than `begin`, else 0."""
    reached = np.maximum.accumulate(np.where(bars, known // step, 0))
    before = np.concatenate(([begin // step], reached[:-1]))
    return ((reached > np.maximum(before, begin // step)) & bars).astype(np.int64)
