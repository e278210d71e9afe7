"""The one writer of a journal: appends to a buffer, makes it durable at a barrier, and dies of the first error.

After an error from a write or a sync the kernel may drop the bytes and call the next sync good (measured on ext4:
ENOSPC, then success, and all 65,536 bytes wrong on disk). So nothing is ever tried again.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NoReturn, Self

import msgspec

from veracity.domain.errors import EngineFault
from veracity.domain.events import SegmentOpened
from veracity.journal import segments
from veracity.journal.audit import Digest, close_segment, on_segment_closed
from veracity.journal.batch import FRAMING_BYTES
from veracity.journal.errors import JournalDead
from veracity.journal.files import SYSTEM_FILES, Files, write_all
from veracity.journal.frame import (
    FORMAT_VERSION,
    FRAME_BYTES_MAX,
    NEWLINE,
    SEQ_MAX,
    check_payload,
    encode_all,
)
from veracity.journal.lock import WriterLock
from veracity.journal.reader import Since, last_record
from veracity.journal.resume import Begun, begin_new, go_on, lock_new
from veracity.journal.snapshots import Snapshot
from veracity.journal.space import BATCH, LIVE, Health, HealthStatus, Profile
from veracity.journal.witness import Acknowledged

BUFFER_BYTES: Final = 256 << 10  # one write call for about a thousand records

Check = Callable[[int, bytes], None]
"""Judges a record before it is written, and raises where it cannot be read back: the checked mode of a writer."""


Clock = Callable[[], int]
"""Nanoseconds that only grow, to tell how long a sync took."""


class JournalWriter:
    """Writes one journal; one thread only.

    A record is durable when the `barrier` or `close` after its `append` has returned, and not before.
    """

    _file: int  # the segment
    _size: int  # bytes written to it
    _size_durable: int  # bytes of it that a sync has returned for
    _room: int  # how far zeros were written ahead
    _chain: int  # value of the last record that has its line, or of the head
    _flush_mark: int  # bytes of waiting lines that make `append` write
    _after_sync: bool  # everything appended so far is durable

    def __init__(
        self,
        where: str,
        directory: int,
        lock: WriterLock,
        begun: Begun,
        profile: Profile,
        check: Check | None,
        clock: Clock | None,
        files: Files,
    ) -> None:
        """Use `create` or `resume`."""
        self._clock = clock
        self._sync_ns_worst = 0
        self._where = where
        self._directory = directory
        self._lock = lock
        self._head = begun.head
        self._profile = profile
        self._segment_bytes = profile.segment_bytes
        self._check = check
        self._files = files
        self._seqs: list[int] = []  # of the records that are appended and not a line yet
        self._payloads: list[bytes] = []
        self._waiting_bytes = 0  # of their lines
        self._seq_written = begun.seq_last
        self._seq_last = begun.seq_last
        self._seq_durable = begun.seq_last
        self._dead = ""  # why
        self._closed = False
        self._space = begun.space
        self._witness = begun.witness
        self._witness_due = SEQ_MAX if begun.witness is None else begun.witness.seq + profile.witness_records
        self._enter(begun.segment)

    @classmethod
    def create(
        cls,
        directory: Path,
        run_id: str,
        *,
        code_version: str,
        schema_version: int,
        profile: Profile = BATCH,
        check: Check | None = None,
        clock: Clock | None = None,
        files: Files = SYSTEM_FILES,
    ) -> Self:
        """A new journal in `directory`, which is made, or is there: empty, ours and 0700.

        Raises JournalExists, JournalLocked or JournalUnsafe, and then nothing was written; JournalDead where the disk fails.
        """
        head = _first_head(run_id, code_version, schema_version)
        made = segments.make_directory(directory)
        with ExitStack() as undo:
            opened = segments.open_directory(directory)
            undo.callback(os.close, opened)
            lock = lock_new(str(directory), opened)
            undo.callback(lock.release)
            with _deadly(f"{directory}: cannot begin the journal"):
                begun = begin_new(files, opened, str(directory), head, profile)
                if made:
                    segments.sync_parent(files, opened)
            undo.pop_all()
        return cls(str(directory), opened, lock, begun, profile, check, clock, files)

    @classmethod
    def resume(
        cls,
        directory: Path,
        run_id: str,
        *,
        code_version: str,
        schema_version: int,
        since: Since | None = None,
        profile: Profile = LIVE,
        check: Check | None = None,
        clock: Clock | None = None,
        files: Files = SYSTEM_FILES,
    ) -> Self:
        """The journal that is in `directory`, so that the next record follows its last; a new one where there is none.

        Reads it again, behind `since` where a verified snapshot covers the rest, now that nobody else can write: what was
        recovered before is what is gone on from. Raises JournalDamaged (JournalTorn: repair it first), JournalLocked,
        JournalUnsafe, JournalVersionMismatch, and then no record was changed; JournalDead where the disk fails.
        """
        wanted = _first_head(run_id, code_version, schema_version)
        made = segments.make_directory(directory)
        with ExitStack() as undo:
            opened = segments.open_directory(directory)
            undo.callback(os.close, opened)
            lock = WriterLock(opened, str(directory))
            undo.callback(lock.release)
            with _deadly(f"{directory}: cannot go on in the journal"):
                begun = go_on(files, opened, str(directory), wanted, profile, since)
                if made:
                    segments.sync_parent(files, opened)
            undo.pop_all()
        return cls(str(directory), opened, lock, begun, profile, check, clock, files)

    @property
    def seq_durable(self) -> int:
        """Seq of the last record that a sync has returned for."""
        return self._seq_durable

    @property
    def seq_last(self) -> int:
        """Seq of the last record appended."""
        return self._seq_last

    @property
    def since(self) -> Since:
        """The last record that is written: behind a barrier, what a snapshot of the state names."""
        return last_record(self._seq_written, self._chain, self._head)

    def append(self, seq: int, payload: bytes) -> None:
        """Let one record wait for the next write. `seq` rises but may leave gaps; the payload is at most 1 MiB of one line.

        Raises EngineFault, and changes nothing, where it is not so; JournalDead where the disk fails.
        """
        if not self._seq_last < seq <= SEQ_MAX:  # never so when dead or closed: one test for all
            self._refuse(seq)
        size = FRAMING_BYTES + len(payload)
        if size > FRAME_BYTES_MAX or NEWLINE in payload:
            check_payload(seq, payload)
        if self._check is not None:
            self._check(seq, payload)
        # No call between these lines: an interrupt leaves all of them done, or none.
        self._seqs += (seq,)
        self._payloads += (payload,)
        self._waiting_bytes += size
        self._seq_last = seq
        if self._waiting_bytes >= self._flush_mark:
            with self._fatal():
                self._flush()
                if self._size >= self._segment_bytes:
                    self._rotate()

    def barrier(self) -> None:
        """Everything appended is durable when this returns: one write and one sync. Raises JournalDead."""
        if self._dead or self._closed:
            self._refuse_if_ended()
        try:  # every commit passes here, and finds its code cold after a sync: not one call more than it needs
            if self._seqs:
                self._flush()
            size = self._size
            if size > self._size_durable:
                if self._clock is None:
                    self._files.sync_data(self._file)
                else:
                    self._sync_timed(self._clock)
                self._size_durable = size
                self._seq_durable = self._seq_written
                self._after_sync = True
                if self._seq_durable >= self._witness_due:
                    self._note_witness()
        except OSError as error:
            raise JournalDead(self._ended_by(error)) from error
        except BaseException as error:
            self._ended_by(error)
            raise

    def acknowledge(self) -> None:
        """Let the witness see what is durable by now; for a timer. Raises JournalDead."""
        self.barrier()
        with self._fatal():
            self._note_witness()

    def note_snapshot(self, written: Snapshot) -> None:
        """Add a snapshot to the digest chain. Raises JournalDead."""
        if not self._profile.digests:
            return
        seq = written.header.seq
        with self._fatal():
            entry = Digest("snapshot", written.name, seq, seq, written.sha256)
            on_segment_closed(self._files, self._directory, self._where, entry)

    @property
    def where(self) -> Path:
        """The journal's directory."""
        return Path(self._where)

    def has_room(self) -> bool:
        """Whether more than the low-water mark of the disk is free. Raises OSError where the disk does not answer."""
        return self._space.status() is HealthStatus.OK

    def health(self) -> Health:
        """How the journal is and how much disk is free; changes nothing, and says so where the disk does not answer."""
        worst, self._sync_ns_worst = self._sync_ns_worst, 0
        if self._dead:
            return Health(HealthStatus.DEAD, 0, self._dead, worst)
        try:
            return Health(self._space.status(), self._space.free(), "", worst)
        except OSError as error:
            return Health(HealthStatus.DEGRADED, 0, str(error), worst)

    def close(self) -> None:
        """Make everything durable, cut off the zeros ahead, and give the journal free. A second call does nothing. Raises JournalDead."""
        if self._closed and not self._dead:
            return
        try:
            self.acknowledge()
            with self._fatal():
                if self._room > self._size:
                    segments.end(self._files, self._open_segment())
                if self._witness:
                    self._witness.close()
                self._space.give_up_reserve()
                self._files.close(self._file)
        finally:  # a dead writer's file stays open to the end of the process: its close may fail once more
            if not self._closed:
                self._closed = True
                self._seq_last = SEQ_MAX
                self._lock.release()
                os.close(self._directory)

    def _enter(self, segment: segments.OpenSegment) -> None:
        self._file = segment.file
        self._chain = segment.chain
        self._size = segment.size
        self._room = segment.room
        self._size_durable = self._size
        self._seq_durable = self._seq_written
        self._after_sync = True
        self._flush_mark = min(BUFFER_BYTES, self._segment_bytes - self._size)

    def _sync_timed(self, clock: Clock) -> None:
        asked = clock()
        self._files.sync_data(self._file)
        self._sync_ns_worst = max(self._sync_ns_worst, clock() - asked)

    def _note_witness(self) -> None:
        if self._witness is not None:
            self._witness.note(Acknowledged(*self.since))
            self._witness_due = self._witness.seq + self._profile.witness_records

    def _open_segment(self) -> segments.OpenSegment:
        return segments.OpenSegment(self._file, self._size, self._room, self._chain)

    def _flush(self) -> None:
        lines, self._chain = encode_all(self._seqs, self._payloads, self._chain, after_sync=self._after_sync)
        self._after_sync = False
        self._seq_written = self._seqs[-1]
        self._seqs, self._payloads, self._waiting_bytes = [], [], 0
        end = self._size + len(lines)
        if end > self._room:
            self._room = self._space.extend(self._file, self._room, end)
        write_all(self._files, self._file, lines, self._size)
        self._size = end
        # Where a segment ends depends on its records alone, not on when they were written.
        self._flush_mark = min(BUFFER_BYTES, self._segment_bytes - end)

    def _rotate(self) -> None:
        full, seq_first = segments.segment_name(self._head.segment), self._head.seq_first
        self._head = msgspec.structs.replace(
            self._head,
            segment=self._head.segment + 1,
            seq_first=self._seq_last + 1,
            chain=f"{self._chain:08x}",
        )
        ahead = self._space.ahead
        self._enter(
            segments.rotate(self._files, self._directory, self._open_segment(), self._head, ahead=ahead)
        )
        if self._profile.digests:
            close_segment(self._files, self._directory, self._where, full, seq_first, self._seq_last)

    @contextmanager
    def _fatal(self) -> Iterator[None]:
        """Whatever ends a file call early, an interrupt too, leaves a disk that nobody knows: the writer is dead."""
        try:
            yield
        except OSError as error:
            raise JournalDead(self._ended_by(error)) from error
        except BaseException as error:
            self._ended_by(error)
            raise

    def _ended_by(self, error: BaseException) -> str:
        self._dead = f"{segments.segment_name(self._head.segment)}: {error!r}"
        self._seq_last = SEQ_MAX
        self._seqs, self._payloads = [], []
        return self._dead

    def _refuse_if_ended(self) -> None:
        if self._dead:
            raise JournalDead(self._dead)
        if self._closed:
            raise EngineFault("the journal is closed")

    def _refuse(self, seq: int) -> NoReturn:
        self._refuse_if_ended()
        raise EngineFault(f"seq {seq} cannot follow seq {self._seq_last}")


def _first_head(run_id: str, code_version: str, schema_version: int) -> SegmentOpened:
    return SegmentOpened(
        format_version=FORMAT_VERSION,
        run_id=run_id,
        segment=1,
        seq_first=1,
        chain=f"{0:08x}",
        code_version=code_version,
        schema_version=schema_version,
    )


@contextmanager
def _deadly(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise JournalDead(f"{what}: {error.strerror}") from error
