"""Whether the system's clock is kept right: what the kernel itself knows of it (adjtimex(2), Linux)."""

import ctypes
from typing import Final, NamedTuple

STA_UNSYNC: Final = 0x0040
TIME_ERROR: Final = 5


class _Timex(ctypes.Structure):
    """struct timex as far as it is read; what follows is the kernel's."""

    _fields_ = (
        ("modes", ctypes.c_uint),  # 0: nothing is set
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_byte * 256),
    )


class ClockState(NamedTuple):
    """Whether something keeps the clock right, and how wrong it may be, microseconds."""

    is_synchronised: bool
    error_us_max: int


def clock_state() -> ClockState | None:
    """What the kernel says; None where it says nothing."""
    try:
        ask = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    found = _Timex()
    answer = ask(ctypes.byref(found))
    if answer < 0:
        return None
    return ClockState(answer != TIME_ERROR and not found.status & STA_UNSYNC, found.maxerror)
