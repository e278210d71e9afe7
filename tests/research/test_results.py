"""Results: every number from the events and the dataset alone, against a slow loop in fractions."""

from fractions import Fraction

import numpy as np
import pytest
from msgspec.structs import replace
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, bars_of, dataset_of, funding_of, usd
from tests.kit.players import player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.oracles.plain_books import equity_curves
from tests.research.runs import played, results_of, targets, walk

from veracity.domain.errors import EngineFault, OperatorFault
from veracity.domain.events import CheckpointMarked, OrderFilled, RunFinished
from veracity.research.results import Book, collect
from veracity.simulator.costs import CostModel

COSTS = CostModel(
    fee_taker=500_000,
    half_spread=200_000,
    impact=300_000_000,
    participation_max=1_000_000,  # 0.1 % of a bar's volume: 1.000, so larger orders fill over several bars
    latency_submit_ns=7_000_000_000,
)


def in_currency(book: Book) -> list[Fraction]:
    return [Fraction(value, 10**8) for value in book.equity.tolist()]


@pytest.mark.parametrize("seed", range(8))
def test_equity_agrees_with_a_plain_loop_over_one_instrument(seed: int) -> None:
    run = run_small_backtest({BTC: walk(seed, 40)}, [puppet("a", targets(seed, 40))], costs=COSTS)
    results = results_of(run)
    assert len(results.books["a"].fills) > 5
    assert {name: in_currency(book) for name, book in results.books.items()} == equity_curves(
        run.events, run.dataset
    )


@pytest.mark.parametrize("seed", range(4))
def test_equity_agrees_with_a_plain_loop_over_three_instruments_and_strategies(seed: int) -> None:
    late = walk(seed + 50, 25, start=20_00)
    market = dataset_of(
        {BTC: walk(seed, 40), ETH: late._replace(ts=late.ts + 9 * MINUTE), PERP: walk(seed + 90, 40)},
        {
            PERP: funding_of(
                [(START + 10 * MINUTE, 100_000, 100_00), (START + 20 * MINUTE + 7, -50_000, 101_00)]
            )
        },
    )
    players = [
        puppet("a", targets(seed, 40)),
        puppet("b", targets(seed + 1, 25), ETH),
        puppet("hedged", targets(seed + 2, 40), PERP, BTC),
    ]
    run = run_small_backtest(market, players, costs=COSTS)
    results = results_of(run)
    assert len(results.timeline.known) == 40
    assert {name: in_currency(book) for name, book in results.books.items()} == equity_curves(
        run.events, market
    )


def test_a_fill_at_the_open_of_the_next_bar_is_first_seen_at_that_bars_close() -> None:
    """Without latency the fill has the stamp of the close that it was decided on; its seq tells them apart."""
    book = played(
        {BTC: bars_of([100_00, 100_00, 110_00, 110_00])}, puppet("a", (1_000, 1_000, 1_000, 1_000))
    ).books["a"]
    assert book.fills[0].ts == START + MINUTE
    assert book.fills[0].row == 1
    assert book.equity.tolist() == [usd(10_000), usd(10_000), usd(10_010), usd(10_010)]


def test_the_forced_close_belongs_to_the_last_row() -> None:
    costs = CostModel(fee_taker=10_000_000)
    book = played({BTC: bars_of([100_00, 100_00, 100_00])}, puppet("a", (1_000,)), costs=costs).books["a"]
    assert [fill.row for fill in book.fills] == [1, 2]
    assert book.equity.tolist() == [usd(10_000), usd(9_999), usd(9_998)]
    assert book.exposed.tolist() == [False, True, False]


def test_funding_counts_from_the_first_bar_that_closes_at_its_stamp_or_later() -> None:
    market = dataset_of(
        {PERP: bars_of([100_00] * 5)},
        {
            PERP: funding_of(
                [(START + 2 * MINUTE, 10_000_000, 100_00), (START + 3 * MINUTE + 1, 10_000_000, 100_00)]
            )
        },
    )
    book = played(market, puppet("a", (1_000,), PERP)).books["a"]
    assert [payment.row for payment in book.funding] == [1, 3]
    assert book.equity.tolist() == [usd(10_000), usd(9_999), usd(9_999), usd(9_998), usd(9_998)]


def test_facts_that_are_journaled_are_not_counted_twice() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000, fee=usd("0.10")))
    script.ticks(103_00)
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00, 103_00])}), script.state)
    assert results.books["a"].equity.tolist() == [usd(10_000), usd("10002.90")]
    assert not results.finished


