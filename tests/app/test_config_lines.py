import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from veracity.app.config_lines import Path, line_index, path_text

ODD = '''# a comment with [brackets] = and "quotes
title = "first" # [not.a.table]

[ a . "b.c" ]
x.y.z = 1
'literal key' = 2
"esc\\u0041ped" = 3
date = 1979-05-27 07:32:00-07:00 # a space inside a value
day = 1979-05-27
floats = [ 1.5, -inf, 6.02e+23 ]

[[list]]
rows = [ # a comment in a list
  1,
  [ 2, "]" ],
  { k = "}", inner = { deep = true } },
]
text = """
[nothing]
key = 1
still text\\"""" # two quotes may end it
after = 'x'

[[list]]
[list.sub]
v = \'\'\'it''s
raw\'\'\'
[[list.sub.more]]
w = 0x_F
[[list.sub.more]]
w = 2
[plain]
'''.replace("0x_F", "0xF")


def paths_of(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every path that the parser's own result has."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths_of(item, (*path, key))


def test_every_key_of_an_odd_file_has_a_line() -> None:
    index = line_index(ODD)
    assert set(index) == set(paths_of(tomllib.loads(ODD)))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("a", "b.c"), 4),
        (("a", "b.c", "x", "y", "z"), 5),
        (("a", "b.c", "literal key"), 6),
        (("a", "b.c", "escAped"), 7),
        (("a", "b.c", "date"), 8),
        (("a", "b.c", "day"), 9),
        (("a", "b.c", "floats", 2), 10),
        (("list",), 12),
        (("list", 0, "rows", 0), 14),
        (("list", 0, "rows", 1, 1), 15),
        (("list", 0, "rows", 2, "inner", "deep"), 16),
        (("list", 0, "text"), 18),
        (("list", 0, "after"), 22),
        (("list", 1), 24),
        (("list", 1, "sub", "v"), 26),
        (("list", 1, "sub", "more", 0, "w"), 29),
        (("list", 1, "sub", "more", 1, "w"), 31),
        (("plain",), 32),
    ],
)
def test_the_line_is_the_one_that_a_person_counts(path: Path, line: int) -> None:
    assert line_index(ODD)[path] == line


def test_windows_line_ends_count_once() -> None:
    assert line_index("a = 1\r\n\r\nb = [\r\n 2]\r\n") == {("a",): 1, ("b",): 3, ("b", 0): 4}


def test_an_empty_text_has_no_lines() -> None:
    assert line_index("") == {}
    assert line_index("  # only a comment") == {}


def test_a_table_keeps_the_line_of_its_first_mention() -> None:
    assert line_index("[a.b]\nx = 1\n[a]\ny = 2\n")[("a",)] == 1


def test_a_path_is_written_as_people_write_it() -> None:
    assert path_text(("strategies", 0, "params", "fast")) == "strategies[0].params.fast"
    assert path_text(()) == ""


scalars = (
    st.integers(-(2**40), 2**40)
    | st.booleans()
    | st.text(st.characters(codec="utf-8", exclude_categories=("C",)), max_size=8)
)
keys = st.text("abc_-", min_size=1, max_size=3)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3),
    max_leaves=8,
)


def literal(value: Any) -> str:
    """A value in one line of TOML."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {literal(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return (
        str(value) if isinstance(value, int) else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    )


@given(tables=st.lists(st.dictionaries(keys, values, max_size=3), min_size=1, max_size=3))
def test_generated_tables_have_every_line(tables: list[dict[str, Any]]) -> None:
    lines, expected = [], {}
    for number, table in enumerate(tables):
        lines.append("[[t]]")
        expected["t", number] = len(lines)
        for key, value in table.items():
            lines.append(f"{key} = {literal(value)}")
            for path in paths_of(value):
                expected["t", number, key, *path] = len(lines)
            expected["t", number, key] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text, parse_float=Decimal) == {"t": tables}
    assert line_index(text) == {("t",): 1, **expected}
