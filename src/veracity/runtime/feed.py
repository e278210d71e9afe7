"""Market facts in the order in which they became known, each with the strategies' turns that it allows.

At one instant: settlements first, then values beside the bars, then bars, each in the order of the config; so a decision is made on all that is known,
and a fill at the same instant comes after the settlement (the position held at the stamp is the one before).
A strategy's turn comes with the last of its legs' bars of one stamp; a stamp that is missing on one leg has none.
Facts are made chunk by chunk: memory does not grow with the number of bars beyond the columns.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Any, Final, NamedTuple

import numpy as np

from veracity.data.aux_series import AuxData
from veracity.data.dataset import Dataset, InstrumentData
from veracity.data.gaps import Gap
from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.events import AuxUpdated, BarClosed, FundingRatePublished, Leg
from veracity.domain.market import AuxSeries, Bars, Column, FundingSeries
from veracity.engine.core import BoundStrategy
from veracity.runtime.volatility import Watched, loud_bars, trades, watched
from veracity.state.model import FUNDING
from veracity.strategies.interface import UNKNOWN, MovingSum, Row, Told, Window, columns_of

NOTHING: Final = np.empty(0, dtype=np.int64)

CHUNK: Final = 2_048
"""Facts made at a time: few enough to stay in the processor's second cache until they are used."""

RUN_MIN: Final = 16
"""Facts of one stream in a row that are a part of their own: a shorter one costs more to set up than it saves."""


class Arrival(NamedTuple):
    """One fact to come: `make(seq, *values)` is the event; `turns` are the strategies' turns on it: id and row."""

    make: type[BarClosed] | type[FundingRatePublished] | type[AuxUpdated]
    values: tuple[Any, ...]  # ts first
    turns: tuple[tuple[str, Row | None], ...]


class Turns(NamedTuple):
    """Feature columns of one strategy and, for each bar of the instrument that triggers it, the row or -1."""

    strategy_id: str
    columns: tuple[Column, ...]
    row_of_bar: Column


class Stretch:
    """Consecutive bars of one instrument with nothing between them. Iterating gives their arrivals."""

    def __init__(
        self, data: InstrumentData, turns: Sequence[Turns], part: slice, watched: Watched | None = None
    ) -> None:
        self.interval_ns: Final = data.source.interval_ns
        self.symbol: Final = data.source.symbol
        self.squares: Final[Sequence[int]] = () if watched is None else watched.squares[part].tolist()
        self._bars: Final = Bars(*(column[part] for column in data.bars))
        self._turns: Final = turns
        self._part: Final = part
        before = max(part.start - 1, 0)  # a gap may lie between two stretches
        steps = np.diff(data.bars.ts[before : part.stop])
        gaps = np.flatnonzero(steps >= 2 * self.interval_ns) + 1 - (part.start - before)
        loud = loud_bars(data.bars.close[part], part, watched)
        self.loud: Final = sorted({*loud, *gaps.tolist()})  # bars that are folded alone, also behind a gap
        self.known: Final[list[int]] = (self._bars.ts + self.interval_ns).tolist()  # when each bar is known

    def __len__(self) -> int:
        return len(self.known)

    @property
    def lows(self) -> Column:
        """Lowest price of each bar."""
        return self._bars.low

    @property
    def highs(self) -> Column:
        """Highest price of each bar."""
        return self._bars.high

    @property
    def closes(self) -> list[int]:
        """Close of each bar."""
        closes: list[int] = self._bars.close.tolist()
        return closes

    def __iter__(self) -> Iterator[Arrival]:
        return _plain(
            zip(
                repeat(BarClosed),
                self._values(),
                zip(*self._pairs(), strict=True) if self._turns else repeat(()),
            )
        )

    def rows(self) -> list[tuple[str, list[Row | None]]]:
        """For each strategy that has turns on these bars: its id and its row on each of them, None where it has none."""
        return [(turn.strategy_id, list(_rows(turn, self._part))) for turn in self._turns]

    def bar(self, index: int, seq: int) -> BarClosed:
        """Bar `index` of the stretch as the event numbered `seq`."""
        bars = self._bars
        ts = bars.ts.item(index)
        return BarClosed(
            seq,
            ts + self.interval_ns,
            self.symbol,
            ts,
            bars.open.item(index),
            bars.high.item(index),
            bars.low.item(index),
            bars.close.item(index),
            bars.volume.item(index),
        )

    def _values(self) -> Iterator[tuple[Any, ...]]:
        return zip(self.known, repeat(self.symbol), *(column.tolist() for column in self._bars))

    def _pairs(self) -> list[Iterator[tuple[str, Row | None]]]:
        return [zip(repeat(turn.strategy_id), _rows(turn, self._part)) for turn in self._turns]


