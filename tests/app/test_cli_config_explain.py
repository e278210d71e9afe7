"""`veracity config explain`: every key that a config may have can be asked for, by its path or by its end."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.cli_kit import veracity

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.toml"))
FREE = (
    "max_position",
    "aux_ttl_s",
    "latency_samples_ms",
    "exceptions",
    "legs",
)  # their inside is data, not keys


def paths(table: Any, prefix: str = "") -> Iterator[str]:
    """Path of every value; elements of lists have the path of their list."""
    for name, value in table.items():
        path = f"{prefix}{name}"
        inner = value if isinstance(value, list) else [value]
        if name not in FREE and all(isinstance(one, dict) for one in inner):
            for one in inner:
                yield from paths(one, f"{path}.")
        else:
            yield path


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_every_key_of_the_examples_is_explained(example: Path) -> None:
    known = {one["path"] for one in veracity("config", "explain", "--json").document["keys"]}
    written = {
        path.removesuffix(".exceptions")
        for path in paths(tomllib.loads(example.read_text(encoding="utf-8")))
        if not path.endswith(".exceptions")
    }
    assert len(written) > 10
    assert written <= known


@pytest.mark.parametrize("asked", ["strategies.risk.daily_loss", "daily_loss"])
def test_a_key_is_told_with_what_may_stand_there_and_what_holds_without_it(asked: str) -> None:
    said = veracity("config", "explain", asked)
    assert said.out.splitlines() == [
        "strategies.risk.daily_loss",
        "  Loss of a UTC day at which no new risk is taken until the next, fraction of the equity at the day's start.",
        "  value     number, above 0.0, at most 1.0",
        "  left out  nothing is set",
        "  example   0.02",
    ]


def test_a_parameter_names_its_strategy_and_its_default() -> None:
    keys = veracity("config", "explain", "slow", "--json").document["keys"]
    assert [(key["path"], key["strategy"], key["type"]) for key in keys] == [
        ("strategies.params.slow", "momentum", "whole number"),
        ("strategies.params.slow", "open_interest_trend", "whole number"),
        ("strategies.params.slow", "vol_regime_switch", "whole number"),
    ]
    assert veracity("config", "explain", "slow").out.count(f"{keys[0]['default']} holds") == 3


def test_a_table_is_told_key_by_key() -> None:
    found = [one["path"] for one in veracity("config", "explain", "run", "--json").document["keys"]]
    assert found == ["run.label", "run.seed", "run.close_at_end"]
    assert veracity("config", "explain", "instruments.symbol").out.splitlines()[3] == (
        "  left out  is refused: the key is needed"
    )


@pytest.mark.parametrize(
    ("asked", "hint"),
    [("dayly_loss", "did you mean daily_loss?"), ("zzz", "all keys: veracity config explain")],
)
def test_an_unknown_key_is_a_usage_error_that_names_the_nearest(asked: str, hint: str) -> None:
    said = veracity("config", "explain", asked)
    assert (said.code, said.out) == (2, "")
    assert said.err.splitlines() == [f"error: no config has a key {asked}", f"  {hint}"]
