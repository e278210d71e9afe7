"""A small project with tickets of its own, written to a folder: a good one, and one with every known fault."""

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.kit.process import PATIENCE_S
from tests.trace.make import raw_ticket, write_tickets

SOURCES = Path(__file__).parents[2] / "src"

CONFIG = """\
[tool.pytest]
addopts = [
  "--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-p", "veracity_trace.plugin",
  "--import-mode=importlib", "-p", "no:cacheprovider", "-p", "talkative_plugin",
]
testpaths = ["tests"]
pythonpath = [".", "src"]
bdd_features_base_dir = "features"
xfail_strict = true
enable_assertion_pass_hook = true

[tool.veracity-trace]
claim-level = 3
"""

GOOD = {
    "src/trace_sample.py": """
        def halve(number):
            if number % 2:
                raise ValueError(number)
            return number // 2
    """,
    "src/talkative_plugin.py": """
        def pytest_runtest_call(item):
            assert item.nodeid  # of a plugin, as hypothesis has one: does not count
    """,
    "tests/helpers.py": """
        def same(one, other):
            assert one == other
    """,
    "tests/test_halves.py": """
        import pytest
        from tests.helpers import same
        from trace_sample import halve


        @pytest.fixture
        def four():
            assert 4 == 2 + 2  # set-up: does not count
            return 4


        @pytest.mark.ticket("T-001")
        def test_half_of_four(four):
            same(halve(four), 2)


        @pytest.mark.ticket("T-002")
        def test_an_odd_number_has_no_half():
            with pytest.raises(ValueError):
                halve(3)


        def test_without_a_ticket():
            assert halve(2) == 1
            assert halve(0) == 0
    """,
    "tests/test_scenarios.py": """
        from pytest_bdd import given, parsers, scenarios, then
        from trace_sample import halve

        scenarios("halves.feature")


        @given(parsers.parse("the number {number:d}"), target_fixture="half")
        def half_of(number):
            return halve(number)


        @then(parsers.parse("its half is {half_expected:d}"))
        def check(half, half_expected):
            assert half == half_expected
    """,
    "features/halves.feature": """
        Feature: Halves
          @T-003
          Scenario Outline: half of <number>
            Given the number <number>
            Then its half is <half>
            Examples:
              | number | half |
              | 6      | 3    |
              | 0      | 0    |
    """,
    "specs/things/rules.md": """
        # Rules

        ## S-001 Halves of even numbers

        Half of an even number is exact (T-001, T-003); an odd number has none (T-002).
    """,
}

GOOD_TICKETS = (
    raw_ticket("S-001", claimed=True, checks=["T-001", "T-002", "T-003"]),
    raw_ticket("T-001", claimed=True),
    raw_ticket("T-002", claimed=True),
    raw_ticket("T-003", claimed=True),
    raw_ticket("T-004"),
    raw_ticket("I-001", claimed=True, symbol="trace_sample:halve"),
)

BAD = {
    "tests/test_bad.py": """
        import pytest


        @pytest.fixture
        def broken():
            raise RuntimeError("no set-up")


        @pytest.mark.ticket("T-002")
        @pytest.mark.skip(reason="needs chromium")
        def test_skipped():
            assert True


        @pytest.mark.ticket("T-003")
        @pytest.mark.xfail(reason="known")
        def test_xfail():
            assert False


        @pytest.mark.ticket("T-004")
        @pytest.mark.xfail(reason="was known")
        def test_strict_xpass():
            assert True


        @pytest.mark.ticket("T-005")
        @pytest.mark.parametrize("number", [])
        def test_of_nothing(number):
            assert number


        @pytest.mark.ticket("T-006")
        def test_asserts_nothing():
            for number in []:
                assert number == 1


        @pytest.mark.ticket("T-007")
        def test_fails():
            assert 1 == 1
            assert 1 == 2


        @pytest.mark.ticket("T-008")
        def test_error_in_setup(broken):
            assert True


        @pytest.mark.ticket("T-009", "T-010")
        def test_of_strangers():
            assert True


        @pytest.mark.ticket("T-011", "T-012")
        def test_of_twins():
            assert True


        @pytest.mark.ticket("T-014")
        def test_error_in_teardown(request):
            request.addfinalizer(lambda: 1 / 0)
            assert True
    """,
    "tests/test_bad_scenarios.py": """
        from pytest_bdd import given, scenarios, then

        scenarios("bad.feature")


        @given("four")
        def four():
            pass


        @then("nothing is checked")
        def nothing():
            pass
    """,
    "features/bad.feature": """
        Feature: Bad
          @T-013
          Scenario: empty then
            Given four
            Then nothing is checked

          Scenario: said twice
            Given four

          Scenario: said twice
            Then nothing is checked

          Scenario Outline: tagged below
            Given <number>
            @T-013
            Examples:
              | number |
              | four   |
    """,
    "features/orphan.feature": """
        Feature: Orphan
          Scenario: never run
            Given four
    """,
}

BAD_TICKETS = (
    raw_ticket("S-001", claimed=True, spec="specs/things/missing.md#s-001"),
    *(raw_ticket(f"T-{number:03}", claimed=True) for number in range(1, 11)),
    raw_ticket("T-011", claimed=True, same_as=[{"id": "T-012", "differs": "the first of the two"}]),
    raw_ticket("T-012", claimed=True, same_as=[{"id": "T-011", "differs": "the second of the two"}]),
    raw_ticket("T-013", claimed=True),
    raw_ticket("T-014", claimed=True),
    raw_ticket("I-001", claimed=True, symbol="trace_sample:third"),
)


def write_project(root: Path, files: dict[str, str], tickets: tuple) -> Path:
    (root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    write_tickets(root, *tickets)
    return root


def run_pytest(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "--trace-out", "build/trace/run.json", *arguments],
        cwd=root,
        env={"PYTHONPATH": os.pathsep.join([str(SOURCES), str(root / "src")])},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
