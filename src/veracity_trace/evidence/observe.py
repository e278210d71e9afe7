"""What a test does in a control trial beside running lines: the rows it looks up, the events it makes."""

from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, Final

_HEARD: Final = "__veracity_trace_heard__"


def hear(function: FunctionType, note: Callable[[str], None]) -> None:
    """Note the kind of every event that is given to a function. It stays the object that others hold."""
    original = FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    original.__kwdefaults__ = function.__kwdefaults__

    def heard(*arguments: Any, **named: Any) -> Any:
        for value in (*arguments, *named.values()):
            for kind in _kind_of(value):
                note(kind)
        return original(*arguments, **named)

    function.__globals__[_HEARD] = heard
    space: dict[str, Any] = {}
    exec(f"def standing(*arguments, **named): return {_HEARD}(*arguments, **named)", space)
    function.__code__ = space["standing"].__code__


def _kind_of(value: object) -> Iterator[str]:
    tag = getattr(getattr(type(value), "__struct_config__", None), "tag", None) or getattr(
        value, "kind", None
    )
    if isinstance(tag, str):
        yield str(tag)


class Lookups(dict[Any, Any]):
    """A table that notes which of its rows were asked for."""

    def __init__(self, table: dict[Any, Any]) -> None:
        super().__init__(table)
        self.asked: set[Any] = set()

    def __getitem__(self, key: Any) -> Any:
        self.asked.add(key)
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """Note and look up."""
        self.asked.add(key)
        return super().get(key, default)

    def __contains__(self, key: object) -> bool:
        self.asked.add(key)
        return super().__contains__(key)

    def __iter__(self) -> Iterator[Any]:
        self.asked.update(self.keys())
        return super().__iter__()

    def rows(self) -> list[int]:
        """Return the numbers of the rows that were asked for."""
        return [row for row, key in enumerate(super().keys()) if key in self.asked]
