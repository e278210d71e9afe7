"""F11: the power goes at every file call of a journal's life, on a disk that loses, reorders and tears what was not synced.

    python -m bench.journal.power [--images N] [--seed N] [--json]

Each call of each life is cut once, and each cut leaves N possible disks. In order: the disk keeps a prefix of what was
written, cut at a sector. In any order: it may keep a later sector and lose an earlier one. A restart must succeed on all.
"""

from collections import Counter
from pathlib import Path
from typing import Final, get_args

import numpy as np
from bench.journal.disk import CrashDisk, Order, PowerCut, memory
from bench.journal.keeping import KEEPING
from bench.journal.lives import LIVES, VIOLATIONS, Life, Outcome, Told
from bench.journal.table import Proof, options, report

ORDERS: Final[tuple[Order, ...]] = get_args(Order)


def cut_everywhere(
    life: Life, order: Order, images: int, seed: int, place: Path
) -> tuple[int, Counter[Outcome]]:
    """How many calls a life has, and what became of the disks that cuts at each of them left."""
    outcomes: Counter[Outcome] = Counter()
    cut_at = 0
    place.mkdir(exist_ok=True)
    while True:
        cut_at += 1
        told, directory = Told(), place / f"{cut_at}"
        life.before(directory, told)
        disk = CrashDisk(directory, cut_at=cut_at)
        try:
            life.live(directory, disk, told)
        except PowerCut:
            for number in range(images):
                chance = np.random.default_rng((seed, cut_at, number))
                image = disk.after_cut(place / f"{cut_at}-{number}", chance, order)
                outcomes[life.judge(image, told)] += 1
        else:
            return cut_at - 1, outcomes


def prove(images: int = 20, seed: int = 1) -> Proof:
    """The table: one row for each life and order."""
    proof = Proof("power cuts (F11)", ("life", "disk keeps", "calls", "disks", *Outcome))
    for life in (*LIVES, *KEEPING):
        for order in ORDERS:
            with memory() as place:
                calls, outcomes = cut_everywhere(life, order, images, seed, Path(place))
            proof.row(life.name, order, calls, outcomes.total(), *(outcomes[outcome] for outcome in Outcome))
            bad = [*VIOLATIONS, Outcome.REFUSED]
            proof.expect(f"{life.name}, {order}: {', '.join(bad)}", sum(outcomes[one] for one in bad), 0)
    return proof


def main() -> None:
    """Prove and print."""
    parser = options(__doc__)
    parser.add_argument("--images", type=int, default=20, help="disks for each cut")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    report([prove(given.images, given.seed)], as_json=given.json)


if __name__ == "__main__":
    main()
