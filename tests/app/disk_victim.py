"""A `veracity paper` whose disk fills up: `python -m tests.app.disk_victim PROFILE DISK TOLD LOW FULL WORD...`.

At the LOW-th record that it appends another program leaves 2 MiB of the disk DISK free, at the FULL-th nothing. What the process
was told and did goes to the file TOLD, on another disk, one unbuffered line each: `durable SEQ` when a commit returned, `asked ID`
when an order was appended, `sent ID` when it left, `failed` when a file call of the journal raised, and `again` for each such call after it.
"""

import os
import sys
from functools import partial
from typing import Any, Final

from veracity.app import paper
from veracity.app.cli.main import main
from veracity.domain.events import OrderSubmitted, decode_event
from veracity.engine.effects import SubmitOrder
from veracity.journal.files import SYSTEM_FILES
from veracity.journal.space import LIVE
from veracity.journal.writer import JournalWriter
from veracity.simulator.exchange import SimulatedExchange

LEFT_BYTES: Final = 2 << 20
CAREFUL: Final = LIVE._replace(
    preallocate_bytes=4_096, reserve_bytes=16_384, low_water_bytes=4 << 20, witness_records=8
)
PROFILES: Final = {"careful": CAREFUL, "bare": CAREFUL._replace(reserve_bytes=0, low_water_bytes=0)}
CALLS: Final = ("create", "write", "sync_data", "sync", "truncate", "replace", "unlink")


class Filler:
    """Another program on the same disk."""

    def __init__(self, disk: str) -> None:
        self._disk: Final = disk

    def leave(self, free: int) -> None:
        disk = os.statvfs(self._disk)
        size = disk.f_bavail * disk.f_frsize - free
        if size > 0:
            file = os.open(f"{self._disk}/filler", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.posix_fallocate(file, os.fstat(file).st_size, size)
            os.close(file)


def tell(path: str, *words: object) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(file, " ".join(map(str, words)).encode() + b"\n")
    os.close(file)


def watch(disk: str, told: str, low: int, full: int) -> None:
    append, barrier, perform = JournalWriter.append, JournalWriter.barrier, SimulatedExchange.perform
    filler, calls, failed = Filler(disk), [0], [False]

    def appended(self: JournalWriter, seq: int, payload: bytes) -> None:
        calls[0] += 1
        if calls[0] == low:
            filler.leave(LEFT_BYTES)
        if calls[0] >= full:
            filler.leave(0)
        append(self, seq, payload)
        event = decode_event(payload)
        if isinstance(event, OrderSubmitted):
            tell(told, "asked", event.order_id)

    def synced(self: JournalWriter) -> None:
        barrier(self)
        tell(told, "durable", self.seq_durable)

    def performed(self: SimulatedExchange, effect: Any, now: int) -> None:
        if isinstance(effect, SubmitOrder):
            tell(told, "sent", effect.order.order_id)
        perform(self, effect, now)

    def called(call: Any, *words: Any) -> Any:
        if failed[0]:
            tell(told, "again")
        try:
            return call(*words)
        except OSError:
            failed[0] = True
            tell(told, "failed")
            raise

    JournalWriter.append = appended  # type: ignore[method-assign]
    JournalWriter.barrier = synced  # type: ignore[method-assign]
    SimulatedExchange.perform = performed  # type: ignore[method-assign]
    for name in CALLS:
        setattr(SYSTEM_FILES, name, partial(called, getattr(SYSTEM_FILES, name)))


if __name__ == "__main__":
    watch(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    run_paper, profile = paper.run_paper, PROFILES[sys.argv[1]]
    paper.run_paper = lambda *given, manner, **named: run_paper(
        *given, manner=manner._replace(profile=profile), **named
    )
    sys.argv[1:] = sys.argv[6:]
    main()
