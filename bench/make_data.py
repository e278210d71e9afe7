"""Makes DIR/bars_N.parquet: one-minute bars of a seeded random walk, the same bytes for the same seed.

    python bench/make_data.py --out DIR --bars 1000000 --seed 1

The columns are those of `veracity.data.synthetic.make_bars`.
"""

import argparse
from pathlib import Path

import pyarrow.parquet as pq

from veracity.data.synthetic import make_bars


def main() -> None:
    """Write the file and print its path."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, help="directory of the file")
    parser.add_argument("--bars", type=int, required=True, help="how many bars")
    parser.add_argument("--seed", type=int, default=1, help="seed of the walk")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    path = given.out / f"bars_{given.bars}.parquet"
    pq.write_table(make_bars(given.bars, given.seed), path, compression="zstd")
    print(path)


if __name__ == "__main__":
    main()
