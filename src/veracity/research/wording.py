"""Numbers as people read them, for Markdown and HTML: grouped, signed, with their unit; unknown is said, not shown as 0."""

from decimal import Decimal
from typing import Final

from veracity.domain.summary_models import Amount, Ratio

UNKNOWN: Final = "unknown"


def money(amount: Amount | None, *, signed: bool = False) -> str:
    """An amount to two decimals, half to even; what rounds to nothing but is something keeps its decimals."""
    if amount is None:
        return UNKNOWN
    value = Decimal(amount.text)
    shown = value.quantize(Decimal("0.01"))
    if shown == 0 and value != 0:
        shown = value.normalize()
    if shown == 0:
        return "0.00"
    return f"{shown:+,f}" if signed else f"{shown:,f}"


def percent(ratio: Ratio | None, *, signed: bool = False) -> str:
    """A ratio as a percentage to two decimals, or why there is none."""
    if ratio is None:
        return UNKNOWN
    if ratio.value is None:
        return f"none ({ratio.reason})"
    shown = round(ratio.value * 100, 2) + 0.0
    return f"{shown:+,.2f} %" if signed and shown else f"{shown:,.2f} %"


def number(ratio: Ratio | None) -> str:
    """A ratio to two decimals, or why there is none."""
    if ratio is None:
        return UNKNOWN
    if ratio.value is None:
        return f"none ({ratio.reason})"
    return f"{round(ratio.value, 2) + 0.0:,.2f}"


def count(value: int | None) -> str:
    """A whole number, grouped."""
    return UNKNOWN if value is None else f"{value:,}"


def when(stamp: str | None) -> str:
    """A stamp (RFC 3339, UTC) for the eye: no zone, which the page names once, and no seconds where they are zero."""
    if stamp is None:
        return ""
    day, _, time = stamp.removesuffix("Z").partition("T")
    return f"{day} {time.removesuffix(':00') if time.count(':') > 1 else time}"
