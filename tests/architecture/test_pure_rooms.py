"""The pure rooms are pure in ways that import contracts cannot see; planted sources prove that the check can see."""

import ast
from textwrap import dedent

import pytest
from tests.architecture.purity import problems
from tests.architecture.sources import PRODUCT, PURE_ROOMS, name_of, pure_files, tree

# File and function -> why it may break a rule. The list may only get shorter.
EXCEPTIONS = {
    ("domain/time.py", ""): "turning nanoseconds into text needs a calendar, not a clock",
    (
        "strategies/features.py",
        "_spread_bound",
    ): "bounds a size within a factor of two; no value comes from it",
    (
        "strategies/features.py",
        "_isqrt",
    ): "below 2^52 the float root of a whole number is exact once its decimals are cut",
}
EXCEPTIONS_MAX = 3


def breaches() -> list[tuple[str, str, str]]:
    """File, function and words of every problem in the pure rooms."""
    return [
        (name_of(path), problem.function, f"line {problem.line}: {problem.what}")
        for path in pure_files()
        for problem in problems(tree(path))
    ]


def test_no_float_division_set_order_or_hidden_state_is_in_a_pure_room() -> None:
    assert [found for found in breaches() if found[:2] not in EXCEPTIONS] == []


def test_every_exception_is_needed_and_there_are_not_more_of_them_than_before() -> None:
    assert {found[:2] for found in breaches()} == set(EXCEPTIONS)
    assert len(EXCEPTIONS) <= EXCEPTIONS_MAX


def test_every_pure_room_that_exists_was_looked_at() -> None:
    rooms = {name_of(path).split("/")[0] for path in pure_files()}
    assert rooms == {room for room in PURE_ROOMS if (PRODUCT / room / "__init__.py").exists()}
    assert len(pure_files()) > 40


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("x = 0.5", "float literal 0.5"),
        ("x = 1e9", "float literal 1000000000.0"),
        ("x = float(3)", "float: float"),
        ("x = tuple(map(float, y))", "float: float"),
        ("x = y.astype(np.float64)", "float: np.float64"),
        ("x = np.mean(y)", "float: np.mean"),
        ("from math import sqrt", "float: math.sqrt"),
        ("x = a / b", "true division: a / b"),
        ("x /= b", "true division: x /= b"),
        ("for x in {1, 2}: pass", "order of a set: {1, 2}"),
        ("for x in set(y): pass", "order of a set: set(y)"),
        ("for x in frozenset(y) | z: pass", "order of a set: frozenset(y) | z"),
        ("x = [a for a in {b for b in c}]", "order of a set: {b for b in c}"),
        ("x = tuple({1, 2})", "order of a set: {1, 2}"),
        ("x = ','.join({'a', 'b'})", "order of a set: {'a', 'b'}"),
        ("x = (*{1, 2},)", "order of a set: {1, 2}"),
        ("def f():\n    seen = set()\n    for x in seen: pass", "order of a set: seen"),
        ("def f(seen: frozenset[str]):\n    return list(seen)", "order of a set: seen"),
        ("def f():\n    seen = {1}\n    return seen.pop()", "order of a set: seen"),
        ("def f():\n    global x\n    x = 1", "global x"),
        ("cache = {}", "module-level mutable: cache"),
        ("cache: dict[str, int] = {}", "module-level mutable: cache"),
        ("seen = set()", "module-level mutable: seen"),
        ("waiting = collections.deque()", "module-level mutable: waiting"),
        ("import os.path", "import of os.path"),
        ("from time import time", "import of time"),
        ("def f():\n    import random", "import of random"),
        ("x = open('f')", "call of open"),
        ("x = hash('a')", "call of hash"),
    ],
)
def test_a_planted_breach_is_found(source: str, what: str) -> None:
    assert what in [problem.what for problem in problems(ast.parse(source))]


@pytest.mark.parametrize(
    "source",
    [
        "x = 7 // 2",
        "x = sorted({1, 2})",
        "x = len({1, 2}) + sum({1, 2}) + max({1, 2})",
        "x = 3 in {1, 2, 3}",
        "TABLE: Final[dict[str, int]] = {'a': 1}",
        "TABLE: Final = frozenset((1, 2))",
        "from math import isqrt",
        "def f():\n    seen = set()\n    return 1 in seen",
        "def f(seen: list[int]):\n    for x in seen: pass",
        "class A:\n    orders: list[str] = []",
        "x = a | b",
    ],
)
def test_what_is_pure_is_not_blamed(source: str) -> None:
    assert problems(ast.parse(source)) == []


@pytest.mark.ticket("T-381")
def test_a_strategy_file_holds_nothing_but_pure_decisions() -> None:
    found = [breach for breach in breaches() if breach[0].startswith("strategies/")]
    assert [breach for breach in found if breach[:2] not in EXCEPTIONS] == []
    planted = dedent(
        """\
        import time

        def decide(params, row, position, memo):
            return int(time.time()), 0, memo
        """
    )
    assert [(one.line, one.what) for one in problems(ast.parse(planted))] == [
        (1, "import of time"),
        (4, "call of time.time"),
    ]
    hidden = "def decide(params, row, position, memo):\n    import time\n    return time.time(), 0, memo\n"
    assert [(one.line, one.what) for one in problems(ast.parse(hidden))] == [
        (2, "import of time"),
        (3, "call of time.time"),
    ]
    cached = "CACHE = {}\n\ndef decide(params, row, position, memo):\n    return CACHE.setdefault(row, 1), 0, memo\n"
    assert [(one.line, one.what) for one in problems(ast.parse(cached))] == [
        (1, "module-level mutable: CACHE")
    ]
