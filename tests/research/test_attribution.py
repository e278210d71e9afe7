"""Attribution: named lines that add up to the equity change, each from its own source."""

import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, bars_of, dataset_of, funding_of, instrument, usd
from tests.kit.players import Player, player, puppet
from tests.kit.says import acked, filled
from tests.kit.script import IDENTITY, Script
from tests.research.runs import played, results_of, targets, walk

from veracity.domain.errors import EngineFault
from veracity.domain.events import IntentCreated, OrderFilled
from veracity.research.attribution import Lines, added, attribute
from veracity.research.results import collect
from veracity.simulator.costs import CostModel
from veracity.strategies.registry import REGISTRY

FREE_EXIT = {"latency_cost": 0, "spread_cost": 0, "impact_cost": 0, "rounding_cost": 0}
COSTLY = CostModel(
    fee_taker=500_000,
    half_spread=200_000,
    volatility_share=30_000_000,
    impact=400_000_000,
    participation_max=2_000_000,
    latency_submit_ns=11_000_000_000,
    latency_jitter_ns=3_000_000_000,
)


def bought_and_sold(**entry_costs: int | None) -> Script:
    """Buys 1 at 100.35 after a decision at 100.00, sells it free of costs at 110.00."""
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 1_000).hears(acked(script.order))
    script.hears(filled(script.order, 1_000, 100_35, fee=usd("0.10"), **entry_costs)).ticks(110_00)
    script.wants("a", 0).hears(acked(script.order))
    return script.hears(filled(script.order, 1_000, 110_00, side="sell", trade="2", **FREE_EXIT))


@pytest.mark.ticket("T-211")
def test_the_worked_example_line_by_line() -> None:
    costs = {
        "latency_cost": usd("0.20"),
        "spread_cost": usd("0.05"),
        "impact_cost": usd("0.10"),
        "rounding_cost": 0,
    }
    script = bought_and_sold(**costs)
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00, 110_00])}), script.state)
    lines = attribute(results).by_strategy["a"]
    assert lines == Lines(
        gross=usd(10),
        latency=-usd("0.20"),
        spread=-usd("0.05"),
        impact=-usd("0.10"),
        rounding=0,
        fees=-usd("0.10"),
        funding=0,
        borrow=0,
        liquidation=0,
        net=usd("9.55"),
    )
    assert sum(lines[:-1]) == results.books["a"].equity_end - results.books["a"].equity_start


def gross_from_the_tape(run: SmallRun) -> int:
    """What the quantities won at the price that each decision met: the open of the next bar, the last close at the end."""
    bars = run.dataset.instruments[0].bars
    decided = {intent.intent_id: intent.ts for intent in run.all(IntentCreated)}
    gross = 0
    for fill in run.all(OrderFilled):
        row = (decided[fill.intent_id] - START) // MINUTE
        price = int(bars.open[row]) if row < len(bars.open) else int(bars.close[-1])
        gross += (-1 if fill.side == "buy" else 1) * fill.qty * price * 1_000
    return gross


@pytest.mark.ticket("T-211")
def test_on_500_generated_runs_the_lines_add_up_to_the_last_unit() -> None:
    """Gross comes from the tape here, so a cost that the simulator or the attribution mislaid would be missing."""
    fills = 0
    for seed in range(500):
        run = run_small_backtest(
            {BTC: walk(seed, 8)},
            [puppet("a", targets(seed, 8))],
            costs=COSTLY,
            identity=IDENTITY._replace(seed=seed),
        )
        results = results_of(run)
        lines, book = attribute(results).by_strategy["a"], results.books["a"]
        assert sum(line for line in lines[:-1] if line is not None) == book.equity_end - book.equity_start
        assert lines.gross == gross_from_the_tape(run)
        fills += len(book.fills)
    assert fills > 1_500


