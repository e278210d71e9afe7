"""Whose events a journal holds: the schema version in its heads against the one that this code folds (specs/journal/format.md, S-046)."""

from pathlib import Path

from veracity.domain.events import SegmentOpened
from veracity.journal.errors import JournalVersionMismatch
from veracity.journal.heads import read_head
from veracity.journal.segments import list_segments, opened_directory


def require_schema(directory: Path, wanted: int) -> None:
    """Raises JournalVersionMismatch where the first segment that can be read is of another schema than `wanted`.

    A fold under another schema leads to another state, or to none: an answer that would be taken for damage.
    """
    where = str(directory)
    with opened_directory(directory) as opened:
        for name in list_segments(opened, where):
            head = read_head(name, opened, where)
            if head is not None:
                refuse_other_schema(head, wanted, where)
                return


def refuse_other_schema(head: SegmentOpened, wanted: int, where: str) -> None:
    """Raises JournalVersionMismatch where the segment is of another schema than `wanted`."""
    if head.schema_version == wanted:
        return
    raise JournalVersionMismatch(
        f"the journal's events are of schema {head.schema_version}",
        where=where,
        why=f"this version reads and writes schema {wanted}; the journal is by veracity {head.code_version}",
        hint="replay it, or end its run, with the code that wrote it, which the run's manifest names; any version checks its bytes: "
        "`veracity wal verify`",
    )
