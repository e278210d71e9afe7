"""A journal against a plain list: append, commit, rotate, crash, kill, restart, recover, snapshot, compress and compact, in any order."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from bench.journal.disk import ANY_ORDER, IN_ORDER, UNSYNCED, CrashDisk, Order, memory
from bench.journal.lives import CAREFUL, RUN_ID
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from veracity.journal.batch import Record
from veracity.journal.compact import compact
from veracity.journal.compress import compress_closed
from veracity.journal.heads import first_seq
from veracity.journal.reader import Since, read
from veracity.journal.recover import recover, truncate_tail
from veracity.journal.snapshots import Snapshot, SnapshotHeader, walk, write_snapshot
from veracity.journal.writer import JournalWriter

PROFILE = CAREFUL._replace(segment_bytes=400)


def fold_hash(content: bytes | None, records: Iterator[Record]) -> str:
    """A fold that any change, loss or exchange of records shows in."""
    chain = content or b""
    for record in records:
        chain = hashlib.sha256(chain + record.payload).hexdigest().encode()
    return chain.decode()


class JournalModel(RuleBasedStateMachine):
    """`appended` is the list; `durable` how much of it was acknowledged."""

    @initialize()
    def begin(self) -> None:
        self.holder = memory()
        self.place = Path(self.holder.name)
        self.number = 0
        self.appended: list[bytes] = []
        self.durable = 0
        self.open(self.place / "wal-0")

    def teardown(self) -> None:
        if hasattr(self, "holder"):
            self.journal.close()
            self.holder.cleanup()

    def open(self, wal: Path) -> None:
        """A start: repair what is torn, compare what is there with the list, and go on."""
        self.wal, self.disk = wal, CrashDisk(wal)
        since = self.since()
        if wal.exists():
            truncate_tail(wal, since, files=self.disk)
            first = since.seq if since else 0
            kept = [record.payload for record in recover(wal, since).records]
            assert kept == self.appended[first : first + len(kept)]
            assert first + len(kept) >= self.durable
            del self.appended[first + len(kept) :]
        self.journal = JournalWriter.resume(
            wal, RUN_ID, code_version="0.1.0", schema_version=1, profile=PROFILE, since=since, files=self.disk
        )
        self.durable = len(self.appended)
        assert self.journal.since.seq == self.durable

    def since(self) -> Since | None:
        if not self.wal.exists() or first_seq(self.wal) == 1:
            return None
        return self.snapshots()[0].header.since

    def snapshots(self) -> list[Snapshot]:
        return [found for found in walk(self.place / "snapshots") if isinstance(found, Snapshot)]

    @rule(sizes=st.lists(st.integers(0, 700), min_size=1, max_size=6))
    def append(self, sizes: list[int]) -> None:
        for size in sizes:
            self.appended.append(b'{"seq":%d,"fill":"%b"}' % (len(self.appended) + 1, b"x" * size))
            self.journal.append(len(self.appended), self.appended[-1])

    @rule()
    def commit(self) -> None:
        self.journal.barrier()
        self.durable = len(self.appended)

    @rule(seed=st.integers(0, 2**32 - 1), order=st.sampled_from([IN_ORDER, ANY_ORDER]))
    def crash(self, seed: int, order: Order) -> None:
        self.number += 1
        image = self.disk.after_cut(self.place / f"wal-{self.number}", np.random.default_rng(seed), order)
        self.journal.close()  # of the old place, which nobody looks at again
        self.open(image)

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.durable = len(self.appended)
        self.open(self.wal)

    @rule()
    def kill(self) -> None:
        """The process dies where it stands: what it had written is there, what waited in its buffer is not."""
        self.journal._files.close(
            self.journal._file
        )  # by the system, as every descriptor; nothing is written or synced
        os.close(self.journal._directory)
        self.open(self.wal)

    @rule()
    def recover(self) -> None:
        """Who reads beside the writer sees a prefix of the list, and all that was acknowledged."""
        since = self.since()
        first = since.seq if since else 0
        kept = [record.payload for record in recover(self.wal, since).records]
        assert kept == self.appended[first : first + len(kept)]
        assert first + len(kept) >= self.durable

    @rule()
    def rotate(self) -> None:
        """Fill the segment, and go on in the next."""
        before = self.segments()
        while self.segments() == before:
            self.append([700])
        assert self.segments() == before + 1

    def segments(self) -> int:
        return max(int(path.name[:8]) for path in self.wal.glob("*.wal*") if "torn" not in path.name)

    @rule()
    def compress(self) -> None:
        compress_closed(self.wal, files=self.disk)

    @precondition(lambda self: self.appended)
    @rule()
    def snapshot(self) -> None:
        self.commit()
        last = self.journal.since
        content = b""
        for payload in self.appended:
            content = hashlib.sha256(content + payload).hexdigest().encode()
        header = SnapshotHeader(1, RUN_ID, 1, last.seq, last.seq, f"{last.chain:08x}", content.decode())
        write_snapshot(self.place / "snapshots", header, content, files=UNSYNCED)

    @precondition(lambda self: hasattr(self, "place") and self.snapshots())
    @rule()
    def compact(self) -> None:
        self.commit()
        newest = self.snapshots()[0]
        base = None
        if first_seq(self.wal) > 1:
            covering = [one for one in self.snapshots() if one.header.record_seq + 1 >= first_seq(self.wal)]
            base = covering[-1]
        compact(self.wal, newest, fold_hash, base=base, files=self.disk)
        since = newest.header.since
        rest = [record.payload for record in read(self.wal, since)]
        assert rest == self.appended[since.seq :]


TestJournalModel = JournalModel.TestCase
TestJournalModel.settings = settings(max_examples=40, stateful_step_count=20, deadline=None, derandomize=True)
