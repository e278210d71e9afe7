"""One random bit flips, the store is opened again and read: this journal beside sqlite3, LMDB, RocksDB and JSON lines.

    python -m bench.journal.corruption [--trials N] [--records N] [--seed N] [--json]

`right`: every record came back as it was written. `refused`: the store said that something is wrong. `lost`: records are
missing and nobody said so. `wrong`: a record came back that was never written, and nobody said so. A trial is a process
of its own for the stores that may crash on damage (`crashed` counts as refused).
"""

import json
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

import lmdb
import numpy as np
from bench.journal.disk import UNSYNCED, memory
from bench.journal.lives import RUN_ID
from bench.journal.table import Proof, options, report
from rocksdict import DBRecoveryMode, Options, Rdict, WriteOptions

from veracity.domain.errors import OperatorFault
from veracity.journal.recover import recover
from veracity.journal.space import BATCH
from veracity.journal.writer import JournalWriter

RECORDS: Final = 200
TRIALS: Final = 200
FILLER: Final = "x" * 150
VERDICTS: Final = ("right", "refused", "lost", "wrong")
REFUSED, CRASHED = 7, "crashed"

Rows: TypeAlias = list[tuple[int, bytes]]


class Store(NamedTuple):
    """How a store is written, which of its files hold the data, and how it is read again; reading may raise."""

    name: str
    write: Callable[[Path, Rows], None]
    read: Callable[[Path], Rows]
    files: str  # pattern


def payload(seq: int) -> bytes:
    """What a record says."""
    return json.dumps({"seq": seq, "qty": seq * 7, "fill": FILLER}).encode()


def _journal(place: Path, rows: Rows) -> None:
    journal = JournalWriter.create(
        place / "wal", RUN_ID, code_version="0.1.0", schema_version=1, profile=BATCH, files=UNSYNCED
    )
    for seq, data in rows:
        journal.append(seq, data)
    journal.close()


def _read_journal(place: Path) -> Rows:
    return [(record.seq, record.payload) for record in recover(place / "wal").records]


def _lines(place: Path, rows: Rows) -> None:
    (place / "log.jsonl").write_bytes(b"".join(data + b"\n" for _, data in rows))


def _read_lines(place: Path) -> Rows:
    lines = (place / "log.jsonl").read_bytes().splitlines()
    return [(int(json.loads(line)["seq"]), line) for line in lines]


def _read_good_lines(place: Path) -> Rows:
    rows = []
    for line in (place / "log.jsonl").read_bytes().splitlines():
        try:
            rows.append((int(json.loads(line)["seq"]), line))
        except (ValueError, KeyError, TypeError):
            continue
    return rows


def _sqlite(place: Path, rows: Rows, *, checkpoint: bool) -> None:
    store = sqlite3.connect(place / "db")
    store.execute("pragma journal_mode=wal")
    store.execute("pragma wal_autocheckpoint=0")
    store.execute("create table log (seq integer primary key, payload blob)")
    store.executemany("insert into log values (?, ?)", rows)
    store.commit()
    if checkpoint:
        store.execute("pragma wal_checkpoint(truncate)")
        store.close()
        return
    for name in ("db", "db-wal"):  # as a crash leaves it; closing would put the wal away
        shutil.copy(place / name, place / f"{name}.kept")
    store.close()
    for name in ("db", "db-wal"):
        (place / f"{name}.kept").rename(place / name)


def _read_sqlite(place: Path, *, check: bool = False) -> Rows:
    store = sqlite3.connect(place / "db")
    try:
        if check and store.execute("pragma integrity_check").fetchall() != [("ok",)]:
            raise sqlite3.DatabaseError("integrity_check")
        return [
            (int(seq), bytes(data))
            for seq, data in store.execute("select seq, payload from log order by seq")
        ]
    finally:
        store.close()


def _lmdb(place: Path, rows: Rows) -> None:
    with (
        lmdb.open(str(place / "lmdb"), map_size=1 << 22, sync=False) as store,
        store.begin(write=True) as writing,
    ):
        for seq, data in rows:
            writing.put(seq.to_bytes(8, "big"), data, append=True)


def _read_lmdb(place: Path) -> Rows:
    with (
        lmdb.open(str(place / "lmdb"), map_size=1 << 22, readonly=True, lock=False) as store,
        store.begin() as reading,
    ):
        return [(int.from_bytes(key, "big"), bytes(data)) for key, data in reading.cursor()]


def _rocks(place: Path, rows: Rows, *, flush: bool = False) -> None:
    store, writing = Rdict(str(place / "rocks"), Options(raw_mode=True)), WriteOptions()
    for seq, data in rows:
        store.put(seq.to_bytes(8, "big"), data, writing)
    if flush:
        store.flush()
    shutil.copytree(place / "rocks", place / "kept")  # as a crash leaves it: in the write-ahead log
    store.close()
    shutil.rmtree(place / "rocks")
    (place / "kept").rename(place / "rocks")


