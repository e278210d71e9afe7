"""`veracity sweep` on a small market: what a trial came to is planted, everything else is real (docs/cli.md)."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config

from veracity.app.sweep_worker import Outcome, Worker
from veracity.research.trial_log import TrialLog
from veracity.runtime.simulation import Plan

GRID = ("--grid", "fast=5,10,20", "--grid", "slow=10,20,30,40", "--grid", "qty=0.5,0.6")


def plant(monkeypatch: pytest.MonkeyPatch, outcome: Callable[[Plan], Outcome]) -> None:
    """Let trials come to that, and raise what it raises."""

    def attempt(plan: Plan) -> Outcome | Exception:
        try:
            return outcome(plan)
        except ZeroDivisionError as error:
            return error

    monkeypatch.setattr(Worker, "_outcomes", lambda _, plans: [attempt(plan) for plan in plans])


def planted(plan: Plan) -> Outcome:
    """Two combinations raise; the others come to a number that follows from their parameters."""
    fast, slow, qty = plan.bound[0].params  # type: ignore[misc]
    if (fast, slow) == (5, 40):
        raise ZeroDivisionError("planted")
    net = 1_000 * fast + slow + qty
    metrics = {
        "final_equity": 10**13 + net,
        "net": net,
        "fees": 0,
        "funding": 0,
        "fills": 2,
        "trades": 1,
        "state_hash": None,
    }
    return Outcome(metrics, [net])


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    plant(monkeypatch, planted)
    return tmp_path / "runs"


def sweep(tmp_path: Path, runs: Path, *words: object) -> Any:
    return veracity("sweep", "run", "-c", write_config(tmp_path), "--run-dir", runs, "-q", *words)


@pytest.mark.ticket("T-235")
def test_every_combination_of_a_grid_is_a_row_in_the_file_and_in_what_is_shown(
    tmp_path: Path, runs: Path
) -> None:
    assert sweep(tmp_path, runs, *GRID).code == 0
    (file,) = runs.glob("sweeps/sweep-*/trials.jsonl")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert sorted(row["trial"] for row in lines) == list(range(24))
    by_status = {
        kind: [row for row in lines if row["status"] == kind] for kind in ("ok", "failed", "refused")
    }
    assert [len(rows) for rows in by_status.values()] == [16, 2, 6]
    assert {row["error"] for row in by_status["failed"]} == {"ZeroDivisionError: planted"}
    assert all("fast" in row["error"] for row in by_status["refused"])
    assert [row["metrics"] for row in by_status["failed"] + by_status["refused"]] == [None] * 8
    shown = veracity("sweep", "show", "latest", "--json", "--run-dir", runs).document["trials"]
    assert [row["trial"] for row in shown] == list(range(24))
    assert [row["status"] for row in shown] == [
        row["status"] for row in sorted(lines, key=lambda row: int(row["trial"]))
    ]


def test_status_says_whether_a_process_runs_it_and_how_far_it_is(tmp_path: Path, runs: Path) -> None:
    assert sweep(tmp_path, runs, *GRID).code == 0
    said = veracity("sweep", "status", "latest", "--run-dir", runs)
    assert "finished, 24 of 24 trials done; 16 ok, 2 failed, 6 refused" in said.out
    assert "this dataset was asked 24 times in all" in said.out
    (root,) = runs.glob("sweeps/sweep-*")
    (root / "SEALED").unlink()
    told = veracity("sweep", "status", root, "--json", "--run-dir", runs).document
    assert (told["running"], told["finished"], told["left_s"]) == (False, False, None)
    with TrialLog(root / "trials.jsonl"):
        told = veracity("sweep", "status", root, "--json", "--run-dir", runs).document
        assert (told["running"], told["done"]) == (True, 24)


def long_lived(plan: Plan) -> Outcome:
    """A thousand days of steady growth, faster with `fast`; nobody has to be lucky for it."""
    fast = plan.bound[0].params[0]  # type: ignore[index]
    days = np.random.default_rng(fast).normal(0.001, 0.006, 1_001)
    equity = (10**13 * np.cumprod(1 + days)).astype(np.int64).tolist()
    end = equity[-1]
    metrics = {"final_equity": end, "net": end - 10**13, "fees": 0, "funding": 0, "fills": 99, "trades": 49}
    return Outcome(metrics | {"state_hash": None}, equity)


@pytest.mark.ticket("T-215")
def test_a_second_sweep_on_the_same_data_takes_the_trust_from_the_best_of_the_first(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """2.74 years are enough for 4 trials (MinBTL 1.1 years) and not for 64 (5.6): Bailey et al. 2014."""
    plant(monkeypatch, long_lived)
    assert sweep(tmp_path, runs, "--grid", "fast=2,3,4,5", "--grid", "slow=30").code == 0
    (first,) = (path for path in runs.glob("sweeps/sweep-*"))
    before = veracity("sweep", "show", first, "--run-dir", runs)
    assert "trials              4; deflated Sharpe " in before.out
    assert "verdict             trustworthy" in before.out
    again = sweep(
        tmp_path, runs, "--grid", f"fast={','.join(map(str, range(2, 22)))}", "--grid", "slow=30,31,32"
    )
    assert again.code == 0
    after = veracity("sweep", "show", first, "--run-dir", runs)
    assert "trials              64; deflated Sharpe " in after.out
    assert "verdict             untrustworthy" in after.out
    assert "untrustworthy: 64 trials were made on 2.74 years of data." in after.err
    told = veracity("sweep", "show", first, "--run-dir", runs, "--json").document
    assert (told["statistics"]["verdict"], told["statistics"]["trials_here"]) == ("untrustworthy", 4)


def test_a_sweep_on_less_than_two_days_says_that_there_is_nothing_to_judge(
    tmp_path: Path, runs: Path
) -> None:
    said = sweep(tmp_path, runs, *GRID)
    assert "verdict             none: fewer than two days, or no trial ran" in said.out
    told = veracity("sweep", "show", "latest", "--run-dir", runs, "--json").document
    assert (told["best"], told["statistics"]) == (None, None)


def test_optuna_asks_as_many_trials_as_are_planned_and_finds_the_best_of_a_simple_surface(
    tmp_path: Path, runs: Path
) -> None:
    axes = (
        "--grid",
        f"fast={','.join(map(str, range(2, 22)))}",
        "--grid",
        f"slow={','.join(map(str, range(30, 60)))}",
    )
    said = sweep(
        tmp_path, runs, *axes, "--search", "optuna", "--trials", 60, "--round", 10, "--seed", 3, "--json"
    )
    assert said.code == 0
    rows = said.document["trials"]
    assert [row["trial"] for row in rows] == list(range(60))
    fasts = [int(row["params"]["strategies.sma.params.fast"]) for row in rows]
    assert sum(fasts[30:]) > sum(fasts[:30]) + 90  # it learns that a larger one wins more
    known = veracity("sweep", "status", "latest", "--json", "--run-dir", runs).document
    assert known["trials_on_dataset"] == 60


def test_optuna_that_is_not_installed_is_asked_for_before_anything_is_made(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    said = sweep(tmp_path, runs, *GRID, "--search", "optuna")
    assert said.code == 2
    assert "pip install 'veracity[search]'" in said.err
    assert not runs.exists()
