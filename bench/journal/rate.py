"""How fast the journal is on this disk, beside what the disk can do and beside three stores, in one run, in alternating rounds.

    python -m bench.journal.rate [--dir DIR] [--commits N] [--rounds N] [--memory-mb N] [--restart-events N]

Prints one JSON document. `commits`: durable records a second, one record and one sync each, median over the rounds; fio
writes the same bytes with fdatasync=1 into a file that is there already. `fio_share`: the median of the shares of the rounds,
as a disk that others use is not the same disk a minute later. `groups`: records a second in groups of 100.
`appended`: the same without the disk's part. `scan`: records read and checked. `fold`: events decoded and applied. `memory`:
how much more a reader of a long journal takes than one of a short. `restart`: from nothing to the state, with snapshots.

What needs no disk is told twice: by the wall clock, and by the time that the process had a core; the second is judged, as
others may be at work. What plain Python does, appending, scanning and folding, is held to as much of its stated rate as this
machine reaches of the stating one (`bench/machine.py`, the median of a few between the others); what waits for the disk, and
memory and restart, are held to the stated figure itself. Where a figure is below, `below` and stderr say so, and the exit
code is 5.
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
from bench.machine import Machine, plain_python
from rocksdict import Rdict, WriteOptions

from veracity import __version__
from veracity.domain.time import NS_PER_MINUTE
from veracity.engine.core import BoundStrategy, Engine
from veracity.engine.opening import Cast, opening
from veracity.guards.view import RiskLimits
from veracity.journal.batch import Record
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
    milliseconds = max(1.0, float(job["job_runtime"]))
    return float(job["write"]["total_ios"]) * group / milliseconds * 1_000


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


Rates = dict[str, list[float]]
"""Records a second of each peer, round by round."""


def rounds(directory: Path, commits: int, group: int, count: int) -> Rates:
    """Every round has each of the peers once, and each begins a round in its turn."""
    found: Rates = {name: [] for name in PEERS}
    names = list(PEERS)
    for number in range(count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            with tempfile.TemporaryDirectory(dir=directory) as place:
                found[name].append(PEERS[name](Path(place), commits, group))
    return found


def medians(found: Rates) -> dict[str, int]:
    """Of each peer, over the rounds."""
    return {name: round(statistics.median(rates)) for name, rates in found.items()}


def share(found: Rates, of: str) -> float:
    """What this journal reaches of `of`: the median over the rounds, in each of which both had the same disk."""
    pairs = zip(found["veracity"], found[of], strict=True)
    return statistics.median(ours / theirs for ours, theirs in pairs)


class Pace(NamedTuple):
    """Of one core: by the wall clock, and by the time that the process had it. They differ where others are at work."""

    per_s: int
    per_cpu_s: int


class Cost(NamedTuple):
    """Seconds of one thing, by both clocks."""

    wall_s: float
    cpu_s: float

    def pace(self, count: int) -> Pace:
        """Of `count` things that took so long."""
        return Pace(round(count / self.wall_s), round(count / self.cpu_s))


def timed(run: Callable[[], None], repetitions: int = 3) -> Cost:
    """The best of some repetitions of `run`, by each clock."""
    walls, cpus = [], []
    for _ in range(repetitions):
        wall, cpu = time.perf_counter(), time.process_time()
        run()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return Cost(min(walls), min(cpus))


def scan_rate(directory: Path, records: int) -> Pace:
    """Records a second that `scan` checks; the page cache is warm."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        wal = Path(place) / "wal"
        filled(wal, records)

        def run() -> None:
            assert scan(wal).records == records

        return timed(run).pace(records)


