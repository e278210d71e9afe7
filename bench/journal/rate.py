"""How fast the journal is on this disk, beside what the disk can do and beside three stores, in one run, in alternating rounds.

    python -m bench.journal.rate [--dir DIR] [--commits N] [--rounds N] [--memory-mb N] [--restart-events N]

Prints one JSON document. `commits`: durable records a second, one record and one sync each, median over the rounds; fio
writes the same bytes with fdatasync=1 into a file that is there already. `groups`: records a second in groups of 100.
`scan`: records read and checked. `fold`: events decoded and applied. `memory`: how much more a reader of a long journal
takes than one of a short. `restart`: seconds from nothing to the state, with snapshots. Where a figure is below its
stated ratio, `below` and stderr say so, and the exit code is 5.
"""

import argparse
import json
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple

import lmdb
from bench.journal import day
from bench.journal.table import FINDING
from rocksdict import Rdict, WriteOptions

from veracity import __version__
from veracity.domain.time import NS_PER_MINUTE
from veracity.engine.core import BoundStrategy, Engine
from veracity.engine.opening import Cast, opening
from veracity.guards.view import RiskLimits
from veracity.journal.frame import Record
from veracity.journal.reader import scan
from veracity.journal.space import BATCH, LIVE
from veracity.journal.writer import JournalWriter
from veracity.runtime.loop import Loop, NoJournal
from veracity.runtime.recovery import restart
from veracity.runtime.replay import follow
from veracity.runtime.snapshots import SnapshotTaker
from veracity.state.model import EngineState

RECORD_BYTES: Final = 200
PAYLOAD: Final = b'{"filler":"%b"}' % (b"x" * (RECORD_BYTES - 36 - 13))
GROUP: Final = 100
RATIO_OF_FIO_MIN: Final = 0.85
GROUPED_MIN: Final = 200_000
SCAN_MIN: Final = 1_000_000
FOLD_MIN: Final = 300_000
RESTART_S_MAX: Final = 1.0
MEMORY_MB_MAX: Final = 16.0
RIVALS: Final = ("sqlite3", "lmdb", "rocksdict")

Measure = Callable[[Path, int, int], float]  # a new directory, commits, records in each: records a second


def ours(place: Path, commits: int, group: int) -> float:
    """This journal as a live engine has it: zeros ahead, witness, reserve, digests."""
    journal = JournalWriter.resume(
        place / "wal", day.IDENTITY.run_id, code_version=__version__, schema_version=1
    )
    append, barrier, seq = journal.append, journal.barrier, 0
    started = time.perf_counter()
    for _ in range(commits):
        for _ in range(group):
            seq += 1
            append(seq, PAYLOAD)
        barrier()
    seconds = time.perf_counter() - started
    journal.close()
    return seq / seconds