def test_a_fill_carries_its_fee_its_costs_and_the_reason_of_its_intent() -> None:
    run = run_small_backtest({BTC: walk(3, 10)}, [puppet("a", (2_000, 0))], costs=COSTS)
    fills = results_of(run).books["a"].fills
    for fill, event in zip(fills, run.all(OrderFilled), strict=True):
        assert (fill.seq, fill.ts, fill.price, fill.qty) == (event.seq, event.ts, event.price, event.qty)
        assert fill.fee == -(-fill.price * fill.qty * 1_000 * COSTS.fee_taker // 10**9)
        assert (fill.latency_cost, fill.spread_cost) == (event.latency_cost, event.spread_cost)
        assert (fill.impact_cost, fill.rounding_cost) == (event.impact_cost, event.rounding_cost)
    assert [fill.reason for fill in fills] == ["as_told"] * 4
    assert [fill.delta for fill in fills] == [1_000, 1_000, -1_000, -1_000]


def test_a_run_that_was_cut_off_ends_with_the_last_fact_that_its_events_prove() -> None:
    run = run_small_backtest({BTC: walk(3, 10)}, [puppet("a", (2_000, 2_000, 0))])
    cut = [event for event in run.events if event.seq <= 16]
    results = collect(cut, run.dataset)
    assert not results.finished
    assert len(results.books["a"].equity) == cut[-1].seq - len(cut)
    assert 0 < len(results.books["a"].equity) < 10


def test_a_dataset_with_another_number_of_facts_is_refused() -> None:
    run = run_small_backtest({BTC: walk(3, 10)}, [puppet("a", (2_000, 0))])
    for count in (9, 11):
        with pytest.raises(OperatorFault, match=f"counts 10 market facts, the dataset has {count}") as caught:
            collect(run.events, dataset_of({BTC: walk(3, count)}))
        assert caught.value.exit_code == 4


def test_an_equity_that_differs_from_the_folded_state_by_one_unit_is_a_fault() -> None:
    run = run_small_backtest({BTC: walk(3, 10)}, [puppet("a", (2_000, 0))])
    run.state.accounts["a"].cash += 1
    with pytest.raises(EngineFault, match=r"a ends with .*, the state says"):
        collect(run.events, run.dataset, run.state)


def test_an_equity_beyond_64_bits_is_a_fault_and_not_a_wrong_number() -> None:
    run = run_small_backtest({BTC: bars_of([100_00] * 4)}, [puppet("a", (1_000,))], close_at_end=False)
    grown = [
        replace(event, qty=10**14) if isinstance(event, OrderFilled) else event
        for event in run.events
        if not isinstance(event, RunFinished | CheckpointMarked)
    ]
    with pytest.raises(OperatorFault, match=r"the money of a.* does not fit 64 bits"):
        collect(grown, run.dataset)


def test_cash_may_pass_64_bits_of_turnover_without_losing_a_unit() -> None:
    """100 round trips of 9 * 10^16 units each turn over more than an int64 holds; the equity is exact all the same."""
    closes = [90_000_000_00 if bar % 2 else 90_000_001_00 for bar in range(210)]
    wanted = tuple(10_000 if bar % 2 else 0 for bar in range(200))
    book = played({BTC: bars_of(closes)}, puppet("a", wanted, cash=usd(10**9))).books["a"]
    turned_over = sum(fill.price * fill.qty * 1_000 for fill in book.fills)
    assert turned_over > 2**63
    assert book.equity_end - book.equity_start == sum(-fill.delta * fill.price * 1_000 for fill in book.fills)


def test_two_accounts_of_one_instrument_are_kept_apart() -> None:
    results = played(
        {BTC: bars_of([100_00, 100_00, 110_00, 110_00])}, puppet("a", (1_000,)), puppet("b", (-500,))
    )
    assert [book.equity_end for book in results.books.values()] == [usd(10_010), usd(9_995)]
    assert list(results.books) == ["a", "b"]


def test_the_same_run_gives_the_same_results_in_another_process_form() -> None:
    """Columns are int64 without a hidden float."""
    book = played({BTC: walk(1, 30)}, puppet("a", targets(1, 30)), costs=COSTS).books["a"]
    assert book.equity.dtype == np.int64
    assert all(
        type(value) is int for fill in book.fills for value in (fill.price, fill.qty, fill.fee, fill.row)
    )