def append_rate(directory: Path, records: int) -> Pace:
    """Records a second that are framed, chained, written and synced in groups, without the time that the disk takes."""

    def run() -> None:
        with tempfile.TemporaryDirectory(dir=directory) as place:
            ours(Path(place), records // GROUP, GROUP)

    return timed(run).pace(records // GROUP * GROUP)


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

    return timed(run).pace(len(kept.records))


READER: Final = """
import sys
from pathlib import Path
from veracity.journal.reader import read
count = sum(1 for _ in read(Path(sys.argv[1])))
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(count, peak.split()[1])
"""


class Memory(NamedTuple):
    """Peak memory of a process that reads a journal, and of one that reads a sixteenth of it."""

    journal_mb: int
    short_rss_mb: float
    long_rss_mb: float

    @property
    def more_mb(self) -> float:
        """What length costs."""
        return self.long_rss_mb - self.short_rss_mb


def memory(directory: Path, megabytes: int) -> Memory:
    """Of a journal of `megabytes`."""
    return Memory(megabytes, reader_rss(directory, megabytes // 16), reader_rss(directory, megabytes))


def reader_rss(directory: Path, megabytes: int) -> float:
    """Peak memory, MB, of a process that reads a journal of this length."""
    with tempfile.TemporaryDirectory(dir=directory) as place:
        records = megabytes * 1_000_000 // RECORD_BYTES
        filled(Path(place) / "wal", records)
        words = [sys.executable, "-c", READER, str(Path(place) / "wal")]
        done = subprocess.run(words, capture_output=True, text=True, check=True, timeout=600)
        count, peak = map(int, done.stdout.split())
        assert count == records
        return round(peak / 1024, 1)


class Restarted(NamedTuple):
    """What one restart took."""

    events: int
    snapshots: int
    seconds: Cost


def restart_seconds(directory: Path, events: int) -> Restarted:
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

        def again() -> None:
            found = restart(wal, snapshots, run_id=day.IDENTITY.run_id, schema_version=1)
            assert found.state.seq == state.seq

        return Restarted(state.seq, len(list(snapshots.glob("*"))), timed(again))


class Sizes(NamedTuple):
    """How much is measured."""

    commits: int = 300  # of each peer in each round
    rounds: int = 9
    records: int = 500_000  # of the journal that is scanned
    events: int = 200_000  # that are folded
    memory_mb: int = 128  # of the long journal; 2048 takes minutes
    restart_events: int = 1_000_000


class Found(NamedTuple):
    """Every figure."""

    commits: dict[str, int]
    fio_share: float  # of the commits that the disk can do
    groups: dict[str, int]
    appended: Pace
    scan: Pace
    fold: Pace
    memory: Memory
    restart: Restarted
    machine: Machine  # the median of a few, between the others


def measure(directory: Path, sizes: Sizes) -> Found:
    """All of it, in directories that are removed afterwards."""
    machines = [plain_python()]
    commits = rounds(directory, sizes.commits, 1, sizes.rounds)
    groups = medians(rounds(directory, max(1, sizes.commits // 2), GROUP, sizes.rounds))
    machines.append(plain_python())
    appended = append_rate(directory, sizes.records)
    scanned = scan_rate(directory, sizes.records)
    machines.append(plain_python())
    folded = fold_rate(sizes.events)
    machines.append(plain_python())
    flat = memory(directory, sizes.memory_mb)
    again = restart_seconds(directory, sizes.restart_events)
    machines.append(plain_python())
    return Found(
        medians(commits),
        share(commits, "fio"),
        groups,
        appended,
        scanned,
        folded,
        flat,
        again,
        statistics.median_low(machines),
    )


def below(found: Found) -> list[str]:
    """Every figure that is under what it is held to. What needs no disk is judged by the time of its core."""
    commits, machine = found.commits, found.machine.share
    wanted = [("share of fio's commits", found.fio_share, RATIO_OF_FIO_MIN)]
    wanted += [(f"commits beside {rival}", commits["veracity"], commits[rival]) for rival in RIVALS]
    wanted += [
        ("records a second in groups", found.groups["veracity"], GROUPED_MIN),
        ("records appended a second", found.appended.per_cpu_s, GROUPED_MIN * machine),
        ("records scanned a second", found.scan.per_cpu_s, SCAN_MIN * machine),
        ("events folded a second", found.fold.per_cpu_s, FOLD_MIN * machine),
        ("MB that a long journal takes more", -found.memory.more_mb, -MEMORY_MB_MAX),
        ("seconds of a restart", -found.restart.seconds.cpu_s, -RESTART_S_MAX),
    ]
    return [
        f"{what}: {abs(is_so):,.2f}, held to {abs(least):,.2f}"
        for what, is_so, least in wanted
        if is_so < least
    ]


def document(found: Found, short: list[str]) -> dict[str, Any]:
    """What is printed."""
    return {
        "schema": "veracity.journal_rate/3",
        "version": __version__,
        "record_bytes": RECORD_BYTES,
        "machine": found.machine.as_dict(),
        "stated_per_s": {"groups": GROUPED_MIN, "scan": SCAN_MIN, "fold": FOLD_MIN},
        "commits": found.commits,
        "fio_share": round(found.fio_share, 3),
        "groups": found.groups,
        "appended": found.appended._asdict(),
        "scan": found.scan._asdict(),
        "fold": found.fold._asdict(),
        "memory": found.memory._asdict() | {"more_mb": round(found.memory.more_mb, 1)},
        "restart": {
            "events": found.restart.events,
            "snapshots": found.restart.snapshots,
            **{clock: round(seconds, 3) for clock, seconds in found.restart.seconds._asdict().items()},
        },
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "below": short,
    }


def main() -> None:
    """Measure, print, and end with 5 where something is below what is stated."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--dir", type=Path, default=Path("build"), help="on the disk to measure")
    for name, usual in Sizes()._asdict().items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=usual)
    given = vars(parser.parse_args())
    directory: Path = given.pop("dir")
    directory.mkdir(parents=True, exist_ok=True)
    found = measure(directory, Sizes(**given))
    short = below(found)
    print(json.dumps(document(found, short), indent=2))
    for line in short:
        print(f"below: {line}", file=sys.stderr)
    if short:
        sys.exit(FINDING)


if __name__ == "__main__":
    main()
