"""Every proof of the journal, one table each: what `make proofs` runs. Takes some minutes, and 2.2 GB of disk for one of them.

    python -m bench.journal.proofs [--quick] [--dir DIR] [--json]

What is being proved, and for how long it took, is told on stderr. Exit code 5 where an expectation does not hold. The speed is
measured apart: `python -m bench.journal.rate`.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.journal import corruption, flat, io_loop, kills, power, sweep, venue_kills
from bench.journal.table import Proof, options, report

QUICK_MEGABYTES: Final = 64


def main() -> None:
    """Prove and print."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer cases of each")
    parser.add_argument(
        "--dir", type=Path, help="where the long journal is written  [default: the temporary directory]"
    )
    given = parser.parse_args()
    quick = given.quick
    proofs: dict[str, Callable[[], Proof]] = {
        "every cut and every bit": lambda: sweep.prove(every=17 if quick else 1),
        "power cuts": lambda: power.prove(images=2 if quick else 20),
        "I/O errors": io_loop.prove,
        "SIGKILL": lambda: kills.prove(20 if quick else kills.RANDOM_KILLS, every=10 if quick else 1),
        "SIGKILL beside a venue that lives on": lambda: venue_kills.prove(
            5 if quick else venue_kills.RANDOM_KILLS, every=20 if quick else 1
        ),
        "one flipped bit beside other stores": lambda: corruption.prove(20 if quick else corruption.TRIALS),
        "memory": lambda: flat.prove(QUICK_MEGABYTES if quick else flat.MEGABYTES, given.dir),
    }
    report([_told(name, prove) for name, prove in proofs.items()], as_json=given.json)


def _told(name: str, prove: Callable[[], Proof]) -> Proof:
    print(f"{name} ...", end=" ", file=sys.stderr, flush=True)
    begun = time.perf_counter()
    proof = prove()
    verdict = "DOES NOT HOLD" if proof.failures else "holds"
    print(f"{verdict} ({time.perf_counter() - begun:.0f} s)", file=sys.stderr, flush=True)
    return proof


if __name__ == "__main__":
    main()
