"""Text files are read as text: every bad line is named, and no number passes through a float."""

import gzip

import pytest
from tests.data.files import GOOD, START, bars, codes_of, source, told, write_csv

from veracity.data.dataset import load
from veracity.data.quality import inspect
from veracity.domain.errors import ExitCode, OperatorFaults

HEADER = "ts,open,high,low,close,volume\n"
USDC = "1678543200000,1.00000000,1.00000000,0.88200000,0.91210000,7424303.00000000"


def ten_rows(**lines):
    """Ten good lines of one-minute bars, some replaced; rows are named r1 to r10."""
    rows = []
    for row in range(1, 11):
        ts = START // 1_000_000 + 60_000 * (row - 1)
        cells = lines.get(f"r{row}", GOOD)
        rows.append(cells.format(ts=ts) if isinstance(cells, str) else ",".join([str(ts), *cells.values()]))
    return HEADER + "\n".join(rows) + "\n"


@pytest.mark.ticket("T-226")
def test_every_bad_row_is_one_finding_with_its_line_column_and_reason(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(
        ten_rows(
            r2=GOOD | {"close": "NaN"},
            r3=GOOD | {"open": "0"},
            r4=GOOD | {"low": "-1"},
            r5=GOOD | {"high": "98.00"},
            r6=GOOD | {"volume": "1e308"},
            r7="{ts},100.00,101.00,99.00,100.50",
            r8="{ts},100.00,101.00,99.00,100.50,1.500,7",
        )
    )
    findings = inspect(path).findings
    assert sorted((one.line, one.column, one.code) for one in findings) == [
        (3, "close", "not_finite"),
        (4, "open", "zero_price"),
        (5, "low", "negative_price"),
        (6, "high", "high_below_low"),
        (7, "volume", "too_large"),
        (8, None, "field_count"),
        (9, None, "field_count"),
    ]
    assert [one.row for one in findings] == [one.line - 1 for one in findings]
    with pytest.raises(OperatorFaults) as raised:
        load([source(path)])
    assert raised.value.exit_code is ExitCode.DATA
    assert len(raised.value.faults) == 7


@pytest.mark.ticket("T-227")
@pytest.mark.parametrize(
    ("end", "start"), [("\n", b""), ("\r\n", b""), ("\n", b"\xef\xbb\xbf"), ("\r\n", b"\xef\xbb\xbf")]
)
def test_a_good_row_becomes_exact_units_whatever_the_line_ends(tmp_path, end, start):
    path = tmp_path / "usdc.csv"
    path.write_bytes(start + end.join([HEADER.strip(), USDC, ""]).encode())
    one = source(path, symbol="USDCUSDT", price_scale=4, qty_scale=4)
    assert codes_of(one) == []
    found = load([one]).instruments[0].bars
    assert found.ts.tolist() == [1_678_543_200_000_000_000]
    assert [column[0] for column in found[1:]] == [10_000, 10_000, 8_820, 9_121, 74_243_030_000]


@pytest.mark.ticket("T-227")
def test_a_digit_beyond_the_scale_is_refused_and_not_rounded_away(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(ten_rows(r3=GOOD | {"close": "100.501"}))
    with pytest.raises(OperatorFaults) as raised:
        load([source(path)])
    (fault,) = raised.value.faults
    assert fault.what == "close 100.501 is not a multiple of 0.01"
    assert "row 3, line 4" in fault.where


@pytest.mark.ticket("T-321")
def test_a_row_whose_open_is_its_high_is_stored_exactly(tmp_path):
    path = tmp_path / "usdc.csv"
    path.write_text(HEADER + USDC + "\n")
    try:
        bars = load([source(path, symbol="USDCUSDT", price_scale=4, qty_scale=0)]).instruments[0].bars
        stored: object = [column.tolist() for column in bars[1:]]
    except OperatorFaults as refused:
        stored = refused
    assert stored == [[10_000], [10_000], [8_820], [9_121], [7_424_303]]


@pytest.mark.ticket("T-320")
def test_three_bad_rows_are_three_findings_with_row_column_and_value(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(
        ten_rows(r4=GOOD | {"high": "98.00"}, r6=GOOD | {"close": "-1"}, r9=GOOD | {"volume": "abc"})
    )
    quality = inspect(path)
    assert {(one.row, one.column, one.value) for one in quality.findings} == {
        (4, "high", "98.0"),
        (6, "close", "-1.0"),
        (9, "volume", "abc"),
    }
    assert len(quality.findings) == 3
    assert quality.verdict == "rejected"
    with pytest.raises(OperatorFaults) as raised:
        load([source(path)])
    assert raised.value.exit_code is ExitCode.DATA


@pytest.mark.ticket("T-228")
def test_stamps_with_offsets_are_read_and_a_naive_one_is_refused_by_name(tmp_path):
    rest = ",".join(GOOD.values())
    path = tmp_path / "bars.csv"
    path.write_text(f"{HEADER}2023-07-01T01:00:00+01:00,{rest}\n2023-07-01T00:01:00Z,{rest}\n")
    assert load([source(path)]).instruments[0].bars.ts.tolist() == [
        1_688_169_600_000_000_000,
        1_688_169_660_000_000_000,
    ]
    path.write_text(f"{HEADER}2023-07-01T01:00:00+01:00,{rest}\n2023-07-01T00:01:00,{rest}\n")
    with pytest.raises(OperatorFaults) as raised:
        load([source(path)])
    assert told(raised.value) == ["naive_stamps"]
    assert raised.value.faults[0].what == "ts 2023-07-01T00:01:00 has no offset from UTC"


def test_columns_are_matched_by_name_and_not_by_position(tmp_path):
    columns = bars(2)
    path = write_csv(tmp_path / "bars.csv", {name: columns[name] for name in reversed(columns)})
    found = load([source(path)]).instruments[0].bars
    assert found.close.tolist() == [10_050, 10_050]
    assert found.volume.tolist() == [1_500, 1_500]


def test_a_header_of_other_names_is_refused_before_any_row_is_read(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("time,open,high,low,last,volume\nx,x,x,x,x,x\n")
    findings = inspect(path).findings
    assert [(one.code, one.column) for one in findings] == [
        ("missing_column", "ts"),
        ("missing_column", "close"),
        ("unexpected_column", "time"),
        ("unexpected_column", "last"),
    ]


def test_a_packed_text_file_is_read(tmp_path):
    path = tmp_path / "bars.csv.gz"
    path.write_bytes(gzip.compress(ten_rows().encode()))
    assert len(load([source(path)]).instruments[0].bars.ts) == 10


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bars.csv", b"", "no_rows"),
        ("bars.csv", HEADER.encode(), "no_rows"),
        ("bars.csv", b"\xff\xfe\x00", "not_csv"),
        ("bars.csv", b'ts,"open', "not_csv"),
        ("bars.csv.gz", b"no gzip", "unreadable"),
        ("bars.csv.gz", gzip.compress(b"x" * 1_000, mtime=0)[:20], "unreadable"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    assert [one.code for one in inspect(path).findings] == [code]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "empty"),
        (" 100", "not_a_number"),
        ("1_000", "not_a_number"),
        ("0x10", "not_a_number"),
        ("-Infinity", "not_finite"),
        ("nan", "not_finite"),
        ("0.0000000000000000001", "off_grid"),
        ("100000000000000000000", "too_large"),
    ],
)
def test_a_cell_that_is_no_plain_number_is_refused(tmp_path, cell, code):
    path = tmp_path / "bars.csv"
    path.write_text(ten_rows(r2=GOOD | {"volume": cell}))
    (finding,) = inspect(path).findings
    assert (finding.code, finding.row, finding.column, finding.value) == (code, 2, "volume", cell)


def test_a_number_may_have_an_exponent(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(ten_rows(r1=GOOD | {"volume": "1.5e-1"}))
    assert load([source(path)]).instruments[0].bars.volume[0] == 150


def test_a_missing_text_file_is_named_so(tmp_path):
    assert inspect(tmp_path / "none.csv").rules == ("missing_file",)


def test_a_stamp_that_is_none_is_one_finding(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(ten_rows(r2="soon," + ",".join(GOOD.values())))
    findings = inspect(path, 60 * 10**9).findings
    assert [(one.code, one.row, one.value) for one in findings] == [("bad_stamp", 2, "soon")]


def test_a_column_that_is_there_twice_is_refused(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text(HEADER.replace("low", "close"))
    assert [one.message for one in inspect(path).findings if one.column == "close"] == [
        "column close is there 2 times"
    ]


def test_a_text_file_can_hold_several_symbols(tmp_path):
    one, two = bars(2), bars(3)
    columns = {name: [*one[name], *two[name]] for name in one} | {"symbol": ["BTCUSDT"] * 2 + ["ETHUSDT"] * 3}
    path = write_csv(tmp_path / "bars.csv", columns)
    assert [(series.symbol, series.rows_read) for series in inspect(path).series] == [
        ("BTCUSDT", 2),
        ("ETHUSDT", 3),
    ]
    assert len(load([source(path, symbol="ETHUSDT")]).instruments[0].bars.ts) == 3
