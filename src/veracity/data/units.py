"""From a file's numbers and stamps to whole numbers, exactly, a whole column at a time.

Decimals and integers are taken as they are; one digit too many is refused and not rounded. A binary float can only be
accepted where it means one whole number of units without doubt: it is within a millionth of a unit (a value that was
computed), or it is the very float that the unit's decimal text gives (a value that was parsed). Both mean the same number,
so a float file and a decimal file of the same market have the same dataset hash.
"""

from decimal import Decimal, localcontext
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from veracity.domain.amounts import INT64_MAX, MONEY_SCALE, units_exact
from veracity.domain.market import Column
from veracity.domain.time import NS_PER_MS, NS_PER_SECOND, NS_PER_US

Mask: TypeAlias = NDArray[np.bool_]

FLOAT_SLACK: Final = 1e-6  # of a unit
FLOAT_EXACT_MAX: Final = 1e15  # up to 15 digits, two decimal numbers never share one float (C's DBL_DIG)
DECIMAL_DIGITS_MAX: Final = 38  # of an Arrow decimal128
POWER_OF_TEN_MAX: Final = 18  # 10^18 is the largest that fits 64 bits

_NS_PER_UNIT: Final = {"s": NS_PER_SECOND, "ms": NS_PER_MS, "us": NS_PER_US, "ns": 1}


class Units(NamedTuple):
    """A converted column: `values` is 0 wherever `good` does not hold; each bad cell has one fault."""

    values: Column
    good: Mask
    faults: tuple[tuple[str, Mask], ...]  # finding code -> cells


def is_number(kind: pa.DataType) -> bool:
    """Whether a column of this type can hold exact numbers, or floats that may lie on a grid."""
    return bool(pa.types.is_decimal128(kind) or pa.types.is_integer(kind) or pa.types.is_float64(kind))


def to_units(column: pa.Array, scale: int, *, rounded: bool = False) -> Units:
    """The cells of `column` (decimal128, integer or float64) in units of 10^-scale.

    `rounded` takes a cell with more decimals to the nearest unit, half to even; otherwise such a cell is `off_grid`.
    """
    present = _filled_mask(column)
    if pa.types.is_float64(column.type):
        found = _from_floats(_filled(column, 0.0), scale, rounded)
    elif pa.types.is_decimal128(column.type):
        found = _from_decimals(column, scale, rounded)
    else:
        found = _from_integers(_filled(column, 0), scale)
    return Units(found.values, found.good & present, (("empty", ~present), *found.faults))


def to_ns(column: pa.Array) -> Units:
    """The cells of a timestamp column in nanoseconds since 1970-01-01T00:00:00Z."""
    present = _filled_mask(column)
    factor = _NS_PER_UNIT[column.type.unit]
    ticks = column.cast(pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    fits = (ticks >= 0) & (ticks <= INT64_MAX // factor)
    return Units(
        np.where(fits, ticks, 0) * factor, present & fits, (("empty", ~present), ("bad_stamp", ~fits))
    )


def decimals_of(column: pa.Array) -> int | None:
    """The fewest decimals that hold every finite cell exactly; None where 8 are not enough."""
    if pa.types.is_integer(column.type):
        return 0
    return next((scale for scale in range(MONEY_SCALE + 1) if _exact_at(column, scale)), None)


def _exact_at(column: pa.Array, scale: int) -> bool:
    if pa.types.is_float64(column.type):
        cells = column.drop_null().to_numpy()
        faults = dict(_from_floats(cells, scale, rounded=False).faults)
        return not faults["off_grid"].any()
    try:
        column.cast(pa.decimal128(DECIMAL_DIGITS_MAX, scale))
    except pa.ArrowInvalid:
        return False
    return True


def _filled_mask(column: pa.Array) -> Mask:
    if not column.null_count:
        return np.ones(len(column), dtype=np.bool_)
    return np.asarray(pc.is_valid(column).to_numpy(zero_copy_only=False), dtype=np.bool_)


def _filled(column: pa.Array, empty: float) -> NDArray[Any]:
    """The cells as numpy has them, with `empty` for the missing ones."""
    whole = column.fill_null(empty) if column.null_count else column
    return np.asarray(whole.to_numpy(zero_copy_only=False))


def _from_floats(cells: NDArray[np.float64], scale: int, rounded: bool) -> Units:
    one = float(10**scale)
    with np.errstate(over="ignore", invalid="ignore"):
        units = cells * one
        nearest = np.rint(units)
        fits = np.abs(units) <= FLOAT_EXACT_MAX  # does not hold for NaN
        on_grid = fits & (np.abs(units - nearest) <= FLOAT_SLACK)
    if not on_grid.all():
        unsure = np.flatnonzero(fits & ~on_grid)
        on_grid[unsure] = rounded or nearest[unsure] / one == cells[unsure]
    values = np.where(on_grid, nearest, 0.0).astype(np.int64)
    finite = np.isfinite(cells)
    return Units(
        values,
        on_grid,
        (("not_finite", ~finite), ("too_large", finite & ~fits), ("off_grid", fits & ~on_grid)),
    )


def _from_integers(cells: NDArray[np.integer], scale: int) -> Units:
    largest = INT64_MAX // 10**scale
    fits = (cells <= largest) & (cells >= -largest)
    values = np.where(fits, cells, 0).astype(np.int64) * 10**scale
    return Units(values, fits, (("too_large", ~fits),))


def _from_decimals(column: pa.Array, scale: int, rounded: bool) -> Units:
    if rounded:
        column = pc.round(column, ndigits=scale, round_mode="half_to_even")
    if column.null_count:
        column = column.fill_null(Decimal(0))
    surplus = column.type.scale - scale
    cells, upper = _halves(column)
    if surplus > POWER_OF_TEN_MAX or np.any(
        upper != cells >> 63
    ):  # 64 bits are not enough at the file's own scale
        return _from_decimals_singly(column, scale)
    if surplus <= 0:
        return _from_integers(cells, -surplus)
    values, rest = np.divmod(cells, 10**surplus)
    good = rest == 0
    return Units(np.where(good, values, 0), good, (("off_grid", ~good),))


def _halves(column: pa.Array) -> tuple[Column, Column]:
    """Lower and upper 64 bits of each cell of a decimal128 column (Arrow columnar format: 16 bytes, little-endian)."""
    pairs = np.frombuffer(column.buffers()[1], dtype="<i8").reshape(-1, 2)
    pairs = pairs[column.offset : column.offset + len(column)]
    return pairs[:, 0], pairs[:, 1]


def _from_decimals_singly(column: pa.Array, scale: int) -> Units:
    values = np.zeros(len(column), dtype=np.int64)
    off_grid = np.zeros(len(column), dtype=np.bool_)
    too_large = np.zeros(len(column), dtype=np.bool_)
    largest = Decimal(INT64_MAX).scaleb(-scale)
    cells: list[Decimal] = column.to_pylist()
    with localcontext(prec=2 * DECIMAL_DIGITS_MAX):  # the usual 28 digits would round
        for index, cell in enumerate(cells):
            try:
                values[index] = units_exact(cell, scale)
            except ValueError:
                (too_large if abs(cell) > largest else off_grid)[index] = True
    return Units(values, ~(off_grid | too_large), (("too_large", too_large), ("off_grid", off_grid)))
