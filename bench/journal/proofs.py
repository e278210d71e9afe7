"""Every proof of the journal, one table each: what `make proofs` runs. Takes some minutes.

    python -m bench.journal.proofs [--quick] [--json]

Exit code 5 where an expectation does not hold. The speed is measured apart: `python -m bench.journal.rate`.
"""

from bench.journal import corruption, io_loop, kills, power, sweep
from bench.journal.table import options, report


def main() -> None:
    """Prove and print."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer cases of each")
    given = parser.parse_args()
    proofs = [
        sweep.prove(every=17 if given.quick else 1),
        power.prove(images=2 if given.quick else 20),
        io_loop.prove(),
        kills.prove(20 if given.quick else kills.RANDOM_KILLS, every=10 if given.quick else 1),
        corruption.prove(20 if given.quick else corruption.TRIALS),
    ]
    report(proofs, as_json=given.json)


if __name__ == "__main__":
    main()
