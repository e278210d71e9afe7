import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from tests.app.configs import GOOD, INSTRUMENT, PERP, STRATEGY, changed, loaded, only, refused, told, write
from tests.kit.process import SEARCHED

from veracity.app.config import load
from veracity.app.config_strategies import BELOW, strategy_hash
from veracity.domain.config_models import PARAMS
from veracity.domain.errors import ExitCode, OperatorFaults
from veracity.domain.instruments import Instrument
from veracity.strategies import exits
from veracity.strategies.registry import REGISTRY

CHECKOUT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted((CHECKOUT / "examples").glob("*.toml"))
SCHEMAS = CHECKOUT / "schemas" / "config" / "strategies"

# SHA-256 of {"params":{"fast":10,"qty":"0.5","slow":50},"strategy":"momentum","version":1}, by sha256sum.
MOMENTUM_HASH = "72064377b524585b5005ab3e726e2af459419f56b410a968b481bb36a259acf1"

PERPETUAL = Instrument("P", "perp", "BTC", "USDT", 2, 5, 1, 1, 0, 60 * 10**9, 10)


class Asked(Mapping[str, Any]):
    """Settings that remember which of them were asked for."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values
        self.names: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def with_id(name: str, text: str = STRATEGY) -> str:
    return changed('id = "sma"', f'id = "{name}"', text)


# ---------------------------------------------------------------- T-364


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_loads_with_its_parameters_resolved(path: Path) -> None:
    config = load(path)
    assert config.strategies
    for setup in config.strategies:
        assert set(setup.settings) == set(PARAMS[setup.bound.strategy.name].model_fields)
        params = setup.bound.params
        numbers = (*params.inner, *params.terms) if isinstance(params, exits.Params) else params
        assert all(type(value) is int for value in numbers)


def test_there_are_examples_of_every_kind() -> None:
    assert [path.stem for path in EXAMPLES] == [
        "btc_funding_carry",
        "btc_maker",
        "btc_margin",
        "btc_momentum",
        "btc_open_interest_trend",
        "btc_regime_switch",
        "every_limit",
        "two_strategies",
        "usdc_depeg_mean_reversion",
    ]


@pytest.mark.ticket("T-364")
def test_the_registry_has_every_strategy_module_once_and_with_its_version() -> None:
    folder = CHECKOUT / "src" / "veracity" / "strategies"
    deciding = {
        path.stem for path in folder.glob("*.py") if "\ndef decide(" in path.read_text(encoding="utf-8")
    }
    assert {"buy_and_hold", "no_trade", "momentum", "mean_reversion", "funding_carry"} <= deciding
    assert set(REGISTRY) == deciding
    assert all(strategy.name == name and strategy.version >= 1 for name, strategy in REGISTRY.items())


@pytest.mark.ticket("T-364")
def test_two_instances_of_one_strategy_are_two_ids_in_the_order_of_the_file(tmp_path: Path) -> None:
    setups = load(write(tmp_path, INSTRUMENT + with_id("momentum_b") + with_id("momentum_a"))).strategies
    assert [setup.bound.strategy_id for setup in setups] == ["momentum_b", "momentum_a"]
    assert {setup.bound.strategy.name for setup in setups} == {"momentum"}


def test_defaults_of_the_strategy_are_filled_in(tmp_path: Path) -> None:
    (setup,) = load(write(tmp_path, changed("fast = 10\nslow = 50\n", ""))).strategies
    assert setup.settings == {"fast": 10, "slow": 50, "qty": Decimal("0.5")}
    assert tuple(setup.bound.params) == (10, 50, 50_000)


# ---------------------------------------------------------------- T-365


@pytest.mark.ticket("T-365")
def test_an_unknown_strategy_is_answered_with_the_nearest_one(tmp_path: Path) -> None:
    (fault,) = refused(tmp_path, changed('"momentum"', '"momentun"'))
    assert fault.exit_code is ExitCode.CONFIG
    assert fault.where == "run.toml:14"
    assert fault.hint == "did you mean momentum?"


@pytest.mark.ticket("T-365")
@pytest.mark.parametrize(
    "name", ["veracity.strategies.momentum", "momentum.decide", "Momentum-2", "os:system", ""]
)
def test_a_name_that_is_not_in_the_table_is_refused_and_nothing_is_imported(
    tmp_path: Path, name: str
) -> None:
    before = set(sys.modules)
    assert "strategies[0].strategy: " in only(tmp_path, changed('"momentum"', f'"{name}"'))
    assert set(sys.modules) == before


@pytest.mark.ticket("T-365")
def test_two_instances_with_one_id_are_refused_and_neither_wins(tmp_path: Path) -> None:
    text = INSTRUMENT + with_id("a") + changed("fast = 10", "fast = 11", with_id("a"))
    (fault,) = refused(tmp_path, text)
    assert (fault.where, fault.what) == ("run.toml:22", "strategies[1].id: used twice")
    assert fault.why.endswith("run.toml:13 already")


# ---------------------------------------------------------------- T-375


@pytest.mark.ticket("T-375")
def test_the_hash_of_momentum_10_50_is_the_one_written_here(tmp_path: Path) -> None:
    (setup,) = load(write(tmp_path, GOOD)).strategies
    assert setup.config_hash == MOMENTUM_HASH
    assert setup.started().config_hash == MOMENTUM_HASH


@pytest.mark.ticket("T-375")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("fast = 10\nslow = 50\nqty = 0.5", "qty = 0.50\nslow = 50\nfast = 10"),
        ("fast = 10\nslow = 50\n", ""),
        ('id = "sma"', 'id = "other"  # a comment'),
        ("cash = 100000", "cash = 5"),
        ("qty = 0.5", "qty = 5e-1"),
    ],
)
def test_order_defaults_labels_and_spelling_do_not_change_the_hash(
    tmp_path: Path, old: str, new: str
) -> None:
    (setup,) = load(write(tmp_path, changed(old, new))).strategies
    assert setup.config_hash == MOMENTUM_HASH


@pytest.mark.ticket("T-375")
def test_a_parameter_or_another_version_changes_the_hash(tmp_path: Path) -> None:
    from dataclasses import replace

    (setup,) = load(write(tmp_path, changed("slow = 50", "slow = 51"))).strategies
    assert setup.config_hash != MOMENTUM_HASH
    newer = replace(REGISTRY["momentum"], version=REGISTRY["momentum"].version + 1)
    settings = {"fast": 10, "slow": 50, "qty": Decimal("0.5")}
    assert strategy_hash(REGISTRY["momentum"], settings) == MOMENTUM_HASH
    assert strategy_hash(newer, settings) != MOMENTUM_HASH


@pytest.mark.parametrize("seed", ["0", "1"])
def test_the_hash_is_the_same_in_another_process(tmp_path: Path, seed: str) -> None:
    program = "import sys; from pathlib import Path; from veracity.app.config import load\n"
    program += "print(load(Path(sys.argv[1])).strategies[0].config_hash)"
    environment = {"PYTHONHASHSEED": seed, "PYTHONPATH": SEARCHED}
    command = [sys.executable, "-c", program, str(write(tmp_path, GOOD))]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == MOMENTUM_HASH


# ---------------------------------------------------------------- T-387


@pytest.mark.ticket("T-387")
@pytest.mark.parametrize("qty", ["0.1.2", '"0.1.2"'])
def test_four_bad_parameters_are_four_findings(tmp_path: Path, qty: str) -> None:
    text = changed("fast = 10\nslow = 50\nqty = 0.5", f"fast = 50\nslow = 10\nqty = {qty}\nslwo = 60")
    faults = refused(tmp_path, text)
    assert [(fault.where, fault.what.split(": ")[0]) for fault in faults] == [
        ("run.toml:18", "strategies[0].params.fast"),
        ("run.toml:19", "strategies[0].params.slow"),
        ("run.toml:20", "strategies[0].params.qty"),
        ("run.toml:21", "strategies[0].params.slwo"),
    ]
    assert faults[0].why == "it is 50, slow is 10"
    assert faults[3].hint == "did you mean slow?"
    assert all(fault.exit_code is ExitCode.CONFIG and (fault.why or fault.hint) for fault in faults)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bars.parquet", "funding.parquet", "run.toml"]


@pytest.mark.ticket("T-387")
def test_fast_must_be_below_slow_by_at_least_one(tmp_path: Path) -> None:
    faults = refused(tmp_path, changed("fast = 10", "fast = 50"))
    assert [fault.what for fault in faults] == [
        "strategies[0].params.fast: must be below slow",
        "strategies[0].params.slow: must be above fast",
    ]
    assert loaded(tmp_path, changed("fast = 10", "fast = 49")).bound_strategies()[0].params.fast == 49


@pytest.mark.ticket("T-387")
@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("fast = 10", 'fast = "10"', 'must be a whole number: it is "10"'),
        ("qty = 0.5", 'qty = "0.5"', 'must be a number: it is "0.5"'),
        ("fast = 10", "fast = 10.0", "must be a whole number: it is 10.0"),
        ("fast = 10", "fast = true", "must be a whole number: it is true"),
        ("fast = 10", "fast = 0", "must be at least 1: it is 0"),
        ("slow = 50", "slow = 100001", "must be at most 100000"),
        ("qty = 0.5\n", "", "missing key (Position to take"),
        ("qty = 0.5", "qty = 0", "must be above 0"),
        ("qty = 0.5", "qty = 0.000001", "refused by the strategy: 0.000001 has more than 5 decimals"),
    ],
)
def test_a_parameter_of_the_wrong_type_or_size_is_refused(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    fault = only(tmp_path, changed(old, new))
    assert fault.startswith("run.toml:")
    assert problem in fault


@pytest.mark.ticket("T-387")
def test_a_quantity_off_the_lot_is_refused_at_its_line(tmp_path: Path) -> None:
    text = changed("lot = 0.00001", "lot = 0.001", changed("qty = 0.5", "qty = 0.0005"))
    fault = only(tmp_path, text)
    assert fault.startswith(
        "run.toml:20: strategies[0].params.qty: refused by the strategy: qty must be a multiple"
    )


# ---------------------------------------------------------------- schemas and code say the same


def test_schemas_models_and_registry_name_the_same_strategies() -> None:
    assert set(PARAMS) == set(REGISTRY) == {path.name.split(".")[0] for path in SCHEMAS.iterdir()}


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    """The parameters of a strategy's schema, those that it shares with others included."""
    shared = json.loads((SCHEMAS.parent / "parameters.schema.json").read_text(encoding="utf-8"))["$defs"]
    found: dict[str, Any] = {}
    for one in schema.get("allOf", ()):
        file, _, name = one["$ref"].partition("#/$defs/")
        assert file == "../parameters.schema.json"
        found |= shared[name]["properties"]
    return found | schema.get("properties", {})


