"""What a command does where its surroundings fail it: a reader that goes away, a disk that is full, a run without an end."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config

from veracity.app.config_text import read_file
from veracity.app.sweep_run import start
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis

FULL = Path("/dev/full")


def process(output: int, *words: str) -> subprocess.CompletedProcess[str]:
    """A real process that writes its stdout to this descriptor."""
    command = [sys.executable, "-m", "veracity.app.cli", *words]
    return subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, check=False)


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr("veracity.app.cli.version.platform.python_version", fail)


def test_a_reader_that_goes_away_is_no_error_of_anybody() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = process(writer, "config", "schema")
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["version"],
            "error: the output, or a file of it, cannot be written: No space left on device\n"
            "  free the disk, or name another place; what was begun there is not complete\n",
        ),
        (["version", "--json"], ""),  # the error would go where nothing can be written
    ],
)
def test_output_that_cannot_be_written_ends_with_6(words: list[str], said: str) -> None:
    with FULL.open("w") as full:
        done = process(full.fileno(), *words)
    assert (done.returncode, done.stderr) == (6, said)


@pytest.mark.parametrize(
    ("number", "code", "what"),
    [
        (errno.ENOSPC, 6, "cannot be written"),
        (errno.EACCES, 2, "cannot be used"),
        (errno.EISDIR, 2, "cannot be used"),
    ],
)
def test_what_the_system_refuses_names_the_file_and_is_no_bug_of_ours(
    monkeypatch: pytest.MonkeyPatch, number: int, code: int, what: str
) -> None:
    failing(monkeypatch, OSError(number, "the reason", "some/file"))
    said = veracity("version")
    assert said.code == code
    assert said.err.splitlines()[0] == f"error: some/file: {what}: the reason"
    assert "bug" not in said.err


def unended(runs: Path, mark: str = "") -> Path:
    run = runs / "backtest-20240101T000000Z-a-00000000"
    (run / "wal").mkdir(parents=True)
    (run / "manifest.json").write_text("{}", encoding="utf-8")
    if mark:
        (run / mark).touch()
    return run


@pytest.mark.parametrize(
    "words",
    [("report",), ("run", "export", "--to", "OUT"), ("run", "repro"), ("run", "diff", "latest")],
)
@pytest.mark.parametrize(
    ("mark", "why"),
    [
        ("", "it crashed, or is still running"),
        ("FAILED", "it failed"),
        ("SEALED", "it was stopped before its data ended"),
    ],
)
def test_a_run_without_an_end_has_nothing_to_show_and_says_why(
    tmp_path: Path, words: tuple[str, ...], mark: str, why: str
) -> None:
    run = unended(tmp_path / "runs", mark)
    placed = [str(tmp_path / "out") if word == "OUT" else word for word in words]
    said = veracity(*placed, "latest", "--run-dir", tmp_path / "runs")
    assert said.code == 5
    assert said.err.splitlines() == [
        f"error: {run}: the run has no summary: {why}",
        f"  how far it came: veracity wal show {run}",
    ]
    assert not (tmp_path / "out").exists()


def test_something_that_is_no_run_is_not_said_to_be_absent(tmp_path: Path) -> None:
    said = veracity("run", "show", tmp_path, "--run-dir", tmp_path)
    assert said.code == 2
    assert "there is something, but no run: it has neither a manifest nor a journal" in said.err


# ---------------------------------------------------------------- sweeps


def sweep(tmp_path: Path, *words: object) -> list[object]:
    return ["sweep", "run", "-c", write_config(tmp_path), "--run-dir", tmp_path / "runs", *words]


def test_a_grid_that_no_config_can_have_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    said = veracity(*sweep(tmp_path, "--grid", "fsat=3,5"))
    assert said.code == 3
    assert "strategies[0].params.fsat: unknown key" in said.err
    assert "did you mean fast?" in said.err
    assert not (tmp_path / "runs").exists()


def test_a_value_that_stands_twice_would_count_one_trial_twice(tmp_path: Path) -> None:
    said = veracity(*sweep(tmp_path, "--grid", "fast=3,5,3", "--grid", "qty=0.5,0.50"))
    assert said.code == 2
    assert "--grid strategies.sma.params.fast=3,5,3: strategies.sma.params.fast: 3 stands twice" in said.err
    assert "strategies.sma.params.qty: 0.50 stands twice" in said.err
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("command", ["sweep", "walkforward"])
def test_more_trials_than_anybody_could_look_at_are_refused_before_they_are_counted_up(
    command: str, tmp_path: Path
) -> None:
    values = ",".join(map(str, range(1, 1_002)))
    words = ["sweep", "run"] if command == "sweep" else ["walkforward", "--train", "40", "--test", "20"]
    grid = ("--grid", f"fast={values}", "--grid", f"slow={values}")
    said = veracity(*words, "-c", write_config(tmp_path), "--run-dir", tmp_path / "runs", *grid)
    assert said.code == 2
    assert "error: 1,002,001 trials: at most 1,000,000 are made on one dataset at a time" in said.err
    assert not (tmp_path / "runs").exists()


def test_the_trials_that_cannot_run_are_named_before_data_are_read(tmp_path: Path) -> None:
    words = sweep(tmp_path, "--grid", "fast=5,25,30", "--grid", "slow=20,26")
    (tmp_path / "BTCUSDT_1m.parquet").write_bytes(b"PAR1 and no more")
    said = veracity(*words)
    assert said.code == 4
    assert said.err.splitlines()[0] == (
        "3 of 6 trials cannot run, and count: strategies[0].params.fast: must be below slow: fast=25 slow=20; "
        "fast=30 slow=20; fast=30 slow=26"
    )
    assert not (tmp_path / "runs").exists()


def test_a_grid_that_is_wrong_whole_is_told_where_it_was_written(tmp_path: Path) -> None:
    said = veracity(*sweep(tmp_path, "--grid", "fast=30", "--grid", "slow=20"))
    assert said.code == 3
    assert (
        "error: --grid strategies.sma.params.fast=30: strategies[0].params.fast: must be below slow"
        in said.err
    )


def test_a_cluster_without_its_package_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    said = veracity(*sweep(tmp_path, "--grid", "fast=3,5", "--executor", "dask:127.0.0.1:1"))
    assert said.code == 2
    assert said.err.splitlines()[0] == "error: Dask is not installed here"
    assert not (tmp_path / "runs").exists()


def test_a_sweep_is_no_run_and_latest_means_each_of_its_kind(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    run = unended(runs)
    plan = SweepPlan("grid", (Axis("strategies.sma.params.fast", ("3", "5", "20")),), 0, 1)
    begun = start(read_file(write_config(tmp_path)), plan, runs_dir=runs, clock=lambda: 10**18)
    listed = veracity("run", "list", "--json", "--run-dir", runs).document
    assert [one["name"] for one in listed["runs"]] == [run.name]
    assert veracity("run", "show", "latest", "--json", "--run-dir", runs).document["name"] == run.name
    status = veracity("sweep", "status", "latest", "--json", "--run-dir", runs).document
    assert (status["sweep"], status["done"], status["trials"]) == (begun.root.name, 0, 3)
    said = veracity("sweep", "show", "nope", "--run-dir", runs)
    assert said.code == 2
    assert f"  the last ones: {begun.root.name}" in said.err.splitlines()
