"""Real runs for the tests of the wiring: the shipped examples, and small ones whose numbers can be checked by hand."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from tests.app.configs import spot
from tests.kit.process import PATIENCE_S

from veracity.app.backtest import RunOutcome, run_backtest
from veracity.app.config import load
from veracity.domain.events import Event, decode_event
from veracity.journal.reader import read

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLES = ("btc_momentum", "usdc_depeg_mean_reversion", "btc_funding_carry", "two_strategies")
MORNING = 1_700_000_000 * 10**9  # 2023-11-14T22:13:20Z
START = 1_675_209_600 * 10**9  # 2023-02-01T00:00:00Z
MINUTE = 60 * 10**9

HOLD = """\
[[strategies]]
id = "hold"
strategy = "buy_and_hold"
legs = ["BTCUSDT"]
cash = 100000
[strategies.params]
qty = 0.1
"""
TREND = """\
[[strategies]]
id = "trend"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 100000
[strategies.params]
fast = 3
slow = 8
qty = 0.5
"""
RESTLESS = """\
[[strategies]]
id = "restless"
strategy = "momentum"
legs = ["BTCUSDT"]
cash = 100000
[strategies.params]
fast = 1
slow = 2
qty = 0.5
"""
"""It changes its mind every few minutes."""
FREE = """\
[costs]
fee_taker = 0
half_spread = 0
latency_submit_ms = 0
"""


def waves(bars: int) -> list[int]:
    """Closes in cents: up and down around 30,000.00, so that averages cross again and again."""
    return [3_000_000 + 1_500 * min(bar % 20, 20 - bar % 20) for bar in range(bars)]


def write_market(path: Path, closes: Sequence[int], first_open: int | None = None, **options: Any) -> Path:
    """One-minute bars that open at the close before; prices in cents. `options` are those of the Parquet writer."""
    opened = [closes[0] if first_open is None else first_open, *closes[:-1]]
    prices = {
        "open": opened,
        "high": [max(pair) for pair in zip(opened, closes, strict=True)],
        "low": [min(pair) for pair in zip(opened, closes, strict=True)],
        "close": list(closes),
    }
    columns = {
        "ts": pa.array([START + MINUTE * bar for bar in range(len(closes))], pa.timestamp("ns", "UTC"))
    }
    for name, cents in prices.items():
        columns[name] = pa.array([Decimal(value).scaleb(-2) for value in cents], pa.decimal128(18, 2))
    columns["volume"] = pa.array([Decimal("1000.000")] * len(closes), pa.decimal128(18, 3))
    pq.write_table(pa.table(columns), path, **options)
    return path


def config_text(*parts: str, label: str = "small", data: str = "bars.parquet") -> str:
    """A config of `parts` on one spot instrument, without baselines."""
    head = f"""\
[run]
label = "{label}"
[report]
baselines = false
"""
    return head + spot(data) + "".join(parts)


def write_config(
    folder: Path, *parts: str, closes: Sequence[int] | None = None, label: str = "small"
) -> Path:
    """The config file beside its data: 120 bars of waves where no closes are given."""
    write_market(folder / "bars.parquet", waves(120) if closes is None else closes)
    path = folder / "run.toml"
    path.write_text(config_text(*parts, label=label), encoding="utf-8")
    return path


def run(
    config: Path,
    runs_dir: Path,
    *overrides: str,
    now: int = MORNING,
    progress: Callable[[int, int], None] | None = None,
) -> RunOutcome:
    """Run the config in this process; it is `now` while it runs."""
    return run_backtest(load(config, overrides), runs_dir=runs_dir, clock=lambda: now, progress=progress)


def events_of(run_dir: Path) -> list[Event]:
    """What the run journaled, oldest first."""
    return [decode_event(record.payload) for record in read(run_dir / "wal")]


def journal_sums(run_dir: Path) -> dict[str, str]:
    """SHA-256 of each segment."""
    files = sorted((run_dir / "wal").glob("*.wal"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def document(path: Path) -> Any:
    """The content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def snapshot_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with its bytes."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def environment(code: Path = CHECKOUT, **changes: str) -> dict[str, str]:
    """The environment of a process that runs the code of a checkout."""
    folders = (CHECKOUT / "tests/kit/as_installed", code / "src", code / "generated")
    paths = os.pathsep.join(map(str, folders))
    whole = os.environ.items()  # noqa: TID251 - a process of its own needs PATH and HOME
    kept = {name: value for name, value in whole if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": paths, **changes}


def command(*words: object) -> list[str]:
    """A command line that runs `veracity` in a process of its own."""
    return [sys.executable, "-c", "from veracity.app.cli.main import main; main()", *map(str, words)]


def finished(process: subprocess.Popen[str]) -> Any:
    """The one JSON document that a process said, which must have ended well."""
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, err
    return json.loads(out)
