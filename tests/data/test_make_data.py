"""The bars of the benchmarks: the same for a seed, good for every check, and the ones they were when numbers were published."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from tests.data.files import source

from veracity.data.dataset import load
from veracity.data.synthetic import make_bars

SCRIPT = Path(__file__).parents[2] / "bench" / "make_data.py"


def test_a_seed_gives_the_same_bars_and_another_seed_others():
    assert make_bars(500, 1).equals(make_bars(500, 1))
    assert not make_bars(500, 1).equals(make_bars(500, 2))
    assert make_bars(500, 1).slice(0, 100).equals(make_bars(100, 1))


def test_the_file_is_written_and_can_be_loaded(tmp_path):
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--out", str(tmp_path / "new"), "--bars", "300", "--seed", "3"],
        capture_output=True,
        text=True,
        check=True,
    )
    path = tmp_path / "new" / "bars_300.parquet"
    assert done.stdout == f"{path}\n"
    table = pq.read_table(path)
    assert table.schema.names == ["ts", "open", "high", "low", "close", "volume"]
    assert table.schema.types == [pa.timestamp("ns", "UTC"), *[pa.float64()] * 5]
    data = load([source(path)]).instruments[0]
    assert data.bars.ts[0] == 1_577_836_800 * 10**9
    assert (len(data.bars.ts), data.zero_volume, data.gaps) == (300, 0, ())


def test_the_walk_is_the_one_that_the_published_numbers_are_about():
    table = make_bars(1_000, 1)
    digest = hashlib.sha256()
    for name in table.column_names:
        digest.update(table[name].combine_chunks().to_numpy(zero_copy_only=False).tobytes())
    assert digest.hexdigest() == "ae6dc45ca456a211be072e301f2e4c74a756db680689028b265c658b68f9d4a7"
