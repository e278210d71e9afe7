"""A dataset is all of its files or none, and its hash is of their content."""

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.data.files import (
    MINUTE,
    START,
    UTC_NS,
    bars,
    decimal_table,
    float_table,
    source,
    told,
    write,
    write_bars,
    write_csv,
)
from tests.kit.process import SEARCHED

from veracity.data.dataset import load
from veracity.domain.errors import ExitCode, OperatorFaults

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
USDC = SAMPLE / "binance_spot_USDCUSDT_1m_2023-03.parquet"
HOUR = 60 * MINUTE


@pytest.fixture
def at(tmp_path):
    return tmp_path / "bars.parquet"


def refused(*sources):
    with pytest.raises(OperatorFaults) as raised:
        load(sources)
    assert raised.value.exit_code is ExitCode.DATA
    return raised.value


def hash_of(*sources):
    return load(sources).dataset_hash


def settlements(path, stamps, rates=None, marks=None):
    count = len(stamps)
    kind = pa.decimal128(18, 8)
    table = pa.table(
        {
            "ts": pa.array(stamps, UTC_NS),
            "rate": pa.array([Decimal(rate) for rate in rates or ["0.0001"] * count], kind),
            "mark": pa.array([Decimal(mark) for mark in marks or ["100.00"] * count], kind),
        }
    )
    return write(path, table)


def hourly(at, count=23):
    return write_bars(at, bars(count, step=HOUR))


def perp(bars_file, funding, **changes):
    return source(bars_file, symbol="BTCUSDT-PERP", kind="perp", interval_ns=HOUR, funding=funding, **changes)


@pytest.mark.ticket("T-248")
def test_one_tick_is_another_dataset_and_another_file_of_the_same_numbers_is_not(at):
    columns = bars(300)
    first = hash_of(source(write_bars(at, columns)))
    again = write(at, decimal_table(columns, 2 + 1), compression="zstd", row_group_size=7)
    assert hash_of(source(again)) == first
    assert hash_of(source(write(at, float_table(columns)))) == first
    columns["close"][299] = "100.51"
    assert hash_of(source(write_bars(at, columns))) != first


@pytest.mark.ticket("T-344")
def test_the_dataset_hash_is_the_same_from_text_and_parquet_and_anywhere(tmp_path):
    usdc = {"symbol": "USDCUSDT", "price_scale": 4, "qty_scale": 0}
    table = pq.read_table(USDC)
    assert table.num_rows == 13_560
    first = hash_of(source(USDC, **usdc))
    grouped = write(tmp_path / "grouped.parquet", table, compression="none", row_group_size=1_000)
    columns = {name: table[name].to_pylist() for name in table.column_names[1:]}
    text = write_csv(tmp_path / "usdc.csv", {"ts": table["ts"].cast(pa.int64()).to_pylist(), **columns})
    assert hash_of(source(grouped, **usdc)) == hash_of(source(text, **usdc)) == first
    columns["close"][5_000] += Decimal("0.0001")
    columns["high"][5_000] += Decimal("0.0001")
    moved = write_csv(text, {"ts": table["ts"].cast(pa.int64()).to_pylist(), **columns})
    assert hash_of(source(moved, **usdc)) != first


@pytest.mark.ticket("T-344")
def test_the_dataset_hash_is_the_same_in_every_process():
    code = (
        "from pathlib import Path\nfrom tests.data.files import source\nfrom veracity.data.dataset import load\n"
        f"print(load([source(Path({str(USDC)!r}), symbol='USDCUSDT', price_scale=4, qty_scale=0)]).dataset_hash)"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": SEARCHED},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("0", "1")
    ]
    assert found == [hash_of(source(USDC, symbol="USDCUSDT", price_scale=4, qty_scale=0))] * 2


@pytest.mark.parametrize(
    "changes",
    [
        {"symbol": "ETHUSDT"},
        {"price_scale": 3},
        {"qty_scale": 4},
        {"start_ts": START + MINUTE},
        {"end_ts": START + 9 * MINUTE},
    ],
)
def test_symbol_units_and_range_are_part_of_the_dataset(at, changes):
    write_bars(at, bars(10))
    assert hash_of(source(at, **changes)) != hash_of(source(at))


def test_rules_of_the_venue_are_not_part_of_the_dataset(at):
    write_bars(at, bars(10))
    assert hash_of(source(at, lot=10, notional_min=5, base="XBT")) == hash_of(source(at))


def test_the_range_is_from_its_start_up_to_before_its_end(at):
    write_bars(at, bars(10))
    data = load([source(at, start_ts=START + 2 * MINUTE, end_ts=START + 5 * MINUTE)]).instruments[0]
    assert data.bars.ts.tolist() == [START + row * MINUTE for row in (2, 3, 4)]


def test_columns_are_64_bit_and_equally_long(at):
    data = load([source(write_bars(at, bars(10)))]).instruments[0]
    assert {column.dtype for column in data.bars} == {np.dtype(np.int64)}
    assert {len(column) for column in data.bars} == {10}
    assert all(column.flags.c_contiguous for column in data.bars)


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    one = write_bars(tmp_path / "one.parquet", bars(5, {2: {"close": "0"}}))
    two = write_bars(tmp_path / "two.parquet", bars(5, {3: {"volume": "-1"}}))
    fault = refused(
        source(one), source(two, symbol="ETHUSDT"), source(tmp_path / "none.parquet", symbol="XRPUSDT")
    )
    assert told(fault) == ["zero_price", "negative_volume", "missing_file"]


