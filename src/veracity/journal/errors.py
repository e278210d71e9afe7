"""What can go wrong with a journal, and who must act."""

from enum import StrEnum

from veracity.domain.errors import EngineFault, ExitCode, OperatorFault


class JournalDead(EngineFault):
    """A write or sync failed, so nobody knows what the disk holds. Never retried: stop, re-read, ask the venue."""

    exit_code = ExitCode.HALTED
    hint = "free the disk or replace it, then give the same command again: what was durable is whole"


class JournalUnsafe(OperatorFault):
    """The journal must not be touched: wrong permissions or file type, existing, locked, or of another version."""

    def __init__(self, what: str, *, where: str, why: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, why=why, hint=hint, exit_code=ExitCode.UNSAFE)


class JournalExists(JournalUnsafe):
    """A new journal was asked for where there is something already."""


class JournalLocked(JournalUnsafe):
    """Another writer holds the journal."""


class JournalVersionMismatch(JournalUnsafe):
    """The journal was written by a version that this one does not read."""


class Damage(StrEnum):
    """What is wrong with a journal. Only a torn tail may ever be repaired."""

    NONE = "none"
    TORN_TAIL = "torn_tail"  # the last write was never finished
    ROT = "rot"  # bytes changed after they were written
    GAP = "gap"  # records or segments are missing
    FOREIGN = "foreign"  # bytes of another run


class JournalDamaged(OperatorFault):
    """The journal is not what its writer wrote. Nothing in it is repaired or skipped.

    `damage` is its kind, `segment` is the file's name, `offset` the byte in it where the first bad record begins, `record` that record's
    number in the journal (heads not counted, the first is 1; 0 for a segment's head), `seq_after` the last good
    seq before it (0: none), `seq_read` what the bad record says of itself, where that can be read and is possible,
    and `records_later` how many lines behind it still look like records.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str,
        segment: str,
        offset: int,
        record: int,
        seq_after: int,
        seq_read: int | None = None,
        records_later: int = 0,
        damage: Damage = Damage.ROT,
    ) -> None:
        place = f"record {record}" if record else "head"
        seq = f"seq {seq_read}, after seq" if seq_read is not None else "after seq"
        super().__init__(
            what,
            where=f"{where}/{segment}",
            why=f"{place} at byte {offset} ({seq} {seq_after}), {records_later} later records",
            exit_code=ExitCode.FINDING,
        )
        self.segment = segment
        self.offset = offset
        self.record = record
        self.seq_after = seq_after
        self.seq_read = seq_read
        self.records_later = records_later
        self.damage = damage


class JournalTorn(JournalDamaged):
    """The last record was never written to its end; every record before it is whole. Only this may be repaired."""
