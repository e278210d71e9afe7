"""Parquet: exact amounts, UTC stamps, the same bytes for the same results."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.kit.market import BTC, ETH, START, bars_of, dataset_of, listed, usd
from tests.kit.players import player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.research.runs import played, targets, walk

from veracity.research.results import collect
from veracity.research.tables import (
    CURVE_POINTS_MAX,
    MONEY,
    WIDE,
    Curve,
    decimals,
    fills_table,
    read_curves,
    thinned,
    trades_table,
    write_curves,
    write_tables,
)
from veracity.simulator.costs import CostModel

COSTS = CostModel(fee_taker=500_000, half_spread=300_000)


def test_every_fill_and_trade_is_a_row_with_exact_amounts() -> None:
    results = played(
        {BTC: bars_of([100_00, 100_00, 103_00, 103_00])}, puppet("a", (1_500, 1_500, 0)), costs=COSTS
    )
    (trade,) = trades_table(results).to_pylist()
    assert trade["side"] == "long"
    assert (trade["qty"], trade["entry_price"], trade["exit_price"]) == (
        Decimal("1.5"),
        Decimal("100.03"),
        Decimal("102.96"),
    )
    assert (trade["realized"], trade["net"]) == (Decimal("4.395"), Decimal("4.395") - trade["fees"])
    buy, sell = fills_table(results).to_pylist()
    assert (buy["side"], buy["price"], buy["qty"], buy["spread_cost"]) == (
        "buy",
        Decimal("100.03"),
        Decimal("1.5"),
        Decimal("0.045"),
    )
    assert (sell["side"], sell["ts"].isoformat()) == ("sell", "2023-02-01T00:03:00+00:00")


def test_each_column_of_a_trade_and_of_a_fill() -> None:
    """1.5 from 100.03 to 102.96; fees of 5 basis points are 0.0750225 and 0.07722, the half spreads 0.03 and,
    rounded up, 0.04."""
    market = {BTC: bars_of([100_00, 100_00, 103_00, 103_00])}
    results = played(market, puppet("a", (1_500, 1_500, 0)), costs=COSTS)
    (trade,), (_, sell) = trades_table(results).to_pylist(), fills_table(results).to_pylist()
    entered, left = (datetime(2023, 2, 1, 0, minute, tzinfo=UTC) for minute in (1, 3))
    assert list(trade.items()) == [
        ("strategy_id", "a"),
        ("symbol", BTC),
        ("side", "long"),
        ("entry_ts", entered),
        ("exit_ts", left),
        ("qty", Decimal("1.5")),
        ("entry_price", Decimal("100.03")),
        ("exit_price", Decimal("102.96")),
        ("realized", Decimal("4.395")),
        ("fees", Decimal("0.1522425")),
        ("funding", Decimal(0)),
        ("net", Decimal("4.2427575")),
        ("bars", 2),
        ("fills", 2),
        ("entry_reason", "as_told"),
        ("exit_reason", "as_told"),
    ]
    made_up = ("seq", "intent_id", "order_id")
    assert {name: value for name, value in sell.items() if name not in made_up} == {
        "ts": left,
        "strategy_id": "a",
        "symbol": BTC,
        "trade_id": "2",
        "side": "sell",
        "price": Decimal("102.96"),
        "qty": Decimal("1.5"),
        "liquidity": "taker",
        "fee": Decimal("0.07722"),
        "latency_cost": Decimal(0),
        "spread_cost": Decimal("0.06"),
        "impact_cost": Decimal(0),
        "rounding_cost": Decimal(0),
        "reason": "as_told",
    }


def test_an_open_trade_and_a_cost_that_is_not_known_are_null() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000))
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00])}), script.state)
    (trade,) = trades_table(results).to_pylist()
    assert (trade["exit_ts"], trade["exit_price"], trade["exit_reason"]) == (None, None, None)
    (fill,) = fills_table(results).to_pylist()
    assert (fill["latency_cost"], fill["spread_cost"], fill["fee"]) == (None, None, Decimal(0))


def test_equity_has_a_row_for_each_strategy_and_bar_under_the_bars_open(tmp_path: Path) -> None:
    results = played({BTC: bars_of([100_00, 100_00, 110_00])}, puppet("a", (1_000,)), puppet("b", ()))
    write_tables(results, tmp_path)
    table = pq.read_table(tmp_path / "equity.parquet")
    assert table.schema.field("equity").type == MONEY
    assert table["strategy_id"].to_pylist() == ["a"] * 3 + ["b"] * 3
    assert table["ts"].cast(pa.int64()).to_pylist()[:3] == results.timeline.open_ts.tolist()
    assert table["ts"].to_pylist()[0].isoformat() == "2023-02-01T00:00:00+00:00"
    assert table["equity"].to_pylist()[:3] == [Decimal(10_000), Decimal(10_000), Decimal(10_010)]


def test_equity_below_zero_is_written_as_such(tmp_path: Path) -> None:
    falling = {BTC: bars_of([100_00, 100_00, 40_00])}
    write_tables(played(falling, puppet("a", (1_000,), cash=usd(50)), close_at_end=False), tmp_path)
    found = pq.read_table(tmp_path / "equity.parquet")["equity"].to_pylist()
    assert found == [Decimal(50), Decimal(50), Decimal(-10)]


def test_instruments_of_different_scales_share_a_column() -> None:
    rules = {ETH: listed(ETH, price_scale=0, qty_scale=5)}
    market = dataset_of({BTC: bars_of([100_00] * 3), ETH: bars_of([7, 7, 7])}, rules=rules)
    results = played(market, puppet("a", (1_000,)), puppet("b", (250_000,), ETH))
    assert [(row["price"], row["qty"]) for row in fills_table(results).to_pylist()] == [
        (Decimal(100), Decimal(1)),
        (Decimal(100), Decimal(1)),
        (Decimal(7), Decimal("2.5")),
        (Decimal(7), Decimal("2.5")),
    ]


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_tables(played({BTC: walk(1, 60)}, puppet("a", targets(1, 60)), costs=COSTS), tmp_path / name)
    for file in ("trades.parquet", "fills.parquet", "equity.parquet"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_a_run_without_trades_writes_empty_tables(tmp_path: Path) -> None:
    write_tables(played({BTC: bars_of([100_00] * 3)}, puppet("a", ())), tmp_path)
    assert pq.read_table(tmp_path / "trades.parquet").num_rows == 0
    assert pq.read_table(tmp_path / "fills.parquet").num_rows == 0
    assert pq.read_table(tmp_path / "equity.parquet").num_rows == 3


def test_a_run_without_strategies_writes_empty_tables(tmp_path: Path) -> None:
    write_tables(played({BTC: bars_of([100_00] * 3)}), tmp_path)
    assert pq.read_table(tmp_path / "equity.parquet").num_rows == 0


@pytest.mark.parametrize("units", [0, 1, -1, 2**63 - 1, -(2**63), 10**24, -(10**24)])
def test_decimals_hold_any_amount_of_either_sign(units: int) -> None:
    assert decimals([units, None], WIDE).to_pylist() == [Decimal(units).scaleb(-8), None]


def test_curves_survive_the_file_and_keep_their_extremes(tmp_path: Path) -> None:
    results = played({BTC: walk(9, 3_000)}, puppet("a", targets(9, 3_000)), puppet("b", ()))
    curves = thinned(results, {"b": "no_trade", "a": "momentum"})
    write_curves(curves, tmp_path / "baselines.parquet")
    flat, moving = read_curves(tmp_path / "baselines.parquet")
    equity = results.books["a"].equity
    assert (flat.name, moving.name) == ("no_trade", "momentum")
    assert moving.start == usd(10_000)
    assert len(moving.equity) <= CURVE_POINTS_MAX
    assert (moving.equity.max(), moving.equity.min()) == (equity.max(), equity.min())
    for ours, read in zip(curves, (flat, moving), strict=True):
        assert isinstance(read, Curve)
        assert np.array_equal(ours.open_ts, read.open_ts)
        assert np.array_equal(ours.equity, read.equity)
    assert moving.open_ts[0] == START
