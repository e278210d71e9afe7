"""What a test does in a control trial: the lines of claimed code it reaches, the rows it looks up, the events it makes."""

import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final, TypeAlias

_TOOL: Final = f"{Path(__file__).resolve().parents[1]}{os.sep}"
_FOREIGN_CALLS: Final = 200
"""Calls of code that other tickets claim that are looked into: which of its lines are common is known by then."""

Ranges: TypeAlias = dict[str, list[tuple[int, int]]]


class Observer:
    """Traces lines of given files only, and of a function only until all of them were reached, so that the rest of the
    program runs at nearly its own speed.

    `watched` maps a file to the line ranges that any ticket claims, `own` to those that this test has to reach; `watched`
    None stands for every line of every file below `folders`. `applies` is (file, function) of the code that every event
    passes.
    """

    def __init__(
        self,
        watched: Ranges | None,
        own: Ranges,
        folders: tuple[str, ...],
        tests: tuple[str, ...],
        applies: tuple[str, str] | None,
    ) -> None:
        self.lines: dict[str, set[int]] = defaultdict(set)
        self.kinds: set[str] = set()
        self.called: set[tuple[str, int]] = set()  # (file, first line) of functions that a test calls itself
        self._watched = watched
        self._own = own
        self._folders = folders
        self._tests = tests
        self._applies = applies
        self._missing: dict[CodeType, set[int]] = {}  # lines not reached yet
        self._calls_left: dict[CodeType, int] = {}

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
        missing = self._missing.get(code)
        if missing is None:
            missing = self._missing[code] = self._interesting_lines(code)
            self.lines[code.co_filename].update(missing & {frame.f_lineno})
        if self._applies is not None and code.co_name == self._applies[1]:
            self._note_event(frame)
        if not missing or not self._calls_left[code]:
            return None
        self._calls_left[code] -= 1
        missing.discard(frame.f_lineno)
        if frame.f_back is not None and frame.f_back.f_code.co_filename.startswith(self._tests):
            self.called.add((code.co_filename, code.co_firstlineno))
        return self._line

    def _line(self, frame: FrameType, event: str, argument: object) -> Callable[..., Any]:
        if event == "line":
            missing = self._missing[frame.f_code]
            if frame.f_lineno in missing:
                missing.discard(frame.f_lineno)
                self.lines[frame.f_code.co_filename].add(frame.f_lineno)
            elif not missing:
                frame.f_trace_lines = False
        return self._line

    def _interesting_lines(self, code: CodeType) -> set[int]:
        """Return the lines of a function that are worth tracing, none where no ticket claims any of it."""
        lines = {line for _, _, line in code.co_lines() if line is not None}
        self._calls_left[code] = sys.maxsize
        if self._watched is None:
            ours = code.co_filename.startswith(self._folders) and not code.co_filename.startswith(_TOOL)
            return lines if ours else set()
        if not _overlap(self._own, code, lines):
            self._calls_left[code] = _FOREIGN_CALLS
            return lines if _overlap(self._watched, code, lines) else set()
        return lines

    def _note_event(self, frame: FrameType) -> None:
        assert self._applies is not None
        code = frame.f_code
        if code.co_filename != self._applies[0] or code.co_qualname != self._applies[1]:
            return
        names = code.co_varnames[: code.co_argcount]
        self.kinds.update(kind for name in names for kind in _kind_of(frame.f_locals.get(name)))


def _overlap(ranges: Ranges, code: CodeType, lines: set[int]) -> bool:
    first, last = min(lines, default=0), max(lines, default=0)
    return any(first <= end and begin <= last for begin, end in ranges.get(code.co_filename, ()))


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
