"""The trading of a paper run: its journal folded, its venue met again, the data taken to the end, the journal closed."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import veracity
from veracity.app.backtest import plan_of
from veracity.app.config import LoadedConfig
from veracity.app.journal_events import JournalEvents
from veracity.app.world import World
from veracity.data.dataset import Dataset
from veracity.domain.events import Event, decode_event
from veracity.domain.machines import RecoveryOn
from veracity.domain.policies import JOURNAL
from veracity.engine.opening import RunIdentity
from veracity.forensics.files import DIRECTORY_MODE
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.recover import Mode
from veracity.journal.space import LIVE, Profile
from veracity.journal.writer import JournalWriter
from veracity.ops.metrics import GuardMetrics, Metered, MetricsFile, TimedGate
from veracity.research.files import publish
from veracity.runtime.disk_watch import DiskWatch
from veracity.runtime.loop import Loop, flush_on_shutdown
from veracity.runtime.recovery import Restart, restart, take_over
from veracity.runtime.resume import Rebuilding, Resumed, again
from veracity.runtime.sent_once import Journaled, SentOnce
from veracity.runtime.simulation import END_OF_DATA, Beside, Plan, exchange, go_on
from veracity.runtime.snapshots import SnapshotTaker
from veracity.state.model import EngineState
from veracity.state.schema import SCHEMA_VERSION
from veracity.venues.practice.client import PracticeVenue

SHUTDOWN: Final = "shutdown"

Progress = Callable[[int, int], None]


class Manner(NamedTuple):
    """How a paper run is run."""

    kill_file: Path | None = None  # halts it while it is there; None: the one in the run directory
    pace: float = 0  # bars a second; 0: as fast as it goes
    checkpoint_every: int = 0  # events and facts from one journaled state hash to the next; 0: at the end
    progress: Progress | None = None
    snapshot_every: int = JOURNAL.snapshot_events  # one is taken when the day changes and at the end, too
    profile: Profile = LIVE  # how carefully the journal is written, and how much room it wants
    venue: Path | None = None  # directory of a practice venue; None: one in this process


AS_USUAL: Final = Manner()


class Memory:
    """What is heard while the journal is folded, so that a venue can be met again: one of this process hears all that it
    heard before; of one that lives by itself it is enough to know what was sent and told."""

    def __init__(self, plan: Plan, directory: Path | None) -> None:
        self._run_id: Final = plan.identity.run_id
        self._directory: Final = directory
        self._simulated: Final = exchange(plan) if directory is None else None
        self._journaled: Final = Journaled()
        hear = self._journaled.take if self._simulated is None else partial(again, self._simulated)
        self.rebuilding: Final = Rebuilding(hear)

    @contextmanager
    def met(self, found: Restart) -> Iterator[Resumed]:
        """Where the run goes on, with its venue; a connection is closed at the end.

        Raises OperatorFault (exit code 7) where venue and journal contradict each other, VenueFault where none answers.
        """
        at_cut = self.rebuilding.at_cut(found.state)
        if self._simulated is not None:  # it was made again from the records: it has said all
            found.start.to(RecoveryOn.ANSWER)
            yield self.rebuilding.resumed(at_cut, self._simulated)
            return
        assert self._directory is not None
        with closing(PracticeVenue(self._directory, self._run_id)) as venue:
            with found.start.refusing():
                rest = [decode_event(record.payload) for record in self.rebuilding.rest]
                once = SentOnce(self._run_id, venue, self._journaled, at_cut, rest)
                found.start.to(RecoveryOn.ANSWER)
            yield self.rebuilding.resumed(at_cut, once)


class _Ending(NamedTuple):
    """A journal that is closed behind the last snapshot of the state."""

    taker: SnapshotTaker
    state: EngineState
    journal: JournalWriter

    def close(self) -> None:
        """Take that snapshot, then close."""
        self.taker.finish(self.state)
        self.journal.close()


def trade(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    identity: RunIdentity,
    world: World,
    manner: Manner,
) -> tuple[Loop, int]:
    """Fold what is journaled, go on from there to the end of the data, and close the journal."""
    plan = plan_of(loaded, dataset, identity)
    memory, metrics = Memory(plan, manner.venue), GuardMetrics(loaded.limits())
    found = _recover(run, identity.run_id, memory.rebuilding, metrics.observe)
    journal = _taken_over(run, identity.run_id, found, manner.profile)
    disk = DiskWatch(journal.health)
    world.watch_disk(disk)
    metrics.watch(disk)
    page = MetricsFile(run.metrics, metrics, write=publish, seconds=time.monotonic)
    world.tell_metrics(metrics, page)
    try:
        run.forget_derived()  # now that no other process can be at work on this run
        taker = SnapshotTaker(
            run.snapshots,
            journal,
            run_id=identity.run_id,
            schema_version=SCHEMA_VERSION,
            every=manner.snapshot_every,
            compress=True,
        )
        taker.resume_from(found.state)
        world.settle(found.state, iter(JournalEvents(run.wal)))

        def between(state: EngineState) -> None:
            if journal.seq_last == state.seq:  # not while old records are taken once more
                taker.offer(state)
            if world.is_time_to_write():  # facts that lead to nothing are durable all the same
                journal.acknowledge()

        gate = partial(TimedGate, clock=time.perf_counter_ns, judged=metrics.judged)
        beside = Beside(world, manner.checkpoint_every, manner.progress, between, gate)
        with memory.met(found) as resumed:
            loop = go_on(plan, Metered(journal, metrics), resumed, beside)
            if world.signal:
                ending = _Ending(taker, loop.state, journal)
                flush_on_shutdown(loop, ending, SHUTDOWN, signal.Signals(world.signal).name)
            else:
                loop.finish(END_OF_DATA)
                taker.finish(loop.state)
        page.publish(loop.state)
    finally:
        journal.close()
    return loop, found.since.seq


def _taken_over(run: RunDirectory, run_id: str, found: Restart, profile: Profile) -> JournalWriter:
    """The journal that was recovered, to go on in."""
    return take_over(
        run.wal,
        found,
        run_id,
        code_version=veracity.__version__,
        schema_version=SCHEMA_VERSION,
        profile=profile,
        clock=time.monotonic_ns,
    )


def _recover(
    run: RunDirectory, run_id: str, rebuilding: Rebuilding, on_event: Callable[[Event], None]
) -> Restart:
    """Prove the journal of the process before, and cut off a write that it did not finish; the report is kept.

    One pass folds it, lets the memory of the venue hear it, and compares the snapshot.
    """
    reports = None
    if run.wal.exists():
        run.recoveries.mkdir(DIRECTORY_MODE, exist_ok=True)
        reports = run.recoveries / f"{len(list(run.recoveries.iterdir())) + 1:04}"
        reports.mkdir(DIRECTORY_MODE)
    return restart(
        run.wal,
        run.snapshots,
        run_id=run_id,
        schema_version=SCHEMA_VERSION,
        mode=Mode.TRUNCATE_TAIL,
        reports=reports,
        fold=rebuilding.follow,
        on_event=on_event,
    )
