"""The language of guards: what it computes and what it refuses."""

import pytest

from veracity_gen import guard

FACTS = ["filled", "leaves", "fill_qty"]


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("0 < fill_qty < leaves", (0, 3, 2), True),
        ("0 < fill_qty < leaves", (0, 3, 3), False),
        ("0 < fill_qty == leaves", (0, 0, 0), False),
        ("filled + fill_qty - 1 <= leaves", (1, 2, 2), True),
        ("filled + fill_qty - 1 <= leaves", (1, 2, 3), False),
        ("not filled == 0 and leaves != 0", (1, 1, 0), True),
        ("filled >= 2 or leaves == 1", (1, 0, 0), False),
        ("filled >= 2 or leaves == 0", (1, 0, 0), True),
    ],
)
def test_a_guard_is_true_where_python_says_so(
    text: str, values: tuple[int, int, int], expected: bool
) -> None:
    facts = dict(zip(FACTS, values, strict=True))
    assert guard.evaluate(guard.parse(text, FACTS), facts) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("filled ==", "is not an expression"),
        ("filled + 1", "is not a condition"),
        ("filled == price", "looks at unknown price"),
        ("filled > 0 or open('x')", "looks at unknown open"),
        ("filled > 0 or (lambda: leaves)()", "is not allowed in a guard"),
        ("filled == 0 and leaves / 2 > 1", "operator Div is not allowed in a guard"),
        ("filled in (1, 2)", "is not allowed in a guard"),
        ("filled > 0.5", "`0.5` is not allowed in a guard"),
        ("filled == True", "`True` is not allowed in a guard"),
        ("filled is leaves", "operator Is is not allowed in a guard"),
    ],
)
def test_anything_else_is_refused(text: str, message: str) -> None:
    with pytest.raises(guard.GuardRefused) as refusal:
        guard.parse(text, FACTS)
    assert message in str(refusal.value)


def test_a_guard_names_the_facts_that_it_looks_at() -> None:
    assert guard.names(guard.parse("leaves > 0 and fill_qty < leaves", FACTS)) == ["fill_qty", "leaves"]