def test_the_shared_parameters_are_written_once_and_used_by_more_than_one_strategy() -> None:
    shared = json.loads((SCHEMAS.parent / "parameters.schema.json").read_text(encoding="utf-8"))["$defs"]
    used: Counter[str] = Counter()
    written: Counter[str] = Counter()
    for path in SCHEMAS.iterdir():
        schema = json.loads(path.read_text(encoding="utf-8"))
        used.update(one["$ref"].rpartition("/")[2] for one in schema.get("allOf", ()))
        written.update(json.dumps(one, sort_keys=True) for one in schema.get("properties", {}).values())
    assert set(used) == set(shared)
    assert min(used.values()) > 1
    written.update(
        json.dumps(one, sort_keys=True) for each in shared.values() for one in each["properties"].values()
    )
    assert max(written.values()) == 1


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("momentum", {"qty": 1, "fast": 3, "slow": 9}),
        ("vol_regime_switch", {"qty": 1, "fast": 3, "slow": 9, "length": 5, "entry_z": 2, "exit_z": 0}),
        ("open_interest_trend", {"qty": 1, "slow": 9, "hours": 1, "change_min": 0}),
    ],
)
def test_a_schema_takes_the_parameters_of_all_its_parts_and_no_other(
    name: str, values: dict[str, int]
) -> None:
    folder = SCHEMAS.parent.parent
    registry: Registry[Any] = Registry().with_resources(
        (
            f"config/{file}",
            DRAFT202012.create_resource(json.loads((folder / "config" / file).read_text(encoding="utf-8"))),
        )
        for file in ("parameters.schema.json", f"strategies/{name}.schema.json")
    )
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    validator = Draft202012Validator(schema, registry=registry)
    assert list(validator.iter_errors(values)) == []
    assert not validator.is_valid({**values, "fats": 3})
    assert not validator.is_valid({**values, "slow": 1})
    assert not validator.is_valid({key: value for key, value in values.items() if key != "qty"})


