"""Canonical JSON: one value, one sequence of bytes. Keys sorted, no spaces, UTF-8, whole numbers only."""

import hashlib
from typing import Any

import msgspec

_encoder = msgspec.json.Encoder(order="sorted")


def canonical_json(value: Any) -> bytes:
    """Bytes of `value` (structs, dicts with text keys, lists, tuples, text, whole numbers, booleans, None).

    Raises TypeError where the value cannot be written so.
    """
    return _encoder.encode(value)


def canonical_hash(value: Any) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return hashlib.sha256(canonical_json(value)).hexdigest()
