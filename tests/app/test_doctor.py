"""`veracity doctor`: each question is asked of the real machine; what this one cannot be is judged by its numbers."""

import fcntl
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import write_config

from veracity.app import doctor
from veracity.app.config_text import read_file
from veracity.app.doctor import Check, examine, file_system, judge_clock, judge_disk, judge_room
from veracity.app.sweep_run import start
from veracity.app.system_clock import ClockState
from veracity.domain.policies import JOURNAL
from veracity.forensics.run_directory import RunDirectory
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis
from veracity.research.trial_log import TrialLog

MS = 1_000_000


def found(runs: Path, **environ: str) -> dict[str, Check]:
    """The checks by name, the last of equal ones."""
    return {one.name: one for one in examine(runs, {"HOME": str(runs), **environ})}


def test_every_question_is_answered_and_nothing_stays_behind(tmp_path: Path) -> None:
    checks = found(tmp_path)
    assert list(checks) == [
        "python", "packages", "clock", "compiled code", "limits", "user", "run directory", "locks", "disk",
        "free space", "runs",
    ]  # fmt: skip
    assert {checks[name].state for name in ("python", "packages", "run directory", "locks")} == {"ok"}
    assert all(one.hint for one in checks.values() if one.state != "ok")
    assert list(tmp_path.iterdir()) == []


def test_the_place_where_runs_would_be_is_tried_and_not_made(tmp_path: Path) -> None:
    assert found(tmp_path / "not" / "yet")["run directory"].state == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_fails_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    check = found(tmp_path / "file" / "runs")["run directory"]
    assert check.state == "fail"
    assert check.what == f"{tmp_path}/file cannot be written: Not a directory"
    assert "--run-dir" in check.hint


@pytest.mark.parametrize(("mode", "fails"), [(0o755, False), (0o775, True), (0o757, True)])
def test_a_run_directory_in_which_others_may_write_fails(tmp_path: Path, mode: int, fails: bool) -> None:
    tmp_path.chmod(mode)
    assert ("permissions" in found(tmp_path)) == fails


def test_a_lock_that_is_given_twice_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network disk without locks, which is not to be had here."""
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    assert found(tmp_path)["locks"].state == "fail"


def test_a_switch_that_makes_each_start_slow_is_named(tmp_path: Path) -> None:
    assert found(tmp_path, PYTHONDONTWRITEBYTECODE="1")["bytecode"].hint == "unset PYTHONDONTWRITEBYTECODE"


def test_without_a_place_for_compiled_code_it_says_so(tmp_path: Path) -> None:
    assert found(tmp_path, VERACITY_CACHE_DIR="relative")["compiled code"].state == "warn"
    assert found(tmp_path, VERACITY_CACHE_DIR=str(tmp_path))["compiled code"].state == "ok"


@pytest.mark.parametrize(
    ("kind", "typical", "state", "says"),
    [
        ("ext4", 19_999, "warn", "too fast to be true"),
        ("ext4", 20_000, "ok", "a commit takes 0.020 ms"),
        ("ext4", 50 * MS, "ok", "a commit takes 50.000 ms"),
        ("ext4", 50 * MS + 1, "warn", "each decision waits that long"),
        ("tmpfs", MS, "warn", "a power cut takes every run"),
        ("nfs4", MS, "warn", "the disk of another machine"),
    ],
)
def test_a_disk_is_judged_by_its_kind_and_by_how_long_a_commit_takes(
    kind: str, typical: int, state: str, says: str
) -> None:
    check = judge_disk(kind, [typical, typical, 60 * MS])
    assert check.state == state
    assert says in check.what


def test_the_file_system_is_that_of_the_deepest_mount_and_of_two_the_later() -> None:
    mounts = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /run/my\\040disk rw - btrfs /dev/sdb rw
31 22 0:27 / /run rw,nosuid - tmpfs tmpfs rw
32 22 0:28 / /run rw - nfs4 host:/x rw
"""
    told = {
        path: file_system(Path(path), mounts) for path in ("/home/a", "/runs", "/run/x", "/run/my disk/x")
    }
    assert told == {"/home/a": "ext4", "/runs": "ext4", "/run/x": "nfs4", "/run/my disk/x": "btrfs"}
    assert file_system(Path("/home"), "") == "unknown"


