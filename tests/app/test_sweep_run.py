"""A real sweep of a config: local processes, a process that is killed, and a cluster on this machine give the same rows."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config
from tests.kit.process import PATIENCE_S

from veracity.app.config_text import read_file
from veracity.app.sweep_run import Sweep, go_on, opened, start, unchanged
from veracity.app.sweep_worker import Asked, Worker, fingerprint
from veracity.research import trial_ledger
from veracity.research.kernel.run import Kernel
from veracity.research.sweep import SweepPlan, Trial, trials_of
from veracity.research.sweep_axes import Axis
from veracity.research.trial_log import Row
from veracity.runtime.simulation import Plan

CACHE = Path(__file__).parents[2] / "build" / "kernel"
PARAMS = "strategies.sma.params."
PLAN = SweepPlan(
    "grid", (Axis(f"{PARAMS}fast", ("3", "5", "20")), Axis(f"{PARAMS}slow", ("20", "30", "40", "60"))), 0, 7
)


def now() -> int:
    return 1_700_000_000 * 10**9


def begin(folder: Path) -> Sweep:
    folder.mkdir()
    document = read_file(write_config(folder))
    return start(document, PLAN, runs_dir=folder / "runs", clock=now, state_hashes=True)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return go_on(begin(tmp_path_factory.mktemp("serial") / "a"), cache=CACHE, clock=now)


def test_every_trial_is_explained_and_counted(tmp_path: Path, serial: list[Row]) -> None:
    sweep = begin(tmp_path / "a")
    assert go_on(sweep, cache=CACHE, clock=now) == serial
    assert [row["trial"] for row in serial] == list(range(12))
    assert [row["trial"] for row in serial if row["status"] == "refused"] == [8]  # fast 20, slow 20
    assert trial_ledger.trials_of(tmp_path / "a" / "runs", sweep.dataset_hash) == 12
    equity = pq.read_table(sweep.root / "results" / "returns.parquet")
    assert equity.column_names == [f"trial_{number}" for number in range(12) if number != 8]
    assert [column[-1].as_py() for column in equity.columns] == [
        row["metrics"]["final_equity"] for row in serial if row["metrics"]
    ]


def test_what_was_refused_is_told_with_its_reason(tmp_path: Path) -> None:
    sweep = begin(tmp_path / "a")
    go_on(sweep, cache=CACHE, clock=now)
    said = veracity("sweep", "show", sweep.root)
    assert f"11 of 12 trials ran; 1 failed or were refused; {sweep.root}" in said.out
    (reason,) = said.err.splitlines()
    assert reason.startswith("1 x refused: ")
    assert "slow" in reason


def test_the_state_hash_of_a_trial_is_that_of_the_event_path(serial: list[Row], tmp_path: Path) -> None:
    from veracity.app.backtest import identify, plan_of
    from veracity.app.trial_run import Trials
    from veracity.forensics.code_identity import code_identity
    from veracity.research.memory_journal import MemoryJournal
    from veracity.runtime.simulation import simulate

    trials = Trials(read_file(write_config(tmp_path)), code_identity({}).code_hash)
    row = serial[1]
    loaded = trials.loaded((*row["params"].items(), ("run.seed", str(row["seed"]))))
    identity = identify(loaded, trials.dataset(), trials.code_hash)
    journal = MemoryJournal()
    simulate(plan_of(loaded, trials.dataset(), identity), journal)
    checkpoint = list(journal)[-1]
    assert row["metrics"]["fills"] > 2
    assert row["metrics"]["state_hash"] == checkpoint.state_hash


def test_processes_give_the_rows_of_one(tmp_path: Path, serial: list[Row]) -> None:
    assert go_on(begin(tmp_path / "a"), cache=CACHE, clock=now, workers=2) == serial


def test_a_sweep_that_was_killed_goes_on_and_runs_nothing_twice(tmp_path: Path, serial: list[Row]) -> None:
    sweep = begin(tmp_path / "a")
    program = f"from pathlib import Path; from veracity.app.sweep_run import go_on, opened; go_on(opened(Path({str(sweep.root)!r})), cache=Path({str(CACHE)!r}), clock=lambda: 0)"
    process = subprocess.Popen([sys.executable, "-c", program])
    patience = time.monotonic() + PATIENCE_S
    while len(sweep.rows()) < 3 and time.monotonic() < patience:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait(PATIENCE_S)
    before = sweep.rows()
    assert before
    assert go_on(opened(sweep.root), cache=CACHE, clock=now) == serial
    lines = [json.loads(line)["trial"] for line in sweep.trials.read_text().splitlines()]
    assert sorted(lines) == list(range(12))
    assert sorted(lines[: len(before)]) == [row["trial"] for row in before]  # rows come as they are done


def test_what_the_kernel_does_not_cover_has_its_equity_from_the_event_path(
    tmp_path: Path, serial: list[Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is said to be uncovered: the rows are the same, their equity included, and say why they took longer."""
    monkeypatch.setattr("veracity.research.kernel.scope.uncovered", lambda *_: (("all of it", "planted"),))
    sweep = begin(tmp_path / "a")
    rows = go_on(sweep, cache=CACHE, clock=now)
    assert [row | {"event_path": None} for row in rows] == serial
    assert {row["event_path"] for row in rows if row["metrics"]} == {"all of it: planted"}
    assert all(row["equity"] for row in serial if row["status"] == "ok")
    said = veracity("sweep", "show", sweep.root)
    assert (
        "11 x run event by event, since the compiled kernel does not cover it: all of it: planted" in said.err
    )


def worker_of(sweep: Sweep) -> tuple[Worker, list[Trial]]:
    """A worker that takes no hashes, so that its trials go through the tape together; and all trials."""
    trials = unchanged(sweep)
    asked = Asked("", trials.document, sweep.dataset_hash, fingerprint(), CACHE, state_hashes=False)
    return Worker(asked, trials), list(trials_of(PLAN, PLAN.rounds[0]))


def test_trials_that_go_through_the_tape_together_have_the_rows_of_each_alone(
    tmp_path: Path, serial: list[Row]
) -> None:
    worker, trials = worker_of(begin(tmp_path / "a"))
    together = worker.rows(trials)
    assert together == [row for trial in trials for row in worker.rows([trial])]
    hashless = [
        row | ({"metrics": row["metrics"] | {"state_hash": None}} if row["metrics"] else {}) for row in serial
    ]
    assert together == hashless


def test_a_trial_that_breaks_the_loop_is_its_own_row_and_no_other_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker, trials = worker_of(begin(tmp_path / "a"))
    whole, run_all = worker.rows(trials), Kernel.run_all

    def broken(kernel: Kernel, plans: list[Plan], *words: Any, **named: Any) -> Any:
        if any(plan.bound[0].params[:2] == (5, 30) for plan in plans):
            raise ZeroDivisionError("planted")
        return run_all(kernel, plans, *words, **named)

    monkeypatch.setattr(Kernel, "run_all", broken)
    rows = worker.rows(trials)
    assert [row["trial"] for row, before in zip(rows, whole, strict=True) if row != before] == [5]
    assert (rows[5]["status"], rows[5]["error"]) == ("failed", "ZeroDivisionError: planted")
