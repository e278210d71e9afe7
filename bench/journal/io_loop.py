"""F07 to F09: the n-th file call fails, for every n, once and for ever, until a run is untouched (SQLite's manner).

    python -m bench.journal.io_loop [--json]

After each failure the process is gone and a restart reads what is there, and then what a power cut leaves of it, because
an error may mean that what was written never arrives: every acknowledged record must be there. And a writer that saw
an error must not have called the disk again: the second sync after a failed one says yes and lies.
"""

import errno
import os
from collections import Counter
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from bench.journal.disk import IN_ORDER, CrashDisk, memory
from bench.journal.faults import CALLS, FaultyFiles
from bench.journal.keeping import KEEPING
from bench.journal.lives import LIVES, VIOLATIONS, Life, Outcome, Told
from bench.journal.table import Proof, options, report

from veracity.journal.errors import JournalDead

ERRORS: Final = (errno.EIO, errno.ENOSPC)
CUTS: Final = 3  # disks that a power cut after the error may leave


class Walked(NamedTuple):
    """What a life was put through, and what became of it."""

    failures: int
    outcomes: Counter[Outcome]
    tried_again: int  # runs that called the disk again after an error
    unheard: int  # runs in which a call failed and nobody was told


def walk(life: Life, call: str, error: int, *, forever: bool, place: Path) -> Walked:
    """Fail the first such call of a life, then the second, and so on until a run is untouched."""
    outcomes: Counter[Outcome] = Counter()
    tried_again = unheard = at = 0
    place.mkdir(exist_ok=True)
    while True:
        at += 1
        told, directory = Told(), place / f"{at}"
        life.before(directory, told)
        disk = CrashDisk(directory)
        files = FaultyFiles(disk, at, OSError(error, os.strerror(error)), only=call, forever=forever)
        heard = False
        try:
            life.live(directory, files, told)
        except JournalDead:
            heard = True
        if not files.failed:
            return Walked(at - 1, outcomes, tried_again, unheard)
        unheard += not heard
        tried_again += files.calls_after_failure > 0
        for number in range(CUTS):
            image = disk.after_cut(place / f"{at}-{number}", np.random.default_rng((at, number)), IN_ORDER)
            outcomes[life.judge(image, told)] += 1
        outcomes[life.judge(directory, told)] += 1


def prove() -> Proof:
    """The table: one row for each life, call and error."""
    columns = ("life", "call", "error", "fails", "runs", *Outcome, "called again", "unheard")
    proof = Proof("I/O errors (F07 to F09)", columns)
    for life in (*LIVES, *KEEPING):
        for call in CALLS:
            for error in ERRORS:
                for forever in (False, True):
                    with memory() as place:
                        walked = walk(life, call, error, forever=forever, place=Path(place))
                    if walked.failures:
                        _row(proof, life, call, error, "for ever" if forever else "once", walked)
    return proof


def _row(proof: Proof, life: Life, call: str, error: int, fails: str, walked: Walked) -> None:
    name = errno.errorcode[error]
    counts = (walked.outcomes[outcome] for outcome in Outcome)
    proof.row(life.name, call, name, fails, walked.failures, *counts, walked.tried_again, walked.unheard)
    bad = [*VIOLATIONS, Outcome.REFUSED]
    what = f"{life.name}, {call}, {name}, {fails}"
    proof.expect(f"{what}: {', '.join(bad)}", sum(walked.outcomes[one] for one in bad), 0)
    proof.expect(f"{what}: called again", walked.tried_again, 0)
    proof.expect(f"{what}: unheard", walked.unheard, 0)


def main() -> None:
    """Prove and print."""
    given = options(__doc__).parse_args()
    report([prove()], as_json=given.json)


if __name__ == "__main__":
    main()
