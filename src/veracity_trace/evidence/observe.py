"""What a test does in a control trial: the lines of claimed code it reaches, the rows it looks up, the events it makes."""

import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

_TOOL: Final = f"{Path(__file__).resolve().parents[1]}{os.sep}"


class Observer:
    """Traces lines of given files only, so that the rest of the program runs at nearly its own speed.

    `watched` maps a file to its claimed line ranges; None stands for every line of every file below `folders`.
    `applies` is (file, function) of the code that every event passes.
    """

    def __init__(
        self,
        watched: dict[str, list[tuple[int, int]]] | None,
        folders: tuple[str, ...],
        tests: tuple[str, ...],
        applies: tuple[str, str] | None,
    ) -> None:
        self.lines: dict[str, set[int]] = defaultdict(set)
        self.kinds: set[str] = set()
        self.called: set[tuple[str, int]] = set()  # (file, first line) of functions that a test calls itself
        self._watched = watched
        self._folders = folders
        self._tests = tests
        self._applies = applies
        self._interest: dict[CodeType, bool] = {}

    def start(self) -> None:
        """Trace this thread and those that it starts."""
        threading.settrace(self._enter)
        sys.settrace(self._enter)

    def stop(self) -> None:
        """Trace no more."""
        sys.settrace(None)
        threading.settrace(None)

    def _enter(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any] | None:
        code = frame.f_code
        interest = self._interest.get(code)
        if interest is None:
            interest = self._interest[code] = self._is_interesting(code)
        if self._applies is not None and code.co_name == self._applies[1]:
            self._note_event(frame)
        if not interest:
            return None
        self.lines[code.co_filename].add(frame.f_lineno)
        if frame.f_back is not None and frame.f_back.f_code.co_filename.startswith(self._tests):
            self.called.add((code.co_filename, code.co_firstlineno))
        return self._line

    def _line(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        if event == "line":
            self.lines[frame.f_code.co_filename].add(frame.f_lineno)
        return self._line

    def _is_interesting(self, code: CodeType) -> bool:
        if self._watched is None:
            return code.co_filename.startswith(self._folders) and not code.co_filename.startswith(_TOOL)
        ranges = self._watched.get(code.co_filename)
        if not ranges:
            return False
        lines = [line for _, _, line in code.co_lines() if line is not None]
        first, last = min(lines, default=0), max(lines, default=0)
        return any(first <= end and begin <= last for begin, end in ranges)

    def _note_event(self, frame: FrameType) -> None:
        assert self._applies is not None
        code = frame.f_code
        if code.co_filename != self._applies[0] or code.co_qualname != self._applies[1]:
            return
        names = code.co_varnames[: code.co_argcount]
        self.kinds.update(kind for name in names for kind in _kind_of(frame.f_locals.get(name)))


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


def relative(lines: dict[str, set[int]], root: Path) -> dict[str, list[int]]:
    """Return lines by path below the root."""
    return {
        Path(name).relative_to(root).as_posix(): sorted(found)
        for name, found in lines.items()
        if Path(name).is_relative_to(root)
    }


def merged(parts: Iterable[dict[str, list[int]]]) -> dict[str, set[int]]:
    """Return the union of lines by path."""
    union: dict[str, set[int]] = defaultdict(set)
    for part in parts:
        for path, lines in part.items():
            union[path].update(lines)
    return union
