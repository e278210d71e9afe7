"""What a strategy's source must not contain, found in its syntax tree."""

import ast
from collections.abc import Iterator

FORBIDDEN = frozenset(
    {"datetime", "io", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time"}
)
OPENERS = frozenset({"__import__", "eval", "exec", "open"})
MUTABLE = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
MAKERS = frozenset({"bytearray", "defaultdict", "deque", "dict", "list", "set"})


def impurities(source: str) -> list[str]:
    """Lines of `source` that reach for a clock, a file, chance or a memory of their own."""
    tree = ast.parse(source)
    found = [*_imports(tree), *_module_memory(tree)]
    found += [
        (node.lineno, "global") for node in ast.walk(tree) if isinstance(node, ast.Global | ast.Nonlocal)
    ]
    return [f"{line}: {what}" for line, what in sorted(found)]


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in OPENERS:
            yield node.lineno, node.func.id
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in FORBIDDEN
        ):
            yield node.lineno, f"{node.value.id}.{node.attr}"
        for name in _imported(node):
            if name.partition(".")[0] in FORBIDDEN:
                yield node.lineno, name


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module or ""] if isinstance(node, ast.ImportFrom) else []


def _module_memory(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        made = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in MAKERS
        if made or isinstance(value, MUTABLE):
            yield node.lineno, "a module-level value that can change"
