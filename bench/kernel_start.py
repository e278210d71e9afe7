"""What the compiled kernel's start costs: the first compile of loop and scan, and a start that finds them compiled.

    python -m bench.kernel_start --data DIR [--bars 100000] [--reps 3]

Each start is a process of its own, from its begin to its first finished run of the SMA task on columns that are prepared as
for a worker of a sweep (`data.shared_columns`). Prints one JSON line, all in seconds of the processor: `cold` begins with an
empty cache, `warm` (the median) finds one; of each, what `imports`, `data` and `run` took. `share_of_stated` is this machine's
speed (`bench/machine.py`): both starts are plain Python for the most part (Numba's typing, imports), so a slow machine may take as
much longer as it is slower. What is above its bound is said on stderr.
"""

import argparse
import json
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from time import process_time
from typing import Any, Final

BOUNDS: Final = {"cold": 10.0, "warm": 1.5}


def start(shared: Any, cache: Path, told: Any) -> None:
    """What a process does from its begin to its first run."""
    from bench.sma_cross import COMPARED, _plan_of

    from veracity.research.kernel.run import Kernel, Prepared
    from veracity.strategies import momentum

    imported = process_time()
    plan = _plan_of(shared.opened(), momentum.Params(10, 50, 100), COMPARED)
    prepared = Prepared(plan)
    opened = process_time()
    run = Kernel(cache).run(plan, prepared)
    done = process_time()
    parts = {"imports": imported, "data": opened - imported, "run": done - opened}
    told.put({"total": done} | parts | {"fills": run.fills, "numba": "numba" in sys.modules})


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--bars", type=int, default=100_000)
    parser.add_argument("--reps", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        shared = _shared(arguments.data, arguments.bars, place)
        cold = _started(shared, place / "kernel")
        warm = [_started(shared, place / "kernel") for _ in range(arguments.reps)]
    from bench.machine import plain_python

    machine = plain_python()
    held_to = {name: round(bound / machine.share, 2) for name, bound in BOUNDS.items()}
    middle = sorted(warm, key=lambda one: one["total"])[len(warm) // 2]
    line = {"bars": arguments.bars, "cold": _rounded(cold), "warm": _rounded(middle)}
    print(json.dumps({**line, "bounds": BOUNDS, "held_to": held_to, "machine": machine.as_dict()}))
    for name, seconds in (("cold", cold["run"]), ("warm", middle["total"])):
        if seconds > held_to[name]:
            print(f"above {held_to[name]} s: {name} took {seconds:.2f} s", file=sys.stderr)


def _shared(data: Path, bars: int, place: Path) -> Any:
    from bench.sma_cross import first_bars

    from veracity.data.dataset import Dataset, hash_of
    from veracity.data.shared_columns import share

    cut = first_bars(data, bars).instruments  # the file's hash is of all its bars
    return share(Dataset(cut, hash_of(cut)), place / "columns.bin")


def _started(shared: Any, cache: Path) -> dict[str, Any]:
    spawned = get_context("spawn")
    told = spawned.SimpleQueue()
    process = spawned.Process(target=start, args=(shared, cache, told))
    process.start()
    process.join()
    if process.exitcode != 0:
        sys.exit("a start failed")
    found: dict[str, Any] = told.get()
    return found


def _rounded(one: dict[str, Any]) -> dict[str, Any]:
    return {key: round(value, 2) if isinstance(value, float) else value for key, value in one.items()}


if __name__ == "__main__":
    main()
