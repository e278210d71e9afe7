"""Rows and stamps: one fault is one finding, at its row, and good rows at the edge of a rule pass."""

import numpy as np
import pyarrow as pa
import pytest
from tests.data.files import (
    MINUTE,
    START,
    bars,
    decimal_table,
    float_table,
    source,
    told,
    without,
    write,
    write_bars,
    write_csv,
)

from veracity.data.checks import GapLimits
from veracity.data.dataset import load
from veracity.data.gaps import Gap
from veracity.data.quality import inspect
from veracity.data.validation import Policy
from veracity.domain.errors import ExitCode, OperatorFaults

FIVE = 5 * MINUTE


@pytest.fixture
def at(tmp_path):
    return tmp_path / "bars.parquet"


def refused(one_source):
    with pytest.raises(OperatorFaults) as raised:
        load([one_source])
    assert raised.value.exit_code is ExitCode.DATA
    return raised.value


def findings(path, interval_ns=MINUTE):
    return [(one.code, one.column, one.row) for one in inspect(path, interval_ns).findings]


@pytest.mark.ticket("T-238")
@pytest.mark.parametrize("column", ["open", "high", "low", "close"])
def test_one_price_of_zero_is_refused_with_its_row_and_column(at, column):
    fault = refused(source(write_bars(at, bars(10, {4: {column: "0"}}))))
    assert told(fault) == ["zero_price"]
    assert fault.faults[0].where == f"{at}, row 4, 2023-02-13T00:03:00Z, column {column}"


@pytest.mark.parametrize(
    ("cells", "code", "column"),
    [
        ({"low": "-0.01"}, "negative_price", "low"),
        ({"volume": "-0.001"}, "negative_volume", "volume"),
        ({"high": "98.99"}, "high_below_low", "high"),
        ({"open": "101.01"}, "open_outside_range", "open"),
        ({"open": "98.99"}, "open_outside_range", "open"),
        ({"close": "101.01"}, "close_outside_range", "close"),
        ({"close": "98.99"}, "close_outside_range", "close"),
    ],
)
def test_a_bar_that_cannot_be_is_one_finding(at, cells, code, column):
    assert findings(write_bars(at, bars(5, {3: cells}))) == [(code, column, 3)]


@pytest.mark.parametrize(
    "cells",
    [
        {"open": "101.00", "close": "99.00"},
        {"open": "99.00", "close": "101.00"},
        dict.fromkeys(("open", "high", "low", "close"), "100.00"),
        {"volume": "0"},
    ],
)
def test_a_bar_at_the_edge_of_every_rule_passes(at, cells):
    assert findings(write_bars(at, bars(5, {3: cells}))) == []


@pytest.mark.ticket("T-355")
def test_a_bar_without_volume_is_kept_and_counted(at):
    flat = dict.fromkeys(("open", "high", "low", "close"), "44582.07")
    columns = bars(3, dict.fromkeys((1, 2, 3), flat))
    columns["volume"][1] = "0"
    quality = inspect(write_bars(at, columns), MINUTE)
    assert (quality.verdict, quality.zero_volume, quality.rows_kept, quality.gaps) == ("accepted", 1, 3, 0)
    data = load([source(at)]).instruments[0]
    assert data.bars.volume.tolist() == [1_500, 0, 1_500]
    assert data.bars.close.tolist() == [4_458_207] * 3
    assert data.zero_volume == 1


@pytest.mark.ticket("T-356")
def test_cells_that_are_not_numbers_are_three_findings(tmp_path):
    columns = bars(10, {2: {"close": "nan"}, 5: {"high": "inf"}, 7: {"volume": None}})
    expected = {("not_finite", "close", 2), ("not_finite", "high", 5), ("empty", "volume", 7)}
    path = write(tmp_path / "bars.parquet", float_table(columns))
    assert set(findings(path)) == expected
    assert sorted(told(refused(source(path)))) == ["empty", "not_finite", "not_finite"]
    columns["volume"][6] = ""
    text = write_csv(tmp_path / "bars.csv", columns)
    assert set(findings(text)) == expected
    assert inspect(text).verdict == "rejected"