@pytest.mark.parametrize("missing", ["latency_cost", "spread_cost", "impact_cost", "rounding_cost"])
def test_a_cost_that_the_venue_does_not_state_makes_its_line_and_gross_unknown_not_zero(missing: str) -> None:
    script = bought_and_sold(**{**FREE_EXIT, missing: None})
    results = collect(script.journal.events, dataset_of({BTC: bars_of([100_00, 110_00])}), script.state)
    lines = attribute(results).by_strategy["a"]
    assert lines.gross is None
    assert lines.slippage is None
    assert getattr(lines, missing.removesuffix("_cost")) is None
    others = {"latency", "spread", "impact", "rounding"} - {missing.removesuffix("_cost")}
    assert [getattr(lines, name) for name in sorted(others)] == [0, 0, 0]
    assert (lines.fees, lines.net) == (-usd("0.10"), usd("9.55"))


def test_a_position_that_is_still_held_is_worth_its_last_close() -> None:
    results = played({BTC: bars_of([100_00, 100_00, 104_00])}, puppet("a", (1_000,)), close_at_end=False)
    assert attribute(results).by_strategy["a"].gross == usd(4)


def test_each_instrument_has_its_own_lines_and_they_add_up_to_the_strategys() -> None:
    market = {BTC: walk(1, 20), ETH: walk(2, 20)}
    results = played(
        market, puppet("hedged", targets(3, 20), BTC, ETH), puppet("b", targets(4, 20)), costs=COSTLY
    )
    attribution = attribute(results)
    parts = attribution.by_symbol["hedged"]
    assert list(parts) == [BTC, ETH]
    assert parts[BTC].net != 0 != parts[ETH].net
    assert attribution.by_strategy["hedged"] == added(parts.values())
    assert attribution.total == added(attribution.by_strategy.values())


def test_accounts_in_different_currencies_have_no_total() -> None:
    market = {BTC: bars_of([100_00] * 3)}
    one, other = puppet("a", (1_000,)), puppet("b", (1_000,), currency="EUR")
    assert attribute(played(market, one, other)).total is None
    assert attribute(played(market, one)).total is not None


def test_the_sum_of_nothing_is_zero_and_the_sum_with_something_unknown_is_unknown() -> None:
    known = Lines(1, 2, 3, 4, 5, 6, 7, 8, 9, 45)
    unknown = known._replace(gross=None, spread=None)
    assert added([]) == Lines(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    assert added([known, unknown]) == Lines(None, 4, None, 8, 10, 12, 14, 16, 18, 90)


def test_lines_that_do_not_add_up_are_a_fault() -> None:
    results = played({BTC: bars_of([100_00] * 4)}, puppet("a", (1_000,)), costs=COSTLY)
    results.books["a"].equity[-1] += 1
    with pytest.raises(EngineFault, match=r"the lines of a add up to .*, its equity changed by"):
        attribute(results)


def momentum_on_a_perpetual(rate: int | None) -> SmallRun:
    """Rises from the fourth bar on, so a momentum of 2 over 3 is long 1 from there to the end."""
    closes = [50_000_00] * 4 + [50_000_00 + 100 * bar for bar in range(1, 12)]
    stamps = [START + bar * MINUTE for bar in (8, 10, 12)]
    settlements = [(stamp, 0 if rate is None else rate, 50_000_00) for stamp in stamps]
    market = dataset_of({PERP: bars_of(closes)}, None if rate is None else {PERP: funding_of(settlements)})
    strategy = REGISTRY["momentum"]
    params = strategy.bind({"fast": 2, "slow": 3, "qty": 1}, instrument(PERP))
    trader: Player = player("momo", PERP, strategy=strategy, params=params, cash=usd(100_000))
    return run_small_backtest(market, [trader])


@pytest.mark.ticket("T-219")
@pytest.mark.parametrize(("rate", "funding"), [(100_000, "-15"), (-100_000, "15")])
def test_funding_of_either_sign_has_its_own_line(rate: int, funding: str) -> None:
    without = results_of(momentum_on_a_perpetual(None))
    with_funding = results_of(momentum_on_a_perpetual(rate))
    change = with_funding.books["momo"].equity_end - without.books["momo"].equity_end
    assert change == usd(funding)
    lines = attribute(with_funding).by_strategy["momo"]
    assert (lines.funding, lines.fees) == (usd(funding), 0)
    assert attribute(without).by_strategy["momo"].funding == 0
