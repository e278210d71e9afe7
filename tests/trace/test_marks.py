"""Marks tell which statements ran, in functions that others hold, and change nothing that a test can see."""

import json
import os
import sys
from textwrap import dedent

import pytest

from veracity_trace.evidence.marks import Marks
from veracity_trace.evidence.plant import Planter

SOURCE = dedent('''
    import inspect


    def sign(number):
        """Docstring."""
        if number < 0:
            return -1
        elif number == 0:
            return 0
        return sum(
            [1]
        )


    def tried(number):
        try:
            number = 1 // number
        except ZeroDivisionError:
            number = 0
        else:
            number += 1
        finally:
            done = True
        return number


    def matched(value):
        match value:
            case int():
                return "int"
            case str() if value:
                return "str"
        return ""


    def outer(step):
        def inner(number):
            return number + step

        return inner


    def counted(limit):
        for number in range(limit):
            yield number


    class Box:
        size = 1

        @property
        def twice(self):
            return self.size * 2


    def untold():
        return inspect.getsource(sign), sign.__doc__
''')
LINES = SOURCE.splitlines()
DOCSTRING = '"""Docstring."""'


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A project of one module."""
    folder = tmp_path_factory.mktemp("marked").resolve()
    (folder / "src").mkdir()
    (folder / "src/marked_sample.py").write_text(SOURCE, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder / "src")
        yield folder
        sys.modules.pop("marked_sample", None)


def reached(root, do, watched=None):
    """The statements that ran, by their texts, and what `do` returned; in a child, so that this process stays whole."""
    import marked_sample

    planter = Planter(root)
    planter.look_around()
    read, write = os.pipe()
    if os.fork() == 0:
        marks = Marks(planter, watched)
        marks.set()
        answer = do(marked_sample)
        lines = marks.take().get("src/marked_sample.py", [])
        told = json.dumps(([LINES[line - 1].strip() for line in lines], answer, marks.take()))
        os.write(write, told.encode())
        os._exit(0)
    os.wait()
    os.close(write)
    with os.fdopen(read) as said:
        lines, answer, again = json.load(said)
    assert again == {}  # each case has its own
    return lines, answer


@pytest.mark.parametrize(
    ("do", "lines", "answer"),
    [
        (lambda it: it.sign(-5), [DOCSTRING, "if number < 0:", "return -1"], -1),
        (lambda it: it.sign(0), [DOCSTRING, "if number < 0:", "elif number == 0:", "return 0"], 0),
        (
            lambda it: it.sign(5),
            [DOCSTRING, "if number < 0:", "elif number == 0:", "return sum(", "[1]", ")"],
            1,
        ),
        (
            lambda it: it.tried(1),
            ["try:", "number = 1 // number", "number += 1", "done = True", "return number"],
            2,
        ),
        (
            lambda it: it.tried(0),
            ["try:", "number = 1 // number", "number = 0", "done = True", "return number"],
            0,
        ),
        (lambda it: it.outer(1)(2), ["def inner(number):", "return number + step", "return inner"], 3),
        (lambda it: list(it.counted(0)), ["for number in range(limit):"], []),
        (lambda it: it.Box().twice, ["return self.size * 2"], 2),
    ],
)
def test_a_statement_is_told_when_it_ran_and_not_else(root, do, lines, answer):
    found, given = reached(root, do)
    others = {
        "finally:",
        "except ZeroDivisionError:",
        "else:",
    }  # heads stand for the statement they belong to
    assert ([line for line in found if line not in others], given) == (lines, answer)


def test_the_conditions_of_a_match_belong_to_it(root):
    found, _ = reached(root, lambda it: it.matched("text"))
    assert found == ["match value:", "case int():", "case str() if value:", 'return "str"']


def test_only_what_is_watched_is_marked(root):
    first = LINES.index("def tried(number):") + 1
    found, _ = reached(
        root, lambda it: (it.sign(1), it.tried(1)), {"src/marked_sample.py": [(first, first + 8)]}
    )
    assert found[0] == "try:"
    assert "if number < 0:" not in found


def test_source_and_docstring_are_as_they_were(root):
    _, (source, text) = reached(root, lambda it: it.untold())
    assert source.startswith("def sign(number):\n")
    assert text == "Docstring."
