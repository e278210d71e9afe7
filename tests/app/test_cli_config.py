import json
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.app.cli_kit import veracity
from tests.app.configs import GOOD, changed, write

CHECKOUT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((CHECKOUT / "schemas" / "config" / "backtest.schema.json").read_text(encoding="utf-8"))


def test_a_good_config_is_ok(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    said = veracity("config", "check", path)
    assert said.code == 0
    assert said.out.splitlines()[:3] == [
        f"{path}: ok",
        "  instruments  BTCUSDT",
        "  strategies   sma (momentum)",
    ]
    document = veracity("config", "check", path, "--json").document
    assert document["schema"] == "veracity.config_check/1"
    assert document["instruments"] == ["BTCUSDT"]
    assert [one["id"] for one in document["strategies"]] == ["sma"]
    assert set(document) == {"schema", "file", "config_hash", "instruments", "strategies"}


def test_every_fault_is_a_line_and_the_code_is_3(tmp_path: Path) -> None:
    path = write(tmp_path, changed("fast = 10", "fast = 50", changed("qty = 0.5", "qty = 0.5\nslwo = 1")))
    said = veracity("config", "check", path)
    assert said.code == 3
    assert said.out == ""
    assert said.err.splitlines() == [
        f"error: {path}:18: strategies[0].params.fast: must be below slow: it is 50, slow is 50",
        f"error: {path}:19: strategies[0].params.slow: must be above fast: it is 50, fast is 50",
        f"error: {path}:21: strategies[0].params.slwo: unknown key",
        "  did you mean slow?",
        "3 errors",
    ]


def test_every_fault_is_in_the_document(tmp_path: Path) -> None:
    path = write(tmp_path, changed("cash = 100000", "cash = 0", changed("tick = 0.01", "tick = 0.001")))
    said = veracity("--json", "config", "check", path)
    assert (said.code, said.err) == (3, "")
    assert (said.document["schema"], said.document["code"], said.document["message"]) == (
        "veracity.error/1",
        3,
        "2 errors",
    )
    assert said.document["errors"][0] == {
        "where": f"{path}:8",
        "what": "instruments[0].tick: cannot be used",
        "why": "0.001 has more than 2 decimals",
        "hint": "price_scale says how many decimals there are",
    }


def test_overrides_are_checked_too(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    assert veracity("config", "check", path, "--set", "run.seed=7").code == 0
    assert veracity("config", "check", path, "--set", "run.seed=-7").code == 3
    assert veracity("config", "check", path, "--set", "run.seed").code == 2


def test_show_prints_a_config_that_can_be_read_again(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD)
    said = veracity("config", "show", path)
    shown = tomllib.loads(said.out, parse_float=Decimal)
    assert shown["strategies"][0]["params"] == {"fast": 10, "slow": 50, "qty": Decimal("0.5")}
    assert f'symbol = "BTCUSDT"  # {path}:2' in said.out
    document = veracity("config", "show", path, "--json").document
    assert document["schema"] == "veracity.config/1"
    assert document["config"]["strategies"][0]["params"] == {"fast": 10, "slow": 50, "qty": "0.5"}
    assert document["config_hash"] == veracity("config", "check", path, "--json").document["config_hash"]


def test_the_schema_is_one_that_editors_understand() -> None:
    document = json.loads(veracity("config", "schema").out)
    Draft202012Validator.check_schema(document)
    assert veracity("config", "schema", "--json").document == {
        "schema": "veracity.config_schema/1",
        "json_schema": document,
    }


@pytest.mark.parametrize(
    "schema", [SCHEMA, json.loads(veracity("config", "schema").out)], ids=["file", "printed"]
)
def test_both_forms_of_the_schema_accept_the_examples_and_refuse_text_for_numbers(
    schema: dict[str, Any],
) -> None:
    validator = Draft202012Validator(schema)
    for path in sorted((CHECKOUT / "examples").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("#:schema ../schemas/config/backtest.schema.json\n")
        values = json.loads(json.dumps(tomllib.loads(text), default=str))
        assert list(validator.iter_errors(values)) == []
    values["instruments"][0]["tick"] = "0.01"
    assert len(list(validator.iter_errors(values))) == 1


def test_the_printed_schema_knows_the_parameters_of_each_strategy() -> None:
    validator = Draft202012Validator(json.loads(veracity("config", "schema").out))
    values = tomllib.loads((CHECKOUT / "examples" / "btc_momentum.toml").read_text(encoding="utf-8"))
    values["strategies"][0]["params"]["slwo"] = 1
    assert [error.message for error in validator.iter_errors(values)] == [
        "Additional properties are not allowed ('slwo' was unexpected)"
    ]


def test_the_schema_of_a_strategy_has_its_bounds() -> None:
    fast = json.loads(veracity("config", "schema", "momentum").out)["properties"]["fast"]
    assert (fast["minimum"], fast["maximum"], fast["default"]) == (1, 100_000, 10)


def test_the_schema_of_an_unknown_strategy_is_a_usage_error() -> None:
    said = veracity("config", "schema", "momentun")
    assert said.code == 2
    assert "did you mean momentum?" in said.err


def test_every_default_in_the_schema_is_of_the_type_that_it_asks_for() -> None:
    """An editor fills it in; text where a number belongs would be refused."""
    found = list(defaults(json.loads(veracity("config", "schema").out)))
    assert len(found) > 20
    for part in found:
        assert Draft202012Validator({"type": part["type"]}).is_valid(part["default"]), part
    assert any(part["default"] == 0.001 and part.get("maximum") == 0.1 for part in found)  # fee_taker


def defaults(part: Any) -> Iterator[dict[str, Any]]:
    """Every schema in a schema that has a type and a default."""
    if isinstance(part, dict):
        if "default" in part and "type" in part:
            yield part
        for inner in part.values():
            yield from defaults(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from defaults(inner)
