"""A series beside the bars is joined by when its values were known, and aged by the moment that they are about (S-132)."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from tests.data.files import MINUTE, START, UTC_NS, bars, codes_of, source, write, write_bars, write_csv

from veracity.data import slices
from veracity.data.aux_series import AuxSource, in_order, known_within
from veracity.data.dataset import load
from veracity.data.shared_columns import share
from veracity.domain.market import AuxSeries
from veracity.domain.time import NS_PER_DAY

HOUR = 60 * MINUTE
BARS = 240  # four hours of minutes
Joined = list[tuple[int, int, int]]


def at(hours: float) -> int:
    return START + int(hours * HOUR)


def series(folder: Path, rows: Sequence[tuple[Any, ...]], names: str = "ts value", form: str = "csv") -> Path:
    """A file of these rows; stamps are integers."""
    columns = dict(zip(names.split(), map(list, zip(*rows, strict=True)), strict=True))
    if form == "csv":
        return write_csv(folder / "aux.csv", columns)
    table = {
        name: pa.array(cells, UTC_NS)
        if isinstance(cells[0], int)
        else pa.array([Decimal(cell) for cell in cells], pa.decimal128(18, 4))
        for name, cells in columns.items()
    }
    return write(folder / "aux.parquet", pa.table(table))


def declared(file: Path, **changes: Any) -> AuxSource:
    return AuxSource(**{"name": "interest", "file": file, "column": "value", "scale": 2} | changes)


def joined(folder: Path, file: Path, **changes: Any) -> Joined:
    """What a run of four hours is told: when, about when, and the value."""
    path = write_bars(folder / "bars.parquet", bars(BARS))
    (data,) = load([source(path, aux=(declared(file, **changes),))]).instruments
    (one,) = data.aux
    assert one.series.ts.dtype == one.series.value.dtype == one.series.observed.dtype == np.int64
    return list(
        zip(one.series.ts.tolist(), one.series.observed.tolist(), one.series.value.tolist(), strict=True)
    )


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_value_is_known_after_its_lag_and_as_old_as_its_moment(tmp_path: Path, form: str) -> None:
    file = series(tmp_path, [(at(0), "1.25"), (at(1), "-2.50"), (at(2), "0")], form=form)
    assert joined(tmp_path, file, lag_ns=5 * MINUTE) == [
        (at(0) + 5 * MINUTE, at(0), 125),
        (at(1) + 5 * MINUTE, at(1), -250),
        (at(2) + 5 * MINUTE, at(2), 0),
    ]


def test_a_stamp_that_begins_a_period_is_known_at_its_end(tmp_path: Path) -> None:
    file = series(tmp_path, [(at(0), "1"), (at(1), "2")])
    told = joined(tmp_path, file, period_ns=HOUR, lag_ns=MINUTE)
    assert told == [(at(1) + MINUTE, at(1), 100), (at(2) + MINUTE, at(2), 200)]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_column_says_when_each_value_was_published_and_a_lag_comes_on_top(
    tmp_path: Path, form: str
) -> None:
    stamps = [at(1), at(2), at(3)]
    published = [at(1) + 7 * MINUTE, at(3), at(3) + MINUTE]
    if form == "csv":
        rows = [(ts, known // 10**6, "1") for ts, known in zip(stamps, published, strict=True)]
    else:
        rows = [(ts, known, "1") for ts, known in zip(stamps, published, strict=True)]
    file = series(tmp_path, rows, "ts known value", form)
    told = joined(tmp_path, file, available="known", lag_ns=MINUTE)
    assert [ts for ts, _, _ in told] == [known + MINUTE for known in published]
    assert [observed for _, observed, _ in told] == stamps


def test_of_what_was_known_before_the_first_bar_only_the_newest_is_told_when_it_opens(tmp_path: Path) -> None:
    file = series(tmp_path, [(at(-9), "1"), (at(-2), "2"), (at(1), "3"), (at(9), "4")])
    told = joined(tmp_path, file, lag_ns=HOUR)
    assert told == [(START, at(-2), 200), (at(2), at(1), 300)]


def test_a_revision_is_told_when_it_is_published_and_news_that_comes_too_late_is_none() -> None:
    known, about = [1, 2, 5, 6, 7], [1, 2, 1, 2, 3]
    columns = (np.array(known), np.array([10, 20, 11, 21, 30]), np.array(about))
    told = in_order(AuxSeries(*columns))
    assert list(zip(*map(np.ndarray.tolist, told), strict=True)) == [
        (1, 10, 1),
        (2, 20, 2),
        (6, 21, 2),  # what was known of 2 is replaced; 1, told at 5, is older than what is known
        (7, 30, 3),
    ]


def test_at_one_moment_the_newest_of_several_is_the_last() -> None:
    columns = (np.array([5, 5, 5]), np.array([2, 1, 3]), np.array([2, 1, 3]))
    assert in_order(AuxSeries(*columns)).value.tolist() == [1, 2, 3]


def test_the_window_of_a_run_is_inclusive_at_its_end() -> None:
    ts = np.array([10, 20, 30, 40])
    told = known_within(AuxSeries(ts, ts, ts), 20, 40)
    assert told.ts.tolist() == [20, 30, 40]
    told = known_within(AuxSeries(ts, ts, ts), 21, 39)
    assert (told.ts.tolist(), told.observed.tolist()) == ([21, 30], [20, 30])


def test_a_file_of_several_series_gives_the_one_that_is_named(tmp_path: Path) -> None:
    file = series(
        tmp_path, [(at(0), "BTC", "1"), (at(0), "ETH", "2"), (at(1), "BTC", "3")], "ts symbol value"
    )
    assert [value for _, _, value in joined(tmp_path, file, symbol="BTC")] == [100, 300]
    assert refused(tmp_path, file) == ["unknown_symbol"]


def refused(folder: Path, file: Path, **changes: Any) -> list[str]:
    path = write_bars(folder / "bars.parquet", bars(BARS))
    return codes_of(source(path, aux=(declared(file, **changes),)))


GOOD = [(at(0), "1"), (at(1), "2"), (at(2), "3")]


@pytest.mark.parametrize(
    ("rows", "changes", "codes"),
    [
        (GOOD, {}, []),
        ([GOOD[1], GOOD[0]], {}, ["unordered"]),
        ([GOOD[0], GOOD[0]], {}, ["duplicate"]),
        ([GOOD[0], GOOD[0]], {"duplicates": "drop_identical"}, []),
        ([GOOD[0], (at(0), "2")], {"duplicates": "drop_identical"}, ["duplicate_conflict"]),
        ([(at(0), "")], {}, ["empty"]),
        ([(at(0), "nan")], {}, ["not_finite"]),
        ([(at(0), "much")], {}, ["not_a_number"]),
        ([(at(0), "1.255")], {}, ["off_grid"]),
        ([("2023-02-13T00:00:00", "1")], {}, ["naive_stamps"]),
        ([("yesterday", "1")], {}, ["bad_stamp"]),
        (GOOD, {"column": "price"}, ["missing_column"]),
        ([GOOD[0], GOOD[2]], {"interval_ns": HOUR}, ["gap"]),
        ([GOOD[0], GOOD[2]], {"interval_ns": HOUR, "gaps": "allow"}, []),
        ([(at(0.5), "1")], {"interval_ns": HOUR}, ["off_interval"]),
        (GOOD, {"lag_ns": NS_PER_DAY}, ["aux_short"]),
        (GOOD, {"lag_ns": 2**62, "period_ns": 2**62}, ["bad_stamp"]),
    ],
)
def test_each_fault_of_a_series_refuses_the_run_by_its_name(
    tmp_path: Path, rows: list[tuple[Any, ...]], changes: dict[str, Any], codes: list[str]
) -> None:
    assert sorted({*refused(tmp_path, series(tmp_path, rows), **changes)}) == codes


def test_a_value_that_is_known_before_it_can_be_is_refused(tmp_path: Path) -> None:
    rows = [(at(1), at(1) // 10**6, "1"), (at(2), at(2) // 10**6, "2")]
    file = series(tmp_path, rows, "ts published value")
    assert refused(tmp_path, file, available="published") == []
    assert refused(tmp_path, file, available="published", period_ns=1) == ["known_early"] * 2


def test_a_file_that_knows_when_it_was_published_is_not_read_by_a_lag(tmp_path: Path) -> None:
    file = series(tmp_path, [(at(1), at(2) // 10**6, "1")], "ts available value")
    assert refused(tmp_path, file) == ["lag_guessed"]
    assert refused(tmp_path, file, available="available") == []


def test_a_stamp_without_a_zone_in_the_column_of_publication_is_refused(tmp_path: Path) -> None:
    table = {
        "ts": pa.array([at(1)], UTC_NS),
        "known": pa.array([at(2)], pa.timestamp("ns")),
        "value": pa.array([Decimal(1)], pa.decimal128(18, 2)),
    }
    file = write(tmp_path / "aux.parquet", pa.table(table))
    assert refused(tmp_path, file, available="known") == ["naive_stamps"]


def test_two_series_of_one_name_are_refused(tmp_path: Path) -> None:
    one = declared(series(tmp_path, GOOD))
    path = write_bars(tmp_path / "bars.parquet", bars(BARS))
    assert codes_of(source(path, aux=(one, one))) == ["aux_twice"]


def test_faults_of_bars_and_of_every_series_are_told_at_once(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "bars.parquet", bars(BARS, {7: {"close": "0"}}))
    bad = series(tmp_path, [(at(0), "nan")])
    named = (declared(bad), declared(tmp_path / "none.csv", name="rates"))
    assert codes_of(source(path, aux=named)) == ["zero_price", "not_finite", "missing_file"]


def test_the_dataset_hash_knows_values_and_when_they_were_known_but_no_file(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "bars.parquet", bars(BARS))

    def hash_of(rows: list[tuple[int, str]], form: str = "csv", **changes: Any) -> str:
        file = series(tmp_path, rows, form=form)
        return load([source(path, aux=(declared(file, **changes),))]).dataset_hash

    same = {hash_of(GOOD), hash_of(GOOD, "parquet"), hash_of([*GOOD, (at(30), "9")])}
    assert len(same) == 1
    others = [
        load([source(path)]).dataset_hash,
        hash_of(GOOD, lag_ns=1),
        hash_of(GOOD, scale=3),
        hash_of(GOOD, name="other"),
        hash_of([*GOOD[:2], (at(2), "3.01")]),
        hash_of([*GOOD[:2], (at(2) + 1_000_000, "3")]),
    ]
    assert len({*others, *same}) == 7


def test_what_is_not_published_yet_is_cut_off_with_the_tape(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "bars.parquet", bars(BARS))
    dataset = load([source(path, aux=(declared(series(tmp_path, GOOD), lag_ns=HOUR),))])
    (cut,) = slices.until(dataset, at(2)).instruments
    assert cut.aux[0].series.ts.tolist() == [at(1), at(2)]
    (late,) = slices.since(dataset, at(3)).instruments
    assert late.aux[0].series.ts.tolist() == [at(1), at(2), at(3)]


def test_shared_columns_hold_every_series(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "bars.parquet", bars(BARS))
    dataset = load([source(path, aux=(declared(series(tmp_path, GOOD), lag_ns=HOUR),))])
    opened = share(dataset, tmp_path / "columns").opened()
    assert opened is not None
    assert [cells.tolist() for cells in opened.instruments[0].aux[0].series] == [
        cells.tolist() for cells in dataset.instruments[0].aux[0].series
    ]
