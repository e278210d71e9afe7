"""Funding that nobody knows is never an amount (specs/backtest/costs.md, S-075; T-220)."""

from dataclasses import replace

import pytest
from tests.kit.market import MINUTE, PERP, START, bars_of, dataset_of, funding_of, usd
from tests.kit.players import puppet
from tests.research.runs import played, summary_of

from veracity.data.gaps import Gap
from veracity.domain.amounts import RATE_ONE
from veracity.research.attribution import attribute
from veracity.research.results import Results

BP = RATE_ONE // 10_000
MISSING = START + 20 * MINUTE


def holds(first: int, last: int, hole: int = MISSING) -> Results:
    """One perpetual held from the bar after `first` to the bar after `last`; the settlement at `hole` is missing."""
    stamps = [START + number * 10 * MINUTE for number in (1, 3, 4)]
    dataset = dataset_of(
        {PERP: bars_of([100_00] * 45)}, {PERP: funding_of([(stamp, BP, 100_00) for stamp in stamps])}
    )
    (data,) = dataset.instruments
    dataset = replace(dataset, instruments=(replace(data, funding_missing=(Gap(hole, hole, 1),)),))
    targets = (0,) * first + (1_000,) * (last - first) + (0,)
    return played(dataset, puppet("a", targets, PERP))


@pytest.mark.ticket("T-220")
def test_funding_and_net_are_unknown_where_a_settlement_is_missing_while_held() -> None:
    results = holds(5, 25)
    lines = attribute(results).by_strategy["a"]
    assert (lines.funding, lines.net) == (None, None)
    assert (lines.gross, lines.fees) == (0, 0)
    summary = summary_of(results)
    assert (summary.strategies[0].pnl.funding, summary.strategies[0].pnl.net) == (None, None)
    assert [payment.amount for payment in results.books["a"].funding] == [-usd("0.01")]  # and none of 0
    assert any("1 settlements of BTCUSDT-PERP are missing while a held it" in one for one in summary.warnings)


@pytest.mark.ticket("T-220")
@pytest.mark.parametrize(("first", "last"), [(1, 15), (25, 40)])
def test_a_settlement_that_is_missing_while_nothing_is_held_costs_nothing(first: int, last: int) -> None:
    lines = attribute(holds(first, last)).by_strategy["a"]
    assert lines.funding == lines.net
    assert lines.net is not None
