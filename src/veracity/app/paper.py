"""The paper wiring on recorded inputs: as trading runs (every input journaled, durable before it is acted on, restarted from
its journal), with the recorded clock run as fast as it goes and a simulated venue.

A run that was killed is gone on with by the same command: the directory whose manifest has the same run id and that has
no end marker is taken up again, and ends with the hash that it would have had.
"""

import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import veracity
from veracity.app.backtest import describe, explain, identify, logged, plan_of
from veracity.app.config import LoadedConfig
from veracity.app.control import Control
from veracity.app.failure import leave_failed
from veracity.app.journal_events import JournalEvents
from veracity.app.world import World
from veracity.data.dataset import Dataset, load
from veracity.domain.errors import OperatorFault
from veracity.domain.events import CheckpointMarked, Event
from veracity.domain.machines import RecoveryOn
from veracity.domain.policies import JOURNAL
from veracity.domain.recovery_models import RecoveryReport
from veracity.engine.opening import RunIdentity
from veracity.forensics import run_directory
from veracity.forensics.code_identity import code_identity
from veracity.forensics.event_log import EventLog
from veracity.forensics.files import DIRECTORY_MODE
from veracity.forensics.manifest import Manifest, read_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.guards.summary import RiskFold
from veracity.journal.errors import JournalDead
from veracity.journal.recover import Mode
from veracity.journal.snapshots import Snapshot, walk
from veracity.journal.space import LIVE, Profile
from veracity.journal.writer import JournalWriter
from veracity.ops.metrics import GuardMetrics, Metered, MetricsFile, TimedGate
from veracity.research import trial_ledger
from veracity.research.files import publish
from veracity.research.results import collect
from veracity.runtime.disk_watch import DiskWatch
from veracity.runtime.kill_watch import KillWatch
from veracity.runtime.loop import Loop, flush_on_shutdown
from veracity.runtime.recovery import Restart, restart, take_over
from veracity.runtime.resume import Rebuilding
from veracity.runtime.simulation import END_OF_DATA, Beside, exchange, go_on
from veracity.runtime.snapshots import SnapshotTaker
from veracity.state.model import EngineState
from veracity.state.schema import SCHEMA_VERSION

MODE: Final = "paper"
SHUTDOWN: Final = "shutdown"

Clock = Callable[[], int]
Progress = Callable[[int, int], None]


class PaperOutcome(NamedTuple):
    """A paper run that came to its end, or was stopped: then `summary` is None. `signal`: by which, or 0."""

    run_dir: Path
    run_id: str
    state_hash: str
    resumed_at: int  # seq of the last record of the process before; 0 for a run from its beginning
    summary: dict[str, Any] | None
    signal: int
    seconds: float


class Manner(NamedTuple):
    """How a paper run is run."""

    kill_file: Path | None = None  # halts it while it is there; None: the one in the run directory
    pace: float = 0  # bars a second; 0: as fast as it goes
    checkpoint_every: int = 0  # events and facts from one journaled state hash to the next; 0: at the end
    progress: Progress | None = None
    snapshot_every: int = JOURNAL.snapshot_events  # one is taken when the day changes and at the end, too
    profile: Profile = LIVE  # how carefully the journal is written, and how much room it wants


AS_USUAL: Final = Manner()


def run_paper(
    loaded: LoadedConfig, *, runs_dir: Path, clock: Clock, manner: Manner = AS_USUAL
) -> PaperOutcome:
    """Run the config on its recorded data as paper, or go on with such a run that was killed.

    Without extra checkpoints it ends with the hash of the backtest.

    Raises OperatorFault where config, data or journal are refused; JournalDead where the disk fails. The directory gets
    its end marker when the run is finished, or a fault of ours ended it, and not before: without one the same command goes on.
    """
    begin = time.perf_counter()
    dataset = load(loaded.sources())
    code = code_identity(os.environ)  # noqa: TID251 - the wiring is where the environment is read
    identity = identify(loaded, dataset, code.code_hash)
    run = unfinished(runs_dir, identity.run_id)
    if run is None:
        created = clock()
        run = run_directory.create(
            runs_dir, mode=MODE, label=loaded.run.label, run_id=identity.run_id, created_ts=created
        )
        describe(run, loaded, dataset, identity, code, created, MODE)
    killing = run.kill_file if manner.kill_file is None else manner.kill_file
    with closing(Control(run, killing)) as control:
        world = World(control, KillWatch(killing), manner.pace, limits=loaded.limits())
        with _signals(world), _ended_by_a_fault(run, identity.run_id):
            loop, resumed_at = _trade(run, loaded, dataset, identity, world, manner)
    if loop.state.mode_reason != END_OF_DATA:  # stopped on the way: there is a log, and nothing to sum up
        _write_log(run, identity.run_id)
        told = None
    else:
        told = _explained(run, loaded, dataset, loop)
    run.seal(success=True)
    seconds = time.perf_counter() - begin
    return PaperOutcome(run.root, identity.run_id, _last_hash(run), resumed_at, told, world.signal, seconds)


