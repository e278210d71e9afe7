"""The one writer of a journal: appends to a buffer, makes it durable at a barrier, and dies of the first error.

After an error from a write or a sync the kernel may drop the bytes and call the next sync good (measured on ext4:
ENOSPC, then success, and all 65,536 bytes wrong on disk). So nothing is ever tried again.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NoReturn, Self

import msgspec

from veracity.domain.errors import EngineFault
from veracity.domain.events import SegmentOpened
from veracity.journal import segments
from veracity.journal.errors import JournalDead, JournalExists
from veracity.journal.files import SYSTEM_FILES, Files, write_all
from veracity.journal.frame import FORMAT_VERSION, SEQ_MAX, encode
from veracity.journal.lock import WriterLock

SEGMENT_BYTES: Final = 64 << 20
BUFFER_BYTES: Final = 256 << 10  # one write call for about a thousand records


class JournalWriter:
    """Writes one new journal; one thread only.

    A record is durable when the `barrier` or `close` after its `append` has returned, and not before.
    """

    _file: int  # the segment
    _size: int  # bytes written to it
    _size_durable: int  # bytes of it that a sync has returned for
    _chain: int  # value of the last record appended, or of the head
    _flush_mark: int  # bytes of buffer that make `append` write

    def __init__(
        self,
        directory: int,
        lock: WriterLock,
        head: SegmentOpened,
        segment: segments.OpenSegment,
        segment_bytes: int,
        files: Files,
    ) -> None:
        """Use `create`."""
        self._directory = directory
        self._lock = lock
        self._head = head
        self._segment_bytes = segment_bytes
        self._files = files
        self._buffer = bytearray()
        self._seq_last = head.seq_first - 1
        self._dead = ""  # why
        self._closed = False
        self._enter(segment)

    @classmethod
    def create(
        cls,
        directory: Path,
        run_id: str,
        *,
        code_version: str,
        schema_version: int,
        segment_bytes: int = SEGMENT_BYTES,
        files: Files = SYSTEM_FILES,
    ) -> Self:
        """A new journal in `directory`, which is made, or is there: empty, ours and 0700.

        A segment ends with the first record that brings it to `segment_bytes`. Raises JournalExists, JournalLocked or
        JournalUnsafe, and then nothing was written; JournalDead where the disk fails.
        """
        assert segment_bytes > 0, segment_bytes
        head = SegmentOpened(
            format_version=FORMAT_VERSION,
            run_id=run_id,
            segment=1,
            seq_first=1,
            chain=f"{0:08x}",
            code_version=code_version,
            schema_version=schema_version,
        )
        made = segments.make_directory(directory)
        with ExitStack() as undo:
            opened = segments.open_directory(directory)
            undo.callback(os.close, opened)
            lock = _lock_new(directory, opened)
            undo.callback(lock.release)
            try:
                segment = segments.start(files, opened, head)
                if made:
                    segments.sync_parent(files, opened)
            except OSError as error:
                raise JournalDead(f"{directory}: cannot begin the journal: {error.strerror}") from error
            undo.pop_all()
        return cls(opened, lock, head, segment, segment_bytes, files)

    def append(self, seq: int, payload: bytes) -> None:
        """Add one record to the buffer. `seq` rises but may leave gaps; the payload is at most 1 MiB of one line.

        Raises EngineFault, and changes nothing, where it is not so; JournalDead where the disk fails.
        """
        if not self._seq_last < seq <= SEQ_MAX:  # never so when dead or closed: one test for all
            self._refuse(seq)
        line, crc = encode(seq, payload, self._chain)
        buffer = self._buffer
        # No call between these lines: an interrupt cannot leave the chain without its line.
        buffer += line
        self._chain = crc
        self._seq_last = seq
        if len(buffer) >= self._flush_mark:
            with self._fatal():
                self._flush()
                if self._size >= self._segment_bytes:
                    self._rotate()

    def barrier(self) -> None:
        """Everything appended is durable when this returns: one write and one sync. Raises JournalDead."""
        self._refuse_if_ended()
        with self._fatal():
            self._flush()
            if self._size > self._size_durable:
                self._files.sync_data(self._file)
                self._size_durable = self._size

    def close(self) -> None:
        """Make everything durable and give the journal free. A second call does nothing. Raises JournalDead."""
        if self._closed and not self._dead:
            return
        try:
            self.barrier()
            with self._fatal():
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
        self._size_durable = segment.size
        self._set_flush_mark()

    def _set_flush_mark(self) -> None:
        """Where the segment ends must depend on its records alone, not on when they were flushed."""
        self._flush_mark = min(BUFFER_BYTES, self._segment_bytes - self._size)

    def _flush(self) -> None:
        data = self._buffer
        if not data:
            return
        if not self._lock.is_held():
            raise OSError(errno.ESTALE, "the lock file is no longer ours, so another may be writing")
        self._buffer = bytearray()
        write_all(self._files, self._file, data)
        self._size += len(data)
        self._set_flush_mark()

    def _rotate(self) -> None:
        self._head = msgspec.structs.replace(
            self._head,
            segment=self._head.segment + 1,
            seq_first=self._seq_last + 1,
            chain=f"{self._chain:08x}",
        )
        self._enter(segments.rotate(self._files, self._directory, self._file, self._head))

    @contextmanager
    def _fatal(self) -> Iterator[None]:
        """Whatever ends a file call early, an interrupt too, leaves a disk that nobody knows: the writer is dead."""
        try:
            yield
        except BaseException as error:
            self._dead = f"{segments.segment_name(self._head.segment)}: {error!r}"
            self._seq_last = SEQ_MAX
            self._buffer = bytearray()
            if isinstance(error, OSError):
                raise JournalDead(self._dead) from error
            raise

    def _refuse_if_ended(self) -> None:
        if self._dead:
            raise JournalDead(self._dead)
        if self._closed:
            raise EngineFault("the journal is closed")

    def _refuse(self, seq: int) -> NoReturn:
        self._refuse_if_ended()
        raise EngineFault(f"seq {seq} cannot follow seq {self._seq_last}")


def _lock_new(path: Path, directory: int) -> WriterLock:
    """The lock of a journal that does not exist yet. A directory that is no journal gets no lock file."""
    names = os.listdir(directory)
    if not names or segments.LOCK_NAME in names:
        lock = WriterLock.acquire(directory, str(path))
        if os.listdir(directory) == [segments.LOCK_NAME]:
            return lock
        lock.release()
    raise JournalExists(
        "there is a journal, or something else, already", where=str(path), hint="name a new directory"
    )
