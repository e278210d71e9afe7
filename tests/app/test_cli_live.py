"""`veracity live` refuses, and says everything that stands against a config at once (specs/risk/reporting.md, S-106)."""

from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import FREE, TREND, write_config


@pytest.mark.parametrize("rules", [["cooldown"], ["trades_per_day", "order_rate"]])
def test_a_config_with_a_rule_in_dry_run_is_refused_with_real_money_and_the_rules_are_named(
    tmp_path: Path, rules: list[str]
) -> None:
    config = write_config(tmp_path, f"[risk]\ndry_run = {rules}\n", TREND, FREE)
    said = veracity("live", "-c", config, "--json")
    assert said.code == 7
    dry, venue = said.document["errors"]
    assert (dry["what"], dry["where"]) == ("rules in dry run deny nothing", "risk.dry_run")
    assert dry["why"] == f"{', '.join(rules)} would only say what they would have done"
    assert venue["what"] == "this version sends no order to a real venue"
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_without_a_rule_in_dry_run_it_is_the_venue_alone_that_is_missing(tmp_path: Path) -> None:
    said = veracity("live", "-c", write_config(tmp_path, TREND, FREE))
    assert said.code == 7
    assert "this version sends no order to a real venue: there is no adapter that could" in said.err
    assert "dry run" not in said.err


@pytest.mark.parametrize("rule", ["kill_file", "safe_mode"])
def test_the_rules_that_an_operator_relies_on_cannot_be_in_dry_run_anywhere(
    tmp_path: Path, rule: str
) -> None:
    config = write_config(tmp_path, f'[risk]\ndry_run = ["{rule}"]\n', TREND, FREE)
    for verb in ("live", "paper", "backtest"):
        said = veracity("--run-dir", tmp_path / "runs", verb, "-c", config)
        assert said.code == 3
        assert rule in said.err
