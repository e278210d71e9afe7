"""`veracity lookahead` on a config (docs/cli.md)."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from tests.app.cli_kit import veracity
from tests.app.small_run import CONFIG, START_MS, closes, write_bars, write_config, write_funding
from tests.research import cheats

from veracity.app import config_strategies
from veracity.domain.time import ts_text
from veracity.strategies import momentum
from veracity.strategies.registry import Registry

START = START_MS * 1_000_000
MINUTE = 60 * 10**9


def perpetual(folder: Path) -> str:
    """The small config on a perpetual with hourly settlements, beside its data."""
    write_funding(folder / "funding.parquet")
    return CONFIG.replace('kind = "spot"', 'kind = "perp"').replace(
        'bars = "BTCUSDT_1m.parquet"', 'bars = "BTCUSDT_1m.parquet"\nfunding = "funding.parquet"'
    )


@pytest.mark.ticket("T-186")
def test_an_honest_config_is_clean_and_the_command_says_how_hard_it_looked(tmp_path: Path) -> None:
    said = veracity("lookahead", "-c", write_config(tmp_path), "--cuts", 20, "--json")
    assert said.code == 0
    assert said.document == {
        "schema": "veracity.lookahead/1",
        "bars": 240,
        "cuts": 20,
        "starts": 20,
        "rows": 240 - 19,  # the slow average has its 20 closes at the twentieth
        "intents": 4,  # up, down, up, and the close at the end
        "clean": True,
        "leaks": [],
    }


PEEKS: dict[cheats.Features, Callable[[int], int]] = {
    cheats.shifted_close: lambda end: end - 1,
    cheats.whole_sample: lambda end: cheats.WINDOW - 1,
    cheats.future_maximum: lambda end: end - cheats.WINDOW + 1,
    cheats.centred_window: lambda end: end - cheats.WINDOW // 2,
    cheats.resample_leak: lambda end: (end - 1) // cheats.HOUR * cheats.HOUR,
    cheats.aux_at_period_start: lambda end: end // cheats.HOUR * cheats.HOUR - 1,
}
"""By cheat: a bar before which none can differ, where the tape ends with bar `end` - 1."""


@pytest.mark.ticket("T-186")
@pytest.mark.parametrize("features", PEEKS, ids=lambda one: one.__name__)
def test_a_cheat_ends_with_the_code_of_a_finding_and_its_first_bar_and_values(
    features: cheats.Features, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheat = replace(
        momentum.STRATEGY, features=features, aux=("funding_rate",), warmup=lambda params: cheats.WINDOW
    )
    monkeypatch.setattr(config_strategies, "REGISTRY", Registry([cheat]))
    config = write_config(tmp_path, perpetual(tmp_path))
    told = veracity("lookahead", "-c", config, "--cuts", 20, "--json")
    assert told.code == 5
    (feature,) = [leak for leak in told.document["leaks"] if leak["kind"] == "feature"]
    assert (feature["strategy_id"], feature["what"]) == ("sma", "feature 0")
    assert int(feature["then"]) != int(feature["now"])
    end = (feature["cut_ts"] - START) // MINUTE
    assert PEEKS[features](end) <= feature["bar"] < end
    assert feature["ts"] == START + feature["bar"] * MINUTE
    shown = veracity("lookahead", "-c", config, "--cuts", 20)
    assert shown.code == 5
    assert f"sma: feature 0 at bar {feature['bar']} ({ts_text(feature['ts'])})" in shown.out
    assert f"  then  {feature['then']} " in shown.out
    assert f"  now   {feature['now']} " in shown.out
    assert "LOOKAHEAD" in shown.out


def test_data_in_which_a_strategy_never_has_a_turn_are_not_called_clean(tmp_path: Path) -> None:
    """A verdict on nothing is none."""
    config = write_config(tmp_path)
    write_bars(tmp_path / "BTCUSDT_1m.parquet", closes()[:19])
    said = veracity("lookahead", "-c", config)
    assert (said.code, said.out) == (4, "")
    assert "strategy sma never has a turn, so there is nothing to judge" in said.err
    write_bars(tmp_path / "BTCUSDT_1m.parquet", closes()[:20])
    shown = veracity("lookahead", "-c", config)
    assert shown.code == 0
    assert (
        "compared: 1 feature rows, and all that led to 1 decisions to trade" in shown.out
    )  # it rises: bought at once
