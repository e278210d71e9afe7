"""What the rules did is in the summary of a run (specs/risk/reporting.md, S-106)."""

import json
from collections import Counter
from pathlib import Path

import pytest
from tests.app.small_run import CONFIG, write_bars

from veracity.app.backtest import RunOutcome, run_backtest
from veracity.app.config import load
from veracity.domain.policies import RULEBOOK


def guarded(directory: Path, rules: str = "") -> RunOutcome:
    """The small run with few entries a day, and with `rules` for its rulebook."""
    write_bars(directory / "BTCUSDT_1m.parquet")
    risk = "[strategies.risk]\ntrades_per_day = 1\ndaily_loss = 0.5\n[report]"
    path = directory / "run.toml"
    path.write_text(rules + CONFIG.replace("[report]", risk), encoding="utf-8")
    return run_backtest(load(path), runs_dir=directory / "runs", clock=lambda: 0)


def logged(ran: RunOutcome, kind: str) -> Counter[str]:
    lines = (ran.run_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    return Counter(line["rule"] for line in map(json.loads, lines) if line["kind"] == kind)


@pytest.mark.ticket("T-288")
def test_the_summary_counts_what_the_journal_denied_and_says_what_is_left(tmp_path: Path) -> None:
    ran = guarded(tmp_path)
    risk = json.loads((ran.run_dir / "summary.json").read_text(encoding="utf-8"))["risk"]
    (strategy,) = risk["strategies"]
    counts = {row["rule"]: row["denied"] for row in strategy["rules"]}
    assert list(counts) == list(RULEBOOK)
    assert Counter(counts) == logged(ran, "intent_denied")
    assert counts["trades_per_day"] > 0
    budgets = {row["rule"]: (row["limit"], row["worst"], row["left"]) for row in strategy["budgets"]}
    assert budgets["trades_per_day"] == (1, 1, 0)
    assert sum(row["ns"] for row in risk["modes"]) == 240 * 60 * 10**9


@pytest.mark.ticket("T-265")
def test_a_rule_in_dry_run_denies_nothing_and_is_counted_apart(tmp_path: Path) -> None:
    ran = guarded(tmp_path, '[risk]\ndry_run = ["trades_per_day"]\n')
    (strategy,) = json.loads((ran.run_dir / "summary.json").read_text(encoding="utf-8"))["risk"]["strategies"]
    assert [row["denied"] for row in strategy["rules"]] == [0] * len(RULEBOOK)
    rehearsed = {row["rule"]: row["rehearsed"] for row in strategy["rules"]}
    assert Counter(rehearsed) == logged(ran, "denial_rehearsed")
    assert rehearsed["trades_per_day"] > 0


def test_a_rule_in_dry_run_is_named_in_the_manifest_and_among_the_warnings(tmp_path: Path) -> None:
    ran = guarded(tmp_path, '[risk]\ndry_run = ["trades_per_day", "cooldown"]\n')
    manifest, summary = (
        json.loads((ran.run_dir / name).read_bytes()) for name in ("manifest.json", "summary.json")
    )
    assert manifest["dry_run"] == ["trades_per_day", "cooldown"]
    told = "Rules in dry run, which kept the run from nothing: trades_per_day, cooldown."
    assert told in summary["warnings"]
    assert told in (ran.run_dir / "report/index.html").read_text(encoding="utf-8")


def test_a_run_that_asks_every_rule_in_earnest_says_nothing_of_dry_runs(tmp_path: Path) -> None:
    ran = guarded(tmp_path)
    assert json.loads((ran.run_dir / "manifest.json").read_bytes())["dry_run"] == []
    assert "dry run" not in (ran.run_dir / "summary.md").read_text(encoding="utf-8")
