"""A sweep that is killed again and again, at moments that nobody chose, comes to the bytes of one that was left alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tests.app.small_run import write_config
from tests.kit.process import PATIENCE_S

from veracity.app.config_text import read_file
from veracity.app.sweep_run import Sweep, go_on, opened, start, status_of
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis
from veracity.research.trial_log import TrialLog

CACHE = Path(__file__).parents[2] / "build" / "kernel"
PARAMS = "strategies.sma.params."
AXES = (
    Axis(f"{PARAMS}slow", tuple(map(str, range(20, 80)))),
    Axis(f"{PARAMS}fast", tuple(map(str, range(2, 22)))),
)


def now() -> int:
    return 1_700_000_000 * 10**9


def begin(folder: Path, plan: SweepPlan) -> Sweep:
    folder.mkdir(exist_ok=True)
    return start(
        read_file(write_config(folder)), plan, runs_dir=folder / "runs", clock=now, state_hashes=True
    )


def tables(sweep: Sweep) -> list[bytes]:
    return [(sweep.root / "results" / f"{name}.parquet").read_bytes() for name in ("trials", "returns")]


VICTIM = """
import sys, time
from pathlib import Path
from veracity.app.sweep_run import go_on, opened
wanted, late = int(sys.argv[3]), []
def heard(done, left):
    if late:
        time.sleep(int(sys.argv[4]))
    if done >= wanted:
        late.append(done)
go_on(opened(Path(sys.argv[1])), cache=Path(sys.argv[2]), clock=lambda: 0, workers=2, heard=heard)
"""


def process(sweep: Sweep, wanted: int) -> subprocess.Popen[bytes]:
    """Goes on with the sweep, on two workers. It is free to be killed anywhere, but behind the batch after the one with its
    `wanted`-th trial it waits for that: it would come to its end before a slow test has looked."""
    words = (sweep.root, CACHE, wanted, PATIENCE_S)
    return subprocess.Popen([sys.executable, "-c", VICTIM, *map(str, words)])


def children(pid: int) -> list[int]:
    """All processes below that one."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [lower for one in found for lower in children(one)]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_for(happened: object, patience_s: float = PATIENCE_S) -> None:
    end = time.monotonic() + patience_s
    while not happened():  # type: ignore[operator]
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.01)


@pytest.mark.parametrize(("search", "trials", "kills"), [("random", 240, 2), ("optuna", 60, 1)])
def test_killed_at_any_moment_no_trial_is_lost_or_run_twice_and_the_tables_have_the_same_bytes(
    tmp_path: Path, search: str, trials: int, kills: int
) -> None:
    plan = SweepPlan(search, AXES, trials, 7)  # type: ignore[arg-type]
    whole, killed = begin(tmp_path / "whole", plan), begin(tmp_path / "killed", plan)
    go_on(whole, cache=CACHE, clock=now)
    for more in np.random.default_rng(trials).integers(1, 20, kills):
        wanted = len(killed.rows()) + int(more)
        victim = process(killed, int(more))
        wait_for(lambda wanted=wanted: len(killed.rows()) >= wanted)
        assert status_of(killed, now).running
        below = children(victim.pid)
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(PATIENCE_S) == -signal.SIGKILL
        assert len(below) >= 2
        wait_for(lambda below=below: not any(map(is_alive, below)))  # nobody is left who works for no one
        assert not status_of(killed, now).running
    before = [row["trial"] for row in killed.rows()]
    assert len(before) < plan.total
    go_on(opened(killed.root), cache=CACHE, clock=now, workers=2)
    lines = killed.trials.read_text().splitlines()
    assert len(lines) == plan.total
    assert tables(killed) == tables(whole)
    assert status_of(killed, now).finished


def test_what_optuna_proposes_follows_from_the_rounds_before_and_not_from_the_workers(tmp_path: Path) -> None:
    plan = SweepPlan("optuna", AXES, 30, 7, 10)
    alone, pair = begin(tmp_path / "alone", plan), begin(tmp_path / "pair", plan)
    rows = go_on(alone, cache=CACHE, clock=now)
    assert go_on(pair, cache=CACHE, clock=now, workers=2) == rows
    assert tables(pair) == tables(alone)
    other = begin(tmp_path / "other", plan._replace(seed=8))
    assert [row["params"] for row in go_on(other, cache=CACHE, clock=now)] != [row["params"] for row in rows]


def test_a_sweep_that_runs_is_not_run_by_another_process_too(tmp_path: Path) -> None:
    sweep = begin(tmp_path / "a", SweepPlan("grid", AXES[1:], 0, 7))
    with TrialLog(sweep.trials), pytest.raises(OperatorFault, match="another process runs") as refused:
        go_on(sweep, cache=CACHE, clock=now)
    assert refused.value.exit_code == ExitCode.UNSAFE


def test_code_that_changed_in_between_does_not_go_on_with_a_sweep(tmp_path: Path) -> None:
    sweep = begin(tmp_path / "a", SweepPlan("grid", AXES[1:], 0, 7))
    other = sweep._replace(made_by={**sweep.made_by, "code": "0" * 64, "numpy": "1.0"})
    with pytest.raises(OperatorFault, match="changed since the sweep began") as refused:
        go_on(other, cache=CACHE, clock=now)
    assert refused.value.exit_code == ExitCode.UNSAFE
    assert "numpy " in refused.value.why
    assert " is not 1.0" in refused.value.why
    assert sweep.rows() == []


def test_a_finished_sweep_is_sealed_and_asked_nothing_again(tmp_path: Path) -> None:
    sweep = begin(tmp_path / "a", SweepPlan("grid", AXES[1:], 0, 7))
    rows = go_on(sweep, cache=CACHE, clock=now)
    before = {path: os.stat(path).st_mtime_ns for path in sweep.root.rglob("*")}
    assert go_on(sweep, cache=CACHE, clock=now, workers=2) == rows
    assert {path: os.stat(path).st_mtime_ns for path in sweep.root.rglob("*")} == before
    assert (sweep.root / "SEALED").exists()
    assert not (sweep.root / "columns.bin").exists()
