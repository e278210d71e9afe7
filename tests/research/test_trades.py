"""Round trips, checked by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, PERP, START, bars_of, dataset_of, funding_of, instrument, usd
from tests.kit.players import puppet
from tests.research.runs import played, results_of

from veracity.domain.events import Side
from veracity.research.trades import FillRow, Funding, round_trips
from veracity.simulator.costs import CostModel

RULES = instrument()


def fill(seq: int, side: Side, qty: int, price: int, fee: int = 0, row: int = 0) -> FillRow:
    """A fill of the strategy `a`; its row is its seq where none is given."""
    return FillRow(
        seq,
        START + seq,
        row or seq,
        "a",
        BTC,
        side,
        price,
        qty,
        "taker",
        fee,
        0,
        0,
        0,
        0,
        str(seq),
        "o",
        "i",
        f"r{seq}",
    )


def paid(seq: int, amount: int) -> Funding:
    return Funding(seq, START + seq, seq, "a", BTC, 1_000, 1, 1, amount)


def test_a_round_trip_with_two_entries_and_two_exits() -> None:
    """1 at 100 and 1 at 110, out at 120 and 90: average entry 105, average exit 105, nothing won, fees lost."""
    fills = [
        fill(1, "buy", 1_000, 100_00, usd("0.1")),
        fill(2, "buy", 1_000, 110_00, usd("0.2")),
        fill(5, "sell", 1_000, 120_00, usd("0.3")),
        fill(9, "sell", 1_000, 90_00, usd("0.4")),
    ]
    (trade,) = round_trips(fills, [], RULES, 20)
    assert (trade.side, trade.qty, trade.fills, trade.bars) == ("long", 2_000, 4, 8)
    assert (trade.entry_price, trade.exit_price) == (usd(105), usd(105))
    assert (trade.realized, trade.fees, trade.funding, trade.net) == (0, usd(1), 0, -usd(1))
    assert (trade.entry_reason, trade.exit_reason) == ("r1", "r9")
    assert (trade.entry_ts, trade.exit_ts) == (START + 1, START + 9)


def test_a_short_round_trip_wins_when_the_price_falls() -> None:
    (trade,) = round_trips([fill(1, "sell", 500, 100_00), fill(2, "buy", 500, 90_00)], [], RULES, 20)
    assert (trade.side, trade.realized) == ("short", usd(5))


def test_average_prices_are_rounded_down_and_the_money_is_not() -> None:
    """1 at 100.00 and 2 at 100.01: the average 100.00666... has no end, the profit of 0.02 is exact."""
    fills = [fill(1, "buy", 1_000, 100_00), fill(2, "buy", 2_000, 100_01), fill(3, "sell", 3_000, 100_01)]
    (trade,) = round_trips(fills, [], RULES, 20)
    assert trade.entry_price == 10_000_666_666
    assert trade.realized == usd("0.01")


def test_a_flip_closes_one_trade_and_opens_the_other_with_their_shares_of_the_fee() -> None:
    fills = [
        fill(1, "buy", 1_000, 100_00),
        fill(4, "sell", 3_000, 110_00, fee=100),
        fill(6, "buy", 2_000, 100_00),
    ]
    long, short = round_trips(fills, [], RULES, 20)
    assert (long.side, long.qty, long.realized, long.fees, long.bars) == ("long", 1_000, usd(10), 33, 3)
    assert (short.side, short.qty, short.realized, short.fees, short.bars) == ("short", 2_000, usd(20), 67, 2)
    assert (long.exit_reason, short.entry_reason) == ("r4", "r4")


def test_an_open_trade_has_no_exit_and_is_the_last() -> None:
    done, held = round_trips(
        [fill(1, "buy", 1_000, 100_00), fill(2, "sell", 1_000, 101_00), fill(3, "buy", 1_000, 102_00)],
        [],
        RULES,
        20,
    )
    assert (done.exit_ts, done.exit_price, done.exit_reason) == (START + 2, usd(101), "r2")
    assert (held.exit_ts, held.exit_price, held.exit_reason, held.realized) == (None, None, None, 0)
    assert held.bars == 17


def test_funding_goes_to_the_trade_that_was_open_at_its_stamp() -> None:
    fills = [
        fill(1, "buy", 1_000, 100_00),
        fill(3, "sell", 1_000, 100_00),
        fill(5, "buy", 1_000, 100_00),
        fill(7, "sell", 1_000, 100_00),
    ]
    first, second = round_trips(fills, [paid(2, -7), paid(6, 4)], RULES, 20)
    assert (first.funding, first.net) == (-7, -7)
    assert (second.funding, second.net) == (4, 4)


def test_funding_after_the_last_fill_goes_to_the_open_trade() -> None:
    (held,) = round_trips([fill(1, "buy", 1_000, 100_00)], [paid(2, -7), paid(9, -5)], RULES, 20)
    assert held.funding == -12


def test_funding_without_a_position_cannot_be() -> None:
    with pytest.raises(AssertionError, match="funding 2 without a position"):
        round_trips([], [paid(2, -7)], RULES, 20)


@given(
    moves=st.lists(
        st.tuples(
            st.sampled_from(["buy", "sell"]), st.integers(1, 50), st.integers(1, 999), st.integers(-9, 99)
        ),
        min_size=1,
    )
)
def test_trades_keep_every_quantity_fee_and_unit_of_money(moves: list[tuple[Side, int, int, int]]) -> None:
    fills = [fill(seq, side, qty, price, fee) for seq, (side, qty, price, fee) in enumerate(moves, 1)]
    trades = round_trips(fills, [], RULES, 99)
    held = sum(one.delta for one in fills)
    assert sum(trade.fees for trade in trades) == sum(one.fee for one in fills)
    assert [trade.exit_ts is None for trade in trades] == [False] * (len(trades) - 1) + [held != 0]
    traded = sum(trade.qty for trade in trades)
    assert 2 * traded - abs(held) == sum(one.qty for one in fills)
    if held == 0:
        cash = sum(-one.delta * one.price * RULES.factor for one in fills)
        assert sum(trade.realized for trade in trades) == cash


def test_the_trades_of_a_flat_run_add_up_to_its_equity_change() -> None:
    market = dataset_of(
        {PERP: bars_of([100_00, 103_00, 99_00, 104_00, 108_00, 101_00, 100_00])},
        {PERP: funding_of([(START + 3 * 60 * 10**9, 1_000_000, 100_00)])},
    )
    costs = CostModel(fee_taker=700_000, half_spread=300_000)
    book = played(market, puppet("a", (1_000, 2_000, -700, -700, 0), PERP), costs=costs).books["a"]
    assert [trade.side for trade in book.trades] == ["long", "short"]
    assert sum(trade.net for trade in book.trades) == book.equity_end - book.equity_start


@pytest.mark.ticket("T-208")
def test_positions_at_the_end_become_trades_that_were_closed_by_force() -> None:
    costs = CostModel(fee_taker=1_000_000)
    run = run_small_backtest(
        {BTC: bars_of([200_00] * 4)}, [puppet("up", (500,)), puppet("down", (-500,))], costs=costs
    )
    results = results_of(run)
    for name, side in (("up", "long"), ("down", "short")):
        (trade,) = results.books[name].trades
        assert (trade.side, trade.qty, trade.exit_price, trade.exit_reason) == (
            side,
            500,
            usd(200),
            "forced_close",
        )
        assert trade.fees == 2 * usd("0.1")
        assert [holding.qty for holding in results.books[name].holdings.values()] == [0]
    assert all(
        position.qty == 0
        for account in run.state.accounts.values()
        for position in account.positions.values()
    )
