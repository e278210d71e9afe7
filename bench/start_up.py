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
from typing import Final

BOUND_MS: Final = 80.0


def main() -> None:
    """Run it a few times and print the least."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--reps", type=int, default=5)
    reps = parser.parse_args().reps
    least = min(_cpu_ms() for _ in range(reps))
    print(json.dumps({"version_cpu_ms": round(least, 1), "bound_ms": BOUND_MS, "within": least < BOUND_MS}))


def _cpu_ms() -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    program = "from veracity.app.cli.main import main; main()"
    subprocess.run([sys.executable, "-c", program, "--version"], check=True, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


if __name__ == "__main__":
    main()
