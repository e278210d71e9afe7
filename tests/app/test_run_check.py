"""`veracity run check`: whatever was done to a run since it ended is found."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.app.cli_kit import Said, veracity
from tests.app.real_runs import snapshot_of

from veracity.app.backtest import RunOutcome
from veracity.forensics.audit import verify_chain


@pytest.fixture
def copy(small: RunOutcome, tmp_path: Path) -> Path:
    """The small run, as it was sealed."""
    return shutil.copytree(small.run_dir, tmp_path / "run")


def checked(run: Path) -> tuple[int, list[tuple[str, str]]]:
    said = veracity("run", "check", run, "--json")
    return said.code, [(one["name"], one["what"]) for one in said.document["findings"]]


def test_a_run_that_nobody_touched_is_as_it_was(copy: Path) -> None:
    before = snapshot_of(copy)
    said = veracity("run", "check", copy, "--json")
    assert (said.code, said.document["good"], said.document["marker"]) == (0, True, "SEALED")
    assert said.document["files"] == len((copy / "SEALED").read_text(encoding="utf-8").splitlines())
    assert said.document["audit_lines"] == verify_chain(copy / "audit.jsonl") > 0
    assert snapshot_of(copy) == before


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_a_bit_in_any_file_is_found(copy: Path) -> None:
    names = [line[66:] for line in (copy / "SEALED").read_text(encoding="utf-8").splitlines()]
    assert {"manifest.json", "summary.json", "wal/00000001.wal", "results/fills.parquet"} <= set(names)
    for name in set(names) - {"audit.jsonl", "wal/writer.lock"}:  # a lock is empty
        flip(copy / name)
        assert checked(copy) == (5, [(name, "is another file")])
        flip(copy / name)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda run: (run / "summary.md").unlink(), ("summary.md", "is not there")),
        (
            lambda run: (run / "results" / "more.csv").touch(),
            ("results/more.csv", "was not there when the run ended"),
        ),
        (lambda run: as_a_link(run / "summary.md"), ("summary.md", "is no plain file")),
    ],
)
def test_a_file_more_less_or_elsewhere_is_found(
    copy: Path, change: Callable[[Path], object], found: tuple[str, str]
) -> None:
    change(copy)
    assert checked(copy) == (5, [found])


def as_a_link(path: Path) -> None:
    path.rename(path.parent.parent / "elsewhere")
    path.symlink_to(path.parent.parent / "elsewhere")


def refused(run: Path) -> Said:
    said = veracity("run", "check", run)
    assert said.code == 5
    return said


def test_a_changed_trail_marker_or_end_is_named(copy: Path) -> None:
    """A whole last record that is taken away, which no checksum of the journal misses, is missed by the end marker."""
    segment = copy / "wal" / "00000001.wal"
    data = segment.read_bytes()
    segment.write_bytes(data[: data[:-1].rindex(b"\n") + 1])
    assert veracity("wal", "verify", copy).code == 0
    assert checked(copy) == (5, [("wal/00000001.wal", "is another file")])
    flip(copy / "audit.jsonl")
    assert "the audit trail was changed" in refused(copy).err
    marker = copy / "SEALED"
    marker.write_text(marker.read_text(encoding="utf-8").replace("  ", " "), encoding="utf-8")
    assert "the end marker was changed" in refused(copy).err
    marker.unlink()
    assert "the run has no end marker to compare its files with" in refused(copy).err
