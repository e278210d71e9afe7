"""The practice venue's wiring: the simulated exchange of a config in a process of its own, with a memory on disk.

Its directory is `practice-<id>` beside the run directories, by the first digits of the run's id: a lock, the socket, and a
journal of what it was asked to do. It belongs to one run directory: where that run has its end marker, or there is none, the
next venue begins without memory.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import veracity
from veracity.app.backtest import identify, plan_of
from veracity.app.config import LoadedConfig
from veracity.app.unfinished import unfinished
from veracity.data.dataset import load
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.ids import RUN_PREFIX_DIGITS
from veracity.forensics.code_identity import code_identity
from veracity.journal.reader import read
from veracity.journal.recover import truncate_tail
from veracity.journal.segments import make_directory, open_directory
from veracity.journal.space import BATCH
from veracity.journal.writer import JournalWriter
from veracity.runtime.simulation import exchange
from veracity.state.schema import SCHEMA_VERSION
from veracity.venues.practice.counterparty import Counterparty
from veracity.venues.practice.server import listening, serve

DEEDS: Final = "deeds"


class Served(NamedTuple):
    """A venue that listens."""

    directory: Path
    run_id: str


class JournaledDeeds:
    """The account's memory: a journal like the engine's, of requests."""

    def __init__(self, directory: Path, run_id: str) -> None:
        """Go on in the journal in `directory`. Raises what recovery and `JournalWriter.resume` raise."""
        if directory.exists():
            truncate_tail(directory)  # a request that was not written whole was not answered
        self._directory: Final = directory
        self._journal: Final = JournalWriter.resume(
            directory,
            run_id,
            code_version=veracity.__version__,
            schema_version=SCHEMA_VERSION,
            profile=BATCH,
        )

    def deeds(self) -> Iterator[bytes]:
        """Those of the processes before, oldest first."""
        return (bytes(record.payload) for record in read(self._directory))

    def keep(self, deed: bytes, *, durable: bool) -> None:
        """Add one. Raises JournalDead."""
        self._journal.append(self._journal.seq_last + 1, deed)
        if durable:
            self._journal.barrier()

    def close(self) -> None:
        """Make everything durable."""
        self._journal.close()


def practice_directory(runs_dir: Path, run_id: str) -> Path:
    """Where the venue of a run is."""
    return runs_dir / f"practice-{run_id[:RUN_PREFIX_DIGITS]}"


def serve_practice(
    loaded: LoadedConfig, runs_dir: Path, ready: Callable[[Served], None], tell: Callable[[str], None]
) -> None:
    """Be the venue of the config's run until the process is ended. `ready` hears when an engine may come.

    Raises OperatorFault (exit code 7) where another process is this venue; what the journal raises.
    """
    dataset = load(loaded.sources())
    identity = identify(loaded, dataset, code_identity(os.environ).code_hash)  # noqa: TID251 - as the engine reads it
    directory = practice_directory(runs_dir, identity.run_id)
    runs_dir.mkdir(parents=True, exist_ok=True)
    make_directory(directory)
    with _alone_in(directory) as opened:
        if unfinished(runs_dir, identity.run_id) is None and (directory / DEEDS).exists():
            shutil.rmtree(directory / DEEDS)
        memory = JournaledDeeds(directory / DEEDS, identity.run_id)
        try:
            counterparty = Counterparty(exchange(plan_of(loaded, dataset, identity)), memory)
            with listening(opened) as listener:
                ready(Served(directory, identity.run_id))
                serve(listener, identity.run_id, counterparty, tell)
        finally:
            memory.close()


@contextmanager
def _alone_in(directory: Path) -> Iterator[int]:
    """The open directory, with its lock."""
    opened = open_directory(directory)
    try:
        _lock(opened, directory)
        yield opened
    finally:
        os.close(opened)


def _lock(opened: int, directory: Path) -> None:
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise OperatorFault(
            "another process is the practice venue of this run",
            where=str(directory),
            hint="end the other run first",
            exit_code=ExitCode.UNSAFE,
        ) from None
