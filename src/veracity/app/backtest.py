"""The backtest wiring: config and data in, a run directory that explains itself out."""

import gc
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import veracity
from veracity.app.baseline_run import Order, Outcome, beside
from veracity.app.config import LoadedConfig
from veracity.app.journal_events import JournalEvents
from veracity.data.dataset import Dataset, load
from veracity.domain.canonical import canonical_hash
from veracity.domain.ids import run_id
from veracity.domain.market import Column
from veracity.engine.opening import RunIdentity
from veracity.forensics import audit, event_log, run_directory
from veracity.forensics.code_identity import CodeIdentity, code_hash, code_identity
from veracity.forensics.environment import environment_identity
from veracity.forensics.files import write_new
from veracity.forensics.manifest import DataFile, Manifest, StrategyVersion, write_manifest
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.writer import JournalWriter
from veracity.research import summary
from veracity.research.report import Origin, write_report
from veracity.research.results import Results, collect
from veracity.research.tables import write_curves, write_tables
from veracity.runtime.simulation import Plan, simulate

Clock = Callable[[], int]
Progress = Callable[[int, int], None]

MODE: Final = "backtest"
SCHEMA_VERSION: Final = 1  # of the events, in the head of each journal segment
STRATEGIES: Final = Path(veracity.__file__).parent / "strategies"


class RunOutcome(NamedTuple):
    """A finished backtest; `summary` is the content of summary.json."""

    run_dir: Path
    run_id: str
    state_hash: str
    summary: dict[str, Any]
    seconds: float


def run_backtest(
    loaded: LoadedConfig, *, runs_dir: Path, clock: Clock, progress: Progress | None = None
) -> RunOutcome:
    """Run the config and write its run directory below `runs_dir`; `clock` tells nanoseconds UTC, for names only.

    Raises OperatorFault before anything is written where config or data are refused. A failure after that leaves the
    directory marked FAILED, with the journal as far as it came.
    """
    begin = time.perf_counter()
    dataset = load(loaded.sources())
    code = code_identity(os.environ)  # noqa: TID251 - the wiring is where the environment is read
    identity = identify(loaded, dataset, code.code_hash)
    with beside(_baselines_of(loaded, identity), dataset) as baselines:
        created = clock()
        run = run_directory.create(
            runs_dir, mode=MODE, label=loaded.run.label, run_id=identity.run_id, created_ts=created
        )
        with _sealed(run):
            manifest = _describe(run, loaded, dataset, identity, code, created)
            results = _run(run, loaded, dataset, identity, progress)
            content = _explain(run, loaded, dataset, results, manifest, baselines())
    assert results.state_hash is not None
    return RunOutcome(run.root, identity.run_id, results.state_hash, content, time.perf_counter() - begin)


def identify(loaded: LoadedConfig, dataset: Dataset, code: str) -> RunIdentity:
    """What makes this run the same as another one."""
    seed = loaded.run.seed
    made = run_id(loaded.config_hash, dataset.dataset_hash, code, seed)
    return RunIdentity(made, loaded.config_hash, dataset.dataset_hash, code, seed)


def plan_of(loaded: LoadedConfig, dataset: Dataset, identity: RunIdentity) -> Plan:
    """The simulation that the config asks for."""
    return Plan(
        identity,
        dataset,
        loaded.bound_strategies(),
        [setup.started() for setup in loaded.strategies],
        loaded.cost_model(),
        loaded.run.close_at_end,
    )


@contextmanager
def _sealed(run: RunDirectory) -> Iterator[None]:
    """Mark the directory SEALED at the end, or FAILED where the run did not come to its end."""
    try:
        yield
    except BaseException:
        run.seal(success=False)
        raise
    run.seal(success=True)


