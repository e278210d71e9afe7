"""What a strategy is: data and two pure functions.

`features(window, params)` makes integer columns, one value a bar, each from that bar and earlier ones only.
`decide(params, row, position, memo)` sees one row of them and answers the position it wants. It stays inside what
Numba compiles: whole numbers, tuples, branches. Everything it may remember is in `memo`, which the engine journals.
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np

from veracity.domain.amounts import INT64_MAX, units_exact
from veracity.domain.instruments import Instrument
from veracity.domain.market import AuxSeries, Bars, Column
from veracity.domain.regimes import REGIME

Row: TypeAlias = tuple[int, ...]
Memo: TypeAlias = tuple[int, ...]
Decision: TypeAlias = tuple[int, int, Memo]
"""What a strategy wants: target position (lead leg, signed quantity units), why (index into its reasons), and what to
remember. A plain tuple, because it is made once a bar."""
Shared: TypeAlias = MutableMapping[tuple[Any, ...], tuple[Column, Any]]
"""What was made of columns, beside the column that it was made of (`features.shared`)."""
Settings: TypeAlias = Mapping[str, int | str | bool | Decimal]


UNKNOWN: Final = -(2**63)
"""Instead of a number of an optional series that is not known: no value, rate or age is ever that far below zero."""


@dataclass(frozen=True, slots=True, eq=False)
class MovingSum:
    """A column as it is made: at each index `factor` times the sum of the last `length` values; 0 where there are fewer.

    Whoever reads all of it makes the column; a sweep reads it where it lies, and all its trials share the running total.
    The total may wrap around 64 bits; the difference of two wrapped totals is still the exact sum.
    """

    total: Column  # of all values before each index, and of all
    length: int
    factor: int
    largest: int = INT64_MAX  # no sum is larger, before it is multiplied

    def __len__(self) -> int:
        return len(self.total) - 1

    def __getitem__(self, index: int) -> int:
        behind, before = index + 1, index + 1 - self.length
        if before < 0:
            return 0
        difference = self.total[behind : behind + 1] - self.total[before : before + 1]
        return int(difference[0]) * self.factor

    def column(self) -> Column:
        """All values."""
        sums = np.zeros(len(self), dtype=np.int64)
        known = sums[self.length - 1 :]
        np.subtract(self.total[self.length :], self.total[: -self.length], out=known)
        known *= self.factor
        return sums


Told: TypeAlias = Column | MovingSum
"""A column of features, or how it is made."""


def columns_of(told: Iterable[Told]) -> tuple[Column, ...]:
    """The columns."""
    return tuple(one.column() if isinstance(one, MovingSum) else one for one in told)


class Window(NamedTuple):
    """What features may look at: the legs' bars on common stamps, and the lead leg's aux series by name."""

    legs: tuple[Bars, ...]
    known_ts: Column  # when each row is known: the close of the bar
    aux: Mapping[str, AuxSeries]  # a settlement that the data lack, where they may, is UNKNOWN
    shared: Shared | None = None
    """What other parameters of the same strategy use, too, where somebody asks for many: `features.shared`."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy of the library. `bind` turns checked settings into integer params for one lead instrument.

    `aux` are the series of its leading leg that its features need, and without which it opens nothing. For each of
    `optional` its row ends with two numbers: the newest value, and its age in nanoseconds. The value is UNKNOWN where there
    is none or it is older than its time to live, the age where there is none; neither stops the strategy. The volatility
    regime of the leading leg is a series of the name REGIME, which the engine keeps itself: in `aux` nothing is opened while
    it is unknown, in `optional` the row shows it.
    """

    name: str
    version: int
    reasons: tuple[str, ...]
    aux: tuple[str, ...]
    legs: int
    bind: Callable[[Settings, Instrument], Any]
    warmup: Callable[[Any], int]
    features: Callable[[Window, Any], tuple[Told, ...]]
    decide: Callable[[Any, Row, int, Memo], Decision]
    memo: Memo = ()  # what it remembers before its first turn; it always remembers as many numbers
    optional: tuple[str, ...] = ()

    @property
    def needs_regime(self) -> bool:
        """Whether the regime of its leading leg is to be kept for it."""
        return REGIME in self.aux or REGIME in self.optional


def quantity(settings: Settings, instrument: Instrument, name: str = "qty") -> int:
    """The quantity setting in the instrument's units.

    Raises ValueError where it is not positive or not a multiple of the instrument's lot.
    """
    units = units_exact(Decimal(str(settings[name])), instrument.qty_scale)
    if units <= 0:
        raise ValueError(f"{name} must be above zero")
    if units % instrument.lot:
        raise ValueError(f"{name} must be a multiple of the lot of {instrument.symbol}")
    return units
