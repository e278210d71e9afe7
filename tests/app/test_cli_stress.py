"""`veracity stress` on a small market (docs/cli.md)."""

from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import CONFIG, write_config

from veracity.domain.summary_models import StressFile


@pytest.mark.ticket("T-243")
def test_a_lost_required_scenario_exits_5_with_every_row_kept(tmp_path: Path) -> None:
    """The small config rejects gaps, so the run without some bars is refused: not survived."""
    said = veracity("stress", "-c", write_config(tmp_path), "--run-dir", tmp_path / "runs", "--json")
    assert said.code == 5
    kept = Path(said.document["directory"])
    file = StressFile.model_validate_json((kept / "stress.json").read_bytes())
    verdicts = {one.name: one.verdict for one in file.scenarios}
    assert verdicts["drop_1pct"] == "refused"
    assert verdicts["aux_stale"] == "not_applicable"
    assert file.required == 4
    assert (kept / "SEALED").exists()


def test_a_result_that_survives_exits_0(tmp_path: Path) -> None:
    """Four hours of a rising market, hardly any cost: nothing that is made worse takes the profit."""
    config = write_config(tmp_path, CONFIG.replace('bars = "', 'gaps = "allow"\nbars = "'))
    costs = (
        "--set",
        "costs.fee_taker=0",
        "--set",
        "costs.fee_maker=0",
        "--set",
        "costs.half_spread=0.000001",
    )
    said = veracity("stress", "-c", config, *costs, "--run-dir", tmp_path / "runs")
    assert said.code == 0, said.out
    assert "survived    4 of 4 required scenarios" in said.out
