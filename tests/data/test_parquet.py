"""Parquet files: what is not one, or has other columns or types, is refused with all reasons at once."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.data.files import bars, decimal_table, float_table, source, told, write, write_bars

from veracity.data.dataset import load
from veracity.data.quality import inspect
from veracity.domain.errors import ExitCode, OperatorFaults


def refused(path):
    with pytest.raises(OperatorFaults) as raised:
        load([source(path)])
    assert raised.value.exit_code is ExitCode.DATA
    return raised.value


@pytest.mark.ticket("T-197")
def test_three_schema_faults_are_three_findings_in_one_message(tmp_path):
    table = float_table(bars(3)).drop_columns(["ts", "close"]).rename_columns({"volume": "vol"})
    table = table.append_column("close", pa.array(["100.5"] * 3))
    fault = refused(write(tmp_path / "bars.parquet", table))
    assert [one.what for one in fault.faults] == [
        "column ts is missing, wanted timestamp with a time zone, found open, high, low, vol, close",
        "column volume is missing, wanted decimal128, integer or float64, found vol: did you mean volume?",
        "column close has the wrong type, wanted decimal128, integer or float64, found string",
    ]
    assert str(fault).count("\n") == 2


def test_a_text_column_of_numbers_is_never_cast(tmp_path):
    table = decimal_table(bars(3))
    table = table.set_column(table.schema.get_field_index("close"), "close", pa.array(["100.50"] * 3))
    assert told(refused(write(tmp_path / "bars.parquet", table))) == ["wrong_type"]


def test_a_column_that_no_kind_has_is_refused_and_named(tmp_path):
    table = decimal_table(bars(3)).append_column("venue", pa.array(["x"] * 3))
    fault = refused(write(tmp_path / "bars.parquet", table))
    assert [one.what for one in fault.faults] == [
        "column venue is not one of ts, open, high, low, close, volume"
    ]


@pytest.mark.ticket("T-228")
def test_stamps_without_a_zone_are_refused_and_stamps_of_any_zone_are_read(tmp_path):
    columns = bars(3)
    for kind, codes in ((pa.timestamp("ms"), ["naive_stamps"]), (pa.timestamp("us", "Asia/Tokyo"), [])):
        table = decimal_table(columns)
        stamps = table["ts"].cast(pa.timestamp(kind.unit, "UTC")).cast(kind)
        path = write(tmp_path / "bars.parquet", table.set_column(0, "ts", stamps))
        assert [one.code for one in inspect(path).findings] == codes
    assert load([source(path)]).instruments[0].bars.ts.tolist() == columns["ts"]


@pytest.mark.parametrize(
    "stamps", [pa.array([1, 2, 3]), pa.array(["2023-01-01T00:00:00Z"] * 3), pa.array([1.0, 2.0, 3.0])]
)
def test_stamps_of_another_type_are_refused(tmp_path, stamps):
    table = decimal_table(bars(3)).set_column(0, "ts", stamps)
    assert told(refused(write(tmp_path / "bars.parquet", table))) == ["wrong_type"]


@pytest.mark.parametrize("kind", [pa.float32(), pa.decimal256(40, 2), pa.bool_(), pa.timestamp("ns", "UTC")])
def test_number_columns_of_another_type_are_refused(tmp_path, kind):
    table = decimal_table(bars(3)).set_column(5, "volume", pa.nulls(3, kind))
    assert told(refused(write(tmp_path / "bars.parquet", table))) == ["wrong_type"]


def test_what_is_no_file_is_named_so(tmp_path):
    missing, directory = tmp_path / "missing.parquet", tmp_path / "directory.parquet"
    directory.mkdir()
    assert told(refused(missing)) == ["missing_file"]
    assert told(refused(directory)) == ["is_directory"]
    assert str(missing) in str(refused(missing))


def test_a_text_file_is_not_parquet(tmp_path):
    path = tmp_path / "bars.parquet"
    path.write_text("ts,open\n")
    assert told(refused(path)) == ["not_parquet"]
    path.write_bytes(b"")
    assert told(refused(path)) == ["not_parquet"]


def test_a_cut_off_file_is_unreadable(tmp_path):
    path = write_bars(tmp_path / "bars.parquet", bars(100))
    path.write_bytes(path.read_bytes()[:-100])
    assert told(refused(path)) == ["unreadable"]
    assert [one.code for one in inspect(path).findings] == ["unreadable"]


def test_a_damaged_column_is_unreadable(tmp_path):
    path = tmp_path / "bars.parquet"
    write(path, decimal_table(bars(2_000)), compression="zstd", use_dictionary=False)
    stored = bytearray(path.read_bytes())
    start = pq.read_metadata(path).row_group(0).column(4).data_page_offset
    stored[start : start + 200] = bytes(200)
    path.write_bytes(stored)
    assert told(refused(path)) == ["unreadable"]
    assert [one.code for one in inspect(path).findings] == ["unreadable"]


def test_a_file_that_may_not_be_read_is_unreadable(tmp_path, monkeypatch):
    path = write_bars(tmp_path / "bars.parquet", bars(3))

    def denied(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert told(refused(path)) == ["unreadable"]


def test_a_table_without_rows_is_refused(tmp_path):
    assert told(refused(write_bars(tmp_path / "bars.parquet", bars(0)))) == ["no_rows"]


def test_the_number_types_may_be_mixed(tmp_path):
    columns = bars(3)
    table = decimal_table(columns).set_column(1, "open", pa.array([100, 100, 100], pa.int16()))
    table = table.set_column(5, "volume", pa.array([1.5, 1.5, 1.5]))
    found = load([source(write(tmp_path / "bars.parquet", table))]).instruments[0].bars
    assert [column[0] for column in found[1:]] == [10_000, 10_100, 9_900, 10_050, 1_500]
