"""A backtest that is killed, or interrupted, in the middle: what it leaves says how far it came, and nothing else."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import (
    CHECKOUT,
    HOLD,
    config_text,
    document,
    environment,
    events_of,
    run,
    write_config,
)
from tests.kit.process import PATIENCE_S, SEARCHED

from veracity.app import baseline_run
from veracity.app.config import load
from veracity.app.replay import replay_run
from veracity.domain.errors import EngineFault
from veracity.domain.events import RunStarted

BARS = 110_000  # enough for a process of the baselines
HELD = 20_000  # no run gets beyond this record: it is ended when its journal holds the first thousand, or there at last
BUSY = """\
[[strategies]]
id = "sma"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 1000000
[strategies.params]
fast = 3
slow = 8
qty = 0.1
"""
RESULTS = ("summary.json", "events.jsonl", "results", "report", "SEALED")


class Ended(NamedTuple):
    """A run that was ended from outside."""

    runs: Path
    run_dir: Path
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config of one busy strategy on generated bars."""
    folder = tmp_path_factory.mktemp("large")
    words = [
        sys.executable,
        str(CHECKOUT / "bench" / "make_data.py"),
        "--out",
        str(folder),
        "--bars",
        str(BARS),
    ]
    subprocess.run(words, env=environment(), check=True, capture_output=True)
    path = folder / "run.toml"
    path.write_text(config_text(BUSY, data=f"bars_{BARS}.parquet"), encoding="utf-8")
    return path


