"""The backtest wiring: config and data in, a run directory that explains itself out."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import veracity
from veracity.app.baseline_run import beside
from veracity.app.collector import without_collector
from veracity.app.config import LoadedConfig
from veracity.app.failure import sealed
from veracity.app.journal_events import JournalEvents
from veracity.app.run_notes import run_notes
from veracity.data.dataset import Dataset, load
from veracity.domain.events import Event
from veracity.domain.ids import run_id
from veracity.domain.market import Column
from veracity.domain.summary_models import RealityFile, StatisticsFile, Summary
from veracity.engine.opening import RunIdentity
from veracity.forensics import audit, run_directory
from veracity.forensics.code_identity import CodeIdentity, code_hash, code_identity
from veracity.forensics.environment import environment_identity
from veracity.forensics.event_log import EventLog
from veracity.forensics.files import write_new
from veracity.forensics.manifest import DataFile, Manifest, StrategyVersion
from veracity.forensics.run_directory import RunDirectory
from veracity.guards.summary import RiskBlock, RiskFold
from veracity.journal.errors import JournalDead
from veracity.journal.writer import JournalWriter
from veracity.research import reality_evidence, run_statistics, strata_files, summary, trial_ledger
from veracity.research.baselines import BaselineSetup, Outcome
from veracity.research.files import publish
from veracity.research.ledger import HALT
from veracity.research.report import Origin, write_report
from veracity.research.report_evidence import Panels
from veracity.research.results import Results, collect
from veracity.research.tables import write_curves, write_tables
from veracity.runtime.loop import attach_manifest
from veracity.runtime.simulation import Plan, simulate
from veracity.state.schema import SCHEMA_VERSION
from veracity.strategies.features import Provenance, provenance_hash

Clock = Callable[[], int]
Progress = Callable[[int, int], None]

MODE: Final[Literal["backtest"]] = "backtest"
STRATEGIES: Final = Path(veracity.__file__).parent / "strategies"


class RunOutcome(NamedTuple):
    """A finished backtest; `summary` is the content of summary.json."""

    run_dir: Path
    run_id: str
    state_hash: str
    summary: dict[str, Any]
    seconds: float
    is_halted: bool = False  # the engine halted on the way; the run was read to its end all the same


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
        with sealed(run, identity.run_id), without_collector():
            manifest = describe(run, loaded, dataset, identity, code, created)
            asked = len(loaded.strategies)
            trials = trial_ledger.record(runs_dir, identity.dataset_hash, identity.run_id, asked)
            results, risk = _run(run, loaded, dataset, identity, progress)
            content = explain(run, loaded, dataset, results, risk, manifest, baselines, trials)
    assert results.state_hash is not None
    return RunOutcome(
        run.root,
        identity.run_id,
        results.state_hash,
        content,
        time.perf_counter() - begin,
        HALT in results.incidents,
    )


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
        loaded.started(),
        loaded.cost_model(),
        loaded.run.close_at_end,
        loaded.guards(),
        loaded.rulebook.dry_run,
    )


def describe(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    identity: RunIdentity,
    code: CodeIdentity,
    created: int,
    mode: Literal["backtest", "paper"] = MODE,
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
    origins = [
        Provenance(
            one.strategy,
            one.version,
            one.config_hash,
            setup.bound.strategy.aux + setup.bound.strategy.optional,
            setup.bound.strategy.warmup(setup.bound.params),
        )
        for one, setup in zip(strategies, loaded.strategies, strict=True)
    ]
    manifest = Manifest(
        run_id=identity.run_id,
        mode=mode,
        label=loaded.run.label,
        created_ts=created,
        seed=identity.seed,
        config_hash=identity.config_hash,
        dataset_hash=identity.dataset_hash,
        code_hash=identity.code_hash,
        feature_hash=provenance_hash(code_hash([STRATEGIES]), origins),
        env_hash=environment.env_hash,
        git_sha=code.git_sha,
        git_dirty=code.git_dirty,
        schema_version=SCHEMA_VERSION,
        strategy_versions=tuple(strategies),
        versions=environment.versions,
        data_files=tuple(_data_files(dataset)),
        dry_run=tuple(loaded.rulebook.dry_run),
        parent_run=None,
    )
    attach_manifest(run, manifest)
    write_new(run.config, loaded.resolved_toml().encode())
    return manifest


def _data_files(dataset: Dataset) -> Iterator[DataFile]:
    for data in dataset.instruments:
        yield _data_file(data.source.symbol, "bars", data.source.bars, data.bars.ts)
        if data.source.funding is not None and data.funding is not None:
            yield _data_file(data.source.symbol, "funding", data.source.funding, data.funding.ts)
        for one in data.aux:
            yield _data_file(data.source.symbol, one.source.name, one.source.file, one.series.ts)


def _data_file(symbol: str, series: str, path: Path, stamps: Column) -> DataFile:
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
) -> tuple[Results, RiskBlock]:
    """Simulate with the journal on disk, then read the journal: what is reported is what was journaled."""
    plan = plan_of(loaded, dataset, identity)
    journal = JournalWriter.create(
        run.wal, identity.run_id, code_version=veracity.__version__, schema_version=SCHEMA_VERSION
    )
    try:
        state = simulate(plan, journal, progress)
    except BaseException as error:
        _close_after(error, journal)
        raise
    journal.close()
    with EventLog(run.events, identity.run_id) as log:
        risk = RiskFold()
        results = collect(logged(JournalEvents(run.wal), log, risk), dataset, state)
    return results, risk.block(state, loaded.limits())


def _close_after(error: BaseException, journal: JournalWriter) -> None:
    """Close the journal of a run that failed. An interrupted write leaves it dead, but the interrupt is to be told."""
    try:
        journal.close()
    except JournalDead as dead:
        error.add_note(f"and the journal has no proper end: {dead}")


def logged(events: Iterable[Event], log: EventLog, risk: RiskFold) -> Iterator[Event]:
    """Pass the events on; each is logged, and counted for what the rules did, on the way."""
    for event in events:
        log.emit(event)
        risk.take(event)
        yield event


def explain(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    results: Results,
    risk: RiskBlock,
    manifest: Manifest,
    ask_baselines: Callable[[], Outcome | None],
    trials: int,
) -> dict[str, Any]:
    """Write what people and programs read; answers the content of summary.json.

    `trials` is how often the dataset was asked so far, this run included.
    """
    audit.write(JournalEvents(run.wal), run.audit, manifest.run_id)
    write_tables(results, run.results)
    baselines = ask_baselines()  # as late as may be: they are run beside this
    digest = summary.manifest_digest(manifest.model_dump(mode="json", by_alias=True))
    rows = None if baselines is None else baselines.rows
    by_regime = strata_files.regimes_file(results, dataset, manifest.run_id)
    by_hour = strata_files.hours_file(results, manifest.run_id)
    strata_files.write_strata(by_regime, by_hour, run.results)
    notes = list(run_notes(manifest, dataset))
    told = summary.build(results, digest, rows, notes, strata_files.regime_lines(by_regime), risk)
    summary.write_summary(told, run.root)
    curves = () if baselines is None else baselines.curves
    if baselines is not None:
        summary.write_baselines(told, run.results)
        write_curves(curves, run.results / "baselines.parquet")
    run.report.parent.mkdir()
    origin = Origin(loaded.run.label, run.root.name, run.config.read_text(encoding="utf-8"))
    judged = run_statistics.statistics_file(results, manifest.run_id, seed=manifest.seed, trials=trials)
    if judged is not None:
        run_statistics.write_statistics(judged, run.results)
    score = _score(run, loaded, dataset, manifest, told, judged)
    panels = Panels(by_regime, by_hour, judged, score)
    write_report(run.report, told, results, dataset, curves, origin, panels)
    return told.model_dump(mode="json", by_alias=True)


def _score(
    run: RunDirectory,
    loaded: LoadedConfig,
    dataset: Dataset,
    manifest: Manifest,
    told: Summary,
    judged: StatisticsFile | None,
) -> RealityFile:
    """The reality score by what the run alone proves; evaluations of its config are added by `veracity report`."""
    found = () if judged is None else tuple(one.statistics for one in judged.strategies)
    dirty = manifest.git_dirty if isinstance(manifest.git_dirty, bool) else None
    file = reality_evidence.reality_file(
        reality_evidence.Evidence(told, loaded.cost_model(), dataset, dirty, found)
    )
    publish(run.results / reality_evidence.REALITY_FILE, summary.document(file))
    return file


def _baselines_of(loaded: LoadedConfig, identity: RunIdentity) -> BaselineSetup | None:
    """The baselines stand beside the first strategy: its lead instrument, cash and limits."""
    if not loaded.report.baselines or not loaded.strategies:
        return None
    first = loaded.strategies[0]
    return BaselineSetup(
        tuple(loaded.sources()),
        identity,
        loaded.cost_model(),
        first.bound.lead,
        first.cash,
        first.currency,
        first.bound.limits,
    )
