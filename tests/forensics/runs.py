"""Finished runs of a shipped example on the bundled data, and what is in their directories."""

import atexit
import json
import shutil
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from veracity.app import config
from veracity.app.backtest import RunOutcome, run_backtest
from veracity.journal.reader import read

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/two_strategies.toml"
CREATED = 1_700_000_000 * 10**9  # 2023-11-14T22:13:20Z
TAXONOMY: dict[str, Any] = yaml.safe_load(
    (ROOT / "specs/policies/log_taxonomy.yaml").read_text(encoding="utf-8")
)
BELOW_INFO = ("DEBUG",)


@cache
def bundled_run(seed: int = 1) -> RunOutcome:
    """One run of the example with this seed, made once for all tests of a process."""
    runs_dir = Path(mkdtemp(prefix="veracity-runs-"))
    atexit.register(shutil.rmtree, runs_dir, ignore_errors=True)
    loaded = config.load(EXAMPLE, ["report.baselines=false", f"run.seed={seed}"])
    return run_backtest(loaded, runs_dir=runs_dir, clock=lambda: CREATED)


def lines(path: Path) -> list[dict[str, Any]]:
    """The objects of a *.jsonl file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def journal(run_dir: Path) -> list[dict[str, Any]]:
    """The journal's payloads, read as plain JSON."""
    return [json.loads(record.payload) for record in read(run_dir / "wal")]


def in_log(kind: str) -> bool:
    """Whether the policy wants a kind in events.jsonl."""
    return TAXONOMY["kinds"][kind]["level"] not in BELOW_INFO
