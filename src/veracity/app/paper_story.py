"""What a paper run leaves for people: its log, and where it came to the end of its data the results; from the journal alone."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from veracity.app.backtest import explain, logged
from veracity.app.config import LoadedConfig
from veracity.app.journal_events import JournalEvents
from veracity.data.dataset import Dataset
from veracity.domain.events import CheckpointMarked, Event, ModeChanged
from veracity.domain.machines import Mode
from veracity.domain.recovery_models import RecoveryReport
from veracity.forensics.event_log import EventLog
from veracity.forensics.manifest import Manifest, read_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.guards.summary import RiskFold
from veracity.journal.snapshots import Snapshot, walk
from veracity.research import trial_ledger
from veracity.research.results import collect
from veracity.state.model import EngineState


def _remembered(run: RunDirectory, log: EventLog) -> Iterator[Event]:
    """The run's events. When the line of one is written, `log` is told of the snapshot behind it, and of the start from it with
    what that start cut off."""
    taken = {one.header.record_seq: one for one in walk(run.snapshots) if isinstance(one, Snapshot)}
    files = sorted(run.recoveries.glob("*/recovery.json"))
    reports = [RecoveryReport.model_validate_json(file.read_bytes()) for file in files]
    for event in JournalEvents(run.wal):
        yield event
        if (found := taken.get(event.seq)) is not None:
            log.notice("snapshot_written", event, _told_of(run, found))
        for report in reports:
            if report.seq_last == event.seq and report.state_hash is not None:
                said = report.model_dump(mode="json")
                if report.torn_file is not None:
                    log.notice("wal_torn_tail", event, said)
                log.notice("recovery_finished", event, said)


def _told_of(run: RunDirectory, found: Snapshot) -> dict[str, object]:
    return {
        "file": found.name,
        "bytes": (run.snapshots / found.name).stat().st_size,
        "sha256": found.sha256,
        "state_hash": found.header.state_hash,
    }


def write_log(run: RunDirectory, run_id: str) -> None:
    """The log of a run that was stopped on the way: there is nothing to sum up."""
    with EventLog(run.events, run_id) as log:
        for event in _remembered(run, log):
            log.emit(event)


def explained(
    run: RunDirectory, loaded: LoadedConfig, dataset: Dataset, state: EngineState
) -> dict[str, Any]:
    """Write what people read; answers the summary."""
    manifest: Manifest = read_manifest(run.manifest)
    with EventLog(run.events, manifest.run_id) as log:
        risk = RiskFold()
        results = collect(logged(_remembered(run, log), log, risk), dataset, state)
    block = risk.block(state, loaded.limits())
    asked = len(loaded.strategies)
    trials = trial_ledger.record(run.root.parent, manifest.dataset_hash, manifest.run_id, asked)
    return explain(run, loaded, dataset, results, block, manifest, lambda: None, trials)


class Ending(NamedTuple):
    """How the journal of a run ends."""

    state_hash: str  # of its last checkpoint
    is_halted: bool  # nobody had resumed it


def ending(run: RunDirectory) -> Ending:
    """How the run ended, by its journal."""
    state_hash, is_halted = "", False
    for event in JournalEvents(run.wal):
        if isinstance(event, CheckpointMarked):
            state_hash = event.state_hash
        elif isinstance(event, ModeChanged):
            is_halted = Mode.HALTED in (
                event.mode_to,
                event.mode_from if event.mode_to is Mode.STOPPED else None,
            )
    return Ending(state_hash, is_halted)
