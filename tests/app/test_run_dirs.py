import json
from pathlib import Path

import pytest

from veracity.app.run_dirs import find, list_runs
from veracity.domain.errors import ExitCode, OperatorFault


def make(runs: Path, name: str, run_id: str = "0123456789abcdef", end: str = "SEALED") -> Path:
    path = runs / name
    path.mkdir(parents=True)
    (path / "manifest.json").write_text(json.dumps({"run_id": run_id}), encoding="utf-8")
    if end:
        (path / end).touch()
    return path


FIRST = "backtest-20230201T000000Z-btc-momentum-01234567"
SECOND = "backtest-20230201T000001Z-a-89abcdef"


def test_runs_are_listed_by_age_with_what_their_names_say(tmp_path: Path) -> None:
    make(tmp_path, SECOND, "89abcdef01234567", end="FAILED")
    make(tmp_path, FIRST)
    first, second = list_runs(tmp_path)
    assert (first.name, first.mode, first.created, first.label) == (
        FIRST,
        "backtest",
        "20230201T000000Z",
        "btc-momentum",
    )
    assert (first.run_id, first.state) == ("0123456789abcdef", "sealed")
    assert (second.name, second.label, second.state) == (SECOND, "a", "failed")


def test_a_tenth_run_of_one_second_comes_after_the_second(tmp_path: Path) -> None:
    for number in ("-10", "", "-2"):
        make(tmp_path, FIRST + number)
    assert [run.number for run in list_runs(tmp_path)] == [1, 2, 10]


def test_only_run_directories_are_listed(tmp_path: Path) -> None:
    make(tmp_path, FIRST)
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "latest").symlink_to(FIRST)
    assert [run.name for run in list_runs(tmp_path)] == [FIRST]


def test_no_directory_is_no_run(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == ()


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()
    with pytest.raises(OperatorFault, match="cannot be read") as caught:
        list_runs(tmp_path / "runs")
    assert caught.value.exit_code is ExitCode.USAGE


def test_a_run_without_an_end_marker_is_open(tmp_path: Path) -> None:
    make(tmp_path, FIRST, end="")
    assert list_runs(tmp_path)[0].state == "open"


def test_a_run_that_crashed_before_its_manifest_is_listed(tmp_path: Path) -> None:
    (tmp_path / FIRST / "wal").mkdir(parents=True)
    assert (list_runs(tmp_path)[0].run_id, list_runs(tmp_path)[0].state) == ("", "open")


@pytest.mark.parametrize("name", [FIRST, "0123456789abcdef", "0123", "latest"])
def test_a_run_is_found_by_name_id_or_latest(tmp_path: Path, name: str) -> None:
    path = make(tmp_path, FIRST)
    make(tmp_path, "backtest-20230131T000000Z-a-89abcdef", "89abcdef01234567")
    assert find(tmp_path, name).path == path


def test_a_run_is_found_by_path(tmp_path: Path) -> None:
    path = make(tmp_path / "elsewhere", "any-name")
    assert find(tmp_path / "runs", str(path)).path == path


def test_latest_follows_the_link(tmp_path: Path) -> None:
    path = make(tmp_path, FIRST)
    make(tmp_path, SECOND)
    (tmp_path / "latest").symlink_to(FIRST)
    assert find(tmp_path, "latest").path == path
    by_path = find(tmp_path, str(tmp_path / "latest"))
    assert (by_path.path, by_path.mode) == (path, "backtest")


def test_of_two_runs_of_one_id_the_younger_is_found(tmp_path: Path) -> None:
    make(tmp_path, FIRST)
    younger = make(tmp_path, FIRST + "-2")
    assert find(tmp_path, "0123456789").path == younger


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("0123", "2 run ids begin so"),
        ("012", "there is none of that name or id"),
        ("nothing", "there is none of that"),
    ],
)
def test_a_name_that_is_not_one_run_is_refused(tmp_path: Path, name: str, why: str) -> None:
    make(tmp_path, FIRST)
    make(tmp_path, SECOND, "0123ffffffffffff")
    with pytest.raises(OperatorFault) as caught:
        find(tmp_path, name)
    assert caught.value.exit_code is ExitCode.USAGE
    assert caught.value.why.startswith(why)
    assert FIRST in caught.value.hint


def test_latest_of_nothing_says_how_to_make_a_run(tmp_path: Path) -> None:
    with pytest.raises(OperatorFault, match="there are no runs") as caught:
        find(tmp_path, "latest")
    assert "veracity backtest" in caught.value.hint


def test_a_manifest_that_is_not_json_is_a_finding(tmp_path: Path) -> None:
    (make(tmp_path, FIRST) / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(OperatorFault, match="cannot be read as JSON") as caught:
        list_runs(tmp_path)
    assert caught.value.exit_code is ExitCode.FINDING