def ended_by(number: signal.Signals, config: Path, *, baselines: bool = False, group: bool = False) -> Ended:
    """Start a backtest, wait until its journal is on the disk in part, and send the signal, to its `group` or it alone."""
    runs = config.parent / f"{number.name}-{baselines}"
    words = [
        "backtest",
        "-c",
        config,
        "--set",
        f"report.baselines={str(baselines).lower()}",
        "--run-dir",
        runs,
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.app.held_run", str(HELD), *map(str, words)],
        env=environment(PYTHONPATH=SEARCHED),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    while not any(file.stat().st_size > 100_000 for file in runs.glob("backtest-*/wal/*.wal")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.002)
    (os.killpg if group else os.kill)(process.pid, number)
    out, err = process.communicate(timeout=PATIENCE_S)
    (run_dir,) = runs.glob("backtest-*")
    return Ended(runs, run_dir, process.returncode, out, err)


# ---------------------------------------------------------------- killed


@pytest.fixture(scope="module")
def killed(config: Path) -> Ended:
    return ended_by(signal.SIGKILL, config)


def test_a_killed_run_has_no_end_marker_and_no_results(killed: Ended) -> None:
    assert killed.code == -signal.SIGKILL
    found = {path.name for path in killed.run_dir.iterdir()}
    assert found == {"manifest.json", "config.resolved.toml", "wal"}
    assert killed.out == ""


def test_a_killed_run_has_its_manifest(killed: Ended) -> None:
    first = events_of(killed.run_dir)[0]
    assert isinstance(first, RunStarted)
    assert document(killed.run_dir / "manifest.json")["run_id"] == first.run_id


def test_a_killed_run_is_listed_as_open_and_shown_as_crashed(killed: Ended) -> None:
    (entry,) = veracity("run", "list", "--run-dir", killed.runs, "--json").document["runs"]
    assert (entry["name"], entry["state"], entry["report"]) == (killed.run_dir.name, "open", None)
    said = veracity("run", "show", "latest", "--run-dir", killed.runs)
    assert said.code == 0
    assert "(crashed)" in said.out
    assert "no summary: it crashed; how far it came: " in said.err


def test_the_journal_of_a_killed_run_folds_as_far_as_it_goes(killed: Ended) -> None:
    said = veracity("replay", killed.run_dir)
    events = events_of(killed.run_dir)
    assert len(events) > 300
    assert said.code == 5
    facts = events[-1].seq - len(events)
    assert f"folded      {len(events)} events of the journal, {facts} market facts of the dataset" in said.out
    assert "expected    none: the run did not end in order" in said.out


def test_running_a_killed_run_again_finds_all_that_it_journaled_equal(killed: Ended) -> None:
    outcome = replay_run(killed.run_dir, rerun=True)
    last = events_of(killed.run_dir)[-1].seq
    assert outcome.first_difference is not None
    assert outcome.first_difference.startswith(f"the journal ends before seq {last + 1}")


# ---------------------------------------------------------------- interrupted


@pytest.mark.parametrize(
    ("baselines", "group"), [(False, False), (True, True)], ids=["alone", "with_baselines"]
)
def test_ctrl_c_ends_a_run_with_130_and_marks_it_failed(config: Path, baselines: bool, group: bool) -> None:
    """With baselines there is a second process, which a terminal interrupts too: it must be silent and not outlive us."""
    ended = ended_by(signal.SIGINT, config, baselines=baselines, group=group)
    assert ended.code == 130
    assert ended.err.strip() == "error: interrupted"
    found = {path.name for path in ended.run_dir.iterdir()}
    assert "FAILED" in found
    assert not found & set(RESULTS)
    (entry,) = veracity("run", "list", "--run-dir", ended.runs, "--json").document["runs"]
    assert entry["state"] == "failed"
    assert veracity("replay", ended.run_dir).code == 5
    assert len(events_of(ended.run_dir)) > 300


def test_an_interrupt_in_the_middle_of_a_write_is_told_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It leaves a journal that cannot be closed in order; the operator pressed Ctrl-C and has no disk to free."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("veracity.journal.writer.write_all", interrupted)
    said = veracity("backtest", "-c", write_config(tmp_path, HOLD), "--run-dir", tmp_path / "runs")
    assert (said.code, said.err.strip()) == (130, "error: interrupted")
    (entry,) = veracity("run", "list", "--run-dir", tmp_path / "runs", "--json").document["runs"]
    assert entry["state"] == "failed"


def test_sigterm_ends_a_run_with_143_and_marks_it_failed(config: Path) -> None:
    ended = ended_by(signal.SIGTERM, config, baselines=True, group=False)
    assert (ended.code, ended.err.strip()) == (143, "error: terminated")
    assert "FAILED" in {path.name for path in ended.run_dir.iterdir()}


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (EngineFault("a gap"), 1, "a gap"),
        (KeyboardInterrupt(), 130, "interrupted"),
        (OSError(28, "No space left on device"), 6, "the run cannot be written: No space left on device"),
    ],
)
def test_whatever_ends_a_run_marks_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, words: str
) -> None:
    def broken(*_: object) -> None:
        raise error

    monkeypatch.setattr("veracity.app.backtest.write_report", broken)
    said = veracity("backtest", "-c", write_config(tmp_path, HOLD), "--run-dir", tmp_path / "runs")
    assert said.code == code
    assert words in said.err
    (entry,) = veracity("run", "list", "--run-dir", tmp_path / "runs", "--json").document["runs"]
    assert entry["state"] == "failed"
    assert veracity("replay", tmp_path / "runs" / "latest").code == 0  # the journal came to its end before


# ---------------------------------------------------------------- the process of the baselines


def test_a_second_process_says_what_the_first_one_would_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_config(tmp_path, HOLD)
    inline = run(config, tmp_path / "runs", "report.baselines=true")
    monkeypatch.setattr(baseline_run, "INLINE_BARS_MAX", 0)
    beside = run(config, tmp_path / "runs", "report.baselines=true")
    assert beside.summary == inline.summary
    assert len(beside.summary["baselines"]) == 5


def test_a_second_process_that_dies_fails_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = write_config(tmp_path, HOLD)
    monkeypatch.setattr(baseline_run, "INLINE_BARS_MAX", 0)
    monkeypatch.setattr(baseline_run, "_tell", print)  # it ends without a word to us
    with pytest.raises(EngineFault, match="ended without an answer"):
        run(config, tmp_path / "runs", "report.baselines=true")
    (failed,) = (tmp_path / "runs").glob("backtest-*/FAILED")
    assert failed.is_file()
    assert load(failed.parent / "config.resolved.toml").report.baselines
