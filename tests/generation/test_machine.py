"""Reading a machine file: its schema, and the traps of YAML."""

import json
from pathlib import Path

import pytest
import yaml
from tests.generation.planted import door

from veracity_gen import machine
from veracity_gen.errors import SourceRefused

SCHEMA = json.loads((Path(__file__).parents[2] / "schemas/machine.schema.json").read_text(encoding="utf-8"))


def refusal(path: Path, text: str) -> list[str]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceRefused) as refused:
        machine.load(path, SCHEMA)
    return refused.value.problems


def test_a_sound_file_is_read_in_its_own_order(tmp_path: Path) -> None:
    path = tmp_path / "door.yaml"
    path.write_text(yaml.safe_dump(door(), sort_keys=False), encoding="utf-8")
    read = machine.load(path, SCHEMA)
    assert list(read.states) == ["shut", "ajar", "open"]
    assert read.terminal == ("open",)
    assert [(arm.state, arm.to, arm.refuse) for arm in read.arms[:3]] == [
        ("shut", None, "no_push"),
        ("ajar", None, "no_push"),
        ("shut", "ajar", None),
    ]


def test_a_key_on_is_refused_because_yaml_reads_it_as_true(tmp_path: Path) -> None:
    text = yaml.safe_dump(door()).replace("event: slam", "on: slam")
    problems = refusal(tmp_path / "door.yaml", text)
    assert "door.yaml: arcs.3: 'event' is a required property" in problems
    assert any("True" in problem and "unexpected" in problem for problem in problems)


def test_a_key_that_stands_twice_is_refused_with_its_line(tmp_path: Path) -> None:
    text = "machine: door\ntitle: Door\nmachine: window\n"
    assert refusal(tmp_path / "door.yaml", text) == ["door.yaml:3:1: key 'machine' twice"]


def test_an_arc_that_both_goes_and_refuses_is_refused(tmp_path: Path) -> None:
    document = door()
    document["arcs"][0]["to"] = "ajar"
    problems = refusal(tmp_path / "door.yaml", yaml.safe_dump(document))
    assert len(problems) == 1
    assert problems[0].startswith("door.yaml: arcs.0: ")


def test_a_machine_named_unlike_its_file_is_refused(tmp_path: Path) -> None:
    problems = refusal(tmp_path / "gate.yaml", yaml.safe_dump(door()))
    assert problems == ["gate.yaml: machine: door is not the stem of the file"]
