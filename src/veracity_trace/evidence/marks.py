"""Where a test has been: a mark before each statement of the watched functions, put into the live process like a fault.

A tracer costs a call of the interpreter for every call of the program, claimed or not, and made control trials take three
times as long as the test. A mark is one store into a dict, in watched functions only.
"""

import ast
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from types import CodeType, FunctionType
from typing import Final, TypeAlias

from veracity_trace.evidence.plant import Planter, codes_of

_REACHED: Final = "__veracity_trace_reached__"

Ranges: TypeAlias = dict[str, list[tuple[int, int]]]


class Marks:
    """The marked code of every watched function, made once and set in each child that watches.

    `watched` names line ranges by file below the root; None stands for all functions of the project. What Numba compiles
    cannot be marked, and is not reached for this tool.
    """

    def __init__(self, planter: Planter, watched: Ranges | None) -> None:
        self._reached: dict[str, dict[int, None]] = {}
        self._spans: dict[str, dict[int, list[int]]] = {}
        self._marked: list[tuple[FunctionType, CodeType, str]] = []
        for path in planter.paths() if watched is None else sorted(watched):
            self._mark(planter, path, None if watched is None else watched[path])

    def set(self) -> None:
        """Exchange the code of the live functions."""
        for function, code, path in self._marked:
            function.__code__ = code
            function.__globals__[_REACHED] = self._reached[path]

    def take(self) -> dict[str, list[int]]:
        """Return the lines that were reached since the last call, by path."""
        found = {}
        for path, reached in self._reached.items():
            if reached:
                spans = self._spans[path]
                found[path] = sorted(set(chain.from_iterable(spans[line] for line in list(reached))))
                reached.clear()
        return found

    def _mark(self, planter: Planter, path: str, ranges: Sequence[tuple[int, int]] | None) -> None:
        file = str(planter.root / path)
        tree = ast.parse(Path(file).read_bytes())  # one of its own: it is changed
        spans: dict[int, list[int]] = {}
        for function in _functions(tree):
            if ranges is None or _overlap(ranges, function):
                function.body = _marked(function.body, spans, first=True)
        module = compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)
        live = [
            (function, code, path)
            for place, code in codes_of(module)
            for function in planter.interpreted(place)
            if function.__code__ != code and function.__code__.co_freevars == code.co_freevars
        ]
        if live:
            self._marked += live
            self._spans[path], self._reached[path] = spans, {}


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions and methods; what is nested in a function is marked with it."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                yield child
            elif isinstance(child, ast.stmt):
                waiting.append(child)


def _overlap(ranges: Sequence[tuple[int, int]], node: ast.stmt) -> bool:
    return any(node.lineno <= last and first <= _lines(node)[-1] for first, last in ranges)


def _marked(body: list[ast.stmt], spans: dict[int, list[int]], first: bool = False) -> list[ast.stmt]:
    """Return a block with a mark before each statement, and in its blocks; `spans` learns what a mark stands for."""
    marked: list[ast.stmt] = []
    for place, statement in enumerate(body):
        if first and place == 0 and _is_docstring(statement):
            spans.setdefault(statement.lineno, []).extend(_lines(statement))
            marked += [statement, _mark(statement.lineno)]  # it may be all that the function has
        else:
            inner = {line for _, _, block in _blocks(statement) for part in block for line in _lines(part)}
            spans.setdefault(statement.lineno, []).extend(set(_lines(statement)) - inner)
            marked += [_mark(statement.lineno), statement]
        for holder, name, block in _blocks(statement):
            begins_function = isinstance(holder, ast.FunctionDef | ast.AsyncFunctionDef)
            if not isinstance(holder, ast.ClassDef):
                setattr(holder, name, _marked(block, spans, begins_function))
    return marked


def _blocks(statement: ast.stmt) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """Yield the blocks of a compound statement with their holder and the name of its field."""
    for holder in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for name in ("body", "orelse", "finalbody"):
            block = getattr(holder, name, None)
            if block:
                yield holder, name, block


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)


def _mark(line: int) -> ast.stmt:
    target = ast.Subscript(ast.Name(_REACHED, ast.Load()), ast.Constant(line), ast.Store())
    return ast.Assign([target], ast.Constant(None), lineno=line, col_offset=0)


def _is_docstring(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
