"""Every storage fault of the requirement, F01 to F20, is that of a test which says so in its name or docstring, or in its module's."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parents[1]
ID = re.compile(r"(?:\bF|_f)(\d\d)(?=\b|_)")


def words() -> Iterator[str]:
    """Names and docstrings of the tests, and of the modules that they are in."""
    for path in TESTS.rglob("test_*.py"):
        text = path.read_text(encoding="utf-8")
        if path == Path(__file__) or not ID.search(text):
            continue
        module = ast.parse(text)
        yield ast.get_docstring(module) or ""
        for node in module.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield f"{node.name} {ast.get_docstring(node) or ''}"


def test_each_storage_fault_has_a_test_that_bears_its_id() -> None:
    borne = {int(number) for text in words() for number in ID.findall(text)}
    assert set(range(1, 21)) - borne == set()
