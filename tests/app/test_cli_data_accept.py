"""`veracity data accept`: what a run would be told of its data, by the policy that its config declares (S-085)."""

from pathlib import Path

import pyarrow.parquet as pq
from tests.app.cli_kit import veracity
from tests.app.real_runs import document, write_config

SERIES = """\
[[instruments.aux]]
name = "interest"
file = "interest.csv"
column = "usd"
scale = 2
lag = "1m"
interval = "15m"
gaps = "allow"
duplicates = "drop_identical"
max_age = "20m"
"""
ROWS = ("00:15:00Z,1.25", "00:15:00Z,1.25", "01:00:00Z,-3")
ALLOWED = 'gaps = "allow"\nduplicates = "drop_identical"\n'


def config(folder: Path, *policy: str) -> Path:
    """A market of 120 bars that lacks three of them, and a series that lacks two of its quarters and repeats one."""
    (folder / "interest.csv").write_text("\n".join(["ts,usd", *(f"2023-02-01T{row}" for row in ROWS), ""]))
    path = write_config(folder, *policy, SERIES)
    bars = pq.read_table(folder / "bars.parquet")
    pq.write_table(bars.filter([not 50 <= row < 53 for row in range(bars.num_rows)]), folder / "bars.parquet")
    return path


def test_every_series_is_told_with_what_its_policy_let_pass(tmp_path: Path) -> None:
    said = veracity("data", "accept", "-c", config(tmp_path, ALLOWED), "--json")
    assert said.code == 0, said.err
    bars, interest = said.document["series"]
    assert [bars[name] for name in ("series", "rows", "gaps", "missing", "dropped")] == ["bars", 117, 1, 3, 0]
    assert (bars["first"], bars["last"]) == ("2023-02-01T00:00:00Z", "2023-02-01T01:59:00Z")
    assert bars["unchecked"] == ["row_count"]
    assert [interest[name] for name in ("rows", "gaps", "missing", "dropped")] == [2, 1, 2, 1]
    assert (interest["first"], interest["last"]) == ("2023-02-01T00:16:00Z", "2023-02-01T01:01:00Z")
    # Known and young enough in the minutes 16 to 35 and 61 to 80; of the 117 bars none of these is missing.
    assert interest["unknown"] == 117 - 40


def test_people_see_the_same_and_a_run_has_the_hash_that_is_told(tmp_path: Path) -> None:
    path = config(tmp_path, ALLOWED)
    told = veracity("data", "accept", "-c", path)
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[2].split()[:6] == [
        "BTCUSDT",
        "bars",
        "2023-02-01T00:00:00Z",
        "2023-02-01T01:59:00Z",
        "117",
        "3",
    ]
    hashed = veracity("data", "accept", "-c", path, "--json").document["dataset_hash"]
    assert f"accepted; dataset hash {hashed}" in told.out + told.err
    run = veracity("backtest", "-c", path, "--run-dir", tmp_path / "runs", "--json")
    manifest = Path(run.document["run_dir"]) / "manifest.json"
    assert document(manifest)["dataset_hash"] == hashed


def test_what_the_policy_refuses_is_told_all_at_once(tmp_path: Path) -> None:
    path = config(tmp_path)
    (tmp_path / "interest.csv").write_text("ts,usd\n2023-02-01T00:15:00Z,nan\n")
    said = veracity("data", "accept", "-c", path)
    assert (said.code, said.out) == (4, "")
    assert "3 bars are missing" in said.err
    assert "usd is nan, not a finite number" in said.err
