"""The product's source files, parsed once."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src"
PRODUCT = SRC / "veracity"
PURE_ROOMS = ("domain", "state", "guards", "strategies", "reconcile", "engine", "simulator")


@cache
def files(folder: Path = PRODUCT) -> tuple[Path, ...]:
    """Every Python file below a folder, in one order."""
    return tuple(sorted(folder.rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def pure_files() -> tuple[Path, ...]:
    """The files of the pure rooms."""
    return tuple(path for path in files() if path.relative_to(PRODUCT).parts[0] in PURE_ROOMS)


def name_of(path: Path) -> str:
    """A file as messages and exception lists name it: `engine/core.py`."""
    return path.relative_to(PRODUCT).as_posix()


def imports(module: ast.Module) -> set[str]:
    """Every module that a module imports, and every name that it takes from one, as dotted names."""
    found: set[str] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found
