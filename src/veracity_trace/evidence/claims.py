"""Where the enforcement points of a ticket stand in the source: `module:qualname` or `@module.TABLE`."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

SOURCES: Final = ("src", "generated")

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class NoSuchPoint(Exception):
    """A claim that names no code."""


@dataclass(frozen=True, slots=True)
class Point:
    """One enforcement point. `first` and `last` are its lines, decorators included."""

    claim: str  # as the ticket names it
    path: str  # file below the root
    name: str  # qualified name of the code, or name of the table
    is_table: bool
    first: int
    last: int

    @property
    def module(self) -> str:
        """Dotted name of the module."""
        head = self.claim.removeprefix("@")
        return head.rpartition(".")[0] if self.is_table else head.partition(":")[0]


def find_point(root: Path, claim: str) -> Point:
    """Return where the claimed code stands. Raises NoSuchPoint."""
    is_table = claim.startswith("@")
    module, _, name = claim[1:].rpartition(".") if is_table else claim.partition(":")
    path = _module_path(root, module)
    if path is None:
        raise NoSuchPoint(f"{claim}: there is no module {module}")
    tree = parse(path)
    node = table_assignment(tree, name) if is_table else definition(tree, name)
    if node is None:
        kind = "table" if is_table else "function or class"
        raise NoSuchPoint(f"{claim}: {module} has no {kind} {name}")
    first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
    where = path.relative_to(root).as_posix()
    return Point(claim, where, name, is_table, first, node.end_lineno or node.lineno)


def points_around(root: Path, path: str, lines: set[int]) -> list[Point]:
    """Return the functions and methods of a file in which some of the lines are."""
    module = ".".join(Path(path).with_suffix("").parts[1:])
    found = []
    for name, node in _functions(parse(root / path), ""):
        last = node.end_lineno or node.lineno
        if not lines.isdisjoint(range(node.body[0].lineno, last + 1)):
            found.append(Point(f"{module}:{name}", path, name, False, node.lineno, last))
    return found


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for child in _scope(node):
        if isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield f"{prefix}{child.name}", child


def definition(tree: ast.Module, qualname: str) -> Definition | None:
    """Return the function or class of that qualified name; `<locals>` may be left out."""
    node: ast.AST = tree
    for name in qualname.replace("<locals>.", "").split("."):
        found = [child for child in _scope(node) if child.name == name]
        if not found:
            return None
        node = found[-1]  # an overload is followed by what it stands for
    return node if isinstance(node, Definition) else None


def table_assignment(tree: ast.Module, name: str) -> ast.Assign | ast.AnnAssign | None:
    """Return the assignment of a module-level name that has a value."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == [name]:
            return node
        if isinstance(node, ast.AnnAssign) and node.value and ast.unparse(node.target) == name:
            return node
    return None


def parse(path: Path) -> ast.Module:
    """Return the syntax tree of a file; each state of it is parsed once."""
    state = path.stat()
    return _parsed(path, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=512)
def _parsed(path: Path, modified: int, size: int) -> ast.Module:
    return ast.parse(path.read_bytes())


def _module_path(root: Path, module: str) -> Path | None:
    for source in SOURCES:
        stem = root / source / module.replace(".", "/")
        for path in (stem.with_suffix(".py"), stem / "__init__.py"):
            if path.is_file():
                return path
    return None


def _scope(node: ast.AST) -> list[Definition]:
    """Return the functions and classes defined in a scope, also those below an `if` or `with`."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            found.append(child)
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            found += _scope(child)
    return found
