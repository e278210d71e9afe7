"""Interest on what is borrowed (specs/backtest/costs.md, S-075)."""

import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, MINUTE, PERP, START, bars_of, dataset_of, funding_of, usd
from tests.kit.players import Player, puppet
from tests.research.runs import results_of

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import BorrowCharged, OrderFilled
from veracity.engine.borrow import hour_starts
from veracity.engine.margin import Margin
from veracity.research.attribution import attribute
from veracity.simulator.costs import CostModel

HOUR = 60 * MINUTE
RATE = RATE_ONE // 100_000  # 0.001 % an hour
SECOND = 10**9


def at(hour: int, minute: int, second: int = 0) -> int:
    return START + hour * HOUR + minute * MINUTE + second * SECOND


def lends(player: Player, margin: Margin) -> Player:
    return player._replace(bound=player.bound._replace(margin=margin))


def held(
    buy: int, sell: int, qty: int = 10_000, *, cash: int = 0, latency: int = 0, symbol: str = BTC
) -> SmallRun:
    """A position of `qty` at 100.00, decided at the closes of the minutes `buy` and `sell` of the day."""
    targets = (0,) * (buy - 1) + (qty,) * (sell - buy) + (0,)
    player = lends(puppet("a", targets, symbol, cash=cash), Margin(borrow_cash=RATE, borrow_coins=2 * RATE))
    bars = bars_of([100_00] * (sell + 5))
    funding = {symbol: funding_of([])} if symbol == PERP else None
    return run_small_backtest(
        dataset_of({symbol: bars}, funding), [player], costs=CostModel(latency_submit_ns=latency)
    )


def charged(run: SmallRun) -> list[tuple[str, int, int]]:
    return [(one.asset, one.due_ts, one.amount) for one in run.all(BorrowCharged)]


@pytest.mark.ticket("T-192")
def test_a_loan_from_13_55_to_14_30_costs_two_hours() -> None:
    """N-31 (Binance margin FAQ, 2024-10-18): 1,000 USDT at 0.001 % an hour, 0.01 at 13:55 and 0.01 at 14:00."""
    run = held(13 * 60 + 55, 14 * 60 + 30)
    assert [fill.ts for fill in run.all(OrderFilled)] == [at(13, 55), at(14, 30)]
    assert charged(run) == [("USDT", at(13, 55), usd("0.01")), ("USDT", at(14, 0), usd("0.01"))]
    assert [one.owed for one in run.all(BorrowCharged)] == [usd(1_000), usd(1_000)]
    assert run.state.accounts["a"].cash == -usd("0.02")


@pytest.mark.ticket("T-192")
def test_a_loan_that_is_repaid_before_the_hour_is_over_costs_one() -> None:
    run = held(13 * 60 + 54, 13 * 60 + 59, latency=59 * SECOND)
    assert [fill.ts for fill in run.all(OrderFilled)] == [at(13, 54, 59), at(13, 59, 59)]
    assert charged(run) == [("USDT", at(13, 54, 59), usd("0.01"))]


def test_what_was_sold_short_is_owed_at_its_price() -> None:
    assert charged(held(13 * 60 + 55, 14 * 60 + 30, -10_000, cash=usd(5))) == [
        ("BTC", at(13, 55), usd("0.02")),
        ("BTC", at(14, 0), usd("0.02")),
    ]


def test_only_what_the_account_lacks_is_borrowed() -> None:
    assert [owed for _, _, owed in charged(held(1, 5, cash=usd(400)))] == [usd("0.006")]
    assert charged(held(1, 5, cash=usd(1_000))) == []


def test_a_perpetual_is_no_loan() -> None:
    assert charged(held(13 * 60 + 55, 14 * 60 + 30, cash=usd(1), symbol=PERP)) == []


def test_eight_hour_bars_are_charged_for_every_hour_in_them() -> None:
    bars = bars_of([100_00] * 6, interval=8 * HOUR)
    player = lends(puppet("a", (10_000, 10_000, 0), cash=0), Margin(borrow_cash=RATE))
    run = run_small_backtest({BTC: bars}, [player])
    # Bought at 08:00, decided to sell at 16:01, sold at 24:00: the hours since the last bar are paid before the sale.
    assert [one.due_ts for one in run.all(BorrowCharged)] == [START + hour * HOUR for hour in range(8, 25)]


def test_the_first_hour_of_an_increase_is_on_the_increase() -> None:
    targets = (10_000,) * 5 + (15_000,) * 5 + (0,)
    run = run_small_backtest(
        {BTC: bars_of([100_00] * 15)}, [lends(puppet("a", targets, cash=0), Margin(borrow_cash=RATE))]
    )
    assert [one.owed for one in run.all(BorrowCharged)] == [usd(1_000), usd(500)]


@pytest.mark.parametrize(
    ("after", "until", "hours"), [(0, HOUR - 1, []), (0, HOUR, [1]), (HOUR, HOUR, []), (1, 2 * HOUR, [1, 2])]
)
def test_an_hour_starts_once(after: int, until: int, hours: list[int]) -> None:
    assert [start // HOUR for start in hour_starts(after, until)] == hours


def test_interest_is_a_line_of_its_own_and_the_lines_add_up() -> None:
    run = held(13 * 60 + 55, 15 * 60 + 30)
    lines = attribute(results_of(run)).by_strategy["a"]
    assert (lines.borrow, lines.fees, lines.net) == (-usd("0.03"), 0, -usd("0.03"))
