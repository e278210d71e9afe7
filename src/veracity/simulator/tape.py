"""The recorded market that the simulated exchange trades on. The exchange sees it whole; the engine sees reports."""

from functools import partial
from typing import Final, NamedTuple

from veracity.domain.instruments import Instrument
from veracity.domain.market import Bars

LOOK_AHEAD: Final = 1_024
"""Bars that are searched at a time for a price: few, because most prices are found soon."""


class TapeBar(NamedTuple):
    """One bar, with the time at which it ends."""

    ts: int
    end_ts: int
    open: int
    high: int
    low: int
    close: int
    volume: int


_tape_bar: Final = partial(tuple.__new__, TapeBar)  # without the Python frame of the class's own __new__


class Tape:
    """Bars of one instrument; looked up by time."""

    def __init__(self, instrument: Instrument, bars: Bars) -> None:
        assert len(bars.ts) > 0, instrument.symbol
        self.instrument = instrument
        self._bars = bars
        # One cell of a view costs a quarter of what one of an array costs.
        self._stamps, *self._prices, self._volumes = [column.data for column in bars]
        self._index = 0  # found last
        self._looked_up: TapeBar | None = (
            None  # an order asks for its bar twice: when it is sent and when it trades
        )

    def bar_at(self, ts: int) -> TapeBar | None:
        """The first bar that is not over at `ts`; None where the tape is over."""
        bar = self._looked_up
        if bar is not None and bar.ts <= ts < bar.end_ts:
            return bar
        index = self.index_at(ts)
        if index is not None:
            self._looked_up = self.bar(index)
            return self._looked_up
        return None

    def index_at(self, ts: int) -> int | None:
        """Index of the first bar that is not over at `ts`; None where the tape is over."""
        stamps, interval = self._stamps, self.instrument.interval_ns
        over, last = ts - interval, self._index
        # Where no bar is missing in between, it is as many bars from the last one found as there is time between them.
        index = last + (over - stamps[last]) // interval + 1
        if not (0 < index < len(stamps) and stamps[index - 1] <= over < stamps[index]):
            index = int(self._bars.ts.searchsorted(over, side="right"))
            if index == len(stamps):
                return None
        self._index = index
        return index

    def bar(self, index: int) -> TapeBar:
        """The bar at `index`."""
        ts = self._stamps[index]
        opened, high, low, close = self._prices
        return _tape_bar(
            (
                ts,
                ts + self.instrument.interval_ns,
                opened[index],
                high[index],
                low[index],
                close[index],
                self._volumes[index],
            )
        )

    def first_reaching(self, index: int, limit: int, sign: int, *, touch: bool) -> int | None:
        """Index of the first bar from `index` on, with any volume, in which a resting buy (sign 1) or sell (-1) at `limit` may
        trade: the price goes through it, or comes to it where a `touch` counts. None where there is none.
        """
        side, edge = self._bars.low if sign > 0 else self._bars.high, sign * (limit + (sign if touch else 0))
        for start in range(index, len(side), LOOK_AHEAD):
            part = slice(start, start + LOOK_AHEAD)
            found = (side[part] * sign < edge) & (self._bars.volume[part] > 0)
            at = int(found.argmax())
            if found[at]:
                return start + at
        return None

    def last(self) -> TapeBar:
        """The last bar."""
        return self.bar(len(self._bars.ts) - 1)