def _read_rocks(place: Path, *, strict: bool = False) -> Rows:
    options = Options(raw_mode=True)
    if strict:
        options.set_wal_recovery_mode(DBRecoveryMode.absolute_consistency())
    store = Rdict(str(place / "rocks"), options)
    try:
        return [(int.from_bytes(_bytes(key), "big"), _bytes(data)) for key, data in store.items()]
    finally:
        store.close()


def _bytes(raw: object) -> bytes:
    assert isinstance(raw, bytes)  # of a store in raw mode
    return raw


STORES: Final = (
    Store("veracity journal", _journal, _read_journal, "wal/*.wal"),
    Store("JSON lines, strict", _lines, _read_lines, "log.jsonl"),
    Store("JSON lines, bad ones skipped", _lines, _read_good_lines, "log.jsonl"),
    Store(
        "sqlite3, in its -wal",
        lambda place, rows: _sqlite(place, rows, checkpoint=False),
        _read_sqlite,
        "db-wal",
    ),
    Store(
        "sqlite3, checkpointed", lambda place, rows: _sqlite(place, rows, checkpoint=True), _read_sqlite, "db"
    ),
    Store(
        "sqlite3, checkpointed, integrity_check",
        lambda place, rows: _sqlite(place, rows, checkpoint=True),
        lambda place: _read_sqlite(place, check=True),
        "db",
    ),
    Store("LMDB", _lmdb, _read_lmdb, "lmdb/data.mdb"),
    Store("RocksDB, in its log", _rocks, _read_rocks, "rocks/*.log"),
    Store(
        "RocksDB, in its log, absolute consistency",
        _rocks,
        lambda place: _read_rocks(place, strict=True),
        "rocks/*.log",
    ),
    Store(
        "RocksDB, in its table",
        lambda place, rows: _rocks(place, rows, flush=True),
        _read_rocks,
        "rocks/*.sst",
    ),
)


def trial(store: Store, original: Path, place: Path, rows: Rows, chance: np.random.Generator) -> str:
    """Flip one bit of what holds the data, and read in a process of its own."""
    shutil.copytree(original, place)
    paths = [path for path in sorted(place.glob(store.files)) if path.stat().st_size]
    sizes = [path.stat().st_size for path in paths]
    at = int(chance.integers(sum(sizes)))
    for path, size in zip(paths, sizes, strict=True):
        if at < size:
            data = bytearray(path.read_bytes())
            data[at] ^= 1 << int(chance.integers(8))
            path.write_bytes(data)
            break
        at -= size
    verdict = _read_apart(store, place, rows)
    shutil.rmtree(place)
    return verdict


def _read_apart(store: Store, place: Path, rows: Rows) -> str:
    child = os.fork()
    if not child:
        code = REFUSED
        try:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
            code = VERDICTS.index(_judged(store, place, rows))
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return VERDICTS[code] if 0 <= code < len(VERDICTS) else CRASHED


def _judged(store: Store, place: Path, rows: Rows) -> str:
    try:
        found = store.read(place)
    except (OperatorFault, OSError, ValueError, KeyError, TypeError, sqlite3.Error, lmdb.Error):
        return "refused"
    except Exception:  # noqa: BLE001 - rocksdict raises nothing narrower
        return "refused"
    if found == rows:
        return "right"
    return "wrong" if not set(found) <= set(rows) else "lost"


def prove(trials: int = TRIALS, records: int = RECORDS, seed: int = 1) -> Proof:
    """The table: one row for each store. Only ours must never lose or change a record in silence."""
    proof = Proof("one flipped bit (F02)", ("store", "trials", *VERDICTS, CRASHED))
    rows = [(seq, payload(seq)) for seq in range(1, records + 1)]
    for number, store in enumerate(STORES):
        chance = np.random.default_rng((seed, number))
        verdicts: Counter[str] = Counter()
        with memory() as name:
            original = Path(name) / "original"
            original.mkdir()
            store.write(original, rows)
            for each in range(trials):
                verdicts[trial(store, original, Path(name) / f"{each}", rows, chance)] += 1
        proof.row(store.name, trials, *(verdicts[verdict] for verdict in (*VERDICTS, CRASHED)))
        if number == 0:
            for verdict in ("lost", "wrong", CRASHED):
                proof.expect(f"{store.name}: {verdict}", verdicts[verdict], 0)
    return proof


def main() -> None:
    """Prove and print."""
    parser = options(__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report([prove(given.trials, given.records, given.seed)], as_json=given.json)


if __name__ == "__main__":
    main()
