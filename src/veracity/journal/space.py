"""The disk that a live journal needs: zeros ahead of the records, a low-water mark, and a reserve.

Zeros that are written ahead keep a file's size as it is, which makes a commit cheaper, and show where the records end. The
reserve is a file of zeros that is given up when the disk is about to be full, before any write has failed: what it held goes
to the segment at once, so that orders that close can still be journaled. No error is ever followed by a second try.
"""

import os
from enum import StrEnum
from typing import Final, NamedTuple

from veracity.domain.policies import JOURNAL
from veracity.journal.files import Files
from veracity.journal.segments import RESERVE_NAME, write_zeros

_PAGE_BYTES: Final = 4096


class HealthStatus(StrEnum):
    """How the journal is, worst last."""

    OK = "ok"
    DEGRADED = "degraded"  # little disk is free: take no new risk
    RESERVE = "reserve"  # the reserve is in use: only close
    DEAD = "dead"  # a write or sync failed: nothing more is taken


class Health(NamedTuple):
    """What a health check tells of the journal."""

    status: HealthStatus
    free_bytes: int  # on its disk
    why: str  # of a dead writer
    sync_ns_worst: int = 0  # of the commits since the last check; 0 where the writer has no clock


class Profile(NamedTuple):
    """How carefully a journal is written. 0 switches a part off."""

    segment_bytes: int = JOURNAL.segment_bytes
    preallocate_bytes: int = 0
    reserve_bytes: int = 0
    low_water_bytes: int = 0
    witness_records: int = 0
    digests: bool = False


BATCH = Profile()
"""For a backtest: one sync at the end, and the run's seal has the sum of each file."""

LIVE = Profile(
    preallocate_bytes=JOURNAL.preallocate_bytes,
    reserve_bytes=JOURNAL.reserve_bytes,
    low_water_bytes=JOURNAL.low_water_bytes,
    witness_records=JOURNAL.witness_records,
    digests=True,
)
"""For what trades: every commit is durable before it is acted on."""


class Space:
    """Room for one writer's records. Methods raise OSError."""

    def __init__(self, files: Files, directory: int, profile: Profile) -> None:
        self._files = files
        self._directory = directory
        self._profile = profile
        self._reserve = RESERVE_NAME in os.listdir(directory)
        self.ahead = 0  # bytes of zeros with which a new segment begins
        if profile.preallocate_bytes:
            self.ahead = min(profile.preallocate_bytes, profile.segment_bytes)

    def prepare(self) -> None:
        """Before a writer begins: make the reserve where there is room for it, give it up where there is none for the rest."""
        wanted = self._profile.reserve_bytes
        if self._reserve and self.free() < self.ahead + _PAGE_BYTES:
            self.give_up_reserve()
        elif wanted and self.free() >= 2 * wanted + self.ahead:
            write_reserve(self._files, self._directory, wanted)
            self._reserve = True

    def extend(self, file: int, room: int, needed: int) -> int:
        """Zeros in the segment `file` from byte `room` to at least `needed`; how far there are now."""
        step = self._profile.preallocate_bytes
        if not step or needed <= room:
            return max(room, needed)
        end = -(-needed // step) * step
        if self.free() < end - room:
            self.give_up_reserve()
            half = self.free() // 2 // _PAGE_BYTES * _PAGE_BYTES
            end = max(needed, min(end, room + half))
        write_zeros(self._files, file, room, end)
        return end

    def give_up_reserve(self) -> None:
        """Give the reserve's bytes back to the disk."""
        if self._reserve:
            self._files.unlink(RESERVE_NAME, self._directory)
            self._reserve = False

    def status(self) -> HealthStatus:
        """How much disk there is."""
        if self._profile.reserve_bytes and not self._reserve:
            return HealthStatus.RESERVE
        low = self.free() < self._profile.low_water_bytes
        return HealthStatus.DEGRADED if low else HealthStatus.OK

    def free(self) -> int:
        """Bytes that may still be written on the disk."""
        return self._files.free(self._directory)


def write_reserve(files: Files, directory: int, size: int) -> None:
    """Make the reserve of `size` bytes, unless it is there whole. Raises OSError."""
    if RESERVE_NAME in os.listdir(directory):
        if os.stat(RESERVE_NAME, dir_fd=directory, follow_symlinks=False).st_size == size:
            return
        files.unlink(RESERVE_NAME, directory)  # of a start that was killed
    file = files.create(RESERVE_NAME, directory)
    try:
        write_zeros(files, file, 0, size)
        files.sync(file)
    finally:
        os.close(file)
    files.sync(directory)
