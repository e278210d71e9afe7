"""A small project for the evidence tool: honest tests of every kind, tests that only look honest, and claims that are wrong."""

from pathlib import Path

from tests.trace.make import raw_ticket
from tests.trace.project import write_project

CONFIG = """\
[tool.pytest]
addopts = [
  "--disable-plugin-autoload", "-p", "pytest_bdd.plugin", "-p", "_hypothesis_pytestplugin", "-p", "veracity_trace.plugin",
  "--import-mode=importlib", "-p", "no:cacheprovider",
]
testpaths = ["tests"]
pythonpath = [".", "src"]
bdd_features_base_dir = "features"
enable_assertion_pass_hook = true

[tool.veracity-trace]
events-pass = "shop.books:apply"
"""

FILES = {
    "src/shop/__init__.py": "",
    "src/shop/prices.py": """
        from functools import cache
        from typing import NamedTuple

        RATES = {"taker": 10, "maker": 4, "other": 7}
        LIMIT = 100
        ORDER = ("first", "second")


        class Rule(NamedTuple):
            name: str
            check: object


        class Cart(NamedTuple):
            count: int

            def is_full(self):
                return self.count >= 3


        def below(number):
            return number < LIMIT


        RULES = (Rule("below", below),)


        def fee(amount, kind):
            if amount < 0:
                raise ValueError(amount)
            return amount * RATES[kind] // 1000


        def allowed(number):
            return all(rule.check(number) for rule in RULES)


        @cache
        def doubled(number):
            return number + number


        def checked(number):
            assert number < 10, "the product's own assert"
            return number


        def halve(number):
            return number // 2


        def untouched(number):
            return number - 1
    """,
    "src/shop/books.py": """
        class Sold:
            kind = "sold"

            def __init__(self, amount):
                self.amount = amount


        def apply(state, event):
            state["sum"] += event.amount
            state["count"] += 1


        def sell(state, amount):
            apply(state, Sold(amount))
    """,
    "src/shop/__main__.py": """
        from shop.prices import fee

        print(fee(1000, "taker"))
    """,
    "tests/helpers.py": """
        def same(one, other):
            assert one == other
    """,
    "tests/test_honest.py": """
        import pytest
        from hypothesis import given
        from hypothesis import strategies as st
        from tests.helpers import same

        from shop import prices
        from shop.books import sell
        from shop.prices import LIMIT, Cart, allowed, doubled, fee, halve


        @pytest.fixture(scope="module")
        def fees():
            return [fee(1000, kind) for kind in ("taker", "maker")]


        @pytest.mark.ticket("T-001")
        def test_value():
            assert fee(1000, "taker") == 10


        @pytest.mark.ticket("T-002")
        def test_raises():
            with pytest.raises(ValueError, match="-1"):
                fee(-1, "taker")


        @pytest.mark.ticket("T-003")
        @pytest.mark.parametrize(("number", "inside"), [(99, True), (100, False)])
        def test_edge_through_a_captured_reference(number, inside):
            same(allowed(number), inside)


        @pytest.mark.ticket("T-004")
        def test_row_of_a_table():
            assert fee(1000, "maker") == 4


        @pytest.mark.ticket("T-005")
        @given(st.integers(0, 10**6))
        def test_property(number):
            assert halve(number) * 2 in (number, number - 1)


        @pytest.mark.ticket("T-006")
        def test_method():
            assert Cart(3).is_full()


        @pytest.mark.ticket("T-007")
        def test_through_a_fixture_of_the_module(fees):
            assert fees == [10, 4]


        @pytest.mark.ticket("T-008")
        def test_cached():
            assert doubled(3) == 6


        @pytest.mark.ticket("T-009")
        def test_imported_constant():
            assert LIMIT == prices.LIMIT == 100


        @pytest.mark.ticket("T-010")
        def test_of_other_code_than_the_claimed():
            halve(4)
            assert fee(2000, "taker") == 20


        @pytest.mark.ticket("T-011")
        def test_order():
            assert prices.ORDER[0] == "first"


        @pytest.mark.ticket("T-012")
        def test_events():
            state = {"sum": 0, "count": 0}
            sell(state, 5)
            assert state["sum"] == 5


        @pytest.mark.parametrize(
            "number",
            [
                pytest.param(4, marks=pytest.mark.ticket("T-015")),
                pytest.param(5, marks=pytest.mark.ticket("T-016")),
            ],
        )
        def test_of_which_each_case_has_its_ticket(number):
            half = halve(number)
            assert number == 5 or half == 2
    """,
    "tests/test_scenarios.py": """
        from pytest_bdd import given, parsers, scenarios, then
        from shop.prices import halve

        scenarios("halves.feature")


        @given(parsers.parse("the number {number:d}"), target_fixture="half")
        def half_of(number):
            return halve(number)


        @then(parsers.parse("its half is {expected:d}"))
        def check(half, expected):
            assert half == expected
    """,
    "features/halves.feature": """
        Feature: Halves
          @T-013
          Scenario Outline: half of <number>
            Given the number <number>
            Then its half is <half>
            Examples:
              | number | half |
              | 6      | 3    |
              | 0      | 0    |
    """,
    "tests/test_vacuous.py": """
        from unittest.mock import Mock

        import pytest

        from shop.prices import allowed, checked, doubled, fee, halve


        @pytest.mark.ticket("T-021")
        def test_without_an_assert():
            fee(1000, "taker")


        @pytest.mark.ticket("T-022")
        def test_against_itself():
            price = fee(1000, "taker")
            assert price == price


        @pytest.mark.ticket("T-023")
        def test_loop_over_nothing():
            fee(1000, "taker")
            for price in []:
                assert price == 10


        @pytest.mark.ticket("T-024")
        def test_mock_against_itself():
            fee(1000, "taker")
            fees = Mock(return_value=10)
            assert fees(1000) == 10


        @pytest.mark.ticket("T-025")
        def test_smoke():
            for number in range(5):
                fee(number, "maker"), allowed(number), doubled(number), halve(number)
            assert True


        @pytest.mark.ticket("T-026")
        def test_asserts_of_the_product():
            checked(3)
            assert True


        @pytest.mark.ticket("T-027")
        def test_that_crashes_on_a_fault():
            assert [10, 4, 7].index(fee(1000, "taker")) in (0, 1, 2)


        @pytest.mark.ticket("T-028")
        def test_in_another_process():
            assert True
    """,
    "tests/test_processes.py": """
        import subprocess
        import sys
        from pathlib import Path

        import pytest

        SOURCES = str(Path(__file__).parents[1] / "src")


        @pytest.mark.ticket("T-031", "T-032", "T-033", "T-034")
        def test_the_program_prints_the_fee():
            words = [sys.executable, "-m", "shop"]
            done = subprocess.run(words, env={"PYTHONPATH": SOURCES}, capture_output=True, text=True)
            assert done.stdout == "10\\n"
    """,
    "tests/sabotage/wrong_rate.diff": """
        The taker's rate is one too high.
        --- a/src/shop/prices.py
        +++ b/src/shop/prices.py
        @@ -4,3 +4,3 @@

        -RATES = {"taker": 10, "maker": 4, "other": 7}
        +RATES = {"taker": 11, "maker": 4, "other": 7}
         LIMIT = 100
    """,
    "tests/sabotage/harmless.diff": """
        --- a/src/shop/prices.py
        +++ b/src/shop/prices.py
        @@ -4,3 +4,3 @@

        -RATES = {"taker": 10, "maker": 4, "other": 7}
        +RATES = {"taker": 10, "maker": 5, "other": 7}
         LIMIT = 100
    """,
    "tests/sabotage/outdated.diff": """
        --- a/src/shop/prices.py
        +++ b/src/shop/prices.py
        @@ -4,2 +4,2 @@
        -RATES = {"taker": 12}
        +RATES = {"taker": 11}
         LIMIT = 100
    """,
    "specs/things/rules.md": "## S-001 Prices\n\nChecked by T-001.\n",
}

