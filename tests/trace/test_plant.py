"""A planted fault is seen through every reference that the running program holds, and by whoever reads or compiles the source."""

import inspect
import os
import sys
from textwrap import dedent

import pytest

from veracity_trace.evidence.claims import find_point
from veracity_trace.evidence.mutants import find_again, mutants_of
from veracity_trace.evidence.plant import CannotPlant, Planter, exchange

SOURCE = dedent("""
    from functools import cache
    from types import MappingProxyType
    from typing import Final, NamedTuple

    import numba

    SIZES: Final = {"small": 1, "large": 2}
    FIXED = MappingProxyType({"a": 1})
    NAMES: Final[tuple[str, ...]] = (
        "first",
        "second",
    )


    def below(number, limit=10):
        return number < limit


    class Rule(NamedTuple):
        check: object
        names: tuple = NAMES


    RULE = Rule(below)


    class Box:
        sizes = FIXED

        def __init__(self, size):
            self.size = size

        @property
        def is_large(self):
            return self.size >= 2

        @staticmethod
        def twice(number):
            return number * 2

        @classmethod
        def of(cls, name):
            return cls(SIZES[name])


    def outer(step):
        def inner(number):
            return number + step

        return inner


    @numba.njit(cache=True)
    def inlined(number):
        return number + 1


    @numba.njit(cache=True)
    def compiled(number):
        return inlined(number) * 10


    def long_condition(one, other):
        if one > 0 and any(
            other
        ):
            return 1
        return 0
""")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project of one module."""
    folder = tmp_path_factory.mktemp("planted").resolve()
    (folder / "src").mkdir()
    (folder / "src/planted_sample.py").write_text(SOURCE, encoding="utf-8")
    (folder / "src/planted_plain.py").write_text("def plain():\n    return 1\n", encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder / "src")
        yield folder
        sys.modules.pop("planted_sample", None)


def with_fault(root, claim, operator, ask, line=None):
    """What `ask` returns of the module before and after the fault; in a child, so that this process stays whole."""
    point = find_point(root, claim)
    mutant = next(
        each
        for each, _ in mutants_of(root, point)
        if each.operator == operator
        and (line is None or line in each.lines((root / each.path).read_bytes())[0])
    )
    import planted_sample

    planter = Planter(root)
    planter.look_around()
    before = ask(planted_sample)
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            planter.plant(mutant)
            answer = repr(ask(planted_sample))
        except CannotPlant as problem:
            answer = f"cannot plant: {problem}"
        os.write(write, answer.encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        return before, pipe.read()


@pytest.mark.parametrize(("claim", "kept"), [("planted_plain:plain", "1"), ("planted_sample:inlined", "0")])
def test_what_is_compiled_is_forgotten_only_where_the_fault_may_be_in_it(root, claim, kept):
    import planted_sample

    planted_sample.compiled(5)
    _, left = with_fault(root, claim, "number plus one", lambda m: len(m.compiled.signatures))
    assert left == kept


@pytest.mark.parametrize(
    ("claim", "operator", "ask", "before", "after"),
    [
        ("planted_sample:below", "edge of compare", lambda m: m.below(10), False, "True"),
        ("planted_sample:below", "edge of compare", lambda m: m.RULE.check(10), False, "True"),
        ("planted_sample:Box", "edge of compare", lambda m: m.Box(2).is_large, True, "False"),
        ("planted_sample:Box.twice", "arithmetic", lambda m: m.Box.twice(7), 14, "3"),
        ("planted_sample:outer.inner", "arithmetic", lambda m: m.outer(1)(5), 6, "4"),
        ("planted_sample:outer", "arithmetic", lambda m: m.outer(1)(5), 6, "4"),
        ("@planted_sample.SIZES", "retarget row", lambda m: m.Box.of("small").size, 1, "2"),
        ("@planted_sample.SIZES", "drop row", lambda m: list(m.SIZES), ["small", "large"], "['large']"),
        ("@planted_sample.FIXED", "number plus one", lambda m: m.Box.sizes["a"], 1, "2"),
        ("@planted_sample.NAMES", "drop row", lambda m: m.NAMES, ("first", "second"), "('second',)"),
        ("planted_sample:inlined", "arithmetic", lambda m: m.compiled(5), 60, "40"),
        ("planted_sample:inlined", "number plus one", lambda m: m.compiled(5), 60, "70"),
        (
            "planted_sample:below",
            "edge of compare",
            lambda m: "<=" in inspect.getsource(m.below),
            False,
            "True",
        ),
        ("planted_sample:long_condition", "force condition", lambda m: m.long_condition(1, [1]), 1, "0"),
    ],
    ids=[
        "function",
        "captured",
        "property",
        "static",
        "inner",
        "outer",
        "dict",
        "dict-row",
        "proxy",
        "tuple",
        "inlined",
        "constant-of-inlined",
        "source",
        "two-lines",
    ],
)
def test_a_fault_is_seen_wherever_the_code_is_held(root, claim, operator, ask, before, after):
    assert with_fault(root, claim, operator, ask) == (before, after)


def test_a_fault_that_does_not_compile_is_no_mutant(root):
    point = find_point(root, "planted_sample:below")
    mutant = mutants_of(root, point)[0][0]
    broken = type(mutant)(**{**{name: getattr(mutant, name) for name in mutant.__slots__}, "text": "(("})
    planter = Planter(root)
    with pytest.raises(CannotPlant, match="does not parse"):
        planter.plant(broken)


def test_tables_that_can_change_keep_their_identity():
    table, numbers, names = {"a": 1}, [1], {"x"}
    held = (table, numbers, names)
    exchange(table, {"b": 2}, "table")
    exchange(numbers, [2, 3], "numbers")
    exchange(names, {"y"}, "names")
    assert held == ({"b": 2}, [2, 3], {"y"})


# ---------------------------------------------------------------- where faults come from


def faults(root, claim):
    point = find_point(root, claim)
    source = (root / point.path).read_bytes()
    return [
        (mutant.operator, *(line.strip() for line in mutant.lines(source)))
        for mutant, _ in mutants_of(root, point)
    ]


def test_the_faults_of_a_function_are_small_and_each_in_one_place(root):
    assert faults(root, "planted_sample:below") == [
        ("return nothing", "return number < limit", "return None"),
        ("negate compare", "return number < limit", "return number >= limit"),
        ("edge of compare", "return number < limit", "return number <= limit"),
    ]


def test_the_faults_of_a_table_are_its_rows(root):
    assert faults(root, "@planted_sample.SIZES") == [
        ("drop row", 'SIZES: Final = {"small": 1, "large": 2}', 'SIZES: Final = { "large": 2}'),
        ("drop row", 'SIZES: Final = {"small": 1, "large": 2}', 'SIZES: Final = {"small": 1}'),
        (
            "retarget row",
            'SIZES: Final = {"small": 1, "large": 2}',
            'SIZES: Final = {"small": 2, "large": 2}',
        ),
        (
            "retarget row",
            'SIZES: Final = {"small": 1, "large": 2}',
            'SIZES: Final = {"small": 1, "large": 1}',
        ),
        (
            "number plus one",
            'SIZES: Final = {"small": 1, "large": 2}',
            'SIZES: Final = {"small": (1 + 1), "large": 2}',
        ),
        (
            "number plus one",
            'SIZES: Final = {"small": 1, "large": 2}',
            'SIZES: Final = {"small": 1, "large": (2 + 1)}',
        ),
    ]


def test_no_fault_changes_the_number_of_lines_and_each_is_found_again(root):
    for claim in ("planted_sample:Box", "planted_sample:long_condition", "@planted_sample.NAMES"):
        point = find_point(root, claim)
        source = (root / point.path).read_bytes()
        for mutant, _ in mutants_of(root, point):
            assert mutant.apply(source).count(b"\n") == source.count(b"\n")
            assert find_again(root, point, mutant.key(source)) == mutant
