"""Puts a mutant into the live process, where every reference to the broken function or table sees it.

A function keeps its identity and gets other code, so that what a rulebook, a registry or a decorator holds is broken too. A
table that can change is changed in place; one that cannot is replaced wherever a module, a class or a function holds it.
"""

import ast
import gc
import importlib
import linecache
import os
import sys
from collections import defaultdict
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

from veracity_trace.evidence.claims import SOURCES, table_assignment
from veracity_trace.evidence.mutants import Mutant


class CannotPlant(Exception):
    """The mutant does not compile, or the running code does not hold what it changes."""


_Place = tuple[str, str, int]  # of a piece of code: file, qualified name, first line


class Planter:
    """Knows every live function of the project. Made once; a forked child uses what its parent knew."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._functions: dict[_Place, list[FunctionType]] = defaultdict(list)
        self._dispatchers: list[Any] = []

    def look_around(self) -> None:
        """Find the functions that exist now."""
        prefixes = tuple(str(self.root / source) + os.sep for source in SOURCES)
        self._functions.clear()
        numba = sys.modules.get("numba.core.dispatcher")
        self._dispatchers = [
            each for each in gc.get_objects() if numba and isinstance(each, numba.Dispatcher)
        ]
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(prefixes):
                self._functions[_place(thing.__code__)].append(thing)

    def interpreted(self, place: _Place) -> list[FunctionType]:
        """Return the live functions that stand at a place, without those that Numba compiles."""
        compiled = {id(each.py_func) for each in self._dispatchers}
        return [each for each in self._functions.get(place, ()) if id(each) not in compiled]

    def paths(self) -> list[str]:
        """Return the files below the root that have live functions."""
        return sorted({Path(file).relative_to(self.root).as_posix() for file, _, _ in self._functions})

    def plant(self, mutant: Mutant) -> None:
        """Break the live code. Raises CannotPlant."""
        module = self._module(mutant.path)
        mutated = mutant.apply((self.root / mutant.path).read_bytes())
        try:
            tree = ast.parse(mutated)
        except SyntaxError as problem:
            raise CannotPlant(f"does not parse: {problem}") from None
        _show(module, mutated)
        if mutant.is_table or self._has_compiled(module):
            self._forget_compiled()
        if mutant.is_table:
            self._replace_table(module, tree, mutant.name)
        else:
            self._replace_code(module, tree, mutant.line)

    def _has_compiled(self, module: ModuleType) -> bool:
        return any(each.py_func.__code__.co_filename == module.__file__ for each in self._dispatchers)

    def _forget_compiled(self) -> None:
        """Let numba compile again what it would take from its cache: a caller holds its callees compiled into it.

        Only where the fault may be compiled, in a table or in a file that has such functions: it costs seconds.
        """
        caching = sys.modules.get("numba.core.caching")
        for dispatcher in self._dispatchers:
            dispatcher._cache = caching.NullCache() if caching else None
            dispatcher._reset_overloads()

    def _module(self, path: str) -> ModuleType:
        name = module_name(path)
        if name not in sys.modules:
            importlib.import_module(name)
            self.look_around()
        return sys.modules[name]

    def _replace_code(self, module: ModuleType, tree: ast.Module, line: int) -> None:
        futures = [
            node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module == "__future__"
        ]
        around = [node for node in tree.body if _first_line(node) <= line <= (node.end_lineno or 0)]
        file = module.__file__ or ""
        code = compile(ast.Module([*futures, *around], []), file, "exec", dont_inherit=True)
        broken = 0
        for place, new in codes_of(code):
            for function in self._functions.get(place, ()):
                if function.__code__ == new:
                    continue
                try:
                    function.__code__ = new
                except ValueError:  # closes over other names than before
                    continue
                broken += 1
        if not broken:
            raise CannotPlant("no live function has this code")

    def _replace_table(self, module: ModuleType, tree: ast.Module, name: str) -> None:
        assignment = table_assignment(tree, name)
        if assignment is None or assignment.value is None:
            raise CannotPlant("the table is gone")
        expression = compile(
            ast.Expression(assignment.value), module.__file__ or "", "eval", dont_inherit=True
        )
        try:
            new = eval(expression, module.__dict__)  # noqa: S307 - the project's own text, changed in one place
        except Exception as problem:  # noqa: BLE001 - whatever the changed text raises: it is no mutant
            raise CannotPlant(f"the table cannot be made: {problem!r}") from None
        exchange(getattr(module, name), new, name)


def _show(module: ModuleType, mutated: bytes) -> None:
    """Let whoever reads source text (a compiler of our own, a traceback) read the broken one."""
    file = module.__file__ or ""
    state = Path(file).stat()
    lines = mutated.decode().splitlines(keepends=True)
    linecache.cache[file] = (state.st_size, state.st_mtime, lines, file)


def exchange(old: Any, new: Any, name: str) -> None:
    """Let every holder of `old` see `new`."""
    if type(old) is dict and isinstance(new, dict) and type(new) is dict:
        old.clear()
        old.update(new)
    elif type(old) is list:
        old[:] = new
    elif type(old) is set:
        old.clear()
        old.update(new)
    else:
        rebind(old, new, name)


_SHARED: Final = (int, float, str, bytes, bool, type(None))  # equal ones may be one object by chance


def rebind(old: Any, new: Any, name: str) -> None:
    """Put `new` wherever a module, a class or the defaults of a function hold `old`."""
    by_chance = isinstance(old, _SHARED) or old in ((), frozenset())
    for module in list(sys.modules.values()):
        space = getattr(module, "__dict__", {})
        for key, value in list(space.items()):
            if value is old and (key == name or not by_chance):
                space[key] = new
            elif (
                isinstance(value, type)
                and value.__module__ == getattr(module, "__name__", None)
                and not by_chance
            ):
                _rebind_in_class(value, old, new)
            elif isinstance(value, FunctionType) and value.__defaults__ and not by_chance:
                value.__defaults__ = tuple(new if each is old else each for each in value.__defaults__)


def _rebind_in_class(holder: type, old: Any, new: Any) -> None:
    for key, value in list(vars(holder).items()):
        if value is old:
            setattr(holder, key, new)


def module_name(path: str) -> str:
    """Return the dotted name of a file below one of the source folders."""
    parts = Path(path).with_suffix("").parts[1:]
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _place(code: CodeType) -> _Place:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def codes_of(code: CodeType) -> list[tuple[_Place, CodeType]]:
    """Return the code of every function in some code, with its place."""
    found = []
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found += [(_place(constant), constant), *codes_of(constant)]
    return found


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])
