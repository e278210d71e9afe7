"""What an execution costs beyond the market's price (specs/backtest/costs.md, S-072)."""

from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.simulator.desk import Desk, candles, minute

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import Side
from veracity.simulator.chance import draw
from veracity.simulator.costs import CostModel
from veracity.simulator.slippage import execute, participation_root
from veracity.simulator.tape import TapeBar

BP = RATE_ONE // 10_000
COSTS = st.builds(
    CostModel,
    half_spread=st.integers(0, RATE_ONE // 10),
    volatility_share=st.integers(0, RATE_ONE),
    impact=st.integers(0, 100 * RATE_ONE),
)


def bar(opened: int, spread: int, volume: int) -> TapeBar:
    """A bar that closes where it opened, `spread` between its high and low."""
    return TapeBar(0, 60, opened, opened + spread, opened, opened, volume)


@pytest.mark.ticket("T-188")
@pytest.mark.parametrize(
    ("spread", "bought", "sold"),
    [(60_00, 30_009_00, 29_991_00), (120_00, 30_015_00, 29_985_00), (0, 30_003_00, 29_997_00)],
)
def test_slippage_grows_with_the_range_of_the_bar(spread: int, bought: int, sold: int) -> None:
    """1 bp of 30,000 is 3.00; a tenth of the range is 6.00 and 12.00: 0.2 % and 0.4 % of the price, 2 and 4 bp."""
    costs = CostModel(half_spread=BP, volatility_share=RATE_ONE // 10)
    calm = (30_000_00, 30_000_00 + spread, 30_000_00, 30_000_00, 10**9)
    for side, price in (("buy", bought), ("sell", sold)):
        desk = Desk(candles([calm]), costs)
        desk.sends("o-1", side, 1_000, minute(0))
        (fill,) = desk.fills()
        assert fill.price == price
        assert (fill.spread_cost, fill.impact_cost) == (3_00 * 10**6, spread // 10 * 10**6)


@pytest.mark.parametrize(
    ("bps", "share", "side", "filled", "price"),
    [
        (5, 10, "buy", 20, 3_0015),
        (5, 10, "sell", 20, 2_9985),
        (10, 10, "buy", 20, 3_0030),
        (5, 20, "buy", 40, 3_0015),
    ],
)
def test_n21_a_fixed_spread_and_a_share_of_the_volume(
    bps: int, share: int, side: Side, filled: int, price: int
) -> None:
    """100 wanted at 3.0000 in a bar of 200 (zipline, tests/finance/test_slippage.py: its fixed basis points)."""
    costs = CostModel(half_spread=bps * BP, participation_max=share * RATE_ONE // 100)
    desk = Desk(candles([(3_0000, 3_0000, 3_0000, 3_0000, 200)]), costs)
    desk.sends("o-1", side, 100, minute(0))
    assert [(fill.qty, fill.price) for fill in desk.fills()] == [(filled, price)]


@pytest.mark.ticket("T-222")
@pytest.mark.parametrize(("volume", "price"), [(100_000, 50_100_00), (25_000, 50_200_00), (1_000, 51_000_00)])
def test_impact_is_the_square_root_of_the_share(volume: int, price: int) -> None:
    """N-22: a range of 2 % and a share of 1 % cost 20 bp, of 4 % 40 bp, of 100 % the whole range."""
    wide = (50_000_00, 51_000_00, 50_000_00, 50_000_00, volume)
    busy = (50_000_00, 51_000_00, 50_000_00, 50_000_00, 10**9)
    desk = Desk(candles([wide, busy]), CostModel(impact=RATE_ONE))
    desk.sends("o-1", "buy", 1_000, minute(0))
    (fill,) = desk.fills()
    assert fill.price == price


@pytest.mark.ticket("T-222")
def test_halving_the_volume_never_lowers_the_impact() -> None:
    costs = CostModel(impact=RATE_ONE)
    cheaper = dearer = 0
    for number in range(1_000):
        bits = draw(22, number)
        volume, qty, spread = bits % 10**7 + 2, (bits >> 24) % 10**6 + 1, (bits >> 44) % 100_000
        whole, half = (
            execute(10**9, 1, qty, bar(10**9, spread, v), 1, costs).impact for v in (volume, volume // 2)
        )
        cheaper += half < whole
        dearer += half > whole
    assert cheaper == 0
    assert dearer > 800


@pytest.mark.parametrize(
    ("base", "sign", "tick", "price", "rounding"),
    [
        (100_00, 1, 5, 100_05, 4),  # 100.01 is bought at 100.05
        (100_00, -1, 5, 99_95, 4),  # 99.99 is sold at 99.95
        (100_04, 1, 5, 100_05, 0),  # 100.05 is on the grid
        (100_01, -1, 5, 100_00, 0),
    ],
)
def test_the_price_is_rounded_to_the_tick_against_us(
    base: int, sign: int, tick: int, price: int, rounding: int
) -> None:
    """Half a spread of 10^-6 of 100 is a hundredth of a cent, rounded up to one cent."""
    found = execute(base, sign, 1, bar(base, 0, 10), tick, CostModel(half_spread=1_000))
    assert found == (price, base, 1, 0, rounding)


def test_a_sell_never_trades_below_one_tick() -> None:
    costs = CostModel(half_spread=RATE_ONE // 10, impact=100 * RATE_ONE)
    found = execute(20, -1, 10, bar(20, 30, 10), 5, costs)
    assert found == (5, 20, 2, 3_000, (20 - 5) - 2 - 3_000)  # 15 were paid, so the rounding takes 2,987 back
    assert found.price == 20 - found.spread - found.impact - found.rounding


@given(qty=st.integers(1, 10**12), volume=st.integers(0, 10**12))
def test_the_root_of_the_share_is_exact_and_at_most_one(qty: int, volume: int) -> None:
    root = participation_root(qty, volume)
    if qty >= volume:
        assert root == RATE_ONE
    else:
        assert Fraction(root, RATE_ONE) ** 2 <= Fraction(qty, volume) < Fraction(root + 1, RATE_ONE) ** 2


@given(
    base=st.integers(1, 10**9),
    spread=st.integers(0, 10**8),
    volume=st.integers(0, 10**9),
    traded=st.integers(1, 10**9),
    tick=st.integers(1, 1_000),
    sign=st.sampled_from([1, -1]),
    costs=COSTS,
)
def test_an_execution_agrees_with_fractions(
    base: int, spread: int, volume: int, traded: int, tick: int, sign: int, costs: CostModel
) -> None:
    found = execute(base, sign, traded, bar(base, spread, volume), tick, costs)
    root = Fraction(participation_root(traded, volume), RATE_ONE)
    assert found.spread == ceil(Fraction(base * costs.half_spread, RATE_ONE))
    assert found.impact == ceil(Fraction(spread * costs.volatility_share, RATE_ONE)) + ceil(
        Fraction(spread * costs.impact, RATE_ONE) * root
    )
    raw = base + sign * (found.spread + found.impact)
    grid = ceil(Fraction(raw, tick)) if sign > 0 else max(1, floor(Fraction(raw, tick)))
    assert found.price == grid * tick
    assert sign * (found.price - base) == found.spread + found.impact + found.rounding


@given(
    base=st.integers(1, 10**9),
    spread=st.integers(0, 10**8),
    volume=st.integers(0, 10**9),
    traded=st.integers(1, 10**9),
    more=st.integers(0, 10**9),
    sign=st.sampled_from([1, -1]),
    costs=COSTS,
)
def test_a_bigger_order_never_gets_a_better_price_nor_any_order_one_better_than_the_market(
    base: int, spread: int, volume: int, traded: int, more: int, sign: int, costs: CostModel
) -> None:
    small, big = (
        execute(base, sign, qty, bar(base, spread, volume), 1, costs) for qty in (traded, traded + more)
    )
    assert sign * (big.price - small.price) >= 0
    assert small.price == 1 or sign * (small.price - base) >= 0
