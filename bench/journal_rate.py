"""How fast the journal is on this disk: durable commits, group appends, verified scan. Prints one JSON line.

    python bench/journal_rate.py [--dir DIR] [--records N] [--commits N] [--payload BYTES]

`commits_per_s`: one record and one `fdatasync` each. `grouped_per_s`: records, in groups of 100 with one `fdatasync`.
`appends_per_s`: records with one `fdatasync` at the end, as in a backtest. `scan_per_s`: records read, all checks made.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

from veracity import __version__
from veracity.journal.reader import scan
from veracity.journal.writer import JournalWriter

RUN_ID = "0123456789abcdef"


def main() -> None:
    """Measure in a directory that is removed afterwards."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dir", type=Path, default=Path("build"), help="on the disk to measure")
    parser.add_argument("--records", type=int, default=500_000)
    parser.add_argument("--commits", type=int, default=2_000)
    parser.add_argument("--payload", type=int, default=164, help="bytes; with its header a record of 200")
    arguments = parser.parse_args()
    payload = b'{"filler":"%b"}' % (b"x" * (arguments.payload - 13))
    arguments.dir.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=arguments.dir) as place:
        appended = Path(place) / "appended"
        result = {
            "version": __version__,
            "record_bytes": len(payload) + 36,
            "commits_per_s": append_rate(Path(place) / "commits", payload, arguments.commits, group=1),
            "grouped_per_s": append_rate(Path(place) / "grouped", payload, arguments.records, group=100),
            "appends_per_s": append_rate(appended, payload, arguments.records, group=arguments.records),
            "scan_per_s": scan_rate(appended, arguments.records),
        }
    print(json.dumps(result))


def append_rate(directory: Path, payload: bytes, records: int, *, group: int) -> int:
    """Records a second, with a barrier after each `group` of them; closing is part of it."""
    journal = JournalWriter.create(directory, RUN_ID, code_version=__version__, schema_version=1)
    append, barrier = journal.append, journal.barrier
    started = time.perf_counter()
    for first in range(1, records + 1, group):
        for seq in range(first, min(first + group, records + 1)):
            append(seq, payload)
        barrier()
    journal.close()
    return round(records / (time.perf_counter() - started))


def scan_rate(directory: Path, records: int) -> int:
    """Records a second that `scan` checks; the page cache is warm."""
    started = time.perf_counter()
    tail = scan(directory)
    seconds = time.perf_counter() - started
    assert tail.records == records, tail
    return round(records / seconds)


if __name__ == "__main__":
    main()
