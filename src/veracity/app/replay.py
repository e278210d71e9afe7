"""From a run directory back to its final state: fold the journal, or run the engine again and compare every event."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from veracity.app import config
from veracity.app.backtest import MODE as BACKTEST
from veracity.app.backtest import plan_of
from veracity.app.wal.fold import CODE_CHANGED, naming_other_code
from veracity.app.wal.target import Target
from veracity.data.dataset import load
from veracity.domain.errors import ExitCode, OperatorFault, OperatorFaults
from veracity.domain.events import (
    CheckpointMarked,
    Event,
    MarketFact,
    RunFinished,
    RunStarted,
    StrategyStarted,
    decode_event,
)
from veracity.engine.opening import RunIdentity
from veracity.forensics.code_identity import code_hash, package_folders
from veracity.forensics.manifest import read_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.batch import Record
from veracity.journal.reader import read
from veracity.journal.versions import require_schema
from veracity.runtime.feed import Feed
from veracity.runtime.replay import fold
from veracity.runtime.resume import Recalled
from veracity.runtime.simulation import END_OF_DATA, Beside, Plan, play, simulate
from veracity.state.hash import state_hash
from veracity.state.schema import SCHEMA_VERSION

Progress = Callable[[int, int], None]


class ReplayOutcome(NamedTuple):
    """What a replay found. `first_difference` is None where nothing differs, or nothing was run again."""

    state_hash_expected: (
        str | None
    )  # of the checkpoint that ends the run; None where the run did not get there
    state_hash_found: str
    events: int  # of the journal
    facts: int  # of the dataset, as far as the journal counted them
    first_difference: str | None


class _Marks:
    """Counts the events of a fold; keeps the hash of the run's end, how the checkpoints are apart and which strategies ran."""

    def __init__(self) -> None:
        self.events = 0
        self.facts = 0  # that were journaled
        self.last_hash: str | None = (
            None  # of the checkpoint behind run_finished, which is the last record of a run
        )
        self.strategies: list[StrategyStarted] = []
        self._is_finished = False
        self._seq = 0
        self._apart: list[int] = []

    @property
    def checkpoint_every(self) -> int:
        """As many events and facts apart as the checkpoints on the way are, at least; 0 where there is only the last.

        One is made at the first fact at which they are that far apart, so whoever makes them again with the smallest
        distance that was found makes the same ones.
        """
        return min(self._apart[:-1], default=0)

    def __call__(self, event: Event) -> None:
        self.events += 1
        self.facts += isinstance(event, MarketFact)
        if isinstance(event, CheckpointMarked):
            self.last_hash = event.state_hash if self._is_finished else None
            self._apart.append(event.seq - 1 - self._seq)
            self._seq = event.seq
        elif isinstance(event, StrategyStarted):
            self.strategies.append(event)
        self._is_finished = isinstance(event, RunFinished)


class _Differs(Exception):
    """The journal and the new run part here."""


class Comparison:
    """A journal that keeps nothing and compares each event with the record that stands in its place."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = iter(records)
        self._ahead: Record | None = None

    @property
    def next(self) -> Event | None:
        """The event that the new run must say next; None where it must be at its end."""
        if self._ahead is None:
            self._ahead = next(self._records, None)
        return None if self._ahead is None else decode_event(self._ahead.payload)

    def _take(self) -> Record | None:
        record, self._ahead = self._ahead, None
        return next(self._records, None) if record is None else record

    def append(self, seq: int, payload: bytes) -> None:
        """Raises _Differs where the record in this place is another one."""
        record = self._take()
        if record is None:
            raise _Differs(f"the journal ends before seq {seq}, where the new run has {_kind(payload)}")
        if (record.seq, record.payload) != (seq, payload):
            raise _Differs(
                f"seq {record.seq} of the journal is {record.payload.decode()}, the new run has {payload.decode()}"
            )

    def barrier(self) -> None:
        """A new run writes nothing."""

    def ends(self) -> None:
        """Raises _Differs where the journal has records that the new run has not."""
        record = self._take()
        if record is not None:
            raise _Differs(
                f"the new run ends before seq {record.seq} of the journal ({_kind(record.payload)})"
            )


def replay_run(run_dir: Path, *, rerun: bool = False, progress: Progress | None = None) -> ReplayOutcome:
    """Fold the journal of `run_dir` with its dataset; with `rerun` also run the engine again and compare.

    Every checkpoint's hash is compared with the folded state; the fold needs no strategy. Nothing is written. Raises
    OperatorFault: exit code 4 where the dataset is not the run's, 5 where a record is damaged or does not fold, and 7
    where the events are of another schema or a strategy that shall run again has another version now; 2 where the journal was compacted.
    """
    paths = RunDirectory(run_dir)
    require_schema(paths.wal, SCHEMA_VERSION)
    Target(paths.wal, paths).require_all_records(f"fold it from there: veracity wal replay {paths.root}")
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
    marks, traded = _Marks(), _traded(paths)
    with naming_other_code(lambda: identity.code_hash):
        state = fold(read(paths.wal), () if traded else Feed(dataset, (), progress), marks)
    difference = None
    if rerun:
        _require_same_versions(marks.strategies, loaded)
        plan, journal = plan_of(loaded, dataset, identity), Comparison(read(paths.wal))
        if traded:
            difference = _difference(
                lambda: _trade(plan, journal, marks.checkpoint_every, progress), identity
            )
        else:
            difference = _difference(lambda: _backtest(plan, journal, progress), identity)
    return ReplayOutcome(
        marks.last_hash,
        marks.last_hash or state_hash(state),
        marks.events - marks.facts,
        state.seq - marks.events + marks.facts,
        difference,
    )


def _traded(paths: RunDirectory) -> bool:
    """Whether the journal holds the market facts, too."""
    return paths.manifest.exists() and read_manifest(paths.manifest).mode != BACKTEST


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
            hint=f"what is there: veracity wal verify {paths.root}; a run that crashed before its first commit has to be run again",
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


def _difference(run_again: Callable[[], None], identity: RunIdentity) -> str | None:
    """The first difference between the journal and a new run of the same identity; None where there is none.

    The identity is the journal's: if the code changed since, what counts is whether it still does the same.
    """
    try:
        run_again()
    except _Differs as difference:
        changed = code_hash(package_folders()) != identity.code_hash
        return f"{difference}{CODE_CHANGED if changed else ''}"
    return None


def _backtest(plan: Plan, journal: Comparison, progress: Progress | None) -> None:
    simulate(plan, journal, progress)
    journal.ends()


def _trade(plan: Plan, journal: Comparison, checkpoint_every: int, progress: Progress | None) -> None:
    """As a paper run: what was said outside is said again where the journal has it."""
    outside = Recalled(journal, None)
    loop = play(plan, journal, beside=Beside(outside, checkpoint_every, progress))
    loop.finish(END_OF_DATA)
    journal.ends()


def _kind(payload: bytes) -> str:
    return type(decode_event(payload)).__name__
