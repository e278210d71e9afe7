from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import BARS, closes, write_bars


def test_a_good_file_is_described(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "BTCUSDT_1m.parquet")
    said = veracity("data", "check", path)
    assert said.code == 0
    assert said.out.startswith(f"{path}: accepted, bars, {BARS} rows\n")
    assert "2023-02-01T00:00:00Z" in said.out
    assert "1m" in said.out


def test_the_document_of_a_good_file(tmp_path: Path) -> None:
    document = veracity("data", "check", write_bars(tmp_path / "x.parquet"), "--json").document
    assert (document["schema"], document["verdict"], document["kind"]) == (
        "veracity.data_check/1",
        "accepted",
        "bars",
    )
    (series,) = document["series"]
    assert (series["interval_ns"], series["price_scale"], series["qty_scale"]) == (60_000_000_000, 0, 3)


def test_a_file_that_a_run_would_refuse_ends_with_4_and_every_reason(tmp_path: Path) -> None:
    prices = closes()
    prices[3], prices[200] = -1, 0
    path = write_bars(tmp_path / "bad.parquet", prices)
    said = veracity("data", "check", path)
    assert said.code == 4
    assert said.out.startswith(f"{path}: rejected")
    assert "close -0.01 is below zero" in said.out
    assert "close 0.00 is zero" in said.out
    document = veracity("data", "check", path, "--json").document
    assert {"negative_price", "zero_price"} <= {finding["code"] for finding in document["findings"]}


@pytest.mark.parametrize("name", ["missing.parquet", "."])
def test_a_file_that_is_not_there_ends_with_4(tmp_path: Path, name: str) -> None:
    assert veracity("data", "check", tmp_path / name).code == 4


def test_bars_off_the_asked_interval_are_refused(tmp_path: Path) -> None:
    path = write_bars(tmp_path / "x.parquet")
    assert veracity("data", "check", path, "--interval", "5m").code == 4
    assert veracity("data", "check", path, "--interval", "1m").code == 0


def test_an_interval_that_is_none_is_a_usage_error(tmp_path: Path) -> None:
    said = veracity("data", "check", tmp_path / "x.parquet", "--interval", "1 minute")
    assert said.code == 2
    assert "write it like 1m, 5m, 1h, 8h or 1d" in said.err
