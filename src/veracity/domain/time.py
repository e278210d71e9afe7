"""Time is whole nanoseconds UTC. A bar is stamped with its open and is known at its close."""

from datetime import UTC, datetime, timedelta
from typing import Final, NewType

Ts = NewType("Ts", int)

NS_PER_US: Final = 1_000
NS_PER_MS: Final = 1_000_000
NS_PER_SECOND: Final = 1_000_000_000
NS_PER_MINUTE: Final = 60 * NS_PER_SECOND
NS_PER_HOUR: Final = 60 * NS_PER_MINUTE
NS_PER_DAY: Final = 24 * NS_PER_HOUR

TS_NEVER: Final = Ts(2**63 - 1)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS: Final = {"s": NS_PER_SECOND, "m": NS_PER_MINUTE, "h": NS_PER_HOUR, "d": NS_PER_DAY}


def day_of(ts: int) -> int:
    """UTC day that holds `ts`: days since 1970-01-01. Midnight belongs to the new day."""
    return ts // NS_PER_DAY


def interval_ns(text: str) -> int:
    """Length of a bar written like 1m, 5m, 1h, 8h, 1d. Raises ValueError for anything else, and beyond 64 bits."""
    number, unit = text[:-1], text[-1:]
    if not number.isascii() or not number.isdigit() or unit not in _UNITS or int(number) == 0:
        raise ValueError(f"{text!r} is not a bar length; write it like 1m, 5m, 1h, 8h or 1d")
    length = int(number) * _UNITS[unit]
    if length > TS_NEVER:
        raise ValueError(f"{text!r} is too long for a bar length: no stamp is that far away")
    return length


def ts_text(ts: int) -> str:
    """`ts` as 2023-03-01T00:00:00Z, with as many decimals of a second as it needs."""
    seconds, rest = divmod(ts, NS_PER_SECOND)
    moment = _EPOCH + timedelta(seconds=seconds)
    decimals = f".{rest:09d}".rstrip("0") if rest else ""
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + decimals + "Z"
