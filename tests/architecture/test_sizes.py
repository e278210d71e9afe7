"""A file is read in one sitting and a function on one screen."""

import ast

from tests.architecture.sources import ROOT, SRC, files, tree

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60


def long_functions(module: ast.Module, limit: int = FUNCTION_LINES_MAX) -> list[str]:
    """Names of the functions of a module that are longer than the limit, decorators not counted."""
    return [
        node.name
        for node in ast.walk(module)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > limit
    ]


def test_every_file_is_shorter_than_400_lines() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files(SRC)
    }
    assert len(lengths) > 100
    assert [name for name, lines in lengths.items() if lines >= FILE_LINES_MAX] == []


def test_every_function_is_at_most_60_lines_long() -> None:
    found = {f"{path.relative_to(ROOT)}:{name}" for path in files(SRC) for name in long_functions(tree(path))}
    assert found == set()


def test_the_limit_is_met_exactly_and_missed_by_one_line() -> None:
    longest = "def f():\n" + "    x = 1\n" * (FUNCTION_LINES_MAX - 1)
    assert long_functions(ast.parse(longest)) == []
    assert long_functions(ast.parse(longest + "    x = 1\n")) == ["f"]
