"""The venue's commission (specs/backtest/costs.md, S-074)."""

from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, bars_of, instrument, usd
from tests.kit.players import player, puppet
from tests.kit.says import filled
from tests.kit.script import Script
from tests.simulator.desk import steady

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import FeeCharged, Liquidity, OrderFilled
from veracity.domain.time import NS_PER_DAY
from veracity.simulator.costs import CostModel, FeeTier
from veracity.simulator.fees import (
    Turnover,
    commission,
    note_traded,
    tier_at,
    tiered_rate,
    tiers_of,
    traded_before,
)
from veracity.strategies.registry import REGISTRY

BP = RATE_ONE // 10_000
TWO_RATES = CostModel(fee_taker=5 * BP, fee_maker=2 * BP)
ZIGZAG = [100_00, 100_00, 100_00, 110_00, 110_00, 110_00] * 40


@pytest.mark.ticket("T-190")
def test_a_fee_is_the_rate_of_its_liquidity_and_rounded_up() -> None:
    """0.001 at 30,000.03 is worth 30.00003: 5 bp are 0.015000015, 2 bp are 0.006000006."""
    notional = instrument().notional(30_000_03, 1)
    assert notional == usd("30.00003")
    assert commission(notional, "taker", TWO_RATES) == usd("0.01500002")
    assert commission(notional, "maker", TWO_RATES) == usd("0.00600001")


@pytest.mark.ticket("T-190")
def test_a_fill_charges_its_fee_once() -> None:
    run = run_small_backtest(
        {BTC: steady([30_000_03] * 3)},
        [puppet("a", (1,), cash=usd(100))],
        costs=TWO_RATES,
        close_at_end=False,
    )
    (charged,) = run.all(FeeCharged)
    assert (charged.amount, charged.rate) == (usd("0.01500002"), 5 * BP)
    assert run.state.accounts["a"].cash == usd("100") - usd("30.00003") - usd("0.01500002")


@pytest.mark.ticket("T-190")
def test_a_maker_fill_charges_what_the_venue_says() -> None:
    script = Script(player("a")).ticks(30_000_03)
    script.wants("a", 1)
    fee = commission(usd("30.00003"), "maker", TWO_RATES)
    script.hears(filled(script.order, 1, 30_000_03, fee=fee, fee_rate=2 * BP, liquidity="maker"))
    script.says(OrderFilled, FeeCharged)
    assert script.last(FeeCharged).amount == usd("0.00600001")


@given(
    notional=st.integers(1, 10**18),
    rate=st.integers(-(RATE_ONE // 10), RATE_ONE // 10),
    liquidity=st.sampled_from(["taker", "maker"]),
)
def test_a_fee_is_never_below_and_a_rebate_never_above_the_exact_one(
    notional: int, rate: int, liquidity: Liquidity
) -> None:
    costs = CostModel(**{f"fee_{liquidity}": rate})
    assert commission(notional, liquidity, costs) == ceil(Fraction(notional * rate, RATE_ONE))


@pytest.mark.ticket("T-217")
def test_fees_are_all_that_separates_a_run_from_the_free_one() -> None:
    strategy = REGISTRY["momentum"]
    params = strategy.bind({"fast": 2, "slow": 3, "qty": "0.5"}, instrument())
    free, charged = (
        run_small_backtest(
            {BTC: steady(ZIGZAG)},
            [player("a", strategy=strategy, params=params)],
            costs=CostModel(fee_taker=rate),
        )
        for rate in (0, 5 * BP)
    )
    fills, fees = free.all(OrderFilled), charged.all(FeeCharged)
    assert len(fills) == len(fees) == 80
    assert [(fill.ts, fill.side, fill.price, fill.qty) for fill in charged.all(OrderFilled)] == [
        (fill.ts, fill.side, fill.price, fill.qty) for fill in fills
    ]
    assert free.all(FeeCharged) == []
    paid = sum(fee.amount for fee in fees)
    assert free.state.accounts["a"].cash - charged.state.accounts["a"].cash == paid
    # By hand: half a coin at 5 bp is 0.025 at a price of 100 and 0.0275 at 110.
    assert {fee.amount for fee in fees} == {usd("0.025"), usd("0.0275")}


TIERS = (
    FeeTier("spot", 0, 1_000_000, 1_000_000),
    FeeTier("spot", usd(1_000), 900_000, 950_000),
    FeeTier("perp", 0, 200_000, 500_000),
)


@pytest.mark.parametrize(
    ("volume", "rate"), [(0, 1_000_000), (usd(1_000) - 1, 1_000_000), (usd(1_000), 950_000)]
)
def test_a_tier_holds_from_its_volume_on(volume: int, rate: int) -> None:
    spot = tiers_of(reversed(TIERS), "spot")
    number = tier_at([tier.volume_min for tier in spot], volume)
    assert tiered_rate("taker", spot[number]) == rate


def test_a_product_has_its_own_tiers() -> None:
    assert tiers_of(TIERS, "perp") == (TIERS[2],)


def test_the_day_of_a_fill_does_not_count_and_the_thirtieth_before_it_does() -> None:
    day, turnover = NS_PER_DAY, Turnover()
    for number, value in ((69, 1), (70, 2), (99, 4), (100, 8)):
        traded_before(turnover, number * day)
        note_traded(turnover, number * day, value)
    assert traded_before(turnover, 100 * day) == 2 + 4
    assert traded_before(turnover, 101 * day - 1) == 2 + 4
    assert traded_before(turnover, 101 * day) == 4 + 8


def test_what_was_traded_yesterday_lowers_the_rate_of_today() -> None:
    """20 of 100.00 are traded on the first day: 2,000 reach the second tier on the second day, not before."""
    bars = bars_of([100_00] * 4, interval=NS_PER_DAY // 2)
    run = run_small_backtest(
        {BTC: bars}, [puppet("a", (20_000, 0, 0))], costs=CostModel(fee_tiers=TIERS), close_at_end=False
    )
    assert [(fee.rate, fee.amount) for fee in run.all(FeeCharged)] == [
        (1_000_000, usd(2)),
        (950_000, usd("1.9")),
    ]
