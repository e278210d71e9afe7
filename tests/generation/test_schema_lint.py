"""Each fault that the schema lint must refuse is planted once into a schema that it accepts."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.generation.planted import common, record

from veracity_gen import schema_lint

Document = dict[str, Any]


def problems(document: Document) -> list[str]:
    return list(schema_lint.record_problems("lamp_lit.schema.json", document, common()))


def test_a_sound_record_has_no_problem() -> None:
    assert problems(record()) == []


def test_the_schemas_of_this_checkout_have_no_problem() -> None:
    schema_lint.refuse_bad(Path(__file__).parents[2])
    assert list(schema_lint.common_problems(common())) == []


def fault(name: str, **changes: object) -> Callable[[Document], None]:
    return lambda document: document["properties"][name].update(changes)


FAULTS: list[tuple[str, Callable[[Document], Any], str]] = [
    ("title", lambda d: d.update(title="Lamp"), "title: 'Lamp', expected 'LampLit' from the file name"),
    ("text", lambda d: d.pop("description"), "description: missing"),
    ("kind", fault("kind", const="lamp"), "properties.kind: must come first and be the const 'lamp_lit'"),
    ("open", lambda d: d.pop("additionalProperties"), "additionalProperties: must be a closed object"),
    ("optional", lambda d: d["required"].remove("ts"), "required: must list every property, in their order"),
    ("order", lambda d: d["required"].reverse(), "required: must list every property, in their order"),
    ("default", fault("lamps", default=1), "properties.lamps.default: no defaults in records"),
    (
        "enum",
        lambda d: d["properties"].update(side={"enum": ["l", "r"], "description": "Side."}),
        "properties.side.enum: an enum belongs in $defs of common.schema.json",
    ),
    ("unit", fault("lamps", description="Lamps."), "properties.lamps: description: no unit in 'Lamps.'"),
    ("no text", fault("side", description=""), ""),
    (
        "bound",
        lambda d: d["properties"]["lamps"].pop("maximum"),
        "properties.lamps: integer without bounds within int64",
    ),
    ("int64", fault("lamps", maximum=2**63), "properties.lamps: integer without bounds within int64"),
    (
        "reference",
        fault("ts", **{"$ref": "common.schema.json#/$defs/Time"}),
        "properties.ts: $ref: common.schema.json#/$defs/Time is not in common.schema.json",
    ),
]


@pytest.mark.parametrize(("plant", "problem"), [pytest.param(p, text, id=name) for name, p, text in FAULTS])
def test_a_planted_fault_is_refused_with_its_place(plant: Callable[[Document], Any], problem: str) -> None:
    document = record()
    plant(document)
    assert problems(document) == ([problem] if problem else [])


def test_a_field_that_nobody_describes_is_refused() -> None:
    document = record()
    document["properties"]["lamps"] = {"type": "string"}
    assert problems(document) == ["properties.lamps: description: missing"]


def test_a_field_may_be_named_like_a_keyword() -> None:
    document = record()
    document["properties"]["default"] = {"$ref": "common.schema.json#/$defs/Ts"}
    document["required"].append("default")
    assert problems(document) == []


def test_a_shared_type_is_held_to_the_same_rules() -> None:
    shared = common()
    shared["$defs"]["Ts"]["description"] = "Time."
    shared["$defs"]["Leg"] = {
        "type": "object",
        "description": "Leg.",
        "properties": {"ts": {"type": "string"}},
    }
    assert list(schema_lint.common_problems(shared)) == [
        "$defs.Ts: description: no unit in 'Time.'",
        "$defs.Leg.additionalProperties: must be a closed object",
        "$defs.Leg.required: must list every property, in their order",
        "$defs.Leg.properties.ts: description: missing",
    ]


def test_a_document_needs_names_for_enums_and_words_for_fields() -> None:
    document = {
        "title": "Config",
        "properties": {
            "mode": {"enum": ["a"], "description": "Mode."},
            "seed": {"type": "integer", "default": 0},
        },
        "$defs": {"Mode": {"enum": ["a"]}, "Run": {"properties": {"label": {"type": "string"}}}},
    }
    assert list(schema_lint.document_problems(document)) == [
        "description: missing",
        "properties.seed: no description",
        "$defs.Run.properties.label: no description",
        "properties.mode.enum: an enum belongs in $defs",
    ]