@pytest.mark.parametrize(
    ("marks", "below", "state"), [(1, 1, "fail"), (1, 0, "warn"), (4, 1, "warn"), (4, 0, "ok")]
)
def test_room_is_judged_by_the_low_water_mark_of_the_journal(marks: int, below: int, state: str) -> None:
    assert judge_room(marks * JOURNAL.low_water_bytes - below).state == state


def test_a_clock_is_right_when_the_kernel_says_so_and_unknown_is_not_right() -> None:
    right, wrong = judge_clock(ClockState(True, 1_500)), judge_clock(ClockState(False, 0))
    assert (right.state, right.what) == ("ok", "synchronised, at most 1.5 ms wrong")
    assert (wrong.state, judge_clock(None).state) == ("warn", "warn")


def test_runs_without_an_end_are_named_with_what_to_do(tmp_path: Path) -> None:
    for mode in ("backtest", "paper"):
        (tmp_path / f"{mode}-20261130T030851Z-x-6c4483bc" / "wal").mkdir(parents=True)
    (tmp_path / "paper-20261130T030851Z-x-6c4483bc" / "KILL").touch()
    (tmp_path / "paper-20261130T030850Z-y-6c4483bc" / "wal").mkdir(parents=True)
    (tmp_path / "paper-20261130T030850Z-y-6c4483bc" / "SEALED").touch()
    checks = examine(tmp_path, {"HOME": str(tmp_path)})
    again, on = [one for one in checks if one.name == "unfinished run"]
    assert again.what == "backtest-20261130T030851Z-x-6c4483bc has no end and no process"
    assert "run it again" in again.hint
    assert "The command that began it goes on with it" in on.hint
    assert [one.state for one in checks if one.name == "kill file"] == ["warn"]
    (runs,) = [one.what for one in checks if one.name == "runs"]
    assert runs == "3 runs: 0 running, 2 unfinished, 0 failed"


def test_a_sweep_that_was_stopped_is_named_with_the_command_that_goes_on_with_it(tmp_path: Path) -> None:
    """One trial of two is done; while a process writes it, and when it is at its end, there is nothing to do."""
    plan = SweepPlan("grid", (Axis("strategies.sma.params.fast", ("5", "6")),), 0, 7)
    runs = tmp_path / "runs"
    sweep = start(read_file(write_config(tmp_path)), plan, runs_dir=runs, clock=lambda: 0)
    with TrialLog(sweep.trials) as log:
        log.append([{"trial": 0}])
        assert "unfinished sweep" not in found(runs)
    check = found(runs)["unfinished sweep"]
    assert check.what == f"{sweep.root.name}: 1 of 2 trials are done and no process runs it"
    assert check.hint == f"veracity sweep resume {sweep.root.name}"
    with TrialLog(sweep.trials) as log:
        log.append([{"trial": 0}])
    damaged = found(runs)["unfinished sweep"]
    assert (damaged.state, "trial 0 is there twice" in damaged.what) == ("fail", True)
    RunDirectory(sweep.root).seal(success=True)
    assert "unfinished sweep" not in found(runs)


def test_a_package_that_is_not_there_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = doctor.environment_identity()
    gone = real._replace(
        versions=tuple(
            one.model_copy(update={"version": "unknown"}) if one.name == "numba" else one
            for one in real.versions
        )
    )
    monkeypatch.setattr(doctor, "environment_identity", lambda: gone)
    check = found(tmp_path)["packages"]
    assert (check.state, check.what) == ("fail", "not installed: numba")


def test_the_command_ends_with_5_where_something_failed_and_with_0_where_nothing_did(tmp_path: Path) -> None:
    good = veracity("--json", "--run-dir", tmp_path, "doctor")
    assert (good.code, good.document["healthy"]) == (0, True)
    assert {"name", "state", "what", "hint"} == set(good.document["checks"][0])
    tmp_path.chmod(0o777)
    bad = veracity("--run-dir", tmp_path, "doctor")
    assert bad.code == 5
    assert f"chmod go-w {tmp_path}" in bad.out
    assert bad.out.splitlines()[-1].endswith("checks failed")
