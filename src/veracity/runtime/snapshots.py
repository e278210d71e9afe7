"""When a running engine takes a snapshot, and how that stays out of its way (specs/journal/snapshots.md, S-038)."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from veracity.domain.policies import JOURNAL
from veracity.journal import snapshots
from veracity.journal.compress import compress_closed
from veracity.journal.errors import JournalLocked
from veracity.journal.files import SYSTEM_FILES, Files
from veracity.journal.snapshots import Snapshot, SnapshotHeader
from veracity.journal.writer import JournalWriter
from veracity.state import snapshot as state_snapshot
from veracity.state.hash import state_hash
from veracity.state.model import EngineState


class SnapshotTaker:
    """Takes a snapshot every so many events, when the day changes and at the end; keeps the newest that prove themselves,
    and, told to `compress`, packs the segments that were closed since.

    The state is turned into bytes between two inputs; files and retention are another thread's work, one at a time. What
    went wrong there is raised by the next call: a snapshot that cannot be written is a disk that cannot be trusted.
    """

    def __init__(
        self,
        directory: Path,
        journal: JournalWriter,
        *,
        run_id: str,
        schema_version: int,
        every: int = JOURNAL.snapshot_events,
        keep: int = JOURNAL.snapshots_kept,
        compress: bool = False,
        on_written: Callable[[Snapshot], None] | None = None,
        files: Files = SYSTEM_FILES,
    ) -> None:
        self._directory = directory
        self._journal = journal
        self._run_id = run_id
        self._schema_version = schema_version
        self._every = every
        self._keep = keep
        self._compress = compress
        self._on_written = on_written
        self._files = files
        self._thread = ThreadPoolExecutor(1, "snapshots")
        self._writing: Future[Snapshot] | None = None
        self._seq = 0
        self._day: int | None = None

    def resume_from(self, state: EngineState) -> None:
        """The cadence goes on from a recovered state."""
        self._seq, self._day = state.seq - state.seq % self._every, state.day

    def offer(self, state: EngineState) -> None:
        """Between two inputs: take a snapshot if one is due and none is being written. Raises JournalDead, JournalUnsafe."""
        if self._day is None:
            self._day = state.day
        if state.seq - self._seq < self._every and state.day == self._day:
            return
        if self._writing is not None and not self._writing.done():
            return  # due still, at the next input
        self._collect()
        self._begin(state)

    def settle(self) -> None:
        """Wait for the snapshot that is being written, if there is one."""
        self._collect()

    def finish(self, state: EngineState) -> None:
        """At a clean end: the last snapshot, on disk when this returns."""
        self.settle()
        if state.seq > self._seq:
            self._begin(state)
            self._collect()
        self._thread.shutdown()

    def _begin(self, state: EngineState) -> None:
        journal = self._journal
        journal.barrier()  # a snapshot never knows more than the journal
        since = journal.since
        header = SnapshotHeader(
            snapshots.FORMAT_VERSION,
            self._run_id,
            self._schema_version,
            state.seq,
            since.seq,
            f"{since.chain:08x}",
            state_hash(state),
        )
        content = state_snapshot.take(state)
        self._seq, self._day = state.seq, state.day
        self._writing = self._thread.submit(self._write, header, content)

    def _write(self, header: SnapshotHeader, content: bytes) -> Snapshot:
        written = snapshots.write_snapshot(self._directory, header, content, files=self._files)
        snapshots.roll(self._directory, self._keep, files=self._files)
        if (
            self._compress and self._journal.has_room()
        ):  # where there is little, a copy to be written first would take the rest
            with suppress(JournalLocked):  # an operator's tool is at it; there is a next time
                compress_closed(self._journal.where, files=self._files)
        return written

    def _collect(self) -> None:
        if self._writing is None:
            return
        written = self._writing.result()
        self._writing = None
        self._journal.note_snapshot(written)
        if self._on_written is not None:
            self._on_written(written)
