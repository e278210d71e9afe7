"""From a run directory back to its final state: fold the journal, or run the engine again and compare every event."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

import msgspec

from veracity.app import config
from veracity.app.backtest import plan_of
from veracity.data.dataset import Dataset, load
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults
from veracity.domain.events import CheckpointMarked, Event, RunStarted, StrategyStarted, decode_event
from veracity.engine.opening import RunIdentity
from veracity.forensics.code_identity import code_hash, package_folders
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.batch import Record
from veracity.journal.reader import read
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fold
from veracity.runtime.simulation import simulate
from veracity.state.hash import state_hash

Progress = Callable[[int, int], None]

CODE_CHANGED: Final = " (the code is not that of the run: its code_hash differs)"


class ReplayOutcome(NamedTuple):
    """What a replay found. `first_difference` is None where nothing differs, or nothing was run again."""

    state_hash_expected: str | None  # of the run's last checkpoint; None where the run did not get there
    state_hash_found: str
    events: int  # of the journal
    facts: int  # of the dataset, as far as the journal counted them
    first_difference: str | None


class _Marks:
    """Counts the events of a fold; keeps the last checkpoint's hash and which strategies ran."""

    def __init__(self) -> None:
        self.events = 0
        self.last_hash: str | None = None
        self.strategies: list[StrategyStarted] = []

    def __call__(self, event: Event) -> None:
        self.events += 1
        if isinstance(event, CheckpointMarked):
            self.last_hash = event.state_hash
        elif isinstance(event, StrategyStarted):
            self.strategies.append(event)


class _Differs(Exception):
    """The journal and the new run part here."""


class Comparison:
    """A journal that keeps nothing and compares each event with the record that stands in its place."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = iter(records)

    def append(self, seq: int, payload: bytes) -> None:
        """Raises _Differs where the record in this place is another one."""
        record = next(self._records, None)
        if record is None:
            raise _Differs(f"the journal ends before seq {seq}, where the new run has {_kind(payload)}")
        if (record.seq, record.payload) != (seq, payload):
            raise _Differs(
                f"seq {record.seq} of the journal is {record.payload.decode()}, the new run has {payload.decode()}"
            )

    def barrier(self) -> None:
        """Raises _Differs where the journal has records that the new run has not."""
        record = next(self._records, None)
        if record is not None:
            raise _Differs(
                f"the new run ends before seq {record.seq} of the journal ({_kind(record.payload)})"
            )


def replay_run(run_dir: Path, *, rerun: bool = False, progress: Progress | None = None) -> ReplayOutcome:
    """Fold the journal of `run_dir` with its dataset; with `rerun` also run the engine again and compare.

    Every checkpoint's hash is compared with the folded state; the fold needs no strategy. Nothing is written. Raises
    OperatorFault: exit code 4 where the dataset is not the run's, 5 where a record is damaged or does not fold, and 7
    where a strategy that shall run again has another version now.
    """
    paths = RunDirectory(run_dir)
    loaded = config.load(paths.config)
    dataset = load(loaded.sources())
    identity = _identity(paths)
    if dataset.dataset_hash != identity.dataset_hash:
        raise OperatorFault(
            "the dataset is not the one of the run",
            where=str(paths.config),
            why=f"its hash is {dataset.dataset_hash}, the run has {identity.dataset_hash}",
            hint="restore the data files that the manifest names",
            exit_code=ExitCode.DATA,
        )
    marks = _Marks()
    state = fold(read(paths.wal), Feed(dataset, (), progress), marks)
    difference = None
    if rerun:
        _require_same_versions(marks.strategies, loaded)
        difference = _rerun(paths, loaded, dataset, identity, progress)
    return ReplayOutcome(
        marks.last_hash,
        marks.last_hash or state_hash(state),
        marks.events,
        state.seq - marks.events,
        difference,
    )


def _identity(paths: RunDirectory) -> RunIdentity:
    """What the journal says that the run is; its first event."""
    first = next(read(paths.wal), None)
    event, why = None, "nothing was journaled"
    if first is not None:
        try:
            event, why = decode_event(first.payload), "its first record is another event"
        except msgspec.MsgspecError as error:
            why = f"its first record is not an event: {error}"
    if not isinstance(event, RunStarted):
        raise OperatorFault(
            "the journal does not begin with run_started",
            where=str(paths.wal),
            why=why,
            exit_code=ExitCode.FINDING,
        )
    return RunIdentity(event.run_id, event.config_hash, event.dataset_hash, event.code_hash, event.seed)


def _require_same_versions(ran: Iterable[StrategyStarted], loaded: config.LoadedConfig) -> None:
    """Another version may decide otherwise, so running it again would prove nothing."""
    here = {setup.bound.strategy_id: setup.bound.strategy.version for setup in loaded.strategies}
    faults = [
        OperatorFault(
            f"strategy {one.strategy_id} cannot be run again",
            why=f"it ran {one.strategy} version {one.version}, here is version {here.get(one.strategy_id, 'unknown')}",
            hint="rerun with the code that the manifest names; without --rerun the journal folds with any",
            exit_code=ExitCode.UNSAFE,
        )
        for one in ran
        if one.version != here.get(one.strategy_id)
    ]
    if faults:
        raise OperatorFaults.of(faults)


def _rerun(
    paths: RunDirectory,
    loaded: config.LoadedConfig,
    dataset: Dataset,
    identity: RunIdentity,
    progress: Progress | None,
) -> str | None:
    """The first difference between the journal and a new run of the same identity; None where there is none.

    The identity is the journal's: if the code changed since, what counts is whether it still does the same.
    """
    try:
        simulate(plan_of(loaded, dataset, identity), Comparison(read(paths.wal)), progress)
    except _Differs as difference:
        changed = code_hash(package_folders()) != identity.code_hash
        return f"{difference}{CODE_CHANGED if changed else ''}"
    return None


def _kind(payload: bytes) -> str:
    return type(decode_event(payload)).__name__
