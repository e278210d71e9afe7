"""`veracity paper --supervise`: real processes, killed from outside by SIGKILL."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.app.cli_kit import veracity
from tests.app.real_runs import FREE, MORNING, TREND, environment, events_of, waves, write_config
from tests.kit.process import PATIENCE_S, SEARCHED

from veracity.app.config import load
from veracity.app.paper import run_paper
from veracity.app.run_dirs import list_runs
from veracity.app.supervised_paper import PaperWatch
from veracity.domain.events import ModeChanged, OrderSubmitted

BARS = waves(1_600)
"""So many that no run comes to its end while a slow test still looks for what it waits for."""


@contextmanager
def supervised(config: Path, runs: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "veracity.app.cli", "--run-dir", str(runs), "paper", "-c", str(config)]
    process = subprocess.Popen(
        [*command, "--supervise", *words],
        env=environment(PYTHONPATH=SEARCHED),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)


def until(found: Callable[[], int | None], beside: subprocess.Popen[str] | None = None) -> int:
    """The answer, as soon as there is one; the process `beside` has to live until then."""
    end = time.monotonic() + PATIENCE_S
    while (answer := found()) is None:
        assert time.monotonic() < end, "nothing came"
        assert beside is None or beside.poll() is None, beside.communicate()
        time.sleep(0.1)
    return answer


def trading(runs: Path, orders: int) -> int | None:
    """The process that writes the run, once its journal has so many orders."""
    for run in list_runs(runs):
        pid = run.writer()
        if pid is not None and len(orders_of(run.path)) >= orders:
            return pid
    return None


def orders_of(root: Path) -> list[str]:
    return [event.order_id for event in events_of(root) if isinstance(event, OrderSubmitted)]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def gone(*pids: int) -> None:
    """Wait until none of the processes is there."""
    until(lambda: None if any(map(is_there, pids)) else 1)


def test_killed_twice_and_then_with_its_supervisor_a_run_ends_with_the_hash_and_the_orders_of_an_undisturbed_one(
    tmp_path: Path,
) -> None:
    config = write_config(tmp_path, TREND, FREE, closes=BARS)
    whole = run_paper(load(config), runs_dir=tmp_path / "whole", clock=lambda: MORNING)
    runs, killed, orders = tmp_path / "runs", list[int](), 0
    with supervised(config, runs, "--pace", "50") as process:
        for more in (2, 3):
            killed.append(until(lambda wanted=orders + more: trading(runs, wanted), process))  # type: ignore[misc]
            os.kill(killed[-1], signal.SIGKILL)
            gone(killed[-1])
            (run,) = list_runs(runs)
            orders = len(orders_of(run.path))
        engine = until(lambda: trading(runs, orders + 1), process)
        children = children_of(process.pid)
        assert (engine in children, len(children)) == (True, 2)  # and a venue
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
        gone(*children)
        _, remarks = process.communicate()
    assert len({*killed, engine}) == 3
    assert "the run ended by SIGKILL; started again in 2 s (2 in a row)" in remarks
    lines = [json.loads(line) for line in (run.path / "control/restarts.jsonl").read_bytes().splitlines()]
    assert [(line["ended_by"], line["number"], line["wait_ms"]) for line in lines] == [
        ("SIGKILL", 1, 1_000),
        ("SIGKILL", 2, 2_000),
    ]
    with supervised(config, runs) as process:
        said, remarks = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, remarks
    (run,) = list_runs(runs)
    assert (run.state, f"state hash  {whole.state_hash}" in said) == ("sealed", True)
    assert orders_of(run.path) == orders_of(whole.run_dir)
    assert len(list((run.path / "recoveries").iterdir())) == 3
    assert list(runs.glob("practice-*")) == []


def test_a_kill_file_keeps_a_killed_run_down(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE, closes=BARS), tmp_path / "runs"
    with supervised(config, runs, "--pace", "20") as process:
        pid = until(lambda: trading(runs, 1), process)
        (run,) = list_runs(runs)
        (run.path / "KILL").touch()
        os.kill(pid, signal.SIGKILL)
        _, remarks = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 6
    assert f"ended by SIGKILL, and is not started again: {run.path.absolute() / 'KILL'} exists" in remarks
    assert list_runs(runs)[0].writer() is None
    assert not (run.path / "control/restarts.jsonl").exists()


def test_a_halt_before_the_kill_holds_in_the_process_after_it(tmp_path: Path) -> None:
    config, runs = write_config(tmp_path, TREND, FREE, closes=BARS), tmp_path / "runs"
    with supervised(config, runs, "--pace", "5") as process:
        first = until(lambda: trading(runs, 1), process)
        assert veracity("--run-dir", runs, "halt", "latest", "--timeout", PATIENCE_S).code == 0
        root = list_runs(runs)[0].path
        orders = orders_of(root)
        os.kill(first, signal.SIGKILL)
        until(lambda: pid if (pid := trading(runs, 1)) not in (None, first) else None, process)
        assert (
            veracity("--run-dir", runs, "halt", "latest", "--timeout", PATIENCE_S).code == 7
        )  # it is already
        process.terminate()
        process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 143
    modes = [event.mode_to.value for event in events_of(root) if isinstance(event, ModeChanged)]
    assert modes[-2:] == ["halted", "stopped"]
    assert orders_of(root) == orders


def test_what_remains_of_a_venue_that_cannot_be_forgotten_is_told(tmp_path: Path) -> None:
    """Of a run that has ended, or never began, the venue's memory goes; a link in its place is not followed."""
    loaded, told = load(write_config(tmp_path, TREND, FREE)), list[str]()
    watch = PaperWatch(loaded, tmp_path / "runs", None, told.append)
    watch.forget_venue()
    watch.venue().mkdir(parents=True)
    (watch.venue() / "deeds").touch()
    watch.forget_venue()
    assert (watch.venue().exists(), told) == (False, [])
    (tmp_path / "elsewhere").mkdir()
    watch.venue().symlink_to(tmp_path / "elsewhere")
    watch.forget_venue()
    assert (tmp_path / "elsewhere").is_dir()
    assert [line.partition(":")[0] for line in told] == [f"the venue's memory stays in {watch.venue()}"]


def test_a_config_that_is_refused_is_refused_once(tmp_path: Path) -> None:
    config = write_config(tmp_path, TREND.replace("slow = 8", "slow = 2"), FREE, closes=BARS)
    with supervised(config, tmp_path / "runs") as process:
        _, remarks = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3
    assert "started again" not in remarks
