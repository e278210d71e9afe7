"""CPU time of `veracity --version`, the start that every command pays for. Prints one JSON line.

    python bench/start_up.py [--reps N]

The first of the runs may have to write byte code, so the least of them counts. Bound: 80 ms (docs/decisions/0005-dependencies.md
says what is loaded lazily for it).
"""

import argparse
import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Final

sys.path.append(str(Path(__file__).parents[1]))  # run as a file, it finds the rest of `bench`

from bench.machine import plain_python

BOUND_MS: Final = 80.0


def main() -> None:
    """Run it a few times and print the least."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--reps", type=int, default=5)
    reps = parser.parse_args().reps
    least = min(_cpu_ms() for _ in range(reps))
    machine = plain_python()
    bound = {"bound_ms": BOUND_MS, "held_to_ms": round(BOUND_MS / machine.share, 1)}
    line = {"version_cpu_ms": round(least, 1), **bound, "within": least < BOUND_MS}
    print(json.dumps({**line, "machine": machine.as_dict()}))


def _cpu_ms() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = "from veracity.app.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", program, "--version"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    main()
