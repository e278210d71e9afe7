"""Does the cost of a backtest stay within its stated bounds (T-236)? From 100,000 to 1,000,000 bars of the SMA task, and on the
fewer bars from one trade in 36 bars to one in four.

    python bench/bounds.py --data DIR [--few 100000] [--many 1000000]

DIR has bars_N.parquet of both sizes (`bench/make_data.py`). Each size runs in a process of its own: the whole of a
backtest, config to report. Prints one JSON line: peak memory and seconds of the processor of both, bytes for each bar
more beyond the columns of the data, the factor of the time, the size of the larger report, and by how much the most trades take
longer than the line through the other two says. What is beyond its bound is said on stderr, with exit code 1.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

sys.path.append(str(Path(__file__).parents[1]))  # run as a file, it finds the rest of `bench`

from bench.config import FREE, SMA, task_config

from veracity.app.backtest import run_backtest
from veracity.app.config import load

BYTES_A_BAR: Final = 200
COLUMN_BYTES: Final = 6 * 8  # stamp, four prices, volume
FACTOR_MAX: Final = 12
REPORT_MAX: Final = 6_000_000
PEAK_MAX: Final = 600_000_000
BEYOND_LINE_MAX: Final = 1.5
TRADERS: Final = ((10, 50), (3, 10), (1, 4))
"""Lengths of the averages: the shorter, the more often they cross."""


def measured(bars: Path, fast: int, slow: int) -> dict[str, Any]:
    """One backtest in this process."""
    strategy = SMA.replace("fast = 10", f"fast = {fast}").replace("slow = 50", f"slow = {slow}")
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "run.toml"
        config.write_text(task_config("bounds", bars, FREE, strategy), encoding="utf-8")
        loaded = load(config)
        begin = time.process_time()
        ran = run_backtest(loaded, runs_dir=Path(folder) / "runs", clock=lambda: 0)
        seconds = time.process_time() - begin
        report = (ran.run_dir / "report" / "index.html").stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    fills = ran.summary["strategies"][0]["trades"]["fills"]
    return {"seconds": round(seconds, 2), "fills": fills, "peak_bytes": peak, "report_bytes": report}


def main() -> int:
    """Measure both sizes and compare them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="directory of the bars")
    parser.add_argument("--few", type=int, default=100_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--one", type=int, nargs=3, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        bars, fast, slow = asked.one
        print(json.dumps(measured(asked.data / f"bars_{bars}.parquet", fast, slow)))
        return 0
    few, *busier = (_alone(asked.data, asked.few, *lengths) for lengths in TRADERS)
    many = _alone(asked.data, asked.many, *TRADERS[0])
    told = {
        "few": few,
        "many": many,
        "busier": busier,
        "beyond_line": round(beyond_line(few, *busier), 2),
        "peak_bytes": many["peak_bytes"],
        "bytes_a_bar": round(
            (many["peak_bytes"] - few["peak_bytes"]) / (asked.many - asked.few) - COLUMN_BYTES, 1
        ),
        "time_factor": round(many["seconds"] / few["seconds"], 2),
        "report_bytes": many["report_bytes"],
    }
    print(json.dumps(told))
    bounds = {
        "bytes_a_bar": BYTES_A_BAR,
        "time_factor": FACTOR_MAX * asked.many / asked.few / 10,
        "report_bytes": REPORT_MAX,
        "peak_bytes": PEAK_MAX,
        "beyond_line": BEYOND_LINE_MAX,
    }
    beyond = [
        f"{name} is {told[name]}, its bound {bound}" for name, bound in bounds.items() if told[name] > bound
    ]
    for line in beyond:
        print(line, file=sys.stderr)
    return 1 if beyond else 0


def beyond_line(few: dict[str, Any], more: dict[str, Any], most: dict[str, Any]) -> float:
    """The seconds of the most trades, as a share of what the line through the other two says of so many."""
    a_fill = (more["seconds"] - few["seconds"]) / (more["fills"] - few["fills"])
    return float(most["seconds"] / (few["seconds"] + a_fill * (most["fills"] - few["fills"])))


def _alone(data: Path, bars: int, fast: int, slow: int) -> dict[str, Any]:
    """The same in a fresh process: its peak is its own."""
    command = [sys.executable, __file__, "--data", str(data), "--one", *map(str, (bars, fast, slow))]
    found: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
