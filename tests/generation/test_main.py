"""The whole generator, run twice as users run it: once to write, once to check."""

import importlib.util
import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pydantic
import pytest
import yaml

CHECKOUT = Path(__file__).parents[2]
SAMPLE_CONFIG = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "SampleConfig",
    "description": "A config that uses what configs use.",
    "type": "object",
    "properties": {
        "label": {"type": "string", "description": "Label.", "default": "run"},
        "side": {"$ref": "common.schema.json#/$defs/Side"},
        "strategies": {
            "type": "array",
            "items": {"$ref": "#/$defs/Strategy"},
            "description": "All.",
            "maxItems": 2,
        },
    },
    "required": ["side", "strategies"],
    "additionalProperties": False,
    "$defs": {
        "Mood": {"type": "string", "description": "Mood.", "enum": ["calm", "wild"]},
        "Strategy": {
            "type": "object",
            "description": "One strategy.",
            "properties": {
                "mood": {"$ref": "#/$defs/Mood"},
                "lots": {"type": "integer", "description": "Number of lots.", "minimum": 1},
                "share": {"type": "number", "description": "Share of the cash.", "default": 0.5},
                "windows": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "description": "Bars.",
                    "default": [],
                },
            },
            "required": ["mood", "lots"],
            "additionalProperties": False,
        },
    },
}


def generator(root: Path, hash_seed: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command on `root` from inside it, under the given hash seed."""
    environment = {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(CHECKOUT / "src")}
    command = [sys.executable, "-m", "veracity_gen", "--root", ".", *options]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with all schemas and machines, ten ticket files, and a config and a manifest of its own; generated."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("schemas", "specs/machines", "specs/policies"):
        shutil.copytree(CHECKOUT / folder, root / folder)
    for stem in ("config", "reports", "manifest.schema.json", "summary.schema.json"):
        shutil.rmtree(root / "schemas" / stem, ignore_errors=True)
        (root / "schemas" / stem).unlink(missing_ok=True)
    (root / "schemas/config").mkdir()
    (root / "schemas/config/sample.schema.json").write_text(json.dumps(SAMPLE_CONFIG), encoding="utf-8")
    (root / "tickets").mkdir()
    for section in range(1, 11):
        content = {"section": section, "tickets": [{"id": f"T-{section:03}"}]}
        (root / f"tickets/{section:02}-name.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    done = generator(root, "1")
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def sample(root: Path) -> ModuleType:
    """The generated config module, imported under a package name of its own."""
    for name in ("sample_generated", "sample_generated.config", "sample_generated.config.sample"):
        stem = root / "generated/veracity_generated" / "/".join(name.split(".")[1:])
        path = stem / "__init__.py" if stem.is_dir() else stem.with_suffix(".py")
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None
        assert spec.loader is not None
        module = sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return module


def test_another_hash_seed_and_folder_gives_the_same_bytes(root: Path) -> None:
    done = generator(root / "schemas/..", "2", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_file_says_where_it_comes_from_and_how_to_change_it(root: Path) -> None:
    files = [
        path for path in sorted((root / "generated").rglob("*.*")) if path.suffix in (".py", ".mmd", ".json")
    ]
    heads = {path.name: "\n".join(path.read_text(encoding="utf-8").splitlines()[:2]) for path in files}
    assert [
        name for name, head in heads.items() if "Generated from " not in head or "make gen" not in head
    ] == []
    assert {"events.py", "order.py", "order.mmd", "order.json", "sample.py"} <= set(heads)


def test_a_refused_source_exits_1_and_writes_nothing(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root / "schemas", tmp_path / "schemas")
    (tmp_path / "schemas/events/bar_closed.schema.json").write_text("{", encoding="utf-8")
    done = generator(tmp_path, "1")
    assert done.returncode == 1
    assert done.stderr.startswith("bar_closed.schema.json: not JSON: ")
    assert not (tmp_path / "generated").exists()


def config(**changes: object) -> dict[str, Any]:
    return {"side": "buy", "strategies": [{"mood": "calm", "lots": 1, "windows": [1, 2]}]} | changes


def test_a_config_model_is_immutable_down_to_its_arrays(sample: ModuleType) -> None:
    model = sample.SampleConfig.model_validate(config())
    assert model.label == "run"
    assert model.strategies == (sample.Strategy(mood="calm", lots=1, share=0.5, windows=(1, 2)),)
    assert sample.Strategy(mood="wild", lots=2).windows == ()
    with pytest.raises(pydantic.ValidationError, match="frozen"):
        model.label = "other"


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"colour": "red"}, "colour"),
        ({"side": "up"}, "side"),
        ({"label": 1}, "label"),
        ({"strategies": [config()["strategies"][0]] * 3}, "strategies"),
        ({"strategies": [{"mood": "calm", "lots": "1"}]}, "strategies.0.lots"),
        ({"strategies": [{"mood": "calm", "lots": 1, "share": "0.5"}]}, "strategies.0.share"),
        ({"strategies": [{"mood": "calm", "lots": 1, "lot": 1}]}, "strategies.0.lot"),
    ],
)
def test_a_config_model_takes_no_unknown_key_and_guesses_no_type(
    sample: ModuleType, changes: dict[str, object], place: str
) -> None:
    with pytest.raises(pydantic.ValidationError) as refusal:
        sample.SampleConfig.model_validate(config(**changes))
    assert [".".join(map(str, error["loc"])) for error in refusal.value.errors()] == [place]
