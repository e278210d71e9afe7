"""What the bytes behind the last good line of the last segment are (specs/journal/corruption.md, S-040).

A live segment is preallocated with zeros, no line holds a zero, and a disk loses or keeps a whole sector. So each way to an
end has a shape of its own:

- nothing, or zeros only: the writer had not got further. Clean.
- the beginning of one line, without its newline, then zeros or nothing: a write that was cut off. Torn.
- a hole of whole sectors of zeros, and behind it lines of the same unsynced write: the power went in the middle of it, and
  sectors arrived in another order. Torn, as long as no later line says that what stands before it was durable.
- anything else: rot.
"""

import mmap
import os
import re
from typing import Final, NamedTuple

from veracity.journal import frame

SECTOR_BYTES: Final = 512

_NOT_ZERO: Final = re.compile(rb"[^\0]")
_ZEROS: Final = re.compile(rb"\0+")
_AFTER_SYNC: Final = re.compile(rb"[0-9a-f]{8}\|[0-9a-f]{16} [0-9a-f]{8} ")


class Rest(NamedTuple):
    """The bytes behind the last good line: up to where they are not zeros, and why they cannot be an unfinished write."""

    end: (
        int  # in the file, behind the last byte that is not zero; the good line's own end where all are zeros
    )
    flaw: str  # empty: nothing, zeros, or a torn write


def judge(file: int, *, offset: int, seq_last: int) -> Rest:
    """What follows byte `offset` of the open `file`, where its last good line ends."""
    size = os.fstat(file).st_size
    if size <= offset:
        return Rest(offset, "")
    with mmap.mmap(file, size, access=mmap.ACCESS_READ) as data:
        end = _end(data, offset)
        if end == offset:
            return Rest(end, "")
        hole = data.find(b"\0", offset, end)
        torn = data[offset : min(end if hole < 0 else hole, offset + frame.FRAME_BYTES_MAX + 1)]
        if torn and not frame.may_be_torn(torn, seq_last=seq_last):
            return Rest(end, "the line is no record, and no beginning of one")
        return Rest(end, _hole_flaw(data, offset, hole, end) if hole >= 0 else "")


def _end(data: mmap.mmap, offset: int) -> int:
    """Behind the last byte that is not zero; `offset` where there is none. In windows from the back: slack is short."""
    if _NOT_ZERO.search(data, offset) is None:
        return offset
    high = len(data)
    while True:
        low = max(offset, high - (1 << 16))
        part = data[low:high].rstrip(b"\0")
        if part:
            return low + len(part)
        high = low


def _hole_flaw(data: mmap.mmap, offset: int, hole: int, end: int) -> str:
    """Why zeros between `hole` and `end` are not sectors that a cut-off write left out; empty where they can be."""
    for zeros in _ZEROS.finditer(data, hole, end):
        starts_sector = zeros.start() % SECTOR_BYTES == 0 or zeros.start() == offset
        if not starts_sector or zeros.end() % SECTOR_BYTES:
            return "zeros that are no whole sectors, and more behind them"
    if _AFTER_SYNC.search(data, hole, end):
        return "sectors of zeros, and a later record says that they were durable"
    return ""