def fio(place: Path, commits: int, group: int) -> float:
    """The disk: equal writes into a file that is there, one fdatasync behind each."""
    size = RECORD_BYTES * group
    words = ["fio", "--name=x", "--rw=write", "--ioengine=sync", "--fdatasync=1", "--output-format=json"]
    words += [f"--bs={size}", f"--size={size * commits}", f"--filename={place / 'fio'}", "--overwrite=1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=120)
    job = json.loads(done.stdout)["jobs"][0]
    return float(job["write"]["total_ios"]) * group / (float(job["job_runtime"]) / 1_000)


def sqlite(place: Path, commits: int, group: int) -> float:
    """sqlite3, WAL, synchronous=FULL."""
    store = sqlite3.connect(place / "db", isolation_level=None)
    store.execute("pragma journal_mode=wal")
    store.execute("pragma synchronous=full")
    store.execute("create table log (seq integer primary key, payload blob)")
    seq = 0
    started = time.perf_counter()
    for _ in range(commits):
        store.execute("begin")
        store.executemany("insert into log values (?, ?)", [(seq + n, PAYLOAD) for n in range(group)])
        store.execute("commit")
        seq += group
    seconds = time.perf_counter() - started
    store.close()
    return seq / seconds


def lightning(place: Path, commits: int, group: int) -> float:
    """LMDB, sync on every commit."""
    store = lmdb.open(str(place / "lmdb"), map_size=1 << 30)
    seq = 0
    started = time.perf_counter()
    for _ in range(commits):
        with store.begin(write=True) as transaction:
            for _ in range(group):
                seq += 1
                transaction.put(seq.to_bytes(8, "big"), PAYLOAD, append=True)
    seconds = time.perf_counter() - started
    store.close()
    return seq / seconds


def rocks(place: Path, commits: int, group: int) -> float:
    """RocksDB through rocksdict, sync writes."""
    from rocksdict import WriteBatch

    store, options, seq = Rdict(str(place / "rocks")), WriteOptions(), 0
    options.sync = True
    started = time.perf_counter()
    for _ in range(commits):
        batch = WriteBatch()
        for _ in range(group):
            seq += 1
            batch.put(seq, PAYLOAD)
        store.write(batch, options)
    seconds = time.perf_counter() - started
    store.close()
    return seq / seconds


PEERS: Final[dict[str, Measure]] = {
    "veracity": ours,
    "fio": fio,
    "sqlite3": sqlite,
    "lmdb": lightning,
    "rocksdict": rocks,
}


def rounds(directory: Path, commits: int, group: int, count: int) -> dict[str, int]:
    """Median records a second of each peer; every round has each of them once, and each begins one round."""
    found: dict[str, list[float]] = {name: [] for name in PEERS}
    names = list(PEERS)
    for number in range(count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            with tempfile.TemporaryDirectory(dir=directory) as place:
                found[name].append(PEERS[name](Path(place), commits, group))
    return {name: round(statistics.median(rates)) for name, rates in found.items()}


class Pace(NamedTuple):
    """Of one core: by the wall clock, and by the time that the process had it. They differ where others are at work."""

    per_s: int
    per_cpu_s: int


def paced(count: int, run: Callable[[], None], repetitions: int = 3) -> Pace:
    """The best of some repetitions of `run`, which does `count` things."""
    walls, cpus = [], []
    for _ in range(repetitions):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Pace(round(count / min(walls)), round(count / min(cpus)))


def scan_rate(directory: Path, records: int) -> Pace:
    """Records a second that `scan` checks; the page cache is warm."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        wal = Path(place) / "wal"
        filled(wal, records)

        def run() -> None:
            assert scan(wal).records == records

        return paced(records, run)


def filled(wal: Path, records: int) -> None:
    """A journal of `records` equal records."""
    journal = JournalWriter.create(
        wal, day.IDENTITY.run_id, code_version=__version__, schema_version=1, profile=BATCH
    )
    for seq in range(1, records + 1):
        journal.append(seq, PAYLOAD)
    journal.close()


class _Kept(NoJournal):
    """A journal in memory."""

    def __init__(self) -> None:
        self.records: list[Record] = []

    def append(self, seq: int, payload: bytes) -> None:
        self.records.append(Record(seq, payload, 0, 0))


def trade(journal: Any, bars: int, on_bar: Callable[[EngineState], None] | None = None) -> EngineState:
    """A day of `bars` bars in which each third one turns the position; every input is journaled."""
    state = EngineState()
    engine = Engine([BoundStrategy("a", day.PUPPET, (), day.LEGS, RiskLimits())])
    venue = day.RememberingVenue(Path("/dev/null"))
    loop = Loop(engine, state, journal, venue, barrier_before_effects=False, journal_facts=True)
    loop.commit(opening(day.IDENTITY, Cast((day.LISTED,), (day.STARTED,)), day.START))
    for arrival in day.arrivals(0, bars):
        loop.take([arrival])
        if on_bar is not None:
            on_bar(state)
    loop.drain(state.ts + NS_PER_MINUTE)
    return state


def fold_rate(events: int) -> Pace:
    """Events a second that are decoded and applied: bars, intents, orders, fills and fees as a busy day has them."""
    kept = _Kept()
    trade(kept, events * 3 // 8)

    def run() -> None:
        state = EngineState()
        for _ in follow(state, kept.records):
            pass
        assert state.seq == len(kept.records)

    return paced(len(kept.records), run)


READER: Final = """
import sys
from pathlib import Path
from veracity.journal.reader import read
count = sum(1 for _ in read(Path(sys.argv[1])))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(count, peak.split()[1])
"""


def memory(directory: Path, megabytes: int) -> dict[str, float]:
    """Peak memory of a process that reads a journal of `megabytes`, and of one that reads a sixteenth of it."""
    found = {}
    for name, size in (("short", megabytes // 16), ("long", megabytes)):
        with tempfile.TemporaryDirectory(dir=directory) as place:
            records = size * 1_000_000 // RECORD_BYTES
            filled(Path(place) / "wal", records)
            words = [sys.executable, "-c", READER, str(Path(place) / "wal")]
            done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=600)
            count, peak = map(int, done.stdout.split())
            assert count == records
            found[name] = peak / 1024
    return {
        "journal_mb": megabytes,
        "short_rss_mb": round(found["short"], 1),
        "long_rss_mb": round(found["long"], 1),
        "more_mb": round(found["long"] - found["short"], 1),
    }


def restart_seconds(directory: Path, events: int) -> dict[str, float]:
    """From a journal with snapshots to the state, as a start does it."""
    with tempfile.TemporaryDirectory(dir=directory) as name:
        wal, snapshots = Path(name) / "wal", Path(name) / "snapshots"
        writer = JournalWriter.resume(
            wal, day.IDENTITY.run_id, code_version=__version__, schema_version=1, profile=LIVE
        )
        taker = SnapshotTaker(snapshots, writer, run_id=day.IDENTITY.run_id, schema_version=1)
        state = trade(writer, events * 3 // 8, taker.offer)
        writer.barrier()
        writer.close()
        seconds = []
        for _ in range(3):
            started = time.perf_counter()
            again = restart(wal, snapshots, run_id=day.IDENTITY.run_id, schema_version=1)
            seconds.append(time.perf_counter() - started)
            assert again.state.seq == state.seq
        return {
            "events": state.seq,
            "seconds": round(min(seconds), 3),
            "snapshots": len(list(snapshots.glob("*"))),
        }


def below(found: dict[str, Any]) -> list[str]:
    """Every figure that is under what is claimed for it. What needs no disk is judged by the time of its core."""
    commits = found["commits"]
    wanted = [("share of fio's commits", commits["veracity"] / commits["fio"], RATIO_OF_FIO_MIN)]
    wanted += [(f"commits beside {rival}", commits["veracity"], commits[rival]) for rival in RIVALS]
    wanted += [
        ("records a second in groups", found["groups"]["veracity"], GROUPED_MIN),
        ("records scanned a second", found["scan"]["per_cpu_s"], SCAN_MIN),
        ("events folded a second", found["fold"]["per_cpu_s"], FOLD_MIN),
        ("MB that a long journal takes more", -found["memory"]["more_mb"], -MEMORY_MB_MAX),
        ("seconds of a restart", -found["restart"]["cpu_s"], -RESTART_S_MAX),
    ]
    return [
        f"{what}: {abs(is_so):,.2f}, stated {abs(least):,.2f}"
        for what, is_so, least in wanted
        if is_so < least
    ]


def main() -> None:
    """Measure in directories that are removed afterwards."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dir", type=Path, default=Path("build"), help="on the disk to measure")
    parser.add_argument("--commits", type=int, default=500, help="of each peer in each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--records", type=int, default=500_000, help="of the journal that is scanned")
    parser.add_argument("--events", type=int, default=200_000, help="that are folded")
    parser.add_argument(
        "--memory-mb", type=int, default=128, help="length of the long journal; 2048 takes minutes"
    )
    parser.add_argument("--restart-events", type=int, default=1_000_000)
    given = parser.parse_args()
    given.dir.mkdir(parents=True, exist_ok=True)
    found: dict[str, Any] = {
        "schema": "veracity.journal_rate/1",
        "version": __version__,
        "record_bytes": RECORD_BYTES,
        "commits": rounds(given.dir, given.commits, 1, given.rounds),
        "groups": rounds(given.dir, given.commits // 2, GROUP, given.rounds),
        "scan": scan_rate(given.dir, given.records)._asdict(),
        "fold": fold_rate(given.events)._asdict(),
        "memory": memory(given.dir, given.memory_mb),
        "restart": restart_seconds(given.dir, given.restart_events),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    }
    found["below"] = below(found)
    print(json.dumps(found, indent=2))
    for line in found["below"]:
        print(f"below what is stated: {line}", file=sys.stderr)
    if found["below"]:
        sys.exit(FINDING)


if __name__ == "__main__":
    main()
