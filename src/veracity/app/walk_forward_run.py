"""The walk-forward wiring: a config, a grid and window lengths in; walkforward.json out."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from math import prod
from pathlib import Path
from typing import Final, NamedTuple

from veracity.app import evaluations
from veracity.app.config_text import Document
from veracity.app.grid import axis_of, refuse_impossible, refuse_too_many, refuse_unable
from veracity.app.trial_run import Pool, SerialExecutor, Trials, one_strategy
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.summary_models import WalkForwardFile, WindowKind, WindowPlan
from veracity.domain.time import interval_ns
from veracity.forensics.code_identity import code_identity
from veracity.research import trial_ledger
from veracity.research.splits import folds
from veracity.research.strategy_report import STRATEGY_REPORT_FILE, FoldOutcome, strategy_report
from veracity.research.walk_forward import WALK_FORWARD_FILE, Study, combinations_of, run_walk_forward

MODE: Final = "walkforward"


class Windows(NamedTuple):
    """Lengths as an operator writes them: a number of bars, or a time such as 30d."""

    train: str
    test: str
    step: str | None
    holding: str
    embargo: str | None
    windows: WindowKind
    cross_validation: tuple[int, int] | None


def walk_forward(
    document: Document,
    grid: Sequence[str],
    windows: Windows,
    *,
    runs_dir: Path,
    clock: Callable[[], int],
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[WalkForwardFile, Path]:
    """Evaluate the config and keep what came out; answers it and its directory.

    Raises OperatorFault where config, data, grid or windows are refused: then nothing is written.
    """
    trials = Trials(document, code_identity(os.environ).code_hash)  # noqa: TID251 - the wiring reads the environment
    loaded = trials.loaded()
    (setup,) = one_strategy(loaded)
    axes = tuple(axis_of(text, setup.bound.strategy_id) for text in grid)
    refuse_too_many(prod(len(axis.values) for axis in axes))
    candidates = combinations_of(axes)
    refuse_impossible(trials, axes)
    refuse_unable(trials, candidates)
    lead = next(data for data in trials.dataset().instruments if data.source.symbol == setup.bound.lead)
    plan = _plan(windows, lead.source.interval_ns)
    identity = trials.identity()
    study = Study(
        opens=lead.bars.ts,
        interval_ns=lead.source.interval_ns,
        plan=plan,
        grid=axes,
        identity=identity,
        trials_before=0,
        cross_validation=windows.cross_validation,
    )
    count, width = len(folds(len(study.opens), plan)), len(candidates)
    created = clock()
    asked_by = f"{MODE}-{created}-{identity.run_id}"
    known = trial_ledger.record(runs_dir, identity.dataset_hash, asked_by, width)
    study = study._replace(trials_before=known - width)
    total = width * (count + 1) + count
    tested: list[FoldOutcome] = []
    with _executor(workers, total, progress) as executor:
        file = run_walk_forward(study, trials, executor, lambda *one: tested.append(FoldOutcome(*one)))
    report = strategy_report(tested, lead.bars, lead.source.interval_ns, identity)
    kept = evaluations.keep(
        {WALK_FORWARD_FILE: file, STRATEGY_REPORT_FILE: report},
        runs_dir=runs_dir,
        mode=MODE,
        loaded=loaded,
        identity=identity,
        created=created,
    )
    return file, kept


def _executor(workers: int, total: int, progress: Callable[[int, int], None] | None) -> Executor:
    heard = None if progress is None else lambda done: progress(done, total)
    return SerialExecutor(heard) if workers == 1 else Pool(workers, heard)


def _plan(windows: Windows, bar_ns: int) -> WindowPlan:
    train = _bars("--train", windows.train, bar_ns)
    test = _bars("--test", windows.test, bar_ns)
    return WindowPlan(
        windows=windows.windows,
        train=train,
        test=test,
        step=test if windows.step is None else _bars("--step", windows.step, bar_ns),
        holding=_bars("--holding", windows.holding, bar_ns, least=0),
        embargo=train // 100
        if windows.embargo is None
        else _bars("--embargo", windows.embargo, bar_ns, least=0),
    )


def _bars(option: str, text: str, bar_ns: int, least: int = 1) -> int:
    """A length in bars, which may be written as a time."""
    try:
        found = int(text) if text.isascii() and text.isdigit() else interval_ns(text) // bar_ns
        why = f"it comes to fewer than {least} bars"
    except ValueError:
        found, why = -1, ""
    if found < least:
        raise OperatorFault(
            f"{text!r} is no length",
            where=option,
            why=why,
            hint="write a number of bars, or a time such as 12h or 30d",
            exit_code=ExitCode.USAGE,
        )
    return found