class Feed:
    """All facts of a dataset, and the turns of `strategies` on them. Iterating twice gives the same twice.

    Stretches also have what the volatility pauses of `strategies`, and of `watching`, look at.
    """

    def __init__(
        self,
        dataset: Dataset,
        strategies: Sequence[BoundStrategy] = (),
        progress: Callable[[int, int], None] | None = None,
        *,
        watching: Sequence[BoundStrategy] = (),
    ) -> None:
        self._dataset = dataset
        self._progress = progress
        for data in dataset.instruments:
            if (np.diff(data.bars.ts) <= 0).any():
                raise EngineFault(f"the bars of {data.source.symbol} do not follow each other")
        self._index = {data.source.symbol: number for number, data in enumerate(dataset.instruments)}
        self._turns: list[list[Turns]] = [[] for _ in dataset.instruments]
        self._watched = [
            watched(
                data,
                [bound.limits.volatility for bound in (*strategies, *watching) if trades(bound, data)],
            )
            for data in dataset.instruments
        ]
        for bound in strategies:
            trigger, turns = self.turns_of(bound)
            self._turns[trigger].append(turns)

    def __iter__(self) -> Iterator[Arrival]:
        return chain.from_iterable(self.parts())

    def parts(self) -> Iterator[Iterable[Arrival]]:
        """All facts, in parts: a Stretch where one instrument's bars follow each other, plain arrivals elsewhere."""
        order = order_of(self._dataset)
        done = [0] * len(streams_of(self._dataset))  # facts of each stream that are handed out
        for start in range(0, len(order), CHUNK):
            chunk = order[start : start + CHUNK]
            for piece in pieces_of(chunk):
                part = chunk[piece]
                counts = np.bincount(part)
                streams = np.flatnonzero(counts)
                slices: dict[int, Iterable[Arrival]] = {}
                for stream, count in zip(streams.tolist(), counts[streams].tolist(), strict=True):
                    slices[stream] = self._slice(stream, slice(done[stream], done[stream] + count))
                    done[stream] += count
                if len(slices) == 1:
                    yield from slices.values()
                else:
                    opened = {stream: iter(arrivals) for stream, arrivals in slices.items()}
                    yield map(next, map(opened.__getitem__, part.tolist()))
            if self._progress is not None:
                self._progress(start + len(chunk), len(order))

    def _slice(self, stream: int, part: slice) -> Iterable[Arrival]:
        instruments = self._dataset.instruments
        if stream >= 2 * len(instruments):
            return _values(*aux_of(self._dataset)[stream - 2 * len(instruments)], part)
        data = instruments[stream // 2]
        if not stream % 2:
            return _settlements(data, part)
        return Stretch(data, self._turns[stream // 2], part, self._watched[stream // 2])

    def turns_of(self, bound: BoundStrategy) -> tuple[int, Turns]:
        """The number of the instrument whose bars trigger the strategy (the last leg in feed order), and its turns.

        Raises OperatorFault where its features do not fit 64 bits, EngineFault where the strategy itself fails.
        """
        window = window_of(self._dataset, bound.legs)
        trigger = max(self._index[leg.symbol] for leg in bound.legs)
        columns = features_of(bound, window)
        return trigger, Turns(bound.strategy_id, columns, rows_of(self._dataset, bound, window))


def window_of(dataset: Dataset, legs: Sequence[Leg]) -> Window:
    """What the features of a strategy on these legs may look at: the bars of the stamps that all legs have."""
    by_symbol = {data.source.symbol: data for data in dataset.instruments}
    data = [by_symbol[leg.symbol] for leg in legs]
    stamps = data[0].bars.ts
    for other in data[1:]:
        stamps = np.intersect1d(stamps, other.bars.ts, assume_unique=True)
    bars = tuple(Bars(*map(_read_only, _rows_at(one.bars, stamps))) for one in data)
    aux = {one.source.name: AuxSeries(*map(_read_only, one.series)) for one in data[0].aux}
    if data[0].funding is not None:
        aux[FUNDING] = AuxSeries(*map(_read_only, _settled(data[0].funding, data[0].funding_missing)))
    return Window(bars, _read_only(stamps + data[0].source.interval_ns), aux)


def _settled(funding: FundingSeries, holes: Sequence[Gap]) -> AuxSeries:
    """The paid rates, each known as it is paid; UNKNOWN where one is missing that the source lets be missing."""
    missing = [stamp for hole in holes for stamp in hole.stamps]
    if not missing:
        return AuxSeries(funding.ts, funding.rate, funding.ts)
    ts = np.concatenate((funding.ts, np.array(missing, dtype=np.int64)))
    rates = np.concatenate((funding.rate, np.full(len(missing), UNKNOWN, dtype=np.int64)))
    order = np.argsort(ts, kind="stable")
    return AuxSeries(ts[order], rates[order], ts[order])


def rows_of(dataset: Dataset, bound: BoundStrategy, window: Window) -> Column:
    """For each bar of the instrument that triggers the strategy the row of the window on which it has its turn, or -1."""
    symbols = {leg.symbol for leg in bound.legs}
    trigger = [data for data in dataset.instruments if data.source.symbol in symbols][-1]
    stamps = window.legs[0].ts
    warmup = bound.strategy.warmup(bound.params)
    rows = np.full(len(trigger.bars.ts), -1, dtype=np.int64)
    positions = np.searchsorted(trigger.bars.ts, stamps)
    rows[positions[warmup - 1 :]] = np.arange(len(stamps))[warmup - 1 :]
    return rows


def _read_only(column: Column) -> Column:
    view = column.view()
    view.flags.writeable = False
    return view


def features_of(bound: BoundStrategy, window: Window) -> tuple[Column, ...]:
    """The strategy's columns. Raises as `told_by` does."""
    return columns_of(told_by(bound, window))


def told_by(bound: BoundStrategy, window: Window) -> tuple[Told, ...]:
    """The strategy's columns as it told them. It sees read-only views: nothing that it could change is shared with anybody.

    Raises OperatorFault where its numbers do not fit 64 bits, EngineFault where the strategy itself fails.
    """
    name = bound.strategy_id
    if window.shared is None:  # columns of one strategy may have a part in common
        window = window._replace(shared={})
    try:
        columns = bound.strategy.features(window, bound.params)
    except OverflowError as error:
        raise OperatorFault(
            f"strategy {name} cannot compute its features on these data",
            why=str(error),
            hint="use shorter windows, or fewer decimals of the price",
        ) from error
    except Exception as error:
        raise EngineFault(
            f"strategy {name} failed in its features: {type(error).__name__}: {error}"
        ) from error
    for column in columns:
        values, rows = (column.total, len(column)) if isinstance(column, MovingSum) else (column, len(column))
        if values.dtype != np.int64 or rows != len(window.known_ts):
            raise EngineFault(f"a feature of strategy {name} is not one 64-bit whole number a bar")
    return columns


def _rows_at(bars: Bars, stamps: Column) -> Bars:
    if len(bars.ts) == len(stamps):
        return bars
    at = np.searchsorted(bars.ts, stamps)
    return Bars(*(column[at] for column in bars))


def aux_of(dataset: Dataset) -> list[tuple[str, AuxData]]:
    """All series beside the bars, each with the symbol that it belongs to, in the order of the config."""
    return [(data.source.symbol, one) for data in dataset.instruments for one in data.aux]


def streams_of(dataset: Dataset) -> list[Column]:
    """When the facts of each stream are known: of each instrument its settlements and its bars, then all series beside bars."""
    streams = []
    for data in dataset.instruments:
        streams.append(NOTHING if data.funding is None else data.funding.ts)
        streams.append(data.bars.ts + data.source.interval_ns)
    return streams + [one.series.ts for _, one in aux_of(dataset)]


def order_of(dataset: Dataset) -> Column:
    """The numbers of the streams in feed order."""
    known = streams_of(dataset)
    if len(known) == 2 and not len(known[0]):
        return np.full(len(known[1]), 1, dtype=np.int64)
    bars = 2 * len(dataset.instruments)
    ranks = [2 * (number % 2) if number < bars else 1 for number in range(len(known))]
    counts = [len(one) for one in known]
    ts, streams, rank = (
        np.concatenate(known),
        np.repeat(np.arange(len(known)), counts),
        np.repeat(ranks, counts),
    )
    return streams[np.lexsort((streams, rank, ts))]


def pieces_of(chunk: Column) -> Iterator[slice]:
    """A chunk of the feed's order in pieces: each long run of one stream by itself, so that a settlement every eight hours
    does not make its bars be taken one by one, and what is between them."""
    edges = np.concatenate(([0], np.flatnonzero(np.diff(chunk)) + 1, [len(chunk)]))
    done = 0
    for run in np.flatnonzero(np.diff(edges) >= RUN_MIN).tolist():
        first, last = int(edges[run]), int(edges[run + 1])
        if done < first:
            yield slice(done, first)
        yield slice(first, last)
        done = last
    if done < len(chunk):
        yield slice(done, len(chunk))


def _settlements(data: InstrumentData, part: slice) -> Iterator[Arrival]:
    assert data.funding is not None, data.source.symbol
    stamps, rates, marks = (column[part].tolist() for column in data.funding)
    values = zip(stamps, repeat(data.source.symbol), rates, marks)
    return _plain(zip(repeat(FundingRatePublished), values, repeat(())))


def _values(symbol: str, data: AuxData, part: slice) -> Iterator[Arrival]:
    stamps, values, observed = (column[part].tolist() for column in data.series)
    named = zip(stamps, repeat(data.source.name), repeat(symbol), observed, values)
    return _plain(zip(repeat(AuxUpdated), named, repeat(())))


def _plain(arrivals: Iterator[Any]) -> Iterator[Arrival]:
    """Plain tuples in the shape of Arrival: the hot path runs no Python to make one."""
    return arrivals


def _rows(turn: Turns, part: slice) -> Iterator[Row | None]:
    """Feature rows of one chunk of bars; None where the strategy has no turn."""
    at = turn.row_of_bar[part]
    if len(at) and at[0] >= 0 and at[-1] - at[0] == len(at) - 1:  # no bar is left out: rows are consecutive
        dense = slice(int(at[0]), int(at[-1]) + 1)
        return zip(*(column[dense].tolist() for column in turn.columns), strict=True)
    if not (at >= 0).any():  # legs without a common stamp have no rows at all
        return repeat(None, len(at))
    found = zip(*(column[at].tolist() for column in turn.columns), strict=True)
    return (row if index >= 0 else None for index, row in zip(at.tolist(), found, strict=True))