@pytest.mark.ticket("T-229")
def test_a_bar_off_the_grid_is_refused_and_the_grid_does_not_begin_with_the_file(at):
    columns = bars(4, step=FIVE)
    columns["ts"][1] += 10**9
    fault = refused(source(write_bars(at, columns), interval_ns=FIVE))
    assert [(one.hint.partition(":")[0], "00:05:01Z" in one.what) for one in fault.faults] == [
        ("off_interval", True)
    ]
    late = bars(4, step=FIVE)
    late["ts"] = [ts + 7 * FIVE for ts in late["ts"]]  # the first bar opens at 00:35
    assert len(load([source(write_bars(at, late), interval_ns=FIVE)]).instruments[0].bars.ts) == 4


@pytest.mark.ticket("T-229")
def test_a_change_of_cadence_is_refused_with_the_row_where_it_happens(at):
    columns = bars(600)
    slow = START + FIVE * np.arange(500)
    columns["ts"] = [*slow.tolist(), *(int(slow[-1]) + MINUTE * np.arange(1, 101)).tolist()]
    fault = refused(source(write_bars(at, columns), interval_ns=FIVE))
    assert set(told(fault)) == {"off_interval"}
    assert "row 501," in fault.faults[0].where
    assert "75 more like this" in fault.faults[-1].what  # 80 of 100 minutes are off the grid, 5 are named


@pytest.mark.ticket("T-229")
def test_unordered_stamps_are_refused_with_both_rows(at):
    columns = bars(5)
    columns["ts"][2], columns["ts"][3] = columns["ts"][3], columns["ts"][2]
    fault = refused(source(write_bars(at, columns)))
    assert [one.what for one in fault.faults] == ["row 4 is earlier than row 3 at 2023-02-13T00:03:00Z"]


@pytest.mark.ticket("T-231")
def test_equal_rows_are_dropped_only_where_that_is_allowed(tmp_path):
    columns = bars(5)
    for cells in columns.values():
        cells.insert(4, cells[3])
    path = write_bars(tmp_path / "bars.parquet", columns)
    fault = refused(source(path))
    assert [one.what for one in fault.faults] == ["rows 4 and 5 are both about 2023-02-13T00:03:00Z"]
    data = load([source(path, duplicates="drop_identical")]).instruments[0]
    assert data.duplicates_dropped == 1
    assert data.bars.ts.tolist() == [START + MINUTE * row for row in range(5)]
    allowed = inspect(path, MINUTE, Policy(duplicates="drop_identical"))
    assert (allowed.duplicates, allowed.rows_kept, allowed.verdict) == (1, 5, "accepted")
    assert inspect(path, MINUTE).rules == ("duplicate",)


@pytest.mark.ticket("T-231")
@pytest.mark.parametrize("policy", ["reject", "drop_identical"])
def test_rows_that_disagree_are_refused_with_both_lines_under_every_setting(tmp_path, policy):
    columns = bars(5)
    for cells in columns.values():
        cells.insert(4, cells[3])
    columns["close"][4] = "100.51"
    fault = refused(source(write_csv(tmp_path / "bars.csv", columns), duplicates=policy))
    assert [one.what for one in fault.faults] == [
        "lines 5 and 6 disagree about 2023-02-13T00:03:00Z: close 100.50 and 100.51"
    ]


def test_a_repeated_row_that_is_not_next_to_the_first_is_found(at):
    columns = bars(5)
    for cells in columns.values():
        cells.append(cells[1])
    assert findings(write_bars(at, columns)) == [("unordered", "ts", 6), ("duplicate", "ts", 6)]


@pytest.mark.ticket("T-195")
def test_missing_bars_refuse_the_data_and_are_named(at):
    fault = refused(source(write_bars(at, without(bars(1_440), 11, 12))))
    assert [one.what for one in fault.faults] == [
        "2 bars are missing, 2023-02-13T00:10:00Z to 2023-02-13T00:11:00Z"
    ]


def test_allowed_gaps_are_listed_and_never_filled(at):
    path = write_bars(at, without(bars(10), 3, 4, 8))
    data = load([source(path, gaps="allow")]).instruments[0]
    assert data.gaps == (
        Gap(START + 2 * MINUTE, START + 3 * MINUTE, 2),
        Gap(START + 7 * MINUTE, START + 7 * MINUTE, 1),
    )
    assert len(data.bars.ts) == 7


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        (GapLimits(3, 2), []),
        (GapLimits(2, None), ["gap_limit"]),
        (GapLimits(None, 1), ["gap_limit"]),
        (GapLimits(0, 0), ["gap_limit", "gap_limit"]),
    ],
)
def test_allowed_gaps_have_limits_that_are_themselves_allowed(at, limits, codes):
    path = write_bars(at, without(bars(10), 3, 4, 8))
    if codes:
        assert told(refused(source(path, gaps="allow", gap_limits=limits))) == codes
    else:
        assert len(load([source(path, gaps="allow", gap_limits=limits)]).instruments[0].gaps) == 2


