"""A report of a finished run with all that is known by now: evaluations of its config, and a search for lookahead."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from veracity.app import config, evaluations
from veracity.app.backtest import identify, plan_of
from veracity.app.journal_events import JournalEvents
from veracity.app.kernel_cache import kernel_cache
from veracity.app.sweep_run import MODE, SWEEPS, judged, opened
from veracity.app.wal.target import Target
from veracity.data.dataset import load
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.summary_models import RealityFile, StressFile, Summary, WalkForwardFile
from veracity.forensics.run_directory import RunDirectory
from veracity.research import reality_evidence, run_statistics, strata_files, trial_ledger
from veracity.research.files import publish
from veracity.research.lookahead import NothingToJudge, Verdict, faster, search_leaks
from veracity.research.report import Origin, write_report
from veracity.research.report_evidence import Panels, SweepPanel
from veracity.research.results import collect
from veracity.research.stress import STRESS_FILE
from veracity.research.summary import document, read_summary
from veracity.research.tables import read_curves
from veracity.research.walk_forward import WALK_FORWARD_FILE
from veracity.runtime.simulation import Plan

REPORTS: Final = "reports"


class Reported(NamedTuple):
    """Where the page is, and the score on it."""

    page: Path
    reality: RealityFile
    summary: Summary


def report_run(
    run_dir: Path, *, runs_dir: Path, cuts: int, progress: Callable[[int, int], None] | None = None
) -> Reported:
    """Write `reports/<run>/index.html` and `reality.json`; the run's own directory is sealed and stays as it is.

    `cuts` of the future are tried to find lookahead; 0 leaves that unknown. Raises OperatorFault where the run has no
    summary (exit code 5), its dataset is another one now (4) or its journal was compacted (2).
    """
    run = RunDirectory(run_dir)
    run.require_summary()
    Target(run.wal, run).require_all_records(f"the page as the run left it: {run.report}")
    told = read_summary(run.summary)
    loaded = config.load(run.config)
    dataset = load(loaded.sources())
    manifest = told.manifest
    if dataset.dataset_hash != manifest.dataset_hash:
        raise OperatorFault(
            "the dataset is not the one of the run",
            where=str(run.config),
            why=f"its hash is {dataset.dataset_hash}, the run has {manifest.dataset_hash}",
            exit_code=ExitCode.DATA,
        )
    results = collect(JournalEvents(run.wal), dataset)
    named = (manifest.config_hash, manifest.dataset_hash)
    walked = evaluations.newest(runs_dir, WALK_FORWARD_FILE, WalkForwardFile, *named)
    stressed = evaluations.newest(runs_dir, STRESS_FILE, StressFile, *named)
    trials = trial_ledger.trials_of(runs_dir, manifest.dataset_hash, manifest.run_id, len(told.strategies))
    judged = run_statistics.statistics_file(results, manifest.run_id, seed=manifest.seed, trials=trials)
    plan = plan_of(loaded, dataset, identify(loaded, dataset, manifest.code_hash))
    verdict = _searched(plan, cuts, results.state_hash, progress)
    dirty = json.loads(run.manifest.read_bytes())["git_dirty"]
    score = reality_evidence.reality_file(
        reality_evidence.Evidence(
            told,
            loaded.cost_model(),
            dataset,
            dirty if isinstance(dirty, bool) else None,
            () if judged is None else tuple(one.statistics for one in judged.strategies),
            verdict,
            None if walked is None else walked[0],
            None if stressed is None else stressed[0],
        )
    )
    panels = Panels(
        strata_files.regimes_file(results, dataset, manifest.run_id),
        strata_files.hours_file(results, manifest.run_id),
        judged,
        score,
        None if walked is None else walked[0],
        None if stressed is None else stressed[0],
        _newest_sweep(runs_dir, *named),
    )
    curves_file = run.results / "baselines.parquet"
    curves = read_curves(curves_file) if curves_file.exists() else []
    folder = runs_dir / REPORTS / run_dir.resolve().name
    origin = Origin(loaded.run.label, run_dir.resolve().name, run.config.read_text(encoding="utf-8"))
    publish(folder / reality_evidence.REALITY_FILE, document(score))
    write_report(folder / "index.html", told, results, dataset, curves, origin, panels)
    return Reported(folder / "index.html", score, told)


def _searched(
    plan: Plan, cuts: int, known_hash: str | None, progress: Callable[[int, int], None] | None
) -> Verdict | None:
    """What a search for lookahead found; None, which is unknown, where none was asked for or there is nothing to judge."""
    if cuts:
        cache = kernel_cache(os.environ)  # noqa: TID251 - the wiring reads the environment
        with suppress(NothingToJudge):
            compare = faster(plan, cuts, cache, known_hash)
            return search_leaks(plan, cuts=cuts, progress=progress, compare=compare)
    return None


def _newest_sweep(runs_dir: Path, config_hash: str, dataset_hash: str) -> SweepPanel | None:
    """The youngest finished sweep of exactly this config and dataset."""
    for root in sorted((runs_dir / SWEEPS).glob(f"{MODE}-*"), key=lambda path: path.name, reverse=True):
        directory = RunDirectory(root)
        if root.is_symlink() or directory.end_state() != "sealed":
            continue
        sweep = opened(root)
        if (config.load(directory.config).config_hash, sweep.dataset_hash) == (config_hash, dataset_hash):
            rows = sweep.rows()
            return SweepPanel(root.name, sweep.plan.search, sweep.plan.axes, rows, judged(sweep, rows))
    return None
