"""What stands in the cells of the report's tables, by hand."""

import re
from html import unescape

import pytest
from tests.kit.market import BTC, bars_of, dataset_of
from tests.kit.players import puppet
from tests.research.runs import played, summary_of

from veracity.data.dataset import Dataset
from veracity.domain.summary_models import Ratio
from veracity.guards.view import RiskLimits
from veracity.research import report_tables as tables
from veracity.research.markup import Markup
from veracity.research.results import Results
from veracity.simulator.costs import CostModel

CLOSES = [100_00, 100_00, 110_00, 110_00, 105_00]


@pytest.fixture(scope="module")
def market() -> Dataset:
    return dataset_of({BTC: bars_of(CLOSES)})


@pytest.fixture(scope="module")
def results(market: Dataset) -> Results:
    """1 from 100.00 to 110.00 with fees of 0.05 and 0.055; a second entry of the day is refused."""
    once = RiskLimits(trades_per_day=1)
    return played(
        market, puppet("a", (1_000, 1_000, 0, 500), limits=once), costs=CostModel(fee_taker=500_000)
    )


def cells(markup: Markup) -> list[list[str]]:
    """The text of each cell, row by row, the head first."""
    rows = re.findall(r"<tr.*?</tr>", str(markup), re.DOTALL)
    return [
        [unescape(re.sub(r"<[^>]+>", "", cell)) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


def test_the_headline_has_each_strategys_result(results: Results) -> None:
    _, row = cells(tables.headline(summary_of(results)))
    assert row == [
        "a puppet",
        "10,009.90 USDT",
        "+9.90",
        "+0.10 %",
        "0.00 %",
        "fewer than 2 returns",
        "1",
        "0.10",
        "0.00",
    ]


def test_trades_are_counted_by_strategy(results: Results) -> None:
    """Two of the five bars end with a position; 210 were traded of a mean equity of 10,006.
    The round trip is the only one, so the best and the worst."""
    head, row = cells(tables.statistics(summary_of(results)))
    assert dict(zip(head, row, strict=True)) == {
        "Strategy": "a",
        "Round trips": "1",
        "Open": "0",
        "Win rate": "100.00 %",
        "Profit factor": "none (no losing trade)",
        "Bars held, mean": "2.00",
        "Best": "+9.90",
        "Worst": "+9.90",
        "In the market": "40.00 %",
        "Turnover": "0.02",
        "Fills": "2",
        "Intents": "4",
    }


def test_refused_intents_and_reasons_of_trades_are_counted(results: Results) -> None:
    assert cells(tables.denials(summary_of(results)))[1:] == [["a", "trades_per_day", "T-255", "2"]]
    assert cells(tables.reasons(results))[1:] == [["a", "as_told", "as_told", "1"]]


def test_trades_of_one_reason_share_a_row(market: Dataset) -> None:
    twice = played(market, puppet("a", (1_000, 0, 1_000, 1_000)), close_at_end=False)
    assert cells(tables.reasons(twice))[1:] == [
        ["a", "as_told", "as_told", "1"],
        ["a", "as_told", "still open", "1"],
    ]
    again = played(market, puppet("a", (1_000, 0, 1_000, 0)))
    assert cells(tables.reasons(again))[1:] == [["a", "as_told", "as_told", "2"]]


def test_the_data_of_each_instrument_are_told(market: Dataset) -> None:
    assert [row[0:2] + row[3:] for row in cells(tables.instruments(market))[1:]] == [
        [BTC, "spot", "2023-02-01 00:00", "2023-02-01 00:04", "5", "0", "none"]
    ]


def test_the_deepest_fall_comes_first_with_its_peak_and_recovery(results: Results) -> None:
    """0.055 below 10,009.95 of bar 2 to the end; 0.05 below the start on bar 1."""
    (strategy,) = summary_of(results).strategies
    assert [row[1:] for row in cells(tables.falls(strategy))[1:]] == [
        ["0.06", "2023-02-01 00:02", "2023-02-01 00:03", "not yet", "2"],
        ["0.05", "2023-02-01 00:00", "2023-02-01 00:01", "2023-02-01 00:02", "1"],
    ]


def test_the_equity_stands_beside_its_bars_open(results: Results) -> None:
    assert cells(tables.equity_points(results)) == [
        ["UTC, bar open", "a, USDT", "drawdown, %"],
        ["2023-02-01 00:00", "10000.00000000", "0.00"],
        ["2023-02-01 00:01", "9999.95000000", "0.00"],
        ["2023-02-01 00:02", "10009.95000000", "0.00"],
        ["2023-02-01 00:03", "10009.89500000", "0.00"],
        ["2023-02-01 00:04", "10009.89500000", "0.00"],
    ]


def test_a_months_return_stands_in_its_column(results: Results) -> None:
    (strategy,) = summary_of(results).strategies
    head, year = cells(tables.months(strategy))
    assert head[1:4] == ["Jan", "Feb", "Mar"]
    assert head[-1] == "All"
    assert year == ["2023", "\u2013", "+0.10", *["\u2013"] * 10, "+0.10"]


def test_a_year_is_its_months_multiplied_out(results: Results) -> None:
    """1.10 times 0.90 is 0.99: ten up and ten down is one down, not nothing."""
    (strategy,) = summary_of(results).strategies
    (month,) = strategy.months
    two = [
        month.model_copy(update={"month": name, "total_return": Ratio(value=value, reason=None)})
        for name, value in (("2023-02", 0.1), ("2023-03", -0.1))
    ]
    _, year = cells(tables.months(strategy.model_copy(update={"months": tuple(two)})))
    assert (year[2], year[3], year[-1]) == ("+10.00", "\u221210.00", "\u22121.00")


def test_lines_without_an_amount_are_named_and_take_no_column(results: Results) -> None:
    markup = tables.attribution(summary_of(results))
    head, row = cells(markup)
    assert head == ["Strategy and instrument", "Gross", "Fees", "Net"]
    assert row[1:] == ["+10.00", "\u22120.10", "+9.90"]
    assert "Nothing was paid or received for latency, spread, impact, rounding, funding" in str(markup)
