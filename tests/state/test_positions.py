"""What a fill does to a position. Worked by hand; the units are those of tests/kit/market.py."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.market import FACTOR, usd

from veracity.state.model import Position
from veracity.state.positions import book_fill


def position_after(*fills: tuple[int, int]) -> Position:
    """A position after fills of (signed quantity, price)."""
    position = Position()
    for delta, price in fills:
        book_fill(position, delta, price, FACTOR)
    return position


@pytest.mark.ticket("T-021")
def test_the_basis_of_two_buys_is_the_exact_sum_of_what_they_cost() -> None:
    position = position_after((1_000, 100_00), (2_000, 100_01))
    assert position.basis == 30_002_000_000 == usd("300.02")
    assert position.qty == 3_000


@pytest.mark.ticket("T-021")
def test_the_entry_price_is_weighted_by_quantity() -> None:
    position = position_after((2_000, 100_00), (1_000, 106_00))
    assert position.entry_price(FACTOR) == 102_00  # the plain mean would be 103.00


@pytest.mark.ticket("T-021")
def test_selling_a_part_leaves_the_entry_price_of_the_rest() -> None:
    position = position_after((2_000, 100_00), (1_000, 106_00), (-1_000, 120_00))
    assert position.entry_price(FACTOR) == 102_00
    assert position.basis == usd("204.00")
    assert position.realized == usd("18.00")


@pytest.mark.ticket("T-021")
def test_an_entry_between_two_price_units_is_not_stored_rounded() -> None:
    position = position_after((1_000, 100_00), (2_000, 100_01))
    assert position.entry_price(FACTOR) == 100_00  # 100.00666... shown rounded down
    book_fill(position, 3_000, 100_01, FACTOR)
    assert position.basis == usd("600.05")  # a rounded entry times 3.000 would have lost 0.02


@pytest.mark.ticket("T-022")
def test_a_flip_from_long_closes_what_is_held_and_opens_the_rest_at_the_fill_price() -> None:
    position = position_after((2_000, 100_00), (-5_000, 110_00))
    assert position == Position(qty=-3_000, basis=-usd("330.00"), realized=usd("20.00"))
    assert position.entry_price(FACTOR) == 110_00


@pytest.mark.ticket("T-022")
def test_a_flip_from_short_is_its_mirror() -> None:
    position = position_after((-2_000, 100_00), (5_000, 90_00))
    assert position == Position(qty=3_000, basis=usd("270.00"), realized=usd("20.00"))
    assert position.entry_price(FACTOR) == 90_00


@pytest.mark.ticket("T-022")
def test_one_lot_more_than_is_held_flips_and_one_less_does_not() -> None:
    assert position_after((2_000, 100_00), (-2_001, 110_00)).entry_price(FACTOR) == 110_00
    assert position_after((2_000, 100_00), (-1_999, 110_00)).entry_price(FACTOR) == 100_00


@pytest.mark.ticket("T-023")
def test_a_position_that_is_sold_whole_keeps_nothing_but_what_it_won() -> None:
    position = position_after((1_000, 100_00), (2_000, 100_01), (-3_000, 101_00))
    assert position == Position(qty=0, basis=0, realized=298_000_000)
    assert position.entry_price(FACTOR) is None


@pytest.mark.ticket("T-023")
def test_closing_in_uneven_parts_leaves_no_rest_in_the_basis() -> None:
    position = position_after((1_000, 100_00), (2_000, 100_01))  # 300.02 / 3.000 is no whole number of units
    for part in (1_001, 700, 1_299):
        book_fill(position, -part, 101_00, FACTOR)
    assert position == Position(qty=0, basis=0, realized=usd("2.98"))


@pytest.mark.ticket("T-023")
def test_the_next_position_begins_at_its_own_price() -> None:
    position = position_after((3_000, 100_00), (-3_000, 101_00), (1_000, 50_00))
    assert position.entry_price(FACTOR) == 50_00
    assert position.basis == usd("50.00")


def test_a_fill_answers_what_it_realised() -> None:
    position = Position()
    assert book_fill(position, 2_000, 100_00, FACTOR) == 0
    assert book_fill(position, -500, 90_00, FACTOR) == -usd("5.00")
    assert book_fill(position, -1_500, 110_00, FACTOR) == usd("15.00")


@given(
    fills=st.lists(
        st.tuples(st.integers(-5_000, 5_000).filter(bool), st.integers(1, 200_00)), min_size=1, max_size=30
    )
)
def test_what_is_held_and_what_was_won_is_all_the_money_that_was_paid(fills: list[tuple[int, int]]) -> None:
    position = position_after(*fills)
    paid = sum(delta * price * FACTOR for delta, price in fills)
    assert position.basis - position.realized == paid
    assert position.qty == sum(delta for delta, _ in fills)
    assert (position.qty == 0) == (position.basis == 0)
    assert position.qty * position.basis >= 0
