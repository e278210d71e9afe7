"""Looks at the room that the journal has: below its low-water mark nothing new is opened, in its reserve only closed; and
at how long its syncs take. A slow one is counted and told, no more: all that is to be sent waits for it anyway (F08).

Both before any write has failed (specs/journal/space.md, S-148). What loosens it again is an operator, once there is room.
"""

from collections.abc import Callable, Sequence
from typing import Final

from veracity.domain.events import CloseOnlyRequested, HaltRequested
from veracity.domain.policies import JOURNAL
from veracity.domain.time import NS_PER_MS, NS_PER_SECOND
from veracity.engine.commands import Given
from veracity.journal.space import Health, HealthStatus

DISK: Final = "disk"
"""Reason code of what a full disk leads to, and the beginning of its command ids."""
POLL_NS: Final = NS_PER_SECOND
SLOW_SYNC_NS: Final = JOURNAL.slow_sync_ms * NS_PER_MS
"""From here on a sync is slow."""

_WORSE: Final = (HealthStatus.OK, HealthStatus.DEGRADED, HealthStatus.RESERVE, HealthStatus.DEAD)


class DiskWatch:
    """Asks for the journal's health at most once a second of the clock that is handed in."""

    def __init__(self, health: Callable[[], Health]) -> None:
        self._health: Final = health
        self._next_ns = 0
        self._seen = HealthStatus.OK
        self.sync_ns_worst = 0
        """Longest sync since the process began."""
        self.slow_syncs = 0
        """Looks before which one was slow."""

    def poll(self, now_ns: int) -> Sequence[Given]:
        """One command where the journal's room became less since the last look; none where it became more: that resumes nothing."""
        if now_ns < self._next_ns:
            return ()
        self._next_ns = now_ns + POLL_NS
        found = self._look()
        before, self._seen = self._seen, found.status
        if _WORSE.index(found.status) <= _WORSE.index(before):
            return ()
        match found.status:
            case HealthStatus.DEGRADED:
                said: CloseOnlyRequested | HaltRequested = CloseOnlyRequested(now_ns, DISK, _words(found))
            case HealthStatus.RESERVE:
                said = HaltRequested(now_ns, DISK, _words(found))
            case _:
                return ()  # a dead journal takes no record of it, and the next one raises
        return (Given(f"{DISK}-{found.status}-{now_ns}", said),)

    def stands_against(self) -> str:
        """What is wrong with the room now, in words; empty where nothing is."""
        found = self._look()
        return "" if found.status is HealthStatus.OK else _words(found)

    def _look(self) -> Health:
        found = self._health()
        self.sync_ns_worst = max(self.sync_ns_worst, found.sync_ns_worst)
        self.slow_syncs += found.sync_ns_worst >= SLOW_SYNC_NS
        return found


def _words(found: Health) -> str:
    free = f"{found.free_bytes // 1024:,} KiB of disk are free"
    match found.status:
        case HealthStatus.DEGRADED:
            return f"{free}, less than the low-water mark" + (f": {found.why}" if found.why else "")
        case HealthStatus.RESERVE:
            return f"the journal's reserve is in use: {free}"
        case _:
            return f"the journal is dead: {found.why}"
