"""`wal replay`: fold a journal, with its dataset where it leaves market facts out, and say the hash that comes out.

No strategy, guard or simulator runs, and nothing is written. A journal that holds all its inputs needs no dataset: it is
loaded at the first gap in seq.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from veracity.app import config_instruments
from veracity.app.config_findings import Findings
from veracity.app.config_shapes import conformed
from veracity.app.config_text import read_file
from veracity.app.wal.target import Target
from veracity.app.wal.verify import kind_of
from veracity.data.dataset import Source, load
from veracity.domain.config_models import BacktestConfig, InstrumentConfig
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import CheckpointMarked, RunStarted
from veracity.forensics.code_identity import code_hash, package_folders
from veracity.journal.batch import Record
from veracity.journal.errors import JournalDamaged, JournalTorn
from veracity.journal.reader import read
from veracity.journal.versions import require_schema
from veracity.runtime.feed import Arrival, Feed
from veracity.runtime.replay import fill_gap, follow
from veracity.state.hash import state_hash
from veracity.state.model import EngineState
from veracity.state.schema import SCHEMA_VERSION
from veracity.state.snapshot import restore

Progress = Callable[[int, int], None]

CHECKPOINT: Final = "checkpoint_marked"
CODE_CHANGED: Final = " (the code is not that of the run: its code_hash differs)"


class Folded(NamedTuple):
    """What a journal folds to."""

    state: EngineState
    state_hash: str
    kinds: dict[str, int]  # records by kind
    facts: int  # market facts that came from the dataset
    checkpoints: int  # whose hash was compared on the way, and was equal
    last_checkpoint: CheckpointMarked | None
    ends: str  # "clean", "torn", or "until" where it was not read to its end


def fold_journal(target: Target, until: int | None = None, progress: Progress | None = None) -> Folded:
    """Fold up to `until`, or as far as the journal goes.

    Raises OperatorFault: 2 where what comes before `until` was compacted; 5 where a record is damaged, does not fold, or a checkpoint's hash differs; 4 where the dataset
    is not the run's; 7 where the journal's events are of another schema.
    """
    require_schema(target.wal, SCHEMA_VERSION)
    base = target.base()
    records = _Records(read(target.wal, None if base is None else base.header.since), until)
    facts = _Facts(target, records, progress)
    source = iter(facts)
    state = EngineState() if base is None else restore(base.content)
    first = state.seq
    if until is not None and until < first:
        target.require_all_records(
            f"the first state that is still known is that of seq {first}: --until {first}"
        )
    records.seq = state.seq
    kinds: Counter[str] = Counter()
    last: CheckpointMarked | None = None
    with naming_other_code(lambda: facts.code_hash):
        for event in follow(state, records, source):
            kinds[kind_of(event)] += 1
            if isinstance(event, CheckpointMarked):
                last = event
            elif isinstance(event, RunStarted):
                facts.dataset_hash, facts.code_hash = event.dataset_hash, event.code_hash
    if records.ends == "until":
        assert until is not None
        fill_gap(state, until + 1, source)
    return Folded(
        state,
        state_hash(state),
        dict(sorted(kinds.items())),
        state.seq - first - kinds.total(),
        kinds[CHECKPOINT],
        last,
        records.ends,
    )


@contextmanager
def naming_other_code(recorded: Callable[[], str]) -> Iterator[None]:
    """Where records do not fold, say so if the run was `recorded` by code with another hash: then that may be all."""
    try:
        yield
    except OperatorFault as fault:
        is_fold = fault.exit_code is ExitCode.FINDING and not isinstance(fault, JournalDamaged)
        if is_fold and recorded() not in ("", code_hash(package_folders())):
            fault.why += CODE_CHANGED
        raise


class _Records:
    """The records up to `until`; notes whether any seq was left out so far, and how the journal ends."""

    def __init__(self, records: Iterable[Record], until: int | None) -> None:
        self._records = records
        self._until = until
        self.has_gaps = False
        self.seq = 0
        self.ends = "clean"

    def __iter__(self) -> Iterator[Record]:
        try:
            for record in self._records:
                if self._until is not None and record.seq > self._until:
                    self.ends = "until"
                    self.has_gaps = True
                    return
                self.has_gaps = self.has_gaps or record.seq > self.seq + 1
                self.seq = record.seq
                yield record
        except JournalTorn:
            self.ends = "torn"  # what was never finished is not believed


class _Facts:
    """The dataset's facts, loaded when the first gap asks for one."""

    def __init__(self, target: Target, records: _Records, progress: Progress | None) -> None:
        self._target = target
        self._records = records
        self._progress = progress
        self.dataset_hash = self.code_hash = ""  # of the run, as its first event says

    def __iter__(self) -> Iterator[Arrival]:
        if self._records.has_gaps:  # asked at the end only, a journal with all its inputs has no dataset
            yield from self._feed()

    def _feed(self) -> Feed:
        if self._target.run is None:
            raise OperatorFault(
                "the journal leaves market facts out, and it is not in a run directory",
                where=str(self._target.wal),
                hint="name the run: its config says where the dataset is",
                exit_code=ExitCode.USAGE,
            )
        dataset = load(sources_of(self._target.run.config))
        if dataset.dataset_hash != self.dataset_hash:
            raise OperatorFault(
                "the dataset is not the one of the run",
                where=str(self._target.run.config),
                why=f"its hash is {dataset.dataset_hash}, the run has {self.dataset_hash}",
                hint="restore the data files that the manifest names",
                exit_code=ExitCode.DATA,
            )
        return Feed(dataset, (), self._progress)


def sources_of(config: Path) -> list[Source]:
    """The data files that a run's config names; its strategies are not looked at. Raises OperatorFaults."""
    document = read_file(config)
    findings = Findings(document)
    tables = conformed(document.values, BacktestConfig)["instruments"]
    instruments = {n: InstrumentConfig.model_validate(table, strict=True) for n, table in enumerate(tables)}
    sources = config_instruments.resolve(instruments, findings)
    findings.raise_if_any()
    return list(sources.values())