FEE, HALVE = "shop.prices:fee", "shop.prices:halve"
HONEST = {
    "T-001": [FEE],
    "T-002": [FEE],
    "T-003": ["shop.prices:below"],
    "T-004": ["@shop.prices.RATES"],
    "T-005": [HALVE],
    "T-006": ["shop.prices:Cart"],
    "T-007": [FEE],
    "T-008": ["shop.prices:doubled"],
    "T-009": ["@shop.prices.LIMIT"],
    "T-011": ["@shop.prices.ORDER"],
    "T-012": ["shop.books:apply"],
    "T-013": [HALVE],
    "T-015": [HALVE],
}
ELSEWHERE = {"T-010": [HALVE]}
VACUOUS = {
    "T-021": [FEE],
    "T-022": [FEE],
    "T-023": [FEE],
    "T-024": [FEE],
    "T-025": [FEE, HALVE, "@shop.prices.RATES"],
    "T-026": ["shop.prices:checked"],
    "T-027": [FEE],
    "T-016": [HALVE],
}
TWINS = ("T-031", "T-032", "T-033", "T-034")


def _twins(ticket_id: str) -> list[dict[str, str]]:
    return [{"id": other, "differs": "another fault"} for other in TWINS if other != ticket_id]


TICKETS = (
    raw_ticket("S-001", claimed=True, checks=["T-001"]),
    *(
        raw_ticket(key, claimed=True, enforces=claims, must_see=["sold"] if key == "T-012" else None)
        for key, claims in (HONEST | ELSEWHERE | VACUOUS).items()
    ),
    raw_ticket("T-014", claimed=True, enforces=[FEE]),
    raw_ticket("T-028", claimed=True, enforces=["shop.prices:untouched"]),
    raw_ticket("T-031", claimed=True, sabotage="wrong_rate", same_as=_twins("T-031")),
    raw_ticket("T-032", claimed=True, sabotage="harmless", same_as=_twins("T-032")),
    raw_ticket("T-033", claimed=True, sabotage="outdated", same_as=_twins("T-033")),
    raw_ticket("T-034", claimed=True, sabotage="imagined", same_as=_twins("T-034")),
    raw_ticket("I-001", claimed=True, symbol=FEE),
)


def write_evidence_project(root: Path) -> Path:
    write_project(root, FILES, TICKETS)
    (root / "pyproject.toml").write_text(CONFIG, encoding="utf-8")
    return root
