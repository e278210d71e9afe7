"""F18: how much memory it takes to read, check and scrub a journal of 2 GB, beside one that is a sixteenth of it.

    python -m bench.journal.flat [--megabytes 2048] [--dir DIR] [--json]

Each reader is a process of its own, and its peak is what the system says of it (VmHWM).
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from bench.journal.disk import UNSYNCED
from bench.journal.lives import RUN_ID
from bench.journal.rate import MEMORY_MB_MAX, PAYLOAD, RECORD_BYTES
from bench.journal.table import Proof, options, report

from veracity.journal.space import BATCH
from veracity.journal.writer import JournalWriter

MEGABYTES: Final = 2048
SHARE: Final = 16
SEGMENTS: Final = 8  # of the short journal; the long one has as many times more
PATIENCE_S: Final = 1200
PEAK: Final = """
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(count, peak.split()[1])
"""
BEGIN: Final = """
import sys
from pathlib import Path
wal = Path(sys.argv[1])
"""
READERS: Final = {
    "read": "from veracity.journal.reader import read\ncount = sum(1 for _ in read(wal))",
    "scan": "from veracity.journal.reader import scan\ncount = scan(wal).records",
    "recover": "from veracity.journal.recover import recover\ncount = sum(1 for _ in recover(wal).records)",
    "scrub": "from veracity.journal.scrub import scrub\ncount = scrub(wal).records",
}


def write(wal: Path, megabytes: int, segment_mb: float) -> None:
    """A journal of about this size in equal records."""
    profile = BATCH._replace(segment_bytes=int(segment_mb * 1_000_000))
    journal = JournalWriter.create(
        wal, RUN_ID, code_version="0.1.0", schema_version=1, profile=profile, files=UNSYNCED
    )
    for seq in range(1, megabytes * 1_000_000 // RECORD_BYTES + 1):
        journal.append(seq, PAYLOAD)
    journal.close()


def peak_mb(reader: str, wal: Path) -> tuple[int, float]:
    """Records that a process saw, and its peak memory."""
    words = [sys.executable, "-c", BEGIN + READERS[reader] + PEAK, str(wal)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    count, peak = map(int, done.stdout.split())
    return count, peak / 1024


def prove(megabytes: int = MEGABYTES, directory: Path | None = None) -> Proof:
    """The table: one row for each reader."""
    columns = (
        "reader",
        "journal MB",
        "segments",
        "records",
        "peak MB",
        "short MB",
        "short peak MB",
        "more MB",
    )
    proof = Proof("memory beside the journal's length (F18)", columns)
    with tempfile.TemporaryDirectory(dir=directory) as name:
        wals = {size: Path(name) / f"wal-{size}" for size in (megabytes // SHARE, megabytes)}
        for size, wal in wals.items():
            write(wal, size, megabytes / SHARE / SEGMENTS)
        short, long = wals.values()
        segments = len(list(long.iterdir()))
        for reader in READERS:
            (_, small), (records, peak) = peak_mb(reader, short), peak_mb(reader, long)
            proof.row(reader, megabytes, segments, records, peak, megabytes // SHARE, small, peak - small)
            proof.expect(
                f"{reader}: more than {MEMORY_MB_MAX} MB for the length", peak - small > MEMORY_MB_MAX, False
            )
    return proof


def main() -> None:
    """Prove and print."""
    parser = options(__doc__)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES)
    parser.add_argument(
        "--dir", type=Path, help="where the journals are written  [default: the temporary directory]"
    )
    given = parser.parse_args()
    report([prove(given.megabytes, given.dir)], as_json=given.json)


if __name__ == "__main__":
    main()
