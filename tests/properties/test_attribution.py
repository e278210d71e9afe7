"""Whatever an account lives through, its lines add up: in the state, in the attribution and in what is exported."""

from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, MINUTE, PERP, START, VOLUME, bars_of, dataset_of, funding_of, usd
from tests.kit.players import puppet
from tests.oracles.plain_books import MONEY, PlainBooks
from tests.research.runs import results_of, summary_of

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import (
    BorrowCharged,
    FeeCharged,
    FundingPaid,
    OrderFilled,
    PositionLiquidated,
)
from veracity.engine.margin import Margin
from veracity.research.attribution import attribute
from veracity.research.export import export_run
from veracity.research.summary import write_summary
from veracity.research.tables import write_tables
from veracity.simulator.costs import CostModel

BARS = 24
SETTLED = (5, 11, 17)  # minutes
COSTLY = CostModel(
    fee_taker=500_000,
    half_spread=200_000,
    volatility_share=30_000_000,
    impact=400_000_000,
    participation_max=20_000_000,
    latency_submit_ns=11_000_000_000,
)
MARGIN = Margin(
    maintenance=RATE_ONE // 10,
    liquidation_fee=RATE_ONE // 200,
    borrow_cash=RATE_ONE // 1_000,
    borrow_coins=RATE_ONE // 500,
)
CLOSES = st.lists(st.integers(20_00, 200_00), min_size=BARS, max_size=BARS)
TARGETS = st.lists(st.sampled_from((-40_000, -7_001, 0, 13, 9_000, 45_000)), min_size=BARS, max_size=BARS)
RATES = st.lists(st.integers(-3_000_000, 3_000_000), min_size=len(SETTLED), max_size=len(SETTLED))


def lived(
    spot: list[int], perp: list[int], targets: tuple[list[int], list[int]], rates: list[int]
) -> SmallRun:
    """Two accounts of 1,000 with loans and margin, one on each instrument."""
    settled = [(START + minute * MINUTE, rate, 100_00) for minute, rate in zip(SETTLED, rates, strict=True)]
    market = {BTC: bars_of(spot, volume=VOLUME), PERP: bars_of(perp, volume=VOLUME)}
    players = [
        puppet(name, tuple(wanted), symbol, cash=usd(1_000))
        for name, wanted, symbol in zip(("coins", "perps"), targets, (BTC, PERP), strict=True)
    ]
    lent = [one._replace(bound=one.bound._replace(margin=MARGIN)) for one in players]
    return run_small_backtest(dataset_of(market, {PERP: funding_of(settled)}), lent, costs=COSTLY)


def plainly(run: SmallRun) -> PlainBooks:
    """The books that a plain loop over the journal keeps, at the last closes."""
    books = PlainBooks(run.dataset)
    for event in run.events:
        books.take(event)
    for data in run.dataset.instruments:
        scale = 10**data.source.price_scale
        books.price[data.source.symbol] = Fraction(int(data.bars.close[-1]), scale)
    return books


@settings(max_examples=12)
@given(spot=CLOSES, perp=CLOSES, coins=TARGETS, perps=TARGETS, rates=RATES)
def test_the_lines_of_an_account_add_up_through_loans_funding_and_liquidations(
    spot: list[int], perp: list[int], coins: list[int], perps: list[int], rates: list[int]
) -> None:
    run = lived(spot, perp, (coins, perps), rates)
    results, books = results_of(run), plainly(run)
    found = attribute(results).by_strategy
    with TemporaryDirectory() as scratch:
        write_summary(summary_of(results), Path(scratch, "run"))
        write_tables(results, Path(scratch, "run", "results"))
        export_run(Path(scratch, "run"), Path(scratch, "out"), "parquet")
        exported = pq.read_table(Path(scratch, "out", "attribution.parquet")).to_pylist()
    for row in exported:
        name, lines = row["strategy_id"], found[row["strategy_id"]]
        change = books.equity(name) - usd(1_000) * MONEY
        mine = [event for event in run.events if getattr(event, "strategy_id", None) == name]
        assert lines.fees == -sum(one.amount for one in mine if isinstance(one, FeeCharged))
        assert lines.funding == sum(one.amount for one in mine if isinstance(one, FundingPaid))
        assert lines.borrow == -sum(one.amount for one in mine if isinstance(one, BorrowCharged))
        assert lines.liquidation == -sum(one.fee for one in mine if isinstance(one, PositionLiquidated))
        assert lines.spread == -sum(one.spread_cost or 0 for one in mine if isinstance(one, OrderFilled))
        assert lines.net is not None
        assert lines.net * MONEY == change
        money = {key: value for key, value in row.items() if key.endswith("_1e8")}
        assert money.pop("net_1e8") * MONEY == change
        assert sum(money.values()) * MONEY == change


def test_an_account_that_was_liquidated_paid_for_it_in_a_line_of_its_own() -> None:
    """So that the property above is not about accounts to which nothing happens."""
    fall = [100_00] * 10 + [50_00] * 14
    run = lived(fall, fall, ([0] * 5 + [45_000] * 19, [9_000] * 24), [1_000_000] * 3)
    kinds = {type(event) for event in run.events}
    assert {BorrowCharged, FundingPaid, PositionLiquidated, FeeCharged} <= kinds
    assert attribute(results_of(run)).by_strategy["coins"].liquidation < 0
