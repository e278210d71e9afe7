"""The quality of a file without an instrument: what it holds, and every finding, as plain values."""

import json

import pytest
from tests.app.cli_kit import veracity
from tests.data.files import MINUTE, bars, float_table, without, write, write_bars

from veracity.data.quality import inspect


@pytest.fixture
def at(tmp_path):
    return tmp_path / "bars.parquet"


@pytest.mark.ticket("T-363")
def test_every_class_is_counted_also_where_there_is_nothing(at):
    columns = without(bars(100, {row: {"volume": "0"} for row in (5, 6, 7)}), 50, 51)
    for cells in columns.values():
        cells.insert(20, cells[19])
    quality = inspect(write_bars(at, columns))
    counts = {
        name: getattr(quality, name)
        for name in ("rows_read", "rows_kept", "duplicates", "gaps", "missing", "zero_volume", "outliers")
    }
    assert counts == {
        "rows_read": 99,
        "rows_kept": 98,
        "duplicates": 1,
        "gaps": 1,
        "missing": 2,
        "zero_volume": 3,
        "outliers": 0,
    }
    assert (quality.kind, quality.verdict, quality.rules) == ("bars", "rejected", ("duplicate", "gap"))


@pytest.mark.ticket("T-363")
def test_it_is_what_the_command_prints_with_the_rule_that_decided(at):
    """A file of the class counts above, by the command; its document is judged by schemas/output/data_check.schema.json."""
    columns = without(bars(100, {row: {"volume": "0"} for row in (5, 6, 7)}), 50, 51)
    for cells in columns.values():
        cells.insert(20, cells[19])
    said = veracity("data", "check", write_bars(at, columns), "--json")
    told = said.document
    assert said.code == 4
    assert (told["verdict"], told["rules"]) == ("rejected", ["duplicate", "gap"])
    counts = ("rows_read", "rows_kept", "duplicates", "gaps", "missing", "zero_volume", "flat", "outliers")
    assert [told[name] for name in counts] == [99, 98, 1, 1, 2, 3, 0, 0]
    (series,) = told["series"]
    assert (series["missing"], series["duplicates"], series["zero_volume"]) == (2, 1, 3)


def test_units_and_interval_are_read_off_the_file(at):
    (series,) = inspect(write(at, float_table(bars(5)))).series
    assert (series.price_scale, series.qty_scale) == (1, 1)  # 100.5 and 1.5
    assert (series.interval_ns, series.interval_guessed) == (MINUTE, True)
    assert (series.first, series.last) == ("2023-02-13T00:00:00Z", "2023-02-13T00:04:00Z")
    (given,) = inspect(at, MINUTE).series
    assert given.interval_guessed is False


def test_whole_numbers_have_no_decimals(at):
    whole = {"open": "100", "high": "102", "low": "99", "close": "101", "volume": "3"}
    (series,) = inspect(write_bars(at, bars(2, {1: whole, 2: whole}))).series
    assert (series.price_scale, series.qty_scale) == (0, 0)


def test_the_largest_move_is_named_with_its_bar_and_sign(at):
    moves = {2: {"close": "101.00"}, 3: {"close": "99.00"}, 4: {"close": "100.00"}}
    move = inspect(write_bars(at, bars(4, moves))).series[0].largest_move
    assert (move.at, move.rate) == ("2023-02-13T00:02:00Z", "-0.019801980")


def test_the_move_between_two_bars_is_their_largest_and_one_bar_has_none(at):
    move = inspect(write_bars(at, bars(2, {2: {"close": "101.00"}}))).series[0].largest_move
    assert (move.at, move.rate) == ("2023-02-13T00:01:00Z", "0.004975124")  # 0.50 of 100.50
    assert inspect(write_bars(at, bars(1))).series[0].largest_move is None


def test_flat_bars_are_counted(at):
    flat = dict.fromkeys(("open", "high", "low", "close"), "100.00")
    assert inspect(write_bars(at, bars(4, {2: flat}))).flat == 1


def test_numbers_that_are_no_decimals_are_findings(at):
    columns = bars(3)
    columns["close"][1] = str(100 + 1 / 3)
    (finding,) = inspect(write(at, float_table(columns))).findings
    assert (finding.code, finding.column, finding.row) == ("off_grid", "close", 2)


def test_a_missing_file_is_a_report_too(at):
    quality = inspect(at)
    assert (quality.verdict, quality.rules, quality.kind, quality.rows_read) == (
        "rejected",
        ("missing_file",),
        None,
        0,
    )
    assert quality.series == ()


def test_the_report_is_plain_values_with_stamps_as_text(at):
    values = inspect(write_bars(at, bars(3, {2: {"close": "0"}}))).as_dict()
    assert json.loads(json.dumps(values)) == values
    (finding,) = values["findings"]
    assert finding["ts"] == "2023-02-13T00:01:00Z"
    assert finding["hint"]
    assert values["series"][0]["gaps"] == []


@pytest.mark.parametrize("rows", [1, 2])
def test_a_very_short_file_can_be_judged(at, rows):
    quality = inspect(write_bars(at, bars(rows)))
    assert (quality.accepted, quality.rows_kept) == (True, rows)


def test_stamps_that_cannot_be_read_leave_nothing_to_guess(at):
    columns = bars(1)
    columns["ts"] = [None]
    quality = inspect(write_bars(at, columns))
    assert quality.rules == ("empty",)
    assert quality.series[0].first == ""
