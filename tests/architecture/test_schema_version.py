"""What a record means changes only with SCHEMA_VERSION: else an older journal is called damaged that is only older."""

import hashlib
import json
from typing import Any

import msgspec

from veracity.domain.events import Event
from veracity.state.model import EngineState
from veracity.state.schema import SCHEMA_VERSION

SHAPE = "534dd1ff5ccaa691aae06a27dd859b6112c9b7f5df12c6f4441541585ddd029c"
"""Of version 3. A new shape is a new version: raise SCHEMA_VERSION, say there what it knows, and note the shape here."""

PROSE = ("title", "description")


def without_prose(schema: Any) -> Any:
    if isinstance(schema, list):
        return [without_prose(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_prose(one)
        for name, one in schema.items()
        if name not in PROSE or not isinstance(one, str)
    }


def shape_of(*types: Any) -> str:
    """The names, types, bounds and defaults of all fields; their order in a struct counts, for a hash is over it."""
    schemas, parts = msgspec.json.schema_components(types)
    return hashlib.sha256(json.dumps(without_prose([list(schemas), parts])).encode()).hexdigest()


def test_the_shape_of_events_and_state_is_that_of_the_schema_version() -> None:
    assert (SCHEMA_VERSION, shape_of(Event, EngineState)) == (3, SHAPE)


def test_a_field_is_another_shape_and_a_word_in_its_docstring_is_not() -> None:
    class Kept(msgspec.Struct):
        """What is kept."""

        seq: int = 0

    class Told(msgspec.Struct):
        """The same in other words."""

        seq: int = 0

    class Wider(msgspec.Struct):
        seq: int = 0
        ts: int = 0

    Told.__name__ = Wider.__name__ = Told.__qualname__ = Wider.__qualname__ = "Kept"
    shapes = [shape_of(one) for one in (Kept, Told, Wider)]
    assert shapes[0] == shapes[1] != shapes[2]
