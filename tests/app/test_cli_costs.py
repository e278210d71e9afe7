"""`veracity costs` on a small market (docs/cli.md)."""

from pathlib import Path

from tests.app.cli_kit import veracity
from tests.app.small_run import write_config


def test_the_document_and_the_table_tell_the_same(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    said = veracity("costs", "-c", config, "--set", "costs.half_spread=0.0002", "--json")
    assert said.code == 0
    assert said.document["schema"] == "veracity.costs/1"
    (one,) = said.document["instruments"]
    assert (one["symbol"], one["bars"], one["spread_config"], one["funding"]) == ("BTCUSDT", 240, 4.0, None)
    assert [order["share"] for order in one["orders"]] == [0.001, 0.01, 0.1]
    shown = veracity("costs", "-c", config, "--set", "costs.half_spread=0.0002")
    assert shown.code == 0
    assert "BTCUSDT, 240 bars" in shown.out
    assert (
        f"spread, whole    4.00 by the config, at most {one['spread_data']['value']:.2f} by the data"
        in shown.out
    )
    assert not (tmp_path / "runs").exists()


def test_a_config_that_is_refused_is_told_as_everywhere(tmp_path: Path) -> None:
    said = veracity("costs", "-c", write_config(tmp_path), "--set", "costs.half_spraed=0")
    assert said.code == 3
    assert "did you mean half_spread?" in said.err