def _describe(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    identity: RunIdentity,
    code: CodeIdentity,
    created: int,
) -> Manifest:
    """Write the manifest and the resolved config, before the first event."""
    environment = environment_identity()
    strategies = [
        StrategyVersion(
            strategy_id=setup.bound.strategy_id,
            strategy=setup.bound.strategy.name,
            version=setup.bound.strategy.version,
            config_hash=setup.config_hash,
        )
        for setup in loaded.strategies
    ]
    definition = [[one.strategy, one.version, one.config_hash] for one in strategies]
    manifest = Manifest(
        run_id=identity.run_id,
        mode=MODE,
        label=loaded.run.label,
        created_ts=created,
        seed=identity.seed,
        config_hash=identity.config_hash,
        dataset_hash=identity.dataset_hash,
        code_hash=identity.code_hash,
        feature_hash=canonical_hash({"code": code_hash([STRATEGIES]), "strategies": definition}),
        env_hash=environment.env_hash,
        git_sha=code.git_sha,
        git_dirty=code.git_dirty,
        schema_version=SCHEMA_VERSION,
        strategy_versions=tuple(strategies),
        versions=environment.versions,
        data_files=tuple(_data_files(dataset)),
        parent_run=None,
    )
    write_manifest(run.manifest, manifest)
    write_new(run.config, loaded.resolved_toml().encode())
    return manifest


def _data_files(dataset: Dataset) -> Iterator[DataFile]:
    for data in dataset.instruments:
        yield _data_file(data.source.symbol, "bars", data.source.bars, data.bars.ts)
        if data.source.funding is not None and data.funding is not None:
            yield _data_file(data.source.symbol, "funding", data.source.funding, data.funding.ts)


def _data_file(symbol: str, series: Literal["bars", "funding"], path: Path, stamps: Column) -> DataFile:
    first, last = (int(stamps[0]), int(stamps[-1])) if len(stamps) else (None, None)
    return DataFile(
        symbol=symbol, series=series, file=path.name, rows=len(stamps), first_ts=first, last_ts=last
    )


def _run(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    identity: RunIdentity,
    progress: Progress | None,
) -> Results:
    """Simulate with the journal on disk, then read the journal: what is reported is what was journaled."""
    plan = plan_of(loaded, dataset, identity)
    journal = JournalWriter.create(
        run.wal, identity.run_id, code_version=veracity.__version__, schema_version=SCHEMA_VERSION
    )
    try:
        with _without_collector():
            state = simulate(plan, journal, progress)
    finally:
        journal.close()
    return collect(JournalEvents(run.wal), dataset, state)


def _explain(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    results: Results,
    manifest: Manifest,
    baselines: Outcome | None,
) -> dict[str, Any]:
    """Write what people and programs read; answers the content of summary.json."""
    events = JournalEvents(run.wal)
    event_log.write(events, run.events, manifest.run_id)
    audit.write(events, run.audit, manifest.run_id)
    digest = summary.manifest_digest(manifest.model_dump(mode="json", by_alias=True))
    told = summary.build(results, digest, None if baselines is None else baselines.rows)
    summary.write_summary(told, run.root)
    write_tables(results, run.results)
    curves = () if baselines is None else baselines.curves
    if baselines is not None:
        summary.write_baselines(told, run.results)
        write_curves(curves, run.results / "baselines.parquet")
    run.report.parent.mkdir()
    origin = Origin(loaded.run.label, run.root.name, run.config.read_text(encoding="utf-8"))
    write_report(run.report, told, results, dataset, curves, origin)
    return told.model_dump(mode="json", by_alias=True)


def _baselines_of(loaded: LoadedConfig, identity: RunIdentity) -> Order | None:
    """The baselines stand beside the first strategy: its lead instrument, cash and limits."""
    if not loaded.report.baselines or not loaded.strategies:
        return None
    first = loaded.strategies[0]
    return Order(
        tuple(loaded.sources()),
        identity,
        loaded.cost_model(),
        first.bound.lead,
        first.cash,
        first.currency,
        first.bound.limits,
    )


@contextmanager
def _without_collector() -> Iterator[None]:
    """The loop makes no reference cycles; looking for them costs a tenth of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
