"""Stamps in text: RFC 3339 with its offset, or whole seconds, milliseconds, microseconds or nanoseconds of the epoch."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from veracity.domain.amounts import INT64_MAX
from veracity.domain.time import NS_PER_MS, NS_PER_SECOND, NS_PER_US

_RFC_3339: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:([Zz])|([+-])(\d\d):(\d\d))?", re.ASCII
)
_WHOLE: Final = re.compile(r"\d+", re.ASCII)
# The number of digits tells the unit apart, from 2001-09-09 to 2286-11-20.
_NS_PER_UNIT: Final = {10: NS_PER_SECOND, 13: NS_PER_MS, 16: NS_PER_US, 19: 1}
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NaiveStamp(ValueError):
    """A stamp without an offset could mean any hour of a day."""


def parse_stamp(text: str) -> int:
    """Nanoseconds since 1970-01-01T00:00:00Z of a stamp.

    Raises NaiveStamp where the offset is missing and ValueError where `text` is no stamp, or none from 1970 to 2262,
    which is what 64 bits of nanoseconds hold.
    """
    ts = _of_epoch(text) if _WHOLE.fullmatch(text) else _of_rfc_3339(text)
    if not 0 <= ts <= INT64_MAX:
        raise ValueError(f"{text} is not between 1970 and 2262")
    return ts


def _of_epoch(text: str) -> int:
    unit = _NS_PER_UNIT.get(len(text))
    if unit is None:
        raise ValueError(
            f"{text} has {len(text)} digits; an epoch stamp has 10 (s), 13 (ms), 16 (us) or 19 (ns)"
        )
    return int(text) * unit


def _of_rfc_3339(text: str) -> int:
    found = _RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is not a stamp")
    *numbers, fraction, zulu, sign, hours, minutes = found.groups()
    if zulu is None and sign is None:
        raise NaiveStamp(f"{text} has no offset from UTC")
    year, month, day, hour, minute, second = map(int, numbers)
    since_epoch = datetime(year, month, day, hour, minute, second, tzinfo=UTC) - _EPOCH
    if sign is not None:
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        since_epoch += -offset if sign == "+" else offset
    return since_epoch // timedelta(seconds=1) * NS_PER_SECOND + int((fraction or "").ljust(9, "0"))
