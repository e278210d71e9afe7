"""What the heads of the segments say, without reading what is behind them."""

from pathlib import Path

from veracity.domain.events import SegmentOpened
from veracity.journal import frame, plain
from veracity.journal.segments import list_segments, opened_directory


def first_head(directory: Path) -> SegmentOpened | None:
    """The head of the first segment that is there; None where there is none, or it has no good one."""
    with opened_directory(directory) as opened:
        for name in list_segments(opened, str(directory))[:1]:
            return read_head(name, opened, str(directory))
    return None


def first_seq(directory: Path) -> int:
    """Lowest seq that the journal may hold: 1, or more where the segments before were compacted; 1 where there is none."""
    head = first_head(directory)
    return head.seq_first if head is not None else 1


def read_head(name: str, directory: int, where: str) -> SegmentOpened | None:
    """The head of a segment; None where it has no good one."""
    with plain.opened(name, directory, where) as file:
        try:
            start = file.read(frame.HEAD_BYTES_MAX)
        except plain.Undecodable:
            return None
    first = frame.take(start, chain=0, seq_last=-1, offset=0, limit=1).records
    if not first or first.seqs[0] != frame.HEAD_SEQ:
        return None
    return frame.decode_head(first.payloads[0], where=f"{where}/{name}")
