"""What a sweep's processes take: one dataset in memory, or one for each?

    python -m bench.sweep_memory --data DIR --bars 1000000 --workers 4 [--trials 64]

Runs a sweep of the SMA task on DIR/bars_1000000.parquet and looks at every worker when half of it is done. Prints one JSON line:
`dataset_mb` is what the columns take, `rss_mb` counts shared pages in every process, `pss_mb` counts each once, and `private_mb`
is what a worker has for itself alone: code, packages, features. `shared_mb` is in memory once.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.config import task_config
from bench.sma_cross import CACHE

from veracity.app.config_text import read_file
from veracity.app.sweep_run import go_on, start
from veracity.app.wall_clock import now_ns
from veracity.research.sweep import SweepPlan
from veracity.research.sweep_axes import Axis


def children(pid: int) -> list[int]:
    """All processes below that one."""
    found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [lower for one in found for lower in children(one)]


def memory_of(pid: int) -> dict[str, int]:
    """Sizes in kB as the system counts them."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def mapped_kb(pid: int, name: str) -> int:
    """Resident kB of the file of that name."""
    here, found = False, 0
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if line[:1].islower() or line[:1].isdigit():
            here = line.endswith(name)
        elif here and line.startswith("Rss:"):
            found += int(line.split()[1])
    return found


def main() -> None:
    """Run the sweep, look, print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bars", type=int, required=True)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--trials", type=int, default=64)
    arguments = parser.parse_args()
    seen: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as scratch:
        config = Path(scratch) / "run.toml"
        config.write_text(task_config("memory", arguments.data / "bars_1000000.parquet"))
        axes = (
            Axis("strategies.sma.params.fast", tuple(map(str, range(5, 25)))),
            Axis("strategies.sma.params.slow", tuple(map(str, range(30, 121, 10)))),
        )
        plan = SweepPlan("random", axes, arguments.trials, 1)
        sweep = start(
            read_file(config),
            plan,
            runs_dir=Path(scratch) / "runs",
            clock=now_ns,
            state_hashes=False,
        )

        def heard(done: int, left: int) -> None:
            if seen or done < left // 2:
                return
            pids = [pid for pid in children(_self()) if mapped_kb(pid, "columns.bin")]
            sizes = [memory_of(pid) for pid in pids]
            mapped = max(mapped_kb(pid, "columns.bin") for pid in pids)
            private = [one["Private_Clean"] + one["Private_Dirty"] for one in sizes]
            seen.update(
                workers=len(pids),
                rss_mb=[round(one["Rss"] / 1024) for one in sizes],
                pss_mb=[round(one["Pss"] / 1024) for one in sizes],
                private_mb=[round(one / 1024) for one in private],
                shared_mb=round(mapped / 1024),
            )

        begin = time.perf_counter()
        go_on(sweep, cache=CACHE, clock=now_ns, workers=arguments.workers, heard=heard)
        seconds = time.perf_counter() - begin
    line = {"bars": arguments.bars, "trials": arguments.trials, "seconds": round(seconds, 2)}
    print(json.dumps(line | {"dataset_mb": round(arguments.bars * 6 * 8 / 2**20)} | seen))
    if not seen:
        sys.exit("no worker was seen")


def _self() -> int:
    return int(Path("/proc/self").resolve().name)


if __name__ == "__main__":
    main()
