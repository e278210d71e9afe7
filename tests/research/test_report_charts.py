"""Figures: thinned, bounded, and honest about what is unknown."""

import json

import numpy as np
import pytest
from tests.kit.market import BTC, ETH, bars_of, dataset_of, usd
from tests.kit.players import player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import Script
from tests.research.runs import played, summary_of, targets, walk

from veracity.research.report_charts import (
    FILLS_MAX,
    POINTS_MAX,
    TRACE_POINTS_MAX,
    costs_figure,
    equity_figure,
    fills_by_symbol,
    price_figure,
)
from veracity.research.results import collect
from veracity.research.tables import Curve
from veracity.simulator.costs import CostModel


def test_equity_and_drawdown_are_in_percent_and_end_where_the_run_does() -> None:
    results = played({BTC: bars_of([100_00, 100_00, 110_00, 99_00])}, puppet("a", (1_000,), cash=usd(100)))
    grown, under = equity_figure(results, [])["data"]
    assert grown["y"] == [0.0, 0.0, 10.0, -1.0]
    assert under["y"] == [0.0, 0.0, 0.0, -10.0]
    assert grown["x"] == (results.timeline.open_ts // 10**6).tolist()


def test_baselines_are_drawn_as_growth_of_their_own_start() -> None:
    results = played({BTC: bars_of([100_00] * 3)}, puppet("a", ()))
    curve = Curve("no_trade", usd(50), results.timeline.open_ts[:2], np.array([usd(50), usd(60)]))
    *_, drawn = equity_figure(results, [curve])["data"]
    assert (drawn["name"], drawn["y"]) == ("no_trade (baseline)", [0.0, 20.0])


@pytest.mark.parametrize("strategies", [1, 12])
def test_points_stay_bounded_whatever_is_drawn(strategies: int) -> None:
    players = [puppet(f"s{number}", targets(number, 400)) for number in range(strategies)]
    results = played({BTC: walk(3, 2_500)}, *players)
    figure = equity_figure(results, [])
    sizes = [len(trace["x"]) for trace in figure["data"]]
    assert len(sizes) == 2 * strategies
    assert max(sizes) <= TRACE_POINTS_MAX
    assert sum(sizes) <= POINTS_MAX
    assert len(json.dumps(figure)) < 40 * POINTS_MAX


def test_the_lowest_and_highest_equity_survive_the_thinning() -> None:
    results = played({BTC: walk(3, 2_500)}, puppet("a", targets(3, 2_500)))
    grown, _ = equity_figure(results, [])["data"]
    equity = results.books["a"].equity
    exact = [(value - usd(10_000)) * 100 / usd(10_000) for value in (int(equity.min()), int(equity.max()))]
    assert [min(grown["y"]), max(grown["y"])] == pytest.approx(exact, rel=1e-5)


def test_fills_stand_at_their_price_on_the_closes() -> None:
    results = played({BTC: bars_of([100_00, 101_00, 103_00, 103_00])}, puppet("a", (1_500, 1_500, 0)))
    market = dataset_of({BTC: bars_of([100_00, 101_00, 103_00, 103_00])})
    close, bought, sold = price_figure(market.instruments[0], results.books["a"].fills, 1)["data"]
    assert close["y"] == [100.0, 101.0, 103.0, 103.0]
    assert (bought["y"], bought["text"]) == ([100.0], ["1.500 a: as_told"])
    assert (sold["y"], sold["x"]) == ([103.0], [results.books["a"].fills[1].ts // 10**6])


def test_markers_are_thinned_but_their_extreme_prices_stay() -> None:
    market = {BTC: walk(5, 1_400)}
    results = played(market, puppet("a", tuple(1_000 * (bar % 2) for bar in range(1_400))))
    fills = results.books["a"].fills
    assert len(fills) > 2 * FILLS_MAX
    _, bought, _ = price_figure(dataset_of(market).instruments[0], fills, 1)["data"]
    prices = [fill.price / 100 for fill in fills if fill.side == "buy"]
    assert len(bought["x"]) <= FILLS_MAX
    assert (min(bought["y"]), max(bought["y"])) == (min(prices), max(prices))


def test_instruments_with_most_fills_come_first() -> None:
    results = played(
        {BTC: bars_of([100_00] * 5), ETH: bars_of([100_00] * 5)}, puppet("a", (1_000, 0, 1_000), ETH)
    )
    dataset = dataset_of({BTC: bars_of([100_00] * 5), ETH: bars_of([100_00] * 5)})
    assert {symbol: len(fills) for symbol, fills in fills_by_symbol(results, dataset).items()} == {
        ETH: 4,
        BTC: 0,
    }
    assert list(fills_by_symbol(results, dataset)) == [ETH, BTC]


def test_the_waterfall_leads_from_gross_to_net() -> None:
    costs = CostModel(fee_taker=500_000)
    market = {BTC: bars_of([30_000_00, 30_000_00, 31_000_00, 31_000_00])}
    (strategy,) = summary_of(played(market, puppet("a", (100, 100, 0)), costs=costs)).strategies
    figure = costs_figure(strategy)
    assert figure is not None
    (trace,) = figure["data"]
    assert (trace["x"], trace["y"]) == (["gross", "fees", "net"], [100.0, -3.05, 96.95])
    assert trace["measure"] == ["absolute", "relative", "total"]
    assert sum(trace["y"][:-1]) == pytest.approx(trace["y"][-1])


def test_no_waterfall_is_drawn_where_a_cost_is_unknown() -> None:
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order)).hears(filled(script.order, 1_000))
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00])}), script.state)
    assert costs_figure(summary_of(results).strategies[0]) is None
