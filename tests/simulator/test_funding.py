"""Funding of a perpetual: who pays, on what, and at which instant (specs/backtest/costs.md, S-075)."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import (
    FACTOR,
    MINUTE,
    PERP,
    START,
    bars_of,
    dataset_of,
    funding_of,
    instrument,
    listed,
    usd,
)
from tests.kit.players import player, puppet
from tests.kit.says import filled
from tests.kit.script import Script
from tests.simulator.desk import minute, steady

from veracity.domain.amounts import RATE_ONE, funding_floor
from veracity.domain.events import FundingPaid, OrderFilled
from veracity.research.attribution import attribute
from veracity.research.results import collect
from veracity.simulator.costs import CostModel
from veracity.strategies.registry import REGISTRY

SECOND = 10**9
HOUR = 60 * MINUTE
BP = RATE_ONE // 10_000


@pytest.mark.ticket("T-191")
@pytest.mark.parametrize(
    ("side", "rate", "amount"), [("buy", BP, "-5"), ("sell", BP, "5"), ("buy", -2 * BP, "10")]
)
def test_a_positive_rate_is_paid_by_longs_and_earned_by_shorts(side: str, rate: int, amount: str) -> None:
    """N-29: 1 at a mark of 50,000 and a rate of 0.01 % is 5."""
    script = Script(player("a", PERP, cash=usd(100_000))).ticks(49_000_00, PERP)
    script.wants("a", 1_000 if side == "buy" else -1_000)
    script.hears(filled(script.order, 1_000, 49_000_00, side=side, symbol=PERP))  # type: ignore[arg-type]
    cash = script.account().cash
    script.settles(rate, 50_000_00, PERP).says(FundingPaid)
    paid = script.last(FundingPaid)
    assert (paid.amount, paid.rate, paid.mark) == (usd(amount), rate, 50_000_00)
    assert abs(paid.position) == 1_000
    assert script.account().cash == cash + usd(amount)
    assert script.account().funding == usd(amount)


def paid_by_short(opened: int, closed: int) -> list[int]:
    """N-28: what 30 ADA short between two seconds of the day receive at 00:00 and 08:00 (mark 2.77)."""
    script = Script(player("a", PERP), start=START - HOUR).ticks(2_77, PERP)

    def trade(at: int, target: int, side: str) -> None:
        script.now = START + at * SECOND
        script.wants("a", target)
        script.hears(filled(script.order, 30_000, 2_77, side=side, symbol=PERP, trade=side))  # type: ignore[arg-type]

    def settle(at: int, rate: int) -> None:
        script.now = START + at * SECOND
        script.settles(rate, 2_77, PERP)

    plan = [(opened, 2, lambda: trade(opened, -30_000, "sell")), (closed, 2, lambda: trade(closed, 0, "buy"))]
    plan += [(0, 1, lambda: settle(0, -8_000)), (8 * 3_600, 1, lambda: settle(8 * 3_600, -3_000))]
    for _, _, step in sorted(plan, key=lambda item: item[:2]):
        step()
    return [event.amount for event in script.all(FundingPaid)]


@pytest.mark.ticket("T-191")
@pytest.mark.parametrize(
    ("opened", "closed", "paid"),
    [
        (-60, 8 * 3_600 + 60, ["0.0006648", "0.0002493"]),  # both: 0.0009141
        (15, 8 * 3_600 + 60, ["0.0002493"]),
        (-60, 8 * 3_600 - 1, ["0.0006648"]),
        (3_600, 4 * 3_600, []),
    ],
)
def test_only_what_is_held_at_a_stamp_pays(opened: int, closed: int, paid: list[str]) -> None:
    """A negative rate is paid by shorts."""
    assert paid_by_short(opened, closed) == [-usd(amount) for amount in paid]


def held_over(
    stamps: list[int], first: int, last: int, *, interval: int = HOUR, count: int = 60, latency: int = 0
) -> SmallRun:
    """A long of 1 at 50,000 that is decided on bar `first` and given up on bar `last`."""
    rules = {PERP: listed(PERP, interval_ns=interval)}
    bars = bars_of([50_000_00] * count, interval=interval)
    funding = {PERP: funding_of([(stamp, BP, 50_000_00) for stamp in stamps])}
    targets = (0,) * first + (1_000,) * (last - first) + (0,)
    return run_small_backtest(
        dataset_of({PERP: bars}, funding, rules),
        [puppet("a", targets, PERP, cash=usd(100_000))],
        costs=CostModel(latency_submit_ns=latency),
    )


@pytest.mark.ticket("T-191")
@pytest.mark.parametrize(("hours", "a_day"), [(1, 24), (4, 6), (8, 3)])
def test_every_interval_of_a_venue_settles_as_often_as_its_data_say(hours: int, a_day: int) -> None:
    """5 a settlement at a mark of 50,000 and 0.01 %: 120, 30 and 15 a day. No interval is assumed."""
    begin = START + 2 * HOUR
    stamps = [begin + number * hours * HOUR for number in range(a_day)]
    run = held_over(stamps, 0, 40)
    assert [event.ts for event in run.all(FundingPaid)] == stamps
    assert run.state.accounts["a"].funding == -a_day * usd(5)


@pytest.mark.ticket("T-191")
def test_an_interval_that_changes_settles_at_the_stamps_of_the_data() -> None:
    """Three settlements on the first day, 24 on the second; the position is there from an hour before."""
    midnight = START + 2 * HOUR
    day_two = midnight + 24 * HOUR
    stamps = [
        midnight,
        midnight + 8 * HOUR,
        midnight + 16 * HOUR,
        *(day_two + hour * HOUR for hour in range(24)),
    ]
    run = held_over(stamps, 0, 58)
    assert [event.ts for event in run.all(FundingPaid)] == stamps
    assert run.state.accounts["a"].funding == -27 * usd(5)


@pytest.mark.parametrize("late", [0, 1])
def test_at_one_instant_the_settlement_comes_before_the_fill(late: int) -> None:
    """Bought and sold exactly at a stamp: the entry does not pay there, the exit does, also where the order was sent
    a bar before and arrives just then."""
    stamps = [minute(2), minute(4)]
    run = held_over(stamps, 1 - late, 3 - late, interval=MINUTE, count=6, latency=late * MINUTE)
    assert [(fill.ts, fill.side) for fill in run.all(OrderFilled)] == [
        (minute(2), "buy"),
        (minute(4), "sell"),
    ]
    assert [event.ts for event in run.all(FundingPaid)] == [minute(4)]


def test_a_stamp_that_is_milliseconds_late_counts_where_it_is() -> None:
    late = 5_000_000
    run = held_over([minute(2, late), minute(4, late)], 1, 3, interval=MINUTE, count=6)
    assert [event.ts for event in run.all(FundingPaid)] == [minute(2, late)]


@given(
    position=st.integers(-(10**9), 10**9),
    mark=st.integers(1, 10**8),
    rate=st.integers(-(RATE_ONE // 10), RATE_ONE // 10),
)
def test_funding_is_rounded_down_for_either_side(position: int, mark: int, rate: int) -> None:
    assert funding_floor(position, mark, FACTOR, rate) == floor(
        Fraction(-position * mark * FACTOR * rate, RATE_ONE)
    )


@pytest.mark.ticket("T-219")
@pytest.mark.parametrize(("rate", "won"), [(BP, "-15"), (-BP, "15")])
def test_funding_helps_or_hurts_momentum_by_its_sign(rate: int, won: str) -> None:
    closes = [50_000_00] * 3 + [50_100_00] * 9
    strategy = REGISTRY["momentum"]
    params = strategy.bind({"fast": 2, "slow": 3, "qty": 1}, instrument(PERP))

    def run(rate: int) -> SmallRun:
        settled = funding_of([(minute(number), rate, 50_000_00) for number in (6, 8, 10)])
        one = player("a", PERP, strategy=strategy, params=params, cash=usd(100_000))
        return run_small_backtest(dataset_of({PERP: steady(closes)}, {PERP: settled}), [one])

    with_funding, without = run(rate), run(0)
    assert with_funding.state.accounts["a"].cash - without.state.accounts["a"].cash == usd(won)
    lines = attribute(collect(with_funding.events, with_funding.dataset)).by_strategy["a"]
    assert (lines.funding, lines.fees) == (usd(won), 0)
