"""The command refuses bad data: exit code 4, every reason, and a clean disk."""

import json

import pyarrow as pa
import pytest
from tests.app.cli_kit import veracity
from tests.app.configs import spot
from tests.app.real_runs import HOLD
from tests.data.files import bars, float_table, without, write, write_bars, write_csv

PRICES = ("open", "high", "low", "close")


@pytest.fixture
def backtest(tmp_path):
    """Runs a backtest on a file of the test's directory; what it says, after checking that a refusal leaves nothing."""

    def run(path):
        config = tmp_path / "config.toml"
        config.write_text(spot(path.name) + HOLD)
        before = sorted(tmp_path.rglob("*"))
        said = veracity("-q", "backtest", "-c", config, "--run-dir", tmp_path / "runs")
        assert (said.code == 0) == (tmp_path / "runs").exists()
        assert said.code == 0 or sorted(tmp_path.rglob("*")) == before
        return said

    return run


@pytest.mark.ticket("T-195")
def test_missing_bars_end_a_backtest_before_it_begins(tmp_path, backtest):
    said = backtest(write_bars(tmp_path / "bars.parquet", without(bars(1_440), 11, 12)))
    assert said.code == 4
    assert "2 bars are missing, 2023-02-13T00:10:00Z to 2023-02-13T00:11:00Z" in said.err
    assert backtest(write_bars(tmp_path / "bars.parquet", bars(1_440))).code == 0


@pytest.mark.ticket("T-196")
@pytest.mark.parametrize(
    ("cells", "words"),
    [
        (dict.fromkeys(PRICES, "130.00"), "close 130.00 after 100.00 is beyond return_abs_max 0.25"),
        (
            {"open": "100.00", "high": "101.00", "low": "10.00", "close": "101.00"},
            "low 10.00 is beyond wick_abs_max 0.25",
        ),
    ],
)
def test_an_outlier_ends_a_backtest_before_it_begins(tmp_path, backtest, cells, words):
    columns = bars(3, {1: dict.fromkeys(PRICES, "100.00"), 2: cells})
    said = backtest(write_bars(tmp_path / "bars.parquet", columns))
    assert said.code == 4
    assert words in said.err
    assert "row 2, 2023-02-13T00:01:00Z" in said.err


@pytest.mark.ticket("T-197")
def test_another_schema_ends_a_backtest_with_all_its_faults(tmp_path, backtest):
    table = float_table(bars(3)).drop_columns(["ts", "close"]).rename_columns({"volume": "vol"})
    said = backtest(write(tmp_path / "bars.parquet", table.append_column("close", pa.array(["100.5"] * 3))))
    assert said.code == 4
    assert said.err.count("error: ") == 3
    for words in (
        "column ts is missing, wanted timestamp with a time zone",
        "wanted decimal128, integer or float64, found vol: did you mean volume?",
        "column close has the wrong type, wanted decimal128, integer or float64, found string",
    ):
        assert words in said.err


@pytest.mark.ticket("T-238")
@pytest.mark.parametrize("column", PRICES)
def test_a_price_of_zero_ends_a_backtest_before_it_begins(tmp_path, backtest, column):
    said = backtest(write_bars(tmp_path / "bars.parquet", bars(10, {4: {column: "0"}})))
    assert said.code == 4
    assert f"row 4, 2023-02-13T00:03:00Z, column {column}: {column} 0.00 is zero" in said.err


@pytest.mark.ticket("T-356")
def test_cells_that_are_no_numbers_end_a_backtest_before_it_begins(tmp_path, backtest):
    columns = bars(10, {2: {"close": "nan"}, 5: {"high": "inf"}, 7: {"volume": None}})
    said = backtest(write(tmp_path / "bars.parquet", float_table(columns)))
    assert said.code == 4
    assert [words in said.err for words in ("close is nan", "high is inf", "volume is empty")] == [True] * 3
    assert said.err.count("error: ") == 3


@pytest.mark.ticket("T-226")
def test_a_check_of_a_text_file_names_every_bad_line(tmp_path):
    columns = bars(
        10,
        {2: {"close": "NaN"}, 3: {"open": "0"}, 4: {"low": "-1"}, 5: {"high": "98"}, 6: {"volume": "1e308"}},
    )
    path = write_csv(tmp_path / "bars.csv", columns)
    lines = path.read_text().splitlines()
    lines[7] = lines[7].rpartition(",")[0]
    lines[8] += ",7"
    path.write_text("\n".join([*lines, ""]))
    said = veracity("data", "check", path, "--json")
    assert said.code == 4
    found = [(one["line"], one["column"]) for one in said.document["findings"]]
    assert sorted(found, key=str) == sorted(
        [(3, "close"), (4, "open"), (5, "low"), (6, "high"), (7, "volume"), (8, None), (9, None)], key=str
    )


@pytest.mark.ticket("T-320")
def test_a_check_of_a_text_file_counts_rows_without_the_header(tmp_path):
    columns = bars(10, {4: {"high": "98"}, 6: {"close": "-1"}, 9: {"volume": "abc"}})
    said = veracity("data", "check", write_csv(tmp_path / "bars.csv", columns), "--json")
    assert said.code == 4
    found = {(one["row"], one["column"], one["value"]) for one in said.document["findings"]}
    assert found == {(4, "high", "98.0"), (6, "close", "-1.0"), (9, "volume", "abc")}
    assert len(said.document["findings"]) == 3


@pytest.mark.ticket("T-355")
def test_bars_without_volume_are_accepted_and_fill_no_order(tmp_path, backtest):
    path = write_bars(tmp_path / "bars.parquet", bars(5, {row: {"volume": "0"} for row in (1, 2, 3, 4, 5)}))
    document = veracity("data", "check", path, "--json").document
    assert (document["verdict"], document["zero_volume"]) == ("accepted", 5)
    assert backtest(path).code == 0
    (events,) = (tmp_path / "runs").glob("*-*/events.jsonl")
    kinds = [json.loads(line)["kind"] for line in events.read_text().splitlines()]
    assert "intent_created" in kinds
    assert "order_filled" not in kinds
