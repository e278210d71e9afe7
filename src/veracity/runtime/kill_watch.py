"""Looks for the kill file: a path whose mere existence halts the engine. Every doubt counts as "it is there"."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from veracity.domain.events import KillFileSeen
from veracity.domain.time import NS_PER_SECOND

POLL_NS: Final = NS_PER_SECOND


class KillWatch:
    """Looks at `path` at most once a second of the clock that is handed in."""

    def __init__(self, path: Path, look: Callable[[Path], os.stat_result] = os.lstat) -> None:
        self._path: Final = path
        self._look: Final = look
        self._next_ns = 0
        self._seen = ""

    def poll(self, now_ns: int) -> Sequence[KillFileSeen]:
        """One input where the file came into being since the last look; none where it is gone: that resumes nothing."""
        if now_ns < self._next_ns:
            return ()
        self._next_ns = now_ns + POLL_NS
        before, self._seen = self._seen, self.found()
        return (KillFileSeen(now_ns, self._seen),) if self._seen and not before else ()

    def stands_against(self) -> str:
        """What is there now, in words. Where nothing is, a file that comes after this is a new one."""
        found = self.found()
        if not found:
            self._seen = ""
        return found

    def found(self) -> str:
        """What is there, in words; empty where nothing is. Links are not followed: one that leads nowhere exists."""
        try:
            self._look(self._path)
        except FileNotFoundError:
            return ""
        except OSError as error:
            return f"{self._path} cannot be looked for: {error.strerror or error}"
        return f"{self._path} exists"
