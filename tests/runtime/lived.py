"""A run directory as a live engine leaves it: journal, witness, digests, snapshots; written from a conversation's records."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.journal.journals import profile
from tests.kit.doubles import Kept
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.journal.snapshots import Snapshot, walk
from veracity.journal.writer import JournalWriter
from veracity.runtime.recovery import Restart, restart
from veracity.runtime.replay import follow
from veracity.runtime.snapshots import SnapshotTaker
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

RUN_ID = "0123456789abcdef"


@lru_cache
def records(count: int) -> tuple[Kept, ...]:
    """The first `count` records of a day in which bars close and a position is opened, grown and closed again and again."""
    script = Script()
    while len(script.journal.records) < count:
        script.ticks(100_00 + len(script.journal.records) % 7)
        if len(script.journal.records) % 5 == 0:
            trade(script, "buy", 1_000, 100_01)
            trade(script, "sell", 1_000, 100_03, purpose="close")
    return tuple(script.journal.records[:count])


@lru_cache
def hashes(count: int) -> tuple[str, ...]:
    """State hash after each of `records(count)`, that of no record first."""
    state = EngineState()
    first = state_hash(state)
    return (first, *(state_hash(state) for _ in follow(state, records(count))))


class Place(NamedTuple):
    """Where a run is kept."""

    root: Path

    @property
    def wal(self) -> Path:
        return self.root / "wal"

    @property
    def snapshots(self) -> Path:
        return self.root / "snapshots"

    def names(self) -> list[str]:
        return sorted(path.name for path in self.snapshots.iterdir())

    def restart(self, **options: Any) -> Restart:
        options.setdefault("run_id", RUN_ID)
        return restart(self.wal, self.snapshots, schema_version=1, **options)


def lived(
    root: Path,
    written: Sequence[Kept],
    *,
    every: int = 100,
    keep: int = 3,
    segment_bytes: int = 4_000,
    close: bool = True,
    **options: Any,
) -> Place:
    """Write `written` as a live engine does; `every` and `keep` are of its snapshots."""
    root.mkdir(mode=0o700, exist_ok=True)
    place = Place(root)
    journal = JournalWriter.create(
        place.wal, RUN_ID, code_version="0.1.0", schema_version=1, profile=profile(segment_bytes, live=True)
    )
    state = EngineState()
    taker = SnapshotTaker(
        place.snapshots, journal, run_id=RUN_ID, schema_version=1, every=every, keep=keep, **options
    )
    for record in written:
        journal.append(record.seq, record.payload)
        for _ in follow(state, [record]):
            pass
        taker.offer(state)
        taker.settle()
    if close:
        taker.finish(state)
        journal.close()
    else:
        journal.barrier()
        taker.finish(EngineState())
        journal._lock.release()
    return place


def proved(place: Place) -> list[Snapshot]:
    """The snapshots that prove themselves, newest first."""
    return [found for found in walk(place.snapshots) if isinstance(found, Snapshot)]