@pytest.mark.ticket("T-322")
def test_a_short_start_is_no_gap_but_is_seen(at):
    columns = without(bars(60), 1, 2, 3)
    asked = source(write_bars(at, columns), start_ts=START, end_ts=START + 60 * MINUTE)
    fault = refused(asked)
    assert [one.what for one in fault.faults] == [
        "3 bars are missing at the start of the range: the first is 2023-02-13T00:03:00Z"
    ]
    assert (
        load([source(at, start_ts=START, end_ts=START + 60 * MINUTE, gaps="allow")]).instruments[0].gaps == ()
    )


def test_a_short_end_is_told_too(at):
    fault = refused(source(write_bars(at, bars(5)), start_ts=START, end_ts=START + 6 * MINUTE))
    assert [one.what for one in fault.faults] == [
        "1 bar is missing at the end of the range: the last is 2023-02-13T00:04:00Z"
    ]


def test_a_range_beyond_the_file_is_refused_with_what_the_file_holds(at):
    fault = refused(source(write_bars(at, bars(5)), start_ts=START + 5 * MINUTE))
    assert [one.what for one in fault.faults] == [
        "no row lies in the range: the file holds 2023-02-13T00:00:00Z to 2023-02-13T00:04:00Z"
    ]


def test_only_the_range_is_judged(at):
    path = write_bars(at, bars(10, {2: {"close": "0"}}))
    assert len(load([source(path, start_ts=START + 2 * MINUTE)]).instruments[0].bars.ts) == 8
    assert told(refused(source(path, start_ts=START + MINUTE))) == ["zero_price"]


def test_all_findings_of_a_file_are_told_at_once(at):
    columns = without(bars(20, {2: {"close": "0"}, 7: {"high": "1.00"}, 9: {"volume": "0.0001"}}), 15)
    assert told(refused(source(write_bars(at, columns)))) == [
        "off_grid",
        "zero_price",
        "high_below_low",
        "gap",
    ]


def test_many_rows_of_one_fault_are_counted_and_the_first_five_named(at):
    fault = refused(source(write_bars(at, bars(12, {row: {"volume": "-1"} for row in range(3, 13)}))))
    assert len(fault.faults) == 5
    assert [one.where.split(", ")[1] for one in fault.faults] == [f"row {row}" for row in (3, 4, 5, 6, 7)]
    assert fault.faults[-1].what == "volume -1.000 is below zero; 5 more like this"


def test_a_price_off_the_tick_is_refused_and_a_volume_off_the_lot_is_not(at):
    write_bars(at, bars(3, {2: {"close": "100.52", "volume": "1.501"}}))
    fault = refused(source(at, tick=5, lot=100))
    assert [one.what for one in fault.faults] == ["close 100.52 is not a multiple of 0.05"]
    assert len(load([source(at, tick=2, lot=100)]).instruments[0].bars.ts) == 3


def test_a_null_stamp_is_a_finding_and_no_gap(at):
    table = decimal_table(bars(5))
    stamps = table["ts"].to_pylist()
    path = write(
        at, table.set_column(0, "ts", pa.array([*stamps[:2], None, *stamps[3:]], pa.timestamp("ns", "UTC")))
    )
    assert findings(path) == [("empty", "ts", 3)]


@pytest.mark.ticket("T-347")
def test_symbols_that_share_stamps_are_series_of_their_own(at):
    one, two = bars(4), without(bars(4), 3)
    columns = {name: [*one[name], *two[name]] for name in one}
    columns["symbol"] = ["BTC"] * 4 + ["ETH"] * 3
    quality = inspect(write(at, decimal_table(columns)), MINUTE)
    assert [(series.symbol, series.rows_read, series.missing) for series in quality.series] == [
        ("BTC", 4, 0),
        ("ETH", 3, 1),
    ]
    assert [(one.code, one.symbol) for one in quality.findings] == [("gap", "ETH")]
    assert len(load([source(at, symbol="BTC")]).instruments[0].bars.ts) == 4
    assert told(refused(source(at, symbol="ETH"))) == ["gap"]
    assert refused(source(at, symbol="XRP")).faults[0].what == "holds BTC, ETH, not XRP"
