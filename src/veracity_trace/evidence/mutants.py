"""Planted faults, derived from the syntax of the claimed code: small, each in one place, none by chance.

A mutant is an edit of text, so that the same thing can be compiled into a live process, written to a copy of the tree, and
shown to a reader as a diff. It never changes the number of lines.
"""

import ast
import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from veracity_trace.evidence.claims import Point, definition, parse, table_assignment
from veracity_trace.evidence.operators import Edit, Source, expression_edits, row_edits, statement_edits

Key: TypeAlias = tuple[str, str, str, str, str, int]
"""What a fault is called when lines have moved: file, code, operator, line before, line after, which of those alike."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted fault."""

    path: str  # file below the root
    name: str  # qualified name of the claimed code, or name of the table
    is_table: bool
    operator: str
    line: int
    row: int | None  # of a table
    begin: int  # bytes of the file from here ...
    end: int  # ... to here
    text: str  # ... become this
    nth: int  # which of the edits that look alike

    def apply(self, source: bytes) -> bytes:
        """Return the file with the fault in it."""
        return source[: self.begin] + self.text.encode() + source[self.end :]

    def key(self, source: bytes) -> Key:
        """Return its key; see `find_again`."""
        before, after = self.lines(source)
        return self.path, self.name, self.operator, before, after, self.nth

    def lines(self, source: bytes) -> tuple[str, str]:
        """Return the lines that change, before and after."""
        start = source.rfind(b"\n", 0, self.begin) + 1
        stop = source.find(b"\n", self.end)
        stop = len(source) if stop < 0 else stop
        before = source[start:stop]
        after = source[start : self.begin] + self.text.encode() + source[self.end : stop]
        return before.decode(), after.decode().rstrip()

    def diff(self, source: bytes) -> str:
        """Return the fault as a small unified diff."""
        old, new = source.decode().splitlines(), self.apply(source).decode().splitlines()
        lines = difflib.unified_diff(old, new, f"a/{self.path}", f"b/{self.path}", lineterm="", n=1)
        return "\n".join(
            line.rstrip() for line in lines if line.rstrip() != "+"
        )  # "+": what keeps line numbers


def mutants_of(root: Path, point: Point) -> list[tuple[Mutant, Key]]:
    """Return every mutant of an enforcement point with its key, in the order of the file."""
    state = (root / point.path).stat()
    return _mutants(root, point, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=2048)
def _mutants(root: Path, point: Point, modified: int, size: int) -> list[tuple[Mutant, Key]]:
    path = root / point.path
    source = Source(path.read_bytes())
    seen: dict[Key, int] = {}
    found = []
    for edit in _edits(parse(path), source, point):
        first = Mutant(point.path, point.name, point.is_table, *edit, nth=0)
        if not _says_something_else(first, source.text):
            continue
        key = first.key(source.text)
        mutant = replace(first, nth=seen.get(key, 0))
        seen[key] = mutant.nth + 1
        found.append((mutant, mutant.key(source.text)))
    return found


def find_again(root: Path, point: Point, key: Key) -> Mutant | None:
    """Return the recorded mutant in the source of today, or None where its line reads differently now."""
    return next((mutant for mutant, today in mutants_of(root, point) if today == key), None)


def _edits(tree: ast.Module, source: Source, point: Point) -> Iterator[Edit]:
    if point.is_table:
        assignment = table_assignment(tree, point.name)
        if assignment is not None and assignment.value is not None:
            yield from row_edits(assignment.value, source)
        return
    node = definition(tree, point.name)
    if node is None:
        return
    for function in _functions(node):
        yield from statement_edits(function.body, source)
        for statement in function.body:
            yield from expression_edits(statement, source)


def _functions(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the function itself, or the methods of a class; what is nested in a function belongs to it."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield node
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield from _functions(child)


def _says_something_else(mutant: Mutant, source: bytes) -> bool:
    """Return whether the text changes and has as many lines; whether it compiles is seen when it is planted."""
    old, new = source[mutant.begin : mutant.end], mutant.text.encode()
    return old.split() != new.split() and old.count(b"\n") == new.count(b"\n")
