"""The columns of a dataset in one file that any number of processes map: its pages are in memory once, whoever reads them.

The file is made by the process that read and checked the data, and lives as long as its work does. Whoever maps it hashes
what is there again, so a file that was changed, or another one of that name, is refused and not believed.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, TypeVar

import numpy as np

from veracity.data.dataset import Dataset, InstrumentData, hash_of
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.market import AuxSeries, Bars, Column, FundingSeries

CELL: Final = np.dtype("<i8")
NOTHING: Final = np.empty(0, dtype=np.int64)
Series = TypeVar("Series", Bars, FundingSeries, AuxSeries)


@dataclass(frozen=True)
class SharedColumns:
    """Where the columns are, and all else of the dataset; it travels to other processes in a few hundred bytes."""

    path: Path
    bare: tuple[InstrumentData, ...]  # without cells
    rows: tuple[tuple[int, ...], ...]  # of bars, settlements and each aux series, by instrument
    dataset_hash: str

    def opened(self) -> Dataset | None:
        """The dataset with its columns mapped, read-only; None where there is no such file, as on another machine.

        Raises OperatorFault (exit code 4) where the file holds other cells.
        """
        try:
            size = self.path.stat().st_size
        except FileNotFoundError:
            return None
        cells = np.memmap(self.path, dtype=CELL, mode="r") if size else NOTHING
        instruments, at = [], 0
        for data, (bars, settlements, *values) in zip(self.bare, self.rows, strict=True):
            mapped, at = _cut(cells, data.bars, bars, at)
            funding = data.funding
            if funding is not None:
                funding, at = _cut(cells, funding, settlements, at)
            aux = []
            for one, count in zip(data.aux, values, strict=True):
                series, at = _cut(cells, one.series, count, at)
                aux.append(replace(one, series=series))
            instruments.append(replace(data, bars=mapped, funding=funding, aux=tuple(aux)))
        if hash_of(instruments) != self.dataset_hash:
            raise OperatorFault(
                "the shared columns are not those of the dataset",
                where=str(self.path),
                why=f"their hash is not {self.dataset_hash}",
                hint="run it again",
                exit_code=ExitCode.DATA,
            )
        return Dataset(tuple(instruments), self.dataset_hash)


def share(dataset: Dataset, path: Path) -> SharedColumns:
    """Write the columns to `path`, in place of what is there; it need not survive a power cut. Raises OSError."""
    draft = path.with_name(f".{path.name}.partial")
    with draft.open("wb") as out:
        for data in dataset.instruments:
            for series in (data.bars, data.funding or (), *(one.series for one in data.aux)):
                for column in series:
                    out.write(np.ascontiguousarray(column, dtype=CELL).data)
    draft.replace(path)
    return SharedColumns(
        path,
        tuple(
            replace(
                data,
                bars=Bars(*[NOTHING] * len(data.bars)),
                funding=None if data.funding is None else FundingSeries(*[NOTHING] * len(data.funding)),
                aux=tuple(replace(one, series=AuxSeries(*[NOTHING] * len(one.series))) for one in data.aux),
            )
            for data in dataset.instruments
        ),
        tuple(
            (
                len(data.bars.ts),
                0 if data.funding is None else len(data.funding.ts),
                *(len(one.series.ts) for one in data.aux),
            )
            for data in dataset.instruments
        ),
        dataset.dataset_hash,
    )


def _cut(cells: Column, series: Series, rows: int, at: int) -> tuple[Series, int]:
    """The next columns of the file, and where those after them begin."""
    starts = [at + rows * number for number in range(len(series))]
    return type(series)(*(cells[start : start + rows] for start in starts)), at + rows * len(series)