def test_an_instrument_can_be_there_once(at):
    write_bars(at, bars(3))
    assert told(refused(source(at), source(at))) == ["twice"]


def test_settlements_are_read_with_their_own_stamps_and_the_mark_in_price_units(at, tmp_path):
    stamps = [START, START + 8 * HOUR + 3_000_000, START + 16 * HOUR]
    path = settlements(
        tmp_path / "funding.parquet",
        stamps,
        ["0.0001", "-0.00001", "0.00000001"],
        ["100.005", "100.015", "99"],
    )
    funding = load([perp(hourly(at), path)]).instruments[0].funding
    assert funding.ts.tolist() == stamps
    assert funding.rate.tolist() == [100_000, -10_000, 10]
    assert funding.mark.tolist() == [10_000, 10_002, 9_900]


def test_only_settlements_between_the_first_open_and_the_last_close_are_read(at, tmp_path):
    stamps = [START + 8 * HOUR * number for number in range(-2, 6)]
    path = settlements(tmp_path / "funding.parquet", stamps)
    data = load([perp(hourly(at, 24), path)]).instruments[0]
    assert data.funding.ts.tolist() == [START, START + 8 * HOUR, START + 16 * HOUR, START + 24 * HOUR]
    sliced = load([perp(at, path, start_ts=START + HOUR, end_ts=START + 9 * HOUR)]).instruments[0]
    assert sliced.funding.ts.tolist() == [START + 8 * HOUR]


def test_a_settlement_is_part_of_the_dataset(at, tmp_path):
    stamps = [START, START + 8 * HOUR, START + 16 * HOUR]
    one = settlements(tmp_path / "one.parquet", stamps)
    two = settlements(tmp_path / "two.parquet", stamps, ["0.0001", "0.0001", "0.00010001"])
    assert hash_of(perp(hourly(at), one)) != hash_of(perp(at, two))


def test_a_missing_settlement_is_refused_with_its_stamp(at, tmp_path):
    path = settlements(tmp_path / "funding.parquet", [START + 8 * HOUR * number for number in (0, 1, 3, 4)])
    fault = refused(perp(hourly(at, 36), path))
    assert told(fault) == ["funding_gap"]
    assert fault.faults[0].what == "1 settlement is missing, about 2023-02-13T16:00:00Z"
    assert len(load([perp(at, path, end_ts=START + 15 * HOUR)]).instruments[0].funding.ts) == 2


def test_settlements_must_cover_the_bars(at, tmp_path):
    late = settlements(tmp_path / "late.parquet", [START + 8 * HOUR * number for number in (2, 3, 4)])
    early = settlements(tmp_path / "early.parquet", [START + 8 * HOUR * number for number in (-2, -1, 0, 1)])
    short = refused(perp(hourly(at, 36), late))
    assert told(short) == ["funding_short"]
    assert short.faults[0].what == (
        "settlements 2023-02-13T16:00:00Z to 2023-02-14T08:00:00Z do not cover the bars, "
        "2023-02-13T00:00:00Z to 2023-02-14T12:00:00Z"
    )
    assert told(refused(perp(at, early))) == ["funding_short"]
    ends_with_the_bars = settlements(
        tmp_path / "end.parquet", [START + 8 * HOUR * number for number in (0, 1, 2)]
    )
    assert told(refused(perp(hourly(at, 24), ends_with_the_bars))) == ["funding_short"]
    assert len(load([perp(hourly(at, 23), ends_with_the_bars)]).instruments[0].funding.ts) == 3


def test_a_perpetual_needs_funding_and_spot_has_none(at, tmp_path):
    funding = settlements(tmp_path / "funding.parquet", [START])
    assert told(refused(perp(hourly(at), None))) == ["funding_missing"]
    assert told(refused(source(at, interval_ns=HOUR, funding=funding))) == ["funding_on_spot"]


def test_bad_settlements_are_findings_of_their_own_file(at, tmp_path):
    stamps = [START, START + 8 * HOUR, START + 8 * HOUR, START + 4 * HOUR]
    path = settlements(tmp_path / "funding.parquet", stamps, marks=["0", "1", "1", "-1"])
    fault = refused(perp(hourly(at), path))
    assert told(fault) == ["zero_price", "negative_price", "unordered", "duplicate"]
    assert all(one.where.startswith(str(path)) for one in fault.faults)


def test_a_bars_file_is_no_funding_file(at):
    assert "missing_column" in told(refused(perp(hourly(at), at)))


@pytest.mark.ticket("T-220")
def test_a_missing_settlement_may_be_called_unknown_and_is_then_no_settlement_of_nothing(at, tmp_path):
    path = settlements(tmp_path / "funding.parquet", [START + 8 * HOUR * number for number in (0, 1, 3, 4)])
    data = load([perp(hourly(at, 36), path, funding_gaps="mark_unknown")]).instruments[0]
    assert [(hole.first, hole.bars) for hole in data.funding_missing] == [(START + 16 * HOUR, 1)]
    assert (START + 16 * HOUR) not in data.funding.ts.tolist()
    whole = settlements(tmp_path / "whole.parquet", [START + 8 * HOUR * number for number in range(5)])
    assert load([perp(at, whole, funding_gaps="mark_unknown")]).instruments[0].funding_missing == ()
