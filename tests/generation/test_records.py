"""The generated structs against their schemas: shape, strictness, and the way to JSON and back."""

import json
from pathlib import Path
from types import ModuleType
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012
from tests.generation.struct_walk import records

from veracity.domain.decoding import Decoder
from veracity_generated import commands, events, inputs, journal
from veracity_generated.base import Record
from veracity_generated.machines.engine_mode import State

SCHEMAS = Path(__file__).parents[2] / "schemas"
UNIONS: list[tuple[ModuleType, str]] = [
    (events, "Event"),
    (inputs, "Input"),
    (commands, "Command"),
    (journal, "JournalRecord"),
]
COMMON = DRAFT202012.create_resource(json.loads((SCHEMAS / "common.schema.json").read_text(encoding="utf-8")))


def members(module: ModuleType, union: str) -> tuple[Any, ...]:
    """The structs of a union; a union of one is the struct itself."""
    alias = getattr(module, union)
    return get_args(alias) or (alias,)


STRUCTS = [(module, union, struct) for module, union in UNIONS for struct in members(module, union)]
each_struct = pytest.mark.parametrize(
    ("module", "union", "struct"), [pytest.param(*one, id=one[2].__name__) for one in STRUCTS]
)


def schema_of(module: ModuleType, struct: Any) -> dict[str, Any]:
    group, tag = module.__name__.rpartition(".")[2], struct.__struct_config__.tag
    schema: dict[str, Any] = json.loads((SCHEMAS / group / f"{tag}.schema.json").read_text(encoding="utf-8"))
    return schema


def bar_json(**changes: object) -> bytes:
    bar = events.BarClosed(7, 2_000, "BTC-USDT", 1_000, 10, 12, 9, 11, 5)
    return msgspec.json.encode(msgspec.to_builtins(bar) | changes)


def test_every_schema_file_has_its_struct_in_its_union() -> None:
    tags = {
        module.__name__.rpartition(".")[2]: sorted(
            one.__struct_config__.tag for one in members(module, union)
        )
        for module, union in UNIONS
    }
    files = {group: sorted(path.name.split(".")[0] for path in (SCHEMAS / group).iterdir()) for group in tags}
    assert tags == files
    assert len(STRUCTS) >= 42


@each_struct
def test_a_struct_has_the_fields_of_its_schema_in_order(module: ModuleType, union: str, struct: Any) -> None:
    schema = schema_of(module, struct)
    assert ["kind", *struct.__struct_fields__] == list(schema["properties"])
    assert struct.__struct_defaults__ == ()
    assert struct.__name__ == schema["title"]
    assert struct.__doc__ == schema["description"]
    config = struct.__struct_config__
    assert (config.frozen, config.gc, config.forbid_unknown_fields) == (True, False, True)
    assert (config.tag_field, issubclass(struct, Record)) == ("kind", True)


@each_struct
@settings(
    max_examples=5, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
@given(data=st.data())
def test_a_record_comes_back_equal_and_satisfies_its_schema(
    module: ModuleType, union: str, struct: Any, data: st.DataObject
) -> None:
    record = data.draw(records(struct))
    line = msgspec.json.encode(record)
    back = Decoder[Any](getattr(module, union)).decode(line)
    assert back == record
    assert msgspec.json.encode(back) == line
    group = module.__name__.rpartition(".")[2]
    registry: Registry[Any] = Registry().with_resource(f"{group}/common.schema.json", COMMON)
    Draft202012Validator(schema_of(module, struct), registry=registry).validate(json.loads(line))


def test_a_bar_is_built_by_position_in_the_order_of_its_schema() -> None:
    assert bar_json() == (
        b'{"kind":"bar_closed","seq":7,"ts":2000,"symbol":"BTC-USDT","open_ts":1000,'
        b'"open":10,"high":12,"low":9,"close":11,"volume":5}'
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": "red"}, "unknown field `colour`"),
        ({"kind": "bar_opened"}, "Invalid value 'bar_opened'"),
        ({"open": 0}, ">= 1"),
        ({"volume": -1}, ">= 0"),
        ({"close": 1.5}, "Expected `int`"),
        ({"close": "11"}, "Expected `int`"),
        ({"seq": 2**63}, "<= 9223372036854775807"),
    ],
)
def test_what_the_schema_forbids_is_not_decoded(changes: dict[str, object], message: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=message):
        msgspec.json.decode(bar_json(**changes), type=events.Event)


def test_a_missing_field_is_not_decoded() -> None:
    bar = json.loads(bar_json())
    del bar["volume"]
    with pytest.raises(msgspec.ValidationError, match="missing required field `volume`"):
        msgspec.json.decode(json.dumps(bar), type=events.Event)


def test_a_record_cannot_be_changed_and_its_arrays_are_tuples() -> None:
    memo = msgspec.json.decode(
        b'{"kind":"memo_updated","seq":1,"ts":2,"strategy_id":"sma","memo":[1,-2]}', type=events.Event
    )
    assert memo == events.MemoUpdated(1, 2, "sma", (1, -2))
    assert hash(memo) == hash(events.MemoUpdated(1, 2, "sma", (1, -2)))
    with pytest.raises(AttributeError, match="immutable"):
        memo.seq = 2


def test_a_mode_is_the_state_of_the_engine_mode_machine() -> None:
    changed = events.ModeChanged(1, 2, State.RUNNING, State.HALTED, "kill_file", "found")
    assert msgspec.json.decode(msgspec.json.encode(changed), type=events.Event) == changed
    assert b'"mode_to":"halted"' in msgspec.json.encode(changed)
