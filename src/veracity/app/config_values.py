"""Resolved config values in one canonical form: what is hashed, and what a person reads."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel


def decimal_text(value: Decimal) -> str:
    """The shortest decimal text without an exponent: 0.50 and 5E-1 are 0.5, zero of any sign is 0."""
    text = format(value.normalize(), "f")
    return "0" if text == "-0" else text


def canonical(value: Any) -> Any:
    """`value` for canonical JSON: decimals as text, models and tables as dicts without absent values."""
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, BaseModel):
        return canonical({key: getattr(value, key) for key in type(value).model_fields})
    if isinstance(value, Mapping):
        return {key: canonical(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [canonical(item) for item in value]
    return value
