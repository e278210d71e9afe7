"""A margin account at its maintenance margin (specs/backtest/costs.md, S-075)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, ETH, PERP, bars_of, dataset_of, funding_of, usd
from tests.kit.players import player, puppet
from tests.research.runs import results_of
from tests.simulator.desk import Candle, candles

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import OrderCancelled, OrderFilled, PositionLiquidated
from veracity.engine.decisions import Execution
from veracity.engine.margin import Margin
from veracity.research.attribution import attribute
from veracity.simulator.costs import CostModel
from veracity.state.model import EngineState

FIVE = RATE_ONE // 20  # 5 %
TERMS = Margin(maintenance=FIVE, liquidation_fee=RATE_ONE // 100)
VOLUME = 1_000_000


def row(opened: int, high: int, low: int, close: int) -> Candle:
    return (opened, high, low, close, VOLUME)


CALM = row(100_00, 100_00, 100_00, 100_00)


def lived(
    target: int, *rows: Candle, margin: Margin | None = TERMS, execution: Execution | None = None
) -> SmallRun:
    """1,000 of cash, `target` wanted from the first close on and bought at 100.00, and then `rows`."""
    one = puppet("a", (target, target, 0), PERP, cash=usd(1_000))
    bound = one.bound._replace(margin=margin, execution=execution or Execution())
    return run_small_backtest(
        dataset_of({PERP: candles([CALM, CALM, *rows, CALM])}, {PERP: funding_of([])}),
        [one._replace(bound=bound)],
    )


def test_a_long_is_closed_where_its_equity_meets_the_margin_inside_the_bar() -> None:
    """50 at 100.00 with 1,000: at 84.21 the equity is 210.50 and 5 % of the value are 210.525; at 84.22 it would do."""
    run = lived(50_000, row(90_00, 91_00, 80_00, 90_00))
    (closed,) = run.all(PositionLiquidated)
    assert (closed.position, closed.price) == (50_000, 84_21)
    assert (closed.equity, closed.maintenance, closed.fee) == (usd("210.5"), usd("210.525"), usd("42.105"))
    assert run.state.accounts["a"].cash == usd("168.395")
    assert run.state.accounts["a"].positions[PERP].qty == 0


@pytest.mark.parametrize(("low", "count"), [(84_22, 0), (84_21, 1)])
def test_the_margin_is_a_matter_of_one_price_unit(low: int, count: int) -> None:
    assert len(lived(50_000, row(90_00, 91_00, low, 90_00)).all(PositionLiquidated)) == count


def test_a_short_is_closed_above() -> None:
    """6,000 of cash - 50 p = 5 % of 50 p at p = 114.2857: the first price at which it is short of margin is 114.29."""
    (closed,) = lived(-50_000, row(110_00, 120_00, 109_00, 110_00)).all(PositionLiquidated)
    assert (closed.position, closed.price) == (-50_000, 114_29)


def test_a_market_that_opens_beyond_the_margin_closes_at_its_open() -> None:
    run = lived(50_000, row(70_00, 75_00, 69_00, 70_00))
    (closed,) = run.all(PositionLiquidated)
    assert (closed.price, closed.equity) == (70_00, -usd(500))
    assert run.state.accounts["a"].cash == -usd(535)


def test_an_account_without_terms_is_never_closed() -> None:
    assert lived(50_000, row(10_00, 10_00, 10_00, 10_00), margin=None).all(PositionLiquidated) == []


def test_what_waits_at_the_venue_is_withdrawn_before_it_can_open_the_other_side() -> None:
    """The exit waits at 103.00 when the position is taken away; the market goes there in the next bar."""
    run = lived(
        50_000,
        row(100_00, 100_00, 100_00, 103_00),
        row(90_00, 91_00, 80_00, 90_00),
        row(104_00, 110_00, 104_00, 104_00),
        execution=Execution("market", "limit"),
    )
    assert len(run.all(PositionLiquidated)) == 1
    assert [cancelled.detail for cancelled in run.all(OrderCancelled)] == ["cancelled as asked"]
    assert [fill.side for fill in run.all(OrderFilled)] == ["buy"]


def test_all_positions_of_an_account_are_closed_together() -> None:
    """Cross margin: the loss in one instrument takes the other, at its last price."""
    one = player("a", BTC, ETH, params=(20_000, 20_000, 20_000, 0), cash=usd(500))
    calm = [CALM] * 3
    run = run_small_backtest(
        {ETH: candles([*calm, CALM, CALM]), BTC: candles([*calm, row(90_00, 90_00, 70_00, 75_00), CALM])},
        [one._replace(bound=one.bound._replace(margin=TERMS))],
    )
    assert [(closed.symbol, closed.position) for closed in run.all(PositionLiquidated)] == [
        (BTC, 20_000),
        (ETH, -20_000),
    ]
    assert all(position.qty == 0 for position in run.state.accounts["a"].positions.values())


@given(
    lows=st.lists(st.integers(20_00, 99_00), min_size=1, max_size=6),
    target=st.sampled_from([-60_000, -30_000, 30_000, 60_000]),
)
def test_the_lines_of_a_liquidated_account_add_up_and_its_fold_is_the_same(
    lows: list[int], target: int
) -> None:
    rows = [row(100_00, 200_00 - low, low, 100_00) for low in lows]
    run = lived(target, *rows, margin=TERMS._replace(borrow_cash=1_000, borrow_coins=1_000))
    results = results_of(run)
    lines, book = attribute(results).by_strategy["a"], results.books["a"]
    assert sum(line for line in lines[:-1] if line is not None) == book.equity_end - book.equity_start
    assert lines.liquidation == -sum(closed.fee for closed in run.all(PositionLiquidated))
    assert isinstance(run.folded(), EngineState)
    assert run.folded() == run.state


def test_bars_are_not_skipped_over_where_one_of_them_could_liquidate() -> None:
    """The fall is in the middle of a long quiet stretch, in which the strategy wants nothing new."""
    closes = [100_00] * 50 + [85_00] + [100_00] * 50
    one = puppet("a", (50_000,), PERP, cash=usd(1_000))
    run = run_small_backtest(
        dataset_of({PERP: bars_of([*closes[:50], 84_00, *closes[51:]])}, {PERP: funding_of([])}),
        [one._replace(bound=one.bound._replace(margin=TERMS))],
        costs=CostModel(),
    )
    assert run.all(PositionLiquidated)[0].price == 84_21
