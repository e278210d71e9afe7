"""What counts as the judgement of a test, by where its exception comes from."""

import json
import os

import pytest
from tests.trace.project import SOURCES

from veracity_trace.evidence.mutants import Mutant
from veracity_trace.evidence.oracle import Oracle, message_of

ROOT = SOURCES.parent
ORACLE = Oracle(ROOT, (f"{ROOT / 'tests'}{os.sep}",))


def problem_of(call):
    try:
        call()
    except BaseException as problem:  # noqa: BLE001 - also what pytest.fail raises
        return problem
    raise LookupError("it did not raise")


def failing_assert():
    assert os.sep == "no separator"


def missing_exception():
    with pytest.raises(ValueError):
        os.getpid()


def other_words():
    with pytest.raises(ValueError, match="these words"):
        raise ValueError("other words")


def crash_of_the_product():
    Mutant("", "", False, "", 0, None, 0, 0, "", 0).apply(None)  # type: ignore[arg-type]


def crash_of_the_test():
    raise ValueError("no judgement")


def crash_of_a_library():
    json.loads("{")


def assert_of_the_product():
    space = {"__name__": "veracity"}
    exec(compile("def checked():\n    assert False\n", str(ROOT / "src/veracity/planted.py"), "exec"), space)
    space["checked"]()


@pytest.mark.parametrize(
    ("call", "judges"),
    [
        (failing_assert, True),
        (missing_exception, True),
        (other_words, True),
        (lambda: pytest.fail("so"), True),
        (crash_of_the_product, False),
        (crash_of_the_test, False),
        (crash_of_a_library, False),
        (assert_of_the_product, False),
        (lambda: pytest.skip("not here"), False),
    ],
)
def test_only_the_judgement_of_a_test_is_a_kill(call, judges):
    assert ORACLE.judges(problem_of(call)) is judges


def test_several_problems_judge_together_or_not_at_all():
    good, bad = problem_of(failing_assert), problem_of(crash_of_the_test)
    assert ORACLE.judges(BaseExceptionGroup("all", [good, good]))
    assert not ORACLE.judges(BaseExceptionGroup("some", [good, bad]))


def test_a_message_is_short_and_has_no_addresses():
    assert message_of(AssertionError("<A object at 0x7f02c84d3120>")) == "<A object at 0x...>"
    assert message_of(ValueError("why")) == "ValueError: why"
    assert message_of(AssertionError()) == "AssertionError"
    assert message_of(AssertionError("x" * 1000 + "\n" * 100)) == "x" * 300 + "\n" * 11
