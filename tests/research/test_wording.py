"""Numbers as people read them."""

import pytest

from veracity.domain.summary_models import Amount, Ratio
from veracity.research.measures import amount
from veracity.research.wording import count, money, number, percent


@pytest.mark.parametrize(
    ("units", "plain", "signed"),
    [
        (0, "0.00", "0.00"),
        (123_456_789_000_000, "1,234,567.89", "+1,234,567.89"),
        (-5_000_000, "-0.05", "-0.05"),
        (1, "0.00000001", "+0.00000001"),
        (-120_000, "-0.0012", "-0.0012"),
        (500_000, "0.005", "+0.005"),
        (1_500_000, "0.02", "+0.02"),
    ],
)
def test_money_has_two_decimals_and_never_hides_a_small_amount(units: int, plain: str, signed: str) -> None:
    assert money(amount(units)) == plain
    assert money(amount(units), signed=True) == signed


def test_what_is_not_known_is_said() -> None:
    assert money(None) == percent(None) == number(None) == count(None) == "unknown"
    assert percent(Ratio(value=None, reason="no bar")) == "none (no bar)"
    assert number(Ratio(value=None, reason="no bar")) == "none (no bar)"


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0.00 %"), (0.12345, "+12.35 %"), (-0.00001, "0.00 %"), (-12.5, "-1,250.00 %")]
)
def test_percent_shows_no_sign_on_zero(value: float, text: str) -> None:
    assert percent(Ratio(value=value, reason=None), signed=True) == text


def test_numbers_have_two_decimals() -> None:
    assert number(Ratio(value=-1234.567, reason=None)) == "-1,234.57"
    assert number(Ratio(value=-0.001, reason=None)) == "0.00"
    assert count(23_040) == "23,040"


def test_an_amount_says_the_same_twice() -> None:
    assert amount(-305_000_000) == Amount(units=-305_000_000, text="-3.05000000")
