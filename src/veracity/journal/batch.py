"""Good records, many at a time, as columns: what is only checked never becomes an object of its own."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Final, NamedTuple

FRAMING_BYTES: Final = 36  # of a line beside its payload: header and newline


class Record(NamedTuple):
    """One good record: its seq, payload, chain value, and where in its segment file the line begins."""

    seq: int
    payload: bytes
    crc: int
    offset: int


_record: Final = partial(tuple.__new__, Record)  # without the Python frame of the class's own __new__


class Batch:
    """Consecutive good records: `seqs`, `payloads` and chain values `crcs`; the first line begins at byte `offset`.

    Its records are made when it is iterated, and not before.
    """

    __slots__ = ("crcs", "offset", "payloads", "seqs")

    def __init__(
        self, seqs: Sequence[int], payloads: Sequence[bytes], crcs: Sequence[int], offset: int
    ) -> None:
        self.seqs = seqs
        self.payloads = payloads
        self.crcs = crcs
        self.offset = offset

    def __len__(self) -> int:
        return len(self.seqs)

    def __iter__(self) -> Iterator[Record]:
        sizes = map(FRAMING_BYTES.__add__, map(len, self.payloads))
        starts = accumulate(sizes, initial=self.offset)
        return map(_record, zip(self.seqs, self.payloads, self.crcs, starts, strict=False))

    def up_to(self, seq: int) -> int:
        """How many of its records have `seq` or a lower one."""
        return bisect_right(self.seqs, seq)

    def behind(self, count: int) -> "Batch":
        """All but its first `count` records."""
        if count == 0:
            return self
        skipped = count * FRAMING_BYTES + sum(map(len, self.payloads[:count]))
        return Batch(self.seqs[count:], self.payloads[count:], self.crcs[count:], self.offset + skipped)