@pytest.mark.parametrize("name", sorted(PARAMS))
def test_a_strategy_reads_exactly_the_parameters_of_its_schema(name: str) -> None:
    required = {
        key: Decimal(1) for key in PARAMS[name].model_fields if PARAMS[name].model_fields[key].is_required()
    }
    asked = Asked(PARAMS[name].model_validate(required, strict=True).model_dump())
    REGISTRY[name].bind(asked, PERPETUAL)
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert asked.names == set(properties(schema)) == set(PARAMS[name].model_fields)
    assert schema["unevaluatedProperties" if "allOf" in schema else "additionalProperties"] is False


@pytest.mark.parametrize("name", sorted(PARAMS))
def test_every_parameter_has_a_unit_bounds_and_an_example(name: str) -> None:
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    units = ("number of", "fraction", "base currency", "standard deviations")
    for key, parameter in properties(schema).items():
        assert any(unit in parameter["description"].lower() for unit in units), key
        assert {"minimum", "exclusiveMinimum"} & set(parameter), key
        assert "maximum" in parameter, key
        assert parameter["examples"], key


@pytest.mark.parametrize("name", sorted(BELOW))
def test_a_rule_between_parameters_is_in_the_schema_and_in_bind(name: str) -> None:
    text = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))["description"]
    for low, high in BELOW[name]:
        assert f"{low} < {high} (checked by veracity.strategies.{name}.bind)" in text
        values: dict[str, Any] = {**_least(name), low: 3, high: 3}
        with pytest.raises(ValueError, match="below"):
            REGISTRY[name].bind(values, PERPETUAL)
        REGISTRY[name].bind({**values, high: 4}, PERPETUAL)


def _least(name: str) -> dict[str, Any]:
    required = {key: Decimal(1) for key, field in PARAMS[name].model_fields.items() if field.is_required()}
    return PARAMS[name].model_validate(required, strict=True).model_dump()


def test_all_findings_of_several_strategies_come_together(tmp_path: Path) -> None:
    text = INSTRUMENT + PERP + with_id("a") + changed("qty = 0.5", "qty = -1", with_id("b"))
    assert (
        len(told(tmp_path, changed('id = "a"\nstrategy = "momentum"', 'id = "a"\nstrategy = "x"', text))) == 2
    )
    with pytest.raises(OperatorFaults):
        load(write(tmp_path, changed("qty = 0.5", "qty = -1")))
