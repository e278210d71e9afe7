"""`wal verify`: every check of specs/journal/format.md S-043 on every byte, also while the journal is being written."""

from collections import Counter
from collections.abc import Callable
from itertools import takewhile
from typing import Any, Final, NamedTuple

import msgspec

from veracity.app.wal.target import Target
from veracity.domain.events import Event, decode_event
from veracity.journal.audit import Audited, AuditFinding, audit
from veracity.journal.errors import Damage, JournalDamaged, JournalTorn
from veracity.journal.lock import writer_of
from veracity.journal.reader import Tail, read, scan
from veracity.journal.recover import classify_damage
from veracity.journal.segments import list_segments, opened_directory, segment_number
from veracity.journal.snapshots import PassedOver, walk
from veracity.journal.versions import require_schema
from veracity.state.schema import SCHEMA_VERSION

Progress = Callable[[int, int], None]

LOOKS_MAX: Final = 3
"""A writer may rotate while we read: what looks wrong then is looked at again before it is called damage."""
STEP: Final = 4_096  # records between two reports of progress


class Verified(NamedTuple):
    """What a look at a whole journal found."""

    writer: int | None  # process that writes it now
    tail: Tail
    segments: int  # from the first that is there to the last with a good head
    bytes: int
    kinds: dict[str, int]  # records by kind of event
    unknown: str  # the first record that is no event of a known kind, empty where each is one
    class_of_damage: Damage  # by the break, the bytes behind it and the witness
    snapshots: int  # that prove themselves
    bad_snapshots: tuple[PassedOver, ...]
    disagreements: tuple[AuditFinding, ...]  # of the closed segments with their digests

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong. A last record that its writer has not finished yet is nothing wrong."""
        ends_well = self.class_of_damage is Damage.NONE or self.is_being_written
        return ends_well and not (self.unknown or self.bad_snapshots or self.disagreements)

    @property
    def is_being_written(self) -> bool:
        """Whether the last record is only not finished yet."""
        return self.class_of_damage is Damage.TORN_TAIL and self.writer is not None


def verify(target: Target, progress: Progress | None = None) -> Verified:
    """Check the whole journal. Raises JournalUnsafe where it may not be read, JournalVersionMismatch where a record is of no event
    that this schema knows; damage is an answer, not an error."""
    for look in range(1, LOOKS_MAX + 1):
        writer = writer_of(target.wal)
        found = _look(target, writer, progress)
        if found.is_good or writer is None or look == LOOKS_MAX:
            break
    return found


def audit_digests(target: Target) -> Audited:
    """The audit of a journal that may be growing: a segment that its writer has just closed is noted a moment later."""
    for _ in range(LOOKS_MAX):
        found = audit(target.wal, keeps=target.keeps_digests())
        if not found.findings or writer_of(target.wal) is None:
            break
    return found


def _look(target: Target, writer: int | None, progress: Progress | None) -> Verified:
    wal = target.wal
    tail = scan(wal, target.since())  # compared with what the snapshot saw; then all that is there is counted
    total = sum(path.stat().st_size for path in wal.glob("*.wal*"))
    kinds: Counter[str] = Counter()
    unknown = ""
    number = done = 0
    try:
        for record in takewhile(lambda one: one.seq <= tail.seq_last, read(wal, target.there())):
            number += 1
            done += len(record.payload)
            if progress is not None and number % STEP == 0:
                progress(done, total)
            try:
                kinds[kind_of(decode_event(record.payload))] += 1
            except msgspec.MsgspecError as error:
                unknown = (
                    unknown or f"record {number} (seq {record.seq}) is no event of a known kind: {error}"
                )
    except JournalDamaged:
        pass  # the scan said where
    if unknown and tail.fault is None:
        require_schema(wal, SCHEMA_VERSION)  # whole as bytes, and another version's to understand
    snapshots = list(walk(target.snapshots))
    bad = tuple(one for one in snapshots if isinstance(one, PassedOver))
    digests = tuple(audit(wal, keeps=target.keeps_digests()).findings)
    with opened_directory(wal) as opened:
        names = list_segments(opened, str(wal))
    return Verified(
        writer,
        tail._replace(records=number),
        0 if tail.head is None else tail.head.segment - segment_number(names[0]) + 1,
        total,
        dict(sorted(kinds.items())),
        unknown,
        classify_damage(tail),
        len(snapshots) - len(bad),
        bad,
        digests,
    )


def kind_of(event: Event) -> str:
    """The kind as it stands in the record."""
    tag = type(event).__struct_config__.tag
    assert isinstance(tag, str)
    return tag


def described(found: Verified) -> dict[str, Any]:
    """The fields of schemas/output/wal_verify.schema.json, without the schema's name."""
    tail = found.tail
    head = tail.head
    return {
        "good": found.is_good,
        "end": tail.end.value,
        "writer": found.writer,
        "run_id": None if head is None else head.run_id,
        "format_version": None if head is None else head.format_version,
        "segments": found.segments,
        "records": tail.records,
        "seq_last": tail.seq_last,
        "chain": f"{tail.chain:08x}",
        "bytes": found.bytes,
        "kinds": found.kinds,
        "unknown": found.unknown or None,
        "acknowledged": tail.acknowledged,
        "class": found.class_of_damage.value,
        "snapshots": found.snapshots,
        "bad_files": [{"name": one.name, "why": one.why} for one in found.bad_snapshots]
        + [{"name": one.name, "why": one.what} for one in found.disagreements],
        "damage": None if tail.fault is None else damage(tail.fault),
    }


def damage(fault: JournalDamaged) -> dict[str, Any]:
    """Where a journal stops being good, as --json has it."""
    return {
        "what": fault.what,
        "torn": isinstance(fault, JournalTorn),
        "segment": fault.segment,
        "offset": fault.offset,
        "record": fault.record,
        "seq_after": fault.seq_after,
        "seq_read": fault.seq_read,
        "records_later": fault.records_later,
    }
