"""Opening a journal that is there, so that a restarted engine goes on in it and the chain goes on with it.

Everything that was believed is made durable before anything is built on it: a record that a killed writer had written and not
synced is read back from memory, and may not be on the disk.
"""

import os
from typing import NamedTuple

import msgspec

from veracity.domain.events import SegmentOpened
from veracity.journal import segments
from veracity.journal.audit import begin_chain, note_closed
from veracity.journal.errors import JournalExists, JournalUnsafe
from veracity.journal.files import Files
from veracity.journal.lock import WriterLock
from veracity.journal.reader import Since, Tail, scan_opened
from veracity.journal.recover import refusal
from veracity.journal.space import Profile, Space
from veracity.journal.versions import refuse_other_schema
from veracity.journal.witness import Acknowledged, Witness


class Begun(NamedTuple):
    """All that a writer needs to go on: head and place of the open segment, and what stands beside it."""

    head: SegmentOpened
    segment: segments.OpenSegment
    seq_last: int
    space: Space
    witness: Witness | None


def begin_new(files: Files, directory: int, where: str, head: SegmentOpened, profile: Profile) -> Begun:
    """The first segment of a new journal. Raises OSError."""
    if profile.digests:
        begin_chain(files, directory, where, head.run_id, 1)
    space = Space(files, directory, profile)
    segment = segments.start(files, directory, head, ahead=space.ahead)
    space.prepare()
    return Begun(head, segment, 0, space, _witness(files, directory, profile, Acknowledged(0, 0)))


def go_on(
    files: Files, directory: int, where: str, wanted: SegmentOpened, profile: Profile, since: Since | None
) -> Begun:
    """The journal that is there, from its last record on; a new one where there is none.

    `wanted` says whose it must be: run and schema are compared; another code version begins a new segment. Raises OSError,
    JournalDamaged where the journal does not end cleanly or lacks what was acknowledged, JournalVersionMismatch, JournalUnsafe.
    """
    tail = scan_opened(directory, where, since)
    fault = refusal(tail, where)
    if fault is not None:
        raise fault
    if not tail.segment:
        return begin_new(files, directory, where, wanted, profile)
    head = tail.head or wanted
    _refuse_other(head, wanted, where)
    if profile.digests:
        begin_chain(files, directory, where, head.run_id, tail.seq_last + 1)
    space = Space(files, directory, profile)
    space.prepare()
    if tail.head is None or segments.segment_number(tail.segment) != head.segment:
        head = _following(head, tail) if tail.head else wanted
        segment = segments.begin(
            files, directory, files.open(tail.segment, directory), head, ahead=space.ahead
        )
    else:
        segment = _again(files, directory, tail)
    if profile.digests:
        note_closed(files, directory, where)
    witness = _witness(files, directory, profile, Acknowledged(*tail.last))
    begun = Begun(head, segment, tail.seq_last, space, witness)
    if segment.size < profile.segment_bytes and head.code_version == wanted.code_version:
        return begun
    head = msgspec.structs.replace(
        _following(head, tail._replace(chain=segment.chain)), code_version=wanted.code_version
    )
    segment = segments.rotate(files, directory, segment, head, ahead=space.ahead)
    if profile.digests:
        note_closed(files, directory, where)
    return begun._replace(head=head, segment=segment)


def lock_new(where: str, directory: int) -> WriterLock:
    """The lock of a journal that does not exist yet."""
    lock = WriterLock(directory, where)
    if not os.listdir(directory):
        return lock
    lock.release()
    raise JournalExists(
        "there is a journal, or something else, already", where=where, hint="name a new directory"
    )


def _again(files: Files, directory: int, tail: Tail) -> segments.OpenSegment:
    file = files.open(tail.segment, directory)
    try:
        files.sync(file)
    except OSError:
        os.close(file)
        raise
    return segments.OpenSegment(file, tail.offset, os.fstat(file).st_size, tail.chain)


def _following(head: SegmentOpened, tail: Tail) -> SegmentOpened:
    return msgspec.structs.replace(
        head, segment=head.segment + 1, seq_first=tail.seq_last + 1, chain=f"{tail.chain:08x}"
    )


def _refuse_other(head: SegmentOpened, wanted: SegmentOpened, where: str) -> None:
    if head.run_id != wanted.run_id:
        raise JournalUnsafe(
            f"the journal is of run {head.run_id}", where=where, why=f"this is run {wanted.run_id}"
        )
    refuse_other_schema(head, wanted.schema_version, where)


def _witness(files: Files, directory: int, profile: Profile, seen: Acknowledged) -> Witness | None:
    return Witness(files, directory, seen) if profile.witness_records else None
