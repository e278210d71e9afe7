"""Columns that processes share: the same dataset, read-only, and never believed without its hash."""

import pickle  # noqa: TID251 - it is how a pool and a cluster send things
from pathlib import Path

import numpy as np
import pytest

from veracity.data.dataset import Dataset, InstrumentData, Source, hash_of
from veracity.data.shared_columns import share
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.market import Bars, FundingSeries
from veracity.domain.time import NS_PER_HOUR

ROWS = 50


def source(symbol: str, kind: str) -> Source:
    return Source(symbol, kind, "BTC", "USDT", 2, 3, 1, 1, 0, NS_PER_HOUR, Path("none"))  # type: ignore[arg-type]


def dataset() -> Dataset:
    draws = np.random.default_rng(7)
    columns = [draws.integers(1, 10**12, ROWS) for _ in range(12)]
    funding = FundingSeries(*(draws.integers(1, 10**12, 4) for _ in range(3)))
    made = (
        InstrumentData(source("A", "spot"), Bars(*columns[:6]), None, ()),
        InstrumentData(source("B", "perp"), Bars(*columns[6:]), funding, ()),
    )
    return Dataset(made, hash_of(made))


def test_another_process_opens_the_same_dataset_and_can_write_to_none_of_it(tmp_path: Path) -> None:
    whole = dataset()
    shared = share(whole, tmp_path / "columns.bin")
    travelled = pickle.dumps(shared)
    assert len(travelled) < 5_000
    assert (tmp_path / "columns.bin").stat().st_size == (2 * 6 * ROWS + 3 * 4) * 8
    found = pickle.loads(travelled).opened()
    assert found.dataset_hash == whole.dataset_hash
    for mine, other in zip(whole.instruments, found.instruments, strict=True):
        assert other.source == mine.source
        for column, same in zip(
            (*mine.bars, *(mine.funding or ())), (*other.bars, *(other.funding or ())), strict=True
        ):
            assert same.tolist() == column.tolist()
            assert isinstance(same, np.memmap)
            assert not same.flags.writeable


def test_a_changed_cell_is_refused_and_a_missing_file_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "columns.bin"
    shared = share(dataset(), path)
    content = bytearray(path.read_bytes())
    content[8 * 7] ^= 1
    path.write_bytes(content)
    with pytest.raises(OperatorFault, match="not those of the dataset") as refused:
        shared.opened()
    assert refused.value.exit_code == ExitCode.DATA
    path.unlink()
    assert shared.opened() is None
