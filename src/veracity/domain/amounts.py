"""Money, prices, quantities and rates are whole numbers with names.

Price: units of 10^-price_scale quote. Qty: units of 10^-qty_scale base. Money: units of 10^-8 of its currency.
Rate: units of 10^-9. An instrument keeps price_scale + qty_scale <= 8, so a notional is an exact integer and
the only roundings of the whole engine are the ones named below; each says in its name which way it goes.
"""

from decimal import Decimal
from typing import Final, NewType

Money = NewType("Money", int)

MONEY_SCALE: Final = 8
RATE_SCALE: Final = 9
RATE_ONE: Final = 10**RATE_SCALE
INT64_MAX: Final = 2**63 - 1
INT64_DIGITS: Final = 19


def notional_factor(price_scale: int, qty_scale: int) -> int:
    """Money units per (price unit x quantity unit); exact because the scales add up to at most 8."""
    assert price_scale >= 0, price_scale
    assert qty_scale >= 0, qty_scale
    assert price_scale + qty_scale <= MONEY_SCALE, (price_scale, qty_scale)
    factor: int = 10 ** (MONEY_SCALE - price_scale - qty_scale)
    return factor


def rate_floor(amount: int, rate: int) -> int:
    """`amount` times a rate of 10^-9, rounded down: what a limit allows is never more than it says."""
    return amount * rate // RATE_ONE


def rate_ceil(amount: int, rate: int) -> int:
    """`amount` times a rate of 10^-9, rounded up: what is paid is never less than it costs."""
    return -(-amount * rate // RATE_ONE)


def fee_ceil(notional: int, rate: int) -> Money:
    """Fee on a notional, rounded up: a fee is never smaller than the venue's (a rebate never larger)."""
    return Money(rate_ceil(notional, rate))


def funding_floor(position: int, mark: int, factor: int, rate: int) -> Money:
    """Cash that a position receives at a settlement, rounded down: against us in either direction.

    Payment = -position * mark * rate, as venues of linear perpetuals settle (Binance, Bybit, OKX): a positive rate is
    paid by longs.
    """
    return Money(rate_floor(-position * mark * factor, rate))


def slip_ceil(sign: int, price: int, decided: int) -> int:
    """How much worse than `decided` a fill at `price` is, in 10^-9 of it, rounded up: positive costs us, whether it is
    a buy (`sign` 1) or a sell (-1)."""
    assert decided > 0, decided
    return -(-sign * (price - decided) * RATE_ONE // decided)


def share_floor(whole: int, part: int, total: int) -> int:
    """`whole * part / total` for a part of a signed whole, rounded towards zero; the rest stays with what remains."""
    assert 0 <= part <= total, (part, total)
    assert total > 0, total
    if part == 0 or part == total:  # nearly always
        return whole if part else 0
    magnitude = abs(whole) * part // total
    return magnitude if whole >= 0 else -magnitude


def step_floor(value: int, step: int) -> int:
    """The largest multiple of `step` that is not above `value`."""
    return value // step * step


def step_ceil(value: int, step: int) -> int:
    """The smallest multiple of `step` that is not below `value`."""
    return -(-value // step) * step


def units_exact(value: Decimal, scale: int) -> int:
    """`value` in units of 10^-scale.

    Raises ValueError where the value has more decimals than the scale or is not finite: at the edge nothing is rounded silently.
    """
    if not value.is_finite():
        raise ValueError(f"{value} is not a finite number")
    size = (
        value.adjusted() + scale if value else 0
    )  # power of ten of the units: 1e999999999 is never written out
    if size > INT64_DIGITS:
        raise ValueError(f"{value} does not fit 64 bits at {scale} decimals")
    if size < 0:
        raise ValueError(f"{value} has more than {scale} decimals")
    one: int = 10**scale
    numerator, denominator = value.as_integer_ratio()  # exact, whatever the precision of the decimal context
    units, rest = divmod(numerator * one, denominator)
    if rest:
        raise ValueError(f"{value} has more than {scale} decimals")
    if abs(units) > INT64_MAX:
        raise ValueError(f"{value} does not fit 64 bits at {scale} decimals")
    return units


def units_text(units: int, scale: int) -> str:
    """Decimal text of `units` of 10^-scale, all decimals shown: 1234 at 2 is "12.34", -5 at 2 is "-0.05"."""
    if scale == 0:
        return str(units)
    sign = "-" if units < 0 else ""
    digits = str(abs(units)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"


def money_text(units: int) -> str:
    """Decimal text of a money amount with its eight decimals."""
    return units_text(units, MONEY_SCALE)
