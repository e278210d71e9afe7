"""F01, F02: every cut offset and every flipped bit of a journal of some segments: never a wrong state, never a silent loss.

    python -m bench.journal.sweep [--records N] [--json]

A cut in the last segment costs at most the record that it falls in. A cut in an earlier one, and any flipped bit, is
refused with its place: `refused`. `silent` are changes that a restart did not notice, `wrong` those after which it
believed something that was never written.
"""

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from bench.journal.disk import UNSYNCED, memory
from bench.journal.lives import RUN_ID
from bench.journal.table import Proof, options, report

from veracity.journal.errors import JournalDamaged, JournalUnsafe
from veracity.journal.reader import End
from veracity.journal.recover import recover
from veracity.journal.space import BATCH
from veracity.journal.writer import JournalWriter

RECORDS: Final = 40
RECORD_BYTES_MIN: Final = 54
HEAD_BYTES: Final = 196


class Written(NamedTuple):
    """A journal and what is in it."""

    directory: Path
    records: list[tuple[int, bytes]]
    files: dict[str, bytes]


def written(directory: Path, records: int) -> Written:
    """A new journal of three or four segments."""
    journal = JournalWriter.create(
        directory,
        RUN_ID,
        code_version="0.1.0",
        schema_version=1,
        profile=BATCH._replace(segment_bytes=HEAD_BYTES + records * RECORD_BYTES_MIN // 3),
        files=UNSYNCED,
    )
    appended = [(seq, b'{"seq":%d,"fill":"%b"}' % (seq, b"x" * (seq % 7))) for seq in range(1, records + 1)]
    for seq, payload in appended:
        journal.append(seq, payload)
    journal.close()
    return Written(
        directory, appended, {path.name: path.read_bytes() for path in sorted(directory.glob("*.wal"))}
    )


def seen(journal: Written) -> tuple[str, list[tuple[int, bytes]]]:
    """What a restart makes of the journal as it is on disk now: its verdict and what it believes."""
    try:
        tail, found = recover(journal.directory)
    except (JournalDamaged, JournalUnsafe):
        return "refused", []
    return tail.end.value, [(record.seq, record.payload) for record in found]


def cuts(journal: Written) -> Iterator[tuple[bool, int, str, list[tuple[int, bytes]]]]:
    """Each segment cut at each offset: whether it is the last one, the whole records then in it and before, what is seen."""
    names = list(journal.files)
    before = 0
    for name in names:
        data, path = journal.files[name], journal.directory / name
        ends = [at + 1 for at, byte in enumerate(data) if byte == 0x0A]
        for cut in range(len(data) - 1, -1, -1):
            os.truncate(path, cut)
            whole = max(0, sum(end <= cut for end in ends) - 1)  # a head is no record
            yield name == names[-1], before + whole, *seen(journal)
        path.write_bytes(data)
        before += len(ends) - 1


def flips(journal: Written, every: int) -> Iterator[tuple[str, list[tuple[int, bytes]]]]:
    """Each bit (or every n-th) of each segment flipped, and what is seen."""
    count = 0
    for name, data in journal.files.items():
        file = os.open(journal.directory / name, os.O_RDWR)
        try:
            for at, byte in enumerate(data):
                for bit in range(8):
                    count += 1
                    if count % every:
                        continue
                    os.pwrite(file, bytes((byte ^ 1 << bit,)), at)
                    yield seen(journal)
                os.pwrite(file, bytes((byte,)), at)
        finally:
            os.close(file)


def prove(records: int = RECORDS, every: int = 1) -> Proof:
    """The table: one row for the cuts, one for the bits, each of them or every n-th."""
    proof = Proof(
        f"every cut and every bit of {records} records (F01, F02)",
        ("change", "cases", "refused", "torn", "clean", "silent", "wrong"),
    )
    with memory() as place:
        journal = written(Path(place) / "wal", records)
        assert len(journal.files) > 2, "a journal of some segments"
        _cut_row(proof, journal)
        _flip_row(proof, journal, every)
        assert seen(journal) == (End.CLEAN, journal.records), "put back as it was"
    return proof


def _cut_row(proof: Proof, journal: Written) -> None:
    ends: Counter[str] = Counter()
    silent = wrong = 0
    for is_last, whole, end, believed in cuts(journal):
        ends[end] += 1
        if end == "refused":
            silent += is_last  # a cut in the last segment looks like a crash, and must be taken for one
        else:
            silent += not is_last
            wrong += believed != journal.records[:whole]
    proof.row("cut", ends.total(), ends["refused"], ends["torn"], ends["clean"], silent, wrong)
    proof.expect("cuts that were taken for something else", silent, 0)
    proof.expect("cuts after which something else was believed than the whole records before", wrong, 0)


def _flip_row(proof: Proof, journal: Written, every: int) -> None:
    ends: Counter[str] = Counter()
    silent = wrong = 0
    for end, believed in flips(journal, every):
        ends[end] += 1
        silent += end == "clean"
        wrong += believed != journal.records[: len(believed)]
    proof.row("bit", ends.total(), ends["refused"], ends["torn"], ends["clean"], silent, wrong)
    proof.expect("bits that nobody noticed", silent, 0)
    proof.expect("bits after which something was believed that was never written", wrong, 0)
    # The last record's newline was its last byte: with it changed the record looks unfinished, and was acknowledged.
    proof.expect("bits that pass for a torn tail", ends["torn"], 0)


def main() -> None:
    """Prove and print."""
    parser = options(__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    given = parser.parse_args()
    report([prove(given.records)], as_json=given.json)


if __name__ == "__main__":
    main()
