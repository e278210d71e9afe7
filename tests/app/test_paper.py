"""The paper wiring on recorded inputs: the same hash as the backtest, killed or not, and no order twice."""

import json
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.app.real_runs import (
    FREE,
    MORNING,
    TREND,
    environment,
    events_of,
    run,
    waves,
    write_config,
)
from tests.kit.process import PATIENCE_S, SEARCHED

from veracity.app.config import load
from veracity.app.paper import PaperOutcome, run_paper
from veracity.app.paper_trade import Manner
from veracity.app.unfinished import unfinished
from veracity.domain.events import CheckpointMarked, ModeChanged, OrderSubmitted, RunFinished
from veracity.forensics.run_directory import RunDirectory

IDLE = """\
[[strategies]]
id = "idle"
strategy = "no_trade"
legs = ["BTCUSDT"]
cash = 100000
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_config(tmp_path_factory.mktemp("paper"), TREND, FREE)


def paper(config: Path, runs: Path, **options: object) -> PaperOutcome:
    return run_paper(load(config), runs_dir=runs, clock=lambda: MORNING, manner=Manner(**options))  # type: ignore[arg-type]


def process(config: Path, runs: Path, *victim: object) -> subprocess.CompletedProcess[str]:
    """`veracity paper` in a process of its own; with a `victim` it dies at that call of its journal."""
    words = ["--json", "--run-dir", str(runs), "paper", "-c", str(config)]
    module = ["tests.app.paper_victim", *map(str, victim)] if victim else ["veracity.app.cli"]
    return subprocess.run(
        [sys.executable, "-m", *module, *words],
        env=environment(PYTHONPATH=SEARCHED),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
    )


def test_a_paper_run_ends_with_the_hash_of_the_backtest(config: Path, tmp_path: Path) -> None:
    outcome = paper(config, tmp_path / "paper")
    assert outcome.state_hash == run(config, tmp_path / "backtest").state_hash
    assert outcome.resumed_at == 0
    assert RunDirectory(outcome.run_dir).end_state() == "sealed"
    assert (outcome.run_dir / "report" / "index.html").exists()


def test_what_a_paced_run_heard_is_durable_after_a_second_though_nothing_is_done_about_it(
    tmp_path: Path,
) -> None:
    """100 bars at 50 a second and a strategy that does nothing. Somebody who reads the journal meanwhile sees some of them."""
    config, seen, ended = write_config(tmp_path, IDLE, FREE, closes=waves(100)), set(), threading.Event()

    def look() -> None:
        while not ended.wait(0.02):
            for wal in tmp_path.glob("runs/paper-*/wal/*.wal"):
                seen.add(wal.read_bytes().count(b"bar_closed"))

    with ThreadPoolExecutor(1) as threads:
        looked = threads.submit(look)
        paper(config, tmp_path / "runs", pace=50)
        ended.set()
        looked.result(PATIENCE_S)
    assert seen & set(range(1, 100))


def test_the_next_run_of_a_finished_one_is_a_new_run(config: Path, tmp_path: Path) -> None:
    first, second = paper(config, tmp_path), paper(config, tmp_path)
    assert first.run_dir != second.run_dir
    assert first.state_hash == second.state_hash
    assert unfinished(tmp_path, first.run_id) is None


@pytest.mark.parametrize(("call", "first", "second"), [("append", 90, 40), ("barrier", 5, 2)])
def test_killed_by_sigkill_the_same_command_goes_on_to_the_same_hash(
    config: Path, tmp_path: Path, call: str, first: int, second: int
) -> None:
    whole = paper(config, tmp_path / "whole")
    runs = tmp_path / "killed"
    assert process(config, runs, call, first).returncode == -signal.SIGKILL
    assert process(config, runs, call, second).returncode == -signal.SIGKILL  # and once more, further on
    done = process(config, runs)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["state_hash"] == whole.state_hash
    assert len(list(runs.glob("paper-*"))) == 1  # the same directory
    events = events_of(Path(said["run_dir"]))
    assert events == events_of(whole.run_dir)
    sent = [event.order_id for event in events if isinstance(event, OrderSubmitted)]
    assert len(sent) == len(set(sent)) > 5


def test_a_kill_file_halts_before_the_first_bar_and_nothing_is_opened(config: Path, tmp_path: Path) -> None:
    (tmp_path / "KILL").touch()
    outcome = paper(config, tmp_path / "runs", kill_file=tmp_path / "KILL")
    events = events_of(outcome.run_dir)
    halted = [event for event in events if isinstance(event, ModeChanged) and event.reason == "kill_file"]
    assert len(halted) == 1
    assert [event for event in events if isinstance(event, OrderSubmitted)] == []


def test_sigterm_ends_a_run_in_order_with_143(tmp_path: Path) -> None:
    config = write_config(
        tmp_path, TREND, FREE, closes=[3_000_000 + 1_500 * (bar % 20) for bar in range(20_000)]
    )
    words = ["--json", "--run-dir", str(tmp_path / "runs"), "paper", "-c", str(config), "--pace", "100"]
    child = subprocess.Popen(
        [sys.executable, "-m", "veracity.app.cli", *words],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + PATIENCE_S
    while not list((tmp_path / "runs").glob("paper-*/wal/witness")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    child.send_signal(signal.SIGTERM)
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=PATIENCE_S)
    assert child.returncode == 143
    (root,) = (tmp_path / "runs").glob("paper-*")
    events = events_of(root)
    assert [type(event) for event in events[-2:]] == [RunFinished, CheckpointMarked]
    assert isinstance(events[-2], RunFinished)
    assert events[-2].reason == "shutdown"
