"""The kinds of series that a file can hold, and what each of their columns means (specs/data/datasets.md, S-117)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import Final

STAMP: Final = "ts"
SYMBOL: Final = "symbol"  # optional in every kind: one file, several series


class Role(Enum):
    """What the numbers of a column are, and so in which unit they are stored."""

    PRICE = "price"  # quote per base, 10^-price_scale, on the tick
    QTY = "quantity"  # base, 10^-qty_scale
    RATE = "rate"  # fraction, 10^-9
    MARK = "mark price"  # quote per base; a computed average, so the one value that is rounded: half to even
    MONEY = "money"  # quote, 10^-8
    VALUE = "value"  # of an aux series, in the unit that its source names


@dataclass(frozen=True)
class SeriesKind:
    """A kind of series: its number columns in their order, behind `ts`, and its stamps beside `ts`."""

    name: str
    numbers: Mapping[str, Role]
    stamps: tuple[str, ...] = ()
    others: bool = False  # whether a file may have more columns, which are not read

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that a file of this kind must have, in order."""
        return (STAMP, *self.stamps, *self.numbers)

    def wanted(self, column: str) -> str:
        """The type that a column must have, in words."""
        if column in (STAMP, *self.stamps):
            return "timestamp with a time zone"
        return "decimal128, integer or float64"


def _kind(name: str, numbers: dict[str, Role]) -> SeriesKind:
    return SeriesKind(name, MappingProxyType(numbers))


BARS: Final = _kind(
    "bars",
    {"open": Role.PRICE, "high": Role.PRICE, "low": Role.PRICE, "close": Role.PRICE, "volume": Role.QTY},
)
FUNDING: Final = _kind("funding", {"rate": Role.RATE, "mark": Role.MARK})
OPEN_INTEREST: Final = _kind("open_interest", {"open_interest_usd": Role.MONEY})

PRICES: Final = ("open", "high", "low", "close")
KINDS: Final = (BARS, FUNDING, OPEN_INTEREST)


def aux_kind(column: str, available: str | None = None) -> SeriesKind:
    """A series beside the bars: its values are in `column`, and when each became known in `available`, if anywhere."""
    numbers = MappingProxyType({column: Role.VALUE})
    return SeriesKind("aux", numbers, () if available is None else (available,), others=True)


def kind_of(columns: Iterable[str]) -> SeriesKind:
    """The kind that shares most number columns with `columns`; bars where none does."""
    present = frozenset(columns)
    return max(KINDS, key=lambda kind: len(present.intersection(kind.numbers)))
