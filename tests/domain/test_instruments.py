import pytest
from tests.kit.market import instrument, usd

from veracity.domain.instruments import scales_fit


def test_a_notional_is_exact_and_has_the_sign_of_the_quantity() -> None:
    btc = instrument()
    assert btc.notional(100_01, 2_000) == usd("200.02")
    assert btc.notional(100_01, -2_000) == -usd("200.02")


@pytest.mark.parametrize(
    ("money", "qty"),
    [
        (usd("1000.00"), 3_333),  # 3.333 * 300.00 = 999.90; 3.334 would be 1,000.20
        (usd("999.90"), 3_333),
        (usd("999.90") - 1, 3_332),
        (usd("0.29"), 0),
        (0, 0),
        (-usd(5), 0),
    ],
)
def test_the_largest_quantity_for_some_money_is_rounded_down_to_the_lot(money: int, qty: int) -> None:
    assert instrument().qty_floor(money, 300_00) == qty


def test_the_lot_is_the_step_of_a_quantity() -> None:
    assert instrument(lot=250).qty_floor(usd("1000.00"), 300_00) == 3_250


def test_scales_fit_up_to_8_decimals_together() -> None:
    assert scales_fit(2, 6)
    assert not scales_fit(3, 6)
