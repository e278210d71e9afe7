"""A backtest asks nobody: no socket, no feed, no cache; what it is paid comes from the pinned dataset (T-362)."""

import json
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.app.real_runs import CHECKOUT, MORNING
from tests.kit.process import PATIENCE_S

from veracity.app.backtest import run_backtest
from veracity.app.config import load
from veracity.data.dataset import load as load_data

CONFIG = CHECKOUT / "examples/btc_funding_carry.toml"
SHORT = ("report.baselines=false", "instruments[0].end=2024-02-01", "instruments[1].end=2024-02-01")
PLANTED = Decimal("0.07")  # a rate that no settlement has
PROGRAM = """
import json, sys
attempts = []
def watch(event, arguments):
    if event.startswith("socket."):
        attempts.append(event)
        raise PermissionError(event)
sys.addaudithook(watch)
from pathlib import Path
from veracity.app.backtest import run_backtest
from veracity.app.config import load
config, runs, *short = sys.argv[1:]
run_backtest(load(Path(config), short), runs_dir=Path(runs), clock=lambda: 0)
feeds = [name for name in sys.modules if name.startswith("veracity.venues") or name in ("aiohttp", "ccxt")]
print(json.dumps([attempts, feeds]))
"""


def plant(source: Path, folder: Path) -> None:
    """The file of settlements once more, each with another rate."""
    table = pq.read_table(source)
    index = table.schema.get_field_index("rate")
    rates = pa.array([PLANTED] * len(table), table.schema.field(index).type)
    folder.mkdir()
    pq.write_table(table.set_column(index, "rate", rates), folder / source.name)


@pytest.mark.ticket("T-362")
def test_a_carry_is_paid_the_rates_of_its_dataset_and_not_what_a_cache_says(tmp_path: Path) -> None:
    """Every settlement from the first that it held to the last bar, each at the rate of the file."""
    loaded = load(CONFIG, SHORT)
    source = loaded.sources()[0].funding
    assert source is not None
    for name in ("cache", ".cache", "aux"):
        plant(source, tmp_path / name)
    ran = run_backtest(loaded, runs_dir=tmp_path, clock=lambda: MORNING)
    lines = (ran.run_dir / "events.jsonl").read_text(encoding="utf-8").splitlines()
    paid = [(one["ts"], one["rate"]) for one in map(json.loads, lines) if one["kind"] == "funding_paid"]
    table = pq.read_table(source)
    published = zip(table["ts"].cast("int64").to_pylist(), table["rate"].to_pylist(), strict=True)
    # It knows three settlements at 16:00 of the first day, trades then, and so is paid first at midnight.
    first, last = 1_701_475_200 * 10**9, 1_706_745_600 * 10**9
    assert len(paid) > 3
    assert paid == [(ts, int(rate.scaleb(9))) for ts, rate in published if first <= ts <= last]
    manifest = json.loads((ran.run_dir / "manifest.json").read_bytes())
    assert manifest["dataset_hash"] == load_data(loaded.sources()).dataset_hash


@pytest.mark.ticket("T-362")
def test_no_socket_is_asked_for_and_no_feed_is_loaded(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, CONFIG, tmp_path / "runs", *SHORT],
        capture_output=True, text=True, check=False, timeout=PATIENCE_S,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [[], []]
