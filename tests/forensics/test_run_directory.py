"""The run directory: its name, who may read it, how it ends."""

import hashlib
import os
import stat
from pathlib import Path

import pytest
from tests.forensics.runs import bundled_run

from veracity.domain.errors import OperatorFault
from veracity.forensics import run_directory
from veracity.forensics.run_directory import RunDirectory

RUN_ID = "0123456789abcdef"
CREATED = 1_700_000_000 * 10**9  # 2023-11-14T22:13:20Z
NAME = "backtest-20231114T221320Z-btc-01234567"


def create(runs: Path, created_ts: int = CREATED) -> RunDirectory:
    return run_directory.create(runs, mode="backtest", label="btc", run_id=RUN_ID, created_ts=created_ts)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_the_name_is_mode_utc_label_and_the_beginning_of_the_run_id(tmp_path: Path) -> None:
    run = create(tmp_path / "runs")
    assert run.root == tmp_path / "runs" / NAME
    assert list(run.root.iterdir()) == []
    assert mode(run.root) == mode(tmp_path / "runs") == 0o700


def test_a_part_of_a_second_is_not_in_the_name(tmp_path: Path) -> None:
    assert create(tmp_path, CREATED + 999_999_999).root.name == NAME


def test_the_same_run_in_the_same_second_gets_a_suffix_and_its_own_directory(tmp_path: Path) -> None:
    names = [create(tmp_path).root.name for _ in range(3)]
    assert names == [NAME, f"{NAME}-2", f"{NAME}-3"]
    (tmp_path / f"{NAME}-2").rmdir()
    assert create(tmp_path).root.name == f"{NAME}-2"


def test_a_directory_is_0700_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o277)
    try:
        run = create(tmp_path)
    finally:
        os.umask(before)
    assert mode(run.root) == 0o700


def test_latest_points_to_the_newest_run_and_is_relative(tmp_path: Path) -> None:
    create(tmp_path)
    second = create(tmp_path, CREATED + 10**9)
    assert (tmp_path / "latest").readlink() == Path(second.root.name)
    assert (tmp_path / "latest").resolve() == second.root
    assert sorted(path.name for path in tmp_path.iterdir()) == [NAME, second.root.name, "latest"]


def test_runs_that_cannot_be_made_are_refused_with_the_place_and_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OperatorFault) as refusal:
        create(tmp_path / "file")
    assert refusal.value.exit_code == 2
    assert refusal.value.where == str(tmp_path / "file")
    assert refusal.value.why == "File exists"
    assert "--run-dir" in refusal.value.hint


def test_a_run_is_open_until_its_end_marker(tmp_path: Path) -> None:
    sealed, failed, crashed = create(tmp_path), create(tmp_path), create(tmp_path)
    assert sealed.seal(success=True).name == "SEALED"
    assert failed.seal(success=False).name == "FAILED"
    assert [run.end_state() for run in (sealed, failed, crashed)] == ["sealed", "failed", "open"]


def test_the_end_markers_name_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(tmp_path)
    there: list[tuple[int, list[str]]] = []
    monkeypatch.setattr(
        "veracity.forensics.files.os.fsync",
        lambda file: there.append((os.fstat(file).st_ino, os.listdir(run.root))),
    )
    run.seal(success=True)
    assert there[-1] == (run.root.stat().st_ino, ["SEALED"])


def test_the_end_marker_holds_the_sum_of_every_other_file_as_sha256sum_writes_them(tmp_path: Path) -> None:
    run = create(tmp_path)
    run.wal.mkdir()
    (run.wal / "00000001.wal").write_bytes(b"records")
    run.summary.write_bytes(b"{}")
    marker = run.seal(success=True)
    assert marker.read_text(encoding="utf-8") == (
        f"{hashlib.sha256(b'{}').hexdigest()}  summary.json\n"
        f"{hashlib.sha256(b'records').hexdigest()}  wal/00000001.wal\n"
    )
    assert sorted(path.name for path in run.root.iterdir()) == ["SEALED", "summary.json", "wal"]


def test_sealing_closes_everything_to_others(tmp_path: Path) -> None:
    run = create(tmp_path)
    run.results.mkdir(mode=0o755)
    (run.results / "trades.parquet").touch(mode=0o644)
    run.seal(success=True)
    assert [mode(path) for path in (run.results, run.results / "trades.parquet", run.root / "SEALED")] == [
        0o700,
        0o600,
        0o600,
    ]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("second", [True, False])
def test_a_run_ends_once(tmp_path: Path, first: bool, second: bool) -> None:
    run = create(tmp_path)
    marker = run.seal(success=first)
    before = marker.read_bytes()
    with pytest.raises(OperatorFault, match="has ended before") as refusal:
        run.seal(success=second)
    assert refusal.value.exit_code == 7
    assert [path.name for path in run.root.iterdir()] == [marker.name]
    assert marker.read_bytes() == before


def test_what_is_no_file_is_not_sealed(tmp_path: Path) -> None:
    """F16: a link where the log belongs."""
    run = create(tmp_path)
    run.events.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OperatorFault, match="only files and directories") as refusal:
        run.seal(success=True)
    assert refusal.value.exit_code == 7
    assert run.end_state() == "open"


def test_a_finished_backtest_holds_the_listed_paths_and_nothing_else() -> None:
    """The table of specs/logging/run-directory.md, S-020."""
    run = RunDirectory(bundled_run().run_dir)
    text = (Path(__file__).parents[2] / "specs/logging/run-directory.md").read_text(encoding="utf-8")
    listed = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `")}
    found = {path.relative_to(run.root).as_posix() for path in run.root.rglob("*") if path.is_file()}
    assert found <= {path.replace("<n>", "00000001") for path in listed}
    assert {"manifest.json", "config.resolved.toml", "events.jsonl", "audit.jsonl", "SEALED"} <= found
    assert {mode(path) for path in run.root.rglob("*") if path.is_file()} == {0o600}
    assert {mode(path) for path in run.root.rglob("*") if path.is_dir()} == {0o700}
