"""What a sweep may vary."""

from typing import NamedTuple, TypeAlias

Params: TypeAlias = tuple[tuple[str, str], ...]
"""Keys of the config and the values that a trial sets, as they are written."""


class Axis(NamedTuple):
    """A key of the config and the values to try, as they are written."""

    key: str
    values: tuple[str, ...]
