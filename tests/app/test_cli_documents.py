"""Every document that --json prints has a published schema, and is what that says.

`Said.document` judges each document that any test looks at; here each command is asked once.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from tests.app.cli_kit import veracity
from tests.app.real_runs import CHECKOUT, FREE, TREND, waves, write_config
from tests.kit.schemas import SCHEMAS, refuse_undescribed

from veracity.app.backtest import RunOutcome

OUTPUT = sorted((SCHEMAS / "output").iterdir())
SAMPLE = CHECKOUT / "data/sample/binance_spot_BTCUSDT_1m_2023-02.parquet"
CARRY = CHECKOUT / "examples/btc_funding_carry.toml"
ELSEWHERE = {
    "command": "test_operator",
    "kill": "test_operator",
    "practice": "test_practice",
    "sweep": "test_cli_sweep",
    "sweep_prove": "test_sweep_proof",
    "sweep_status": "test_cli_sweep",
}
"""Where a process has to run, or a kernel has to be compiled: the tests whose helper judges each answer."""
Words = Callable[[Path, Path], tuple[object, ...]]
COMMANDS: dict[str, Words] = {
    "backtest": lambda config, run: ("backtest", "-c", config),
    "completion": lambda config, run: ("completion", "bash"),
    "config": lambda config, run: ("config", "show", config),
    "config_check": lambda config, run: ("config", "check", config),
    "config_explain": lambda config, run: ("config", "explain"),
    "config_schema": lambda config, run: ("config", "schema"),
    "costs": lambda config, run: ("costs", "-c", CARRY),
    "data_accept": lambda config, run: ("data", "accept", "-c", config),
    "data_check": lambda config, run: ("data", "check", SAMPLE),
    "data_convert": lambda config, run: ("data", "convert", SAMPLE, config.parent / "converted.csv"),
    "data_ingest": lambda config, run: (
        *("data", "ingest", SAMPLE, "--symbol", "BTCUSDT", "--out", config.parent / "ingested"),
    ),
    "doctor": lambda config, run: ("doctor",),
    "error": lambda config, run: ("config", "check", "nowhere.toml"),
    "init": lambda config, run: ("init", config.parent / "project"),
    "lookahead": lambda config, run: ("lookahead", "-c", config, "--cuts", 3, "--starts", 1),
    "paper": lambda config, run: ("paper", "-c", config),
    "replay": lambda config, run: ("replay", run),
    "report": lambda config, run: ("report", run, "--cuts", 1),
    "run": lambda config, run: ("run", "show", run),
    "run_check": lambda config, run: ("run", "check", run),
    "run_diff": lambda config, run: ("run", "diff", run, run),
    "run_export": lambda config, run: ("run", "export", run, "--to", config.parent / "tables"),
    "run_list": lambda config, run: ("--run-dir", run.parent, "run", "list"),
    "run_repro": lambda config, run: ("run", "repro", run),
    "stress_run": lambda config, run: ("stress", "-c", config),
    "summary": lambda config, run: ("report", run, "--format", "json"),
    "version": lambda config, run: ("version",),
    "wal_verify": lambda config, run: ("wal", "verify", run),
    "walkforward_run": lambda config, run: (
        "walkforward", "-c", config, "--grid", "fast=2,3", "--train", "40", "--test", "20"
    ),
    "where": lambda config, run: ("where", "T-008"),
}  # fmt: skip
"""By schema: a command that prints such a document, given a config and a run."""


def names() -> set[str]:
    return {path.name.partition(".")[0] for path in OUTPUT}


@pytest.mark.parametrize("path", OUTPUT, ids=lambda path: path.name.partition(".")[0])
def test_a_schema_is_closed_and_says_what_everything_is(path: Path) -> None:
    described = json.loads(path.read_bytes())
    jsonschema.Draft202012Validator.check_schema(described)
    assert described["$id"] == f"output/{path.name}"
    assert described["properties"]["schema"]["const"] == f"veracity.{path.name.partition('.')[0]}/1"
    for part in (described, *described.get("$defs", {}).values()):
        assert part["description"]
        if "properties" in part:
            assert part["additionalProperties"] is False
            assert set(part["required"]) == set(part["properties"])
            assert all(one.get("description") for one in part["properties"].values())


def test_every_document_that_a_command_prints_has_its_schema_and_no_schema_is_left_over() -> None:
    printed = {
        name
        for path in (CHECKOUT / "src/veracity/app/cli").glob("*.py")
        for name in re.findall(r'"veracity\.(\w+)/\d+"', path.read_text(encoding="utf-8"))
    }
    assert printed == names()
    assert {name for name in names() if not name.startswith("wal_")} | {"wal_verify", "summary"} == (
        COMMANDS.keys() | ELSEWHERE.keys()
    )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A config whose run trades, and where runs are to be."""
    folder = tmp_path_factory.mktemp("documents")
    return write_config(folder, TREND, FREE, closes=waves(120)), folder / "runs"


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_prints_what_its_schema_says(
    name: str, place: tuple[Path, Path], small: RunOutcome
) -> None:
    config, runs = place
    said = veracity("--json", "--run-dir", runs, *COMMANDS[name](config, small.run_dir))
    assert said.document["schema"] == f"veracity.{name}/1", said.err


def test_a_document_with_a_field_too_many_is_not_what_its_schema_says() -> None:
    document = veracity("completion", "bash", "--json").document
    with pytest.raises(jsonschema.ValidationError, match="Additional properties are not allowed"):
        refuse_undescribed(document | {"colour": "blue"})
