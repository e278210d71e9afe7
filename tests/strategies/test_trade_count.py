"""A trade goes from flat to flat, whatever the number of its fills (S-139)."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, START, bars_of, instrument
from tests.kit.players import puppet

from veracity.domain.events import OrderFilled, Side
from veracity.research.results import collect
from veracity.research.trades import FillRow, Trade, round_trips
from veracity.simulator.chance import draw


def filled(*deltas: int) -> list[FillRow]:
    """Fills of these signed quantities at 100.00."""
    fills = []
    for seq, delta in enumerate(deltas, start=1):
        side: Side = "buy" if delta > 0 else "sell"
        money = (0, 0, 0, 0, 0)
        fill = FillRow(
            seq,
            START + seq,
            seq,
            "a",
            BTC,
            side,
            100_00,
            abs(delta),
            "taker",
            *money,
            str(seq),
            "o",
            "i",
            "r",
        )
        fills.append(fill)
    return fills


def trades_of(*deltas: int) -> list[Trade]:
    return round_trips(filled(*deltas), (), instrument(), len(deltas))


@pytest.mark.ticket("T-388")
def test_five_fills_of_one_way_in_and_one_way_out_are_one_trade() -> None:
    (trade,) = trades_of(300, 300, 400, -600, -400)
    assert (trade.fills, trade.qty, trade.side) == (5, 1_000, "long")


@pytest.mark.ticket("T-388")
def test_a_flip_ends_one_trade_and_begins_the_next() -> None:
    first, second = trades_of(1_000, -2_000)
    assert (first.side, first.qty, first.exit_ts) == ("long", 1_000, START + 2)
    assert (second.side, second.qty, second.entry_ts, second.exit_ts) == ("short", 1_000, START + 2, None)


@pytest.mark.ticket("T-388")
def test_a_position_that_is_never_flat_is_one_trade_that_the_end_closes() -> None:
    run = run_small_backtest({BTC: bars_of([100_00] * 6)}, [puppet("a", (1_000, 3_000, 500, 2_000))])
    assert [fill.qty for fill in run.all(OrderFilled)] == [1_000, 2_000, 2_500, 1_500, 2_000]
    (trade,) = collect(run.events, run.dataset).books["a"].trades
    assert (trade.fills, trade.qty, trade.exit_reason) == (5, 4_500, "forced_close")


@pytest.mark.ticket("T-388")
def test_the_trades_hold_all_that_was_filled() -> None:
    """Entered plus left of all trades is what the fills traded, in 500 lists; a walk through zero counts the trades."""
    wrong = []
    closed_trades = 0
    for number in range(500):
        deltas = [draw(388, number * 20 + part) % 41 - 20 for part in range(number % 15 + 1)]
        deltas = [delta for delta in deltas if delta]
        trades = trades_of(*deltas)
        held, begun = 0, 0
        for delta in deltas:
            after = held + delta
            begun += (held == 0 and after != 0) or held * after < 0
            held = after
        left = sum(trade.qty for trade in trades) - abs(
            held
        )  # every trade left what it entered, but for the open one
        closed_trades += sum(trade.exit_ts is not None for trade in trades)
        if len(trades) != begun or sum(trade.qty for trade in trades) + left != sum(map(abs, deltas)):
            wrong.append(deltas)
    assert wrong == []
    assert closed_trades > 500
