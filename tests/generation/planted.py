"""A small machine and a small record schema that break no rule; each test plants one fault in a copy."""

from typing import Any

from veracity_gen import machine_lint
from veracity_gen.machine import from_document

Document = dict[str, Any]
KINDS = ["door_moved"]


def door() -> Document:
    """A door that is pushed with a strength: weak pushes move it ajar, strong ones open it, none is refused."""
    return {
        "machine": "door",
        "title": "Door",
        "description": "A door.",
        "tickets": [],
        "initial": "shut",
        "states": {
            "shut": {"description": "Shut."},
            "ajar": {"description": "Ajar."},
            "open": {"description": "Open.", "terminal": True},
        },
        "facts": {"push": {"description": "Strength of the push, newtons.", "minimum": 0}},
        "guards": {
            "is_none": {"when": "push == 0", "description": "No push."},
            "is_weak": {"when": "push == 1", "description": "Weak."},
            "is_strong": {"when": "push > 1", "description": "Strong."},
        },
        "events": {
            "push": {"description": "Pushed.", "record": "door_moved", "facts": ["push"]},
            "slam": {"description": "Slammed.", "record": "door_moved"},
        },
        "arcs": [
            {
                "from": ["shut", "ajar"],
                "event": "push",
                "guard": "is_none",
                "refuse": "no_push",
                "tickets": [],
            },
            {"from": ["shut", "ajar"], "event": "push", "guard": "is_weak", "to": "ajar", "tickets": []},
            {"from": ["shut", "ajar"], "event": "push", "guard": "is_strong", "to": "open", "tickets": []},
            {"from": ["ajar"], "event": "slam", "to": "shut", "tickets": []},
        ],
        "permits": {
            "description": "Who may pass.",
            "actions": {"walk": "Go through.", "look": "Look through."},
            "cells": {
                "shut": {"walk": "deny", "look": "deny"},
                "ajar": {"walk": "deny", "look": "allow"},
                "open": {"walk": "allow", "look": "allow"},
            },
        },
    }


def machine_problems(document: Document) -> list[str]:
    """What the linter says of a machine document."""
    return machine_lint.problems(from_document(document), KINDS)


def common() -> Document:
    """Shared types of the small record."""
    return {
        "title": "Common",
        "$defs": {
            "Ts": {"type": "integer", "description": "Nanoseconds UTC.", "minimum": 0, "maximum": 2**63 - 1},
            "Side": {"type": "string", "description": "Direction.", "enum": ["buy", "sell"]},
        },
    }


def record() -> Document:
    """The record `lamp_lit`."""
    return {
        "title": "LampLit",
        "description": "A lamp was lit.",
        "type": "object",
        "properties": {
            "kind": {"const": "lamp_lit", "description": "Tag of this record."},
            "ts": {"$ref": "common.schema.json#/$defs/Ts"},
            "side": {
                "anyOf": [{"$ref": "common.schema.json#/$defs/Side"}, {"type": "null"}],
                "description": "Side.",
            },
            "lamps": {"type": "integer", "description": "Number of lamps.", "minimum": 1, "maximum": 9},
        },
        "required": ["kind", "ts", "side", "lamps"],
        "additionalProperties": False,
    }
