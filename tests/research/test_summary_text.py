"""summary.md says what summary.json holds."""

from tests.kit.market import BTC, bars_of, dataset_of, usd
from tests.kit.players import NO_LIMITS, puppet
from tests.research.runs import played, run_baselines, summary_of

from veracity.guards.view import RiskLimits
from veracity.research.baselines import plan, table
from veracity.research.summary_text import markdown
from veracity.simulator.costs import CostModel


def test_it_shows_strategy_baselines_costs_denials_and_hashes() -> None:
    market = dataset_of({BTC: bars_of([30_000_00, 30_000_00, 31_000_00, 31_000_00, 31_000_00])})
    costs = CostModel(fee_taker=500_000)
    planned = plan(market, BTC, usd(10_000), 500_000, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(10_000), costs)[1], planned)
    limits = RiskLimits(trades_per_day=1)
    results = played(market, puppet("a", (100, 100, 0, 100, 100), limits=limits), costs=costs)
    text = markdown(summary_of(results, baselines=rows))
    assert text.startswith(
        "# Run 0123456789abcdef\n\n2023-02-01T00:00:00Z to 2023-02-01T00:04:00Z (UTC, bar open), 5 bars.\n"
    )
    assert "| **a** | 10,096.95 USDT | +96.95 | +0.97 % | " in text
    # 0.333 from 30,000 to 31,000 are 333.00; fees of 4.995 and 5.1615.
    assert "| buy_and_hold | 10,322.84 | +322.84 | +3.23 % | " in text
    assert "| carry | not applicable: the data hold no perpetual with funding of BTC/USDT |" in text
    assert "| gross at reference prices | +100.00 |" in text
    assert "| fees, paid | 3.05 |" in text
    assert "| trades_per_day | T-" in text
    assert f"| code | {'3' * 64} |" in text
    assert results.state_hash is not None
    assert f"| final state | {results.state_hash} |" in text
    assert "- Warning: a made 1 round trips" in text


def test_every_table_has_equally_many_cells_in_each_row() -> None:
    text = markdown(summary_of(played({BTC: bars_of([100_00] * 4)}, puppet("a", (1_000,)))))
    blocks = [block for block in text.split("\n\n") if block.startswith("|")]
    assert len(blocks) == 3
    for block in blocks:
        assert len({line.count("|") for line in block.splitlines()}) == 1
