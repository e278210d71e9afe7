"""The page that a collector of metrics reads beside a paper run tells the numbers of its summary (specs/risk/reporting.md, S-106)."""

import json
import re
import time
from pathlib import Path

import pytest
from tests.app.real_runs import FREE, TREND, waves, write_config
from tests.app.small_run import CONFIG, write_bars
from tests.kit.process import PATIENCE_S

from veracity.app.config import load
from veracity.app.paper import run_paper
from veracity.app.paper_trade import Manner
from veracity.forensics.run_directory import RunDirectory
from veracity.journal.files import SYSTEM_FILES


@pytest.mark.ticket("T-288")
def test_the_page_of_a_paper_run_has_the_totals_of_its_risk_block(tmp_path: Path) -> None:
    write_bars(tmp_path / "BTCUSDT_1m.parquet")
    risk = "[strategies.risk]\ntrades_per_day = 1\ndaily_loss = 0.5\n[report]"
    config = tmp_path / "run.toml"
    config.write_text(CONFIG.replace("[report]", risk), encoding="utf-8")
    ran = run_paper(load(config), runs_dir=tmp_path / "runs", clock=lambda: 0, manner=Manner())
    page = RunDirectory(ran.run_dir).metrics.read_text(encoding="utf-8")
    totals = re.findall(r'veracity_guard_denials_total\{rule="(\w+)",strategy="(\w+)"\} (\d+)', page)
    assert ran.summary is not None
    (strategy,) = ran.summary["risk"]["strategies"]
    block = [(row["rule"], strategy["strategy_id"], str(row["denied"])) for row in strategy["rules"]]
    assert totals == block
    assert int({rule: count for rule, _, count in totals}["trades_per_day"]) > 0
    assert (
        f'veracity_guard_budget_used_ratio{{rule="trades_per_day",strategy="{strategy["strategy_id"]}"}} 1.0'
        in page
    )
    decided = int(re.findall(r"veracity_gate_decision_seconds_count (\d+)", page)[0])
    events = (ran.run_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    intents = sum(json.loads(line)["kind"] == "intent_created" for line in events)
    assert decided >= intents > 0
    assert "metrics.prom" not in (ran.run_dir / "SEALED").read_text(encoding="utf-8")


def test_f08_a_sync_of_two_seconds_is_on_the_page(tmp_path: Path) -> None:
    """The disk is real, and slow: each sync of the journal is held up until one took two seconds. On a busy machine another
    may be slow by itself; all are not."""
    config, runs = write_config(tmp_path, TREND, FREE, closes=waves(60)), tmp_path / "runs"
    held, syncs = iter([2.0]), list[int]()
    sync = SYSTEM_FILES.sync_data

    def slow(file: int) -> None:
        syncs.append(file)
        time.sleep(next(held, 0))
        sync(file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SYSTEM_FILES, "sync_data", slow)
        ran = run_paper(load(config), runs_dir=runs, clock=lambda: 0)
    page = RunDirectory(ran.run_dir).metrics.read_text(encoding="utf-8")
    seconds = float(re.findall(r"^veracity_journal_sync_seconds_max (\S+)$", page, re.MULTILINE)[0])
    assert 2.0 <= seconds < PATIENCE_S
    (total,) = re.findall(r"^veracity_journal_slow_syncs_total (\d+)$", page, re.MULTILINE)
    assert 1 <= int(total) < len(syncs) / 2