def _last_hash(run: RunDirectory) -> str:
    """The hash of the run's last checkpoint, with which its journal ends."""
    marks = (event.state_hash for event in JournalEvents(run.wal) if isinstance(event, CheckpointMarked))
    return deque(marks, maxlen=1).pop()


def unfinished(runs_dir: Path, run_id: str) -> RunDirectory | None:
    """The directory of the paper run with this id that has no end marker; None where there is none."""
    for root in sorted(runs_dir.glob(f"{MODE}-*-{run_id[:8]}*")):
        run = RunDirectory(root)
        if (
            run.end_state() == "open"
            and run.manifest.exists()
            and read_manifest(run.manifest).run_id == run_id
        ):
            return run
    return None


@contextmanager
def _ended_by_a_fault(run: RunDirectory, run_id: str) -> Iterator[None]:
    """A bug of ours ends the run for good: the same input would meet it again. A disk or a file that failed does not: the
    same command goes on when it is mended."""
    try:
        yield
    except (JournalDead, OperatorFault, OSError):
        raise
    except Exception as error:
        leave_failed(run, run_id, error)
        raise


class _Ending(NamedTuple):
    """A journal that is closed behind the last snapshot of the state."""

    taker: SnapshotTaker
    state: EngineState
    journal: JournalWriter

    def close(self) -> None:
        """Take that snapshot, then close."""
        self.taker.finish(self.state)
        self.journal.close()


def _trade(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    identity: RunIdentity,
    world: World,
    manner: Manner,
) -> tuple[Loop, int]:
    """Fold what is journaled, go on from there to the end of the data, and close the journal."""
    plan = plan_of(loaded, dataset, identity)
    rebuilding, metrics = Rebuilding(exchange(plan)), GuardMetrics(loaded.limits())
    found = _recover(run, identity.run_id, rebuilding, metrics.observe)
    journal = _taken_over(run, identity.run_id, found, manner.profile)
    world.watch_disk(DiskWatch(journal.health))
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
        loop = go_on(plan, Metered(journal, metrics), rebuilding.resumed(found.state), beside)
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
    """The journal that was recovered, to go on in. The simulated venue was made again from its records: it has said all."""
    journal = take_over(
        run.wal,
        found,
        run_id,
        code_version=veracity.__version__,
        schema_version=SCHEMA_VERSION,
        profile=profile,
    )
    found.start.to(RecoveryOn.ANSWER)
    return journal


def _recover(
    run: RunDirectory, run_id: str, rebuilding: Rebuilding, on_event: Callable[[Event], None]
) -> Restart:
    """Prove the journal of the process before, and cut off a write that it did not finish; the report is kept.

    One pass folds it, lets the simulated venue hear it, and compares the snapshot.
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


def _remembered(run: RunDirectory, log: EventLog) -> Iterator[Event]:
    """The run's events. When the line of one is written, `log` is told of the snapshot behind it and of the start from it."""
    taken = {one.header.record_seq: one for one in walk(run.snapshots) if isinstance(one, Snapshot)}
    files = sorted(run.recoveries.glob("*/recovery.json"))
    reports = [RecoveryReport.model_validate_json(file.read_bytes()) for file in files]
    for event in JournalEvents(run.wal):
        yield event
        if (found := taken.get(event.seq)) is not None:
            log.notice("snapshot_written", event, _told_of(run, found))
        for report in reports:
            if report.seq_last == event.seq and report.state_hash is not None:
                log.notice("recovery_finished", event, report.model_dump(mode="json"))


def _told_of(run: RunDirectory, found: Snapshot) -> dict[str, object]:
    return {
        "file": found.name,
        "bytes": (run.snapshots / found.name).stat().st_size,
        "sha256": found.sha256,
        "state_hash": found.header.state_hash,
    }


def _write_log(run: RunDirectory, run_id: str) -> None:
    with EventLog(run.events, run_id) as log:
        for event in _remembered(run, log):
            log.emit(event)


def _explained(run: RunDirectory, loaded: LoadedConfig, dataset: Dataset, loop: Loop) -> dict[str, Any]:
    """Write what people read, from the journal alone; answers the summary."""
    manifest: Manifest = read_manifest(run.manifest)
    with EventLog(run.events, manifest.run_id) as log:
        risk = RiskFold()
        results = collect(logged(_remembered(run, log), log, risk), dataset, loop.state)
    block = risk.block(loop.state, loaded.limits())
    asked = len(loaded.strategies)
    trials = trial_ledger.record(run.root.parent, manifest.dataset_hash, manifest.run_id, asked)
    return explain(run, loaded, dataset, results, block, manifest, lambda: None, trials)


@contextmanager
def _signals(world: World) -> Iterator[None]:
    before = {number: signal.signal(number, world.stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
