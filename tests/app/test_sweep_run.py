"""A real sweep of a config: local processes, a process that is killed, and a cluster on this machine give the same rows."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config
from tests.kit.process import PATIENCE_S

from veracity.app.config_text import read_file
from veracity.app.sweep_run import Sweep, go_on, opened, start
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis
from veracity.research.trial_ledger import trials_of
from veracity.research.trial_log import Row

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
    return start(document, PLAN, runs_dir=folder / "runs", clock=now)


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    return go_on(begin(tmp_path_factory.mktemp("serial") / "a"), cache=CACHE, clock=now)


def test_every_trial_is_explained_and_counted(tmp_path: Path, serial: list[Row]) -> None:
    sweep = begin(tmp_path / "a")
    assert go_on(sweep, cache=CACHE, clock=now) == serial
    assert [row["trial"] for row in serial] == list(range(12))
    assert [row["trial"] for row in serial if row["status"] == "refused"] == [8]  # fast 20, slow 20
    assert trials_of(tmp_path / "a" / "runs", sweep.dataset_hash) == 12
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
    """Everything is said to be uncovered: the rows are the same, their equity included."""
    monkeypatch.setattr("veracity.research.kernel.scope.uncovered", lambda *_: (("all of it", "planted"),))
    assert go_on(begin(tmp_path / "a"), cache=CACHE, clock=now) == serial
    assert all(row["equity"] for row in serial if row["status"] == "ok")
