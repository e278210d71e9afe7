"""The stress wiring: a config in, stress.json out."""

import os
from collections.abc import Callable
from pathlib import Path

from veracity.app import evaluations
from veracity.app.backtest import identify, plan_of
from veracity.app.collector import without_collector
from veracity.app.config import LoadedConfig
from veracity.app.trial_run import SerialExecutor
from veracity.data.dataset import load
from veracity.domain.policies import STRESS
from veracity.domain.summary_models import StressFile
from veracity.forensics.code_identity import code_identity
from veracity.research.stress import STRESS_FILE, run_stress


def stress(
    loaded: LoadedConfig,
    *,
    runs_dir: Path,
    clock: Callable[[], int],
    progress: Callable[[int, int], None] | None = None,
) -> tuple[StressFile, Path]:
    """Run every scenario of the policy and keep what came out; answers it and its directory."""
    dataset = load(loaded.sources())
    identity = identify(loaded, dataset, code_identity(os.environ).code_hash)  # noqa: TID251 - the wiring reads it
    heard = None if progress is None else lambda done: progress(done, len(STRESS))
    with without_collector():
        file = run_stress(plan_of(loaded, dataset, identity), SerialExecutor(heard))
    kept = evaluations.keep(
        {STRESS_FILE: file},
        runs_dir=runs_dir,
        mode="stress",
        loaded=loaded,
        identity=identity,
        created=clock(),
    )
    return file, kept
