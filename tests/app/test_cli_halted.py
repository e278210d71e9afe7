"""A run that ended halted says so with its exit code, and its directory is whole (T-212)."""

from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import CONFIG, write_config

LIMIT = """\
[costs]
half_spread = 0.0051
participation_max = 1
[[strategies]]"""


@pytest.mark.ticket("T-212")
@pytest.mark.parametrize(("limit", "code"), [("0.005", 6), ("0.02", 0)])
def test_a_halt_by_slippage_ends_the_command_with_6_and_a_sealed_directory(
    tmp_path: Path, limit: str, code: int
) -> None:
    text = CONFIG.replace("[[strategies]]", LIMIT).replace(
        "[report]", f"[strategies.risk]\nslippage = {limit}\n[report]"
    )
    said = veracity("backtest", "-c", write_config(tmp_path, text), "--run-dir", tmp_path / "runs", "--json")
    assert said.code == code
    run = Path(said.document["run_dir"])
    assert (run / "SEALED").exists()
    assert not (run / "FAILED").exists()
    halts = [one for one in said.document["summary"]["warnings"] if one.startswith("1 x halt")]
    assert len(halts) == (code == 6)


def test_a_paper_run_that_ends_halted_ends_with_6_as_the_backtest_does(tmp_path: Path) -> None:
    config, kill = write_config(tmp_path, CONFIG), tmp_path / "KILL"
    words = ("paper", "-c", config, "--run-dir", tmp_path / "runs", "--kill-file", kill, "--json")
    assert veracity(*words).code == 0
    kill.touch()
    said = veracity(*words)
    assert said.code == 6
    assert (Path(said.document["run_dir"]) / "SEALED").exists()
    assert said.document["signal"] == 0
