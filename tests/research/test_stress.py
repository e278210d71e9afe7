"""What is left of a run when one thing is made worse (specs/policies/stress.yaml)."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, MINUTE, PERP, START, aux_of, bars_of, dataset_of, funding_of, usd
from tests.kit.players import Player, player, puppet
from tests.kit.script import IDENTITY
from tests.simulator.desk import Desk, minute, steady

from veracity.app.trial_run import SerialExecutor
from veracity.data.dataset import Dataset
from veracity.domain.events import CancelConfirmed, OrderAccepted, OrderAcked, OrderFilled
from veracity.domain.policies import STRESS
from veracity.domain.summary_models import ScenarioRow, StressFile
from veracity.domain.time import NS_PER_SECOND
from veracity.guards.view import RiskLimits
from veracity.research import stress
from veracity.research.memory_journal import MemoryJournal
from veracity.runtime.simulation import Plan, simulate
from veracity.simulator.costs import CostModel, FeeTier
from veracity.strategies.funding_carry import STRATEGY as CARRY
from veracity.strategies.funding_carry import Params

SCENARIOS = {one.name: one for one in STRESS}
BP_20 = 2_000_000


def plan_of(dataset: Dataset, one: Player, costs: CostModel, seed: int = 1) -> Plan:
    return Plan(IDENTITY._replace(seed=seed), dataset, [one.bound], [one.started], costs, close_at_end=True)


def plan(closes: list[int], costs: CostModel, targets: tuple[int, ...] = (1_000, 0)) -> Plan:
    """One unit bought on the second bar and sold on the third."""
    return plan_of(dataset_of({BTC: bars_of(closes)}), puppet("a", targets), costs)


def row(file: StressFile, name: str) -> ScenarioRow:
    return next(one for one in file.scenarios if one.name == name)


def units(amount: object) -> int:
    found = getattr(amount, "units", None)
    assert isinstance(found, int)
    return found


def run(one: Plan) -> StressFile:
    return stress.run_stress(one, SerialExecutor())


@pytest.mark.ticket("T-241")
def test_five_times_the_slippage_of_both_sides_and_nothing_else() -> None:
    file = run(plan([100_00] * 5, CostModel(half_spread=BP_20, fee_taker=1_000_000)))
    found = row(file, "slippage_x5")
    assert (units(file.base.slippage), units(found.slippage)) == (-usd("0.40"), -usd(2))
    assert (file.base.fills, found.fills) == (2, 2)
    # The fee is of the fill's value: 100.20 + 99.80 and 101.00 + 99.00 are both 200.00.
    assert units(found.fees) == units(file.base.fees) == -usd("0.20")


@pytest.mark.ticket("T-241")
@pytest.mark.parametrize(("top", "verdict"), [(101_50, "edge_lost"), (103_00, "survives")])
def test_a_profit_smaller_than_what_is_added_is_lost_and_a_larger_one_survives(
    top: int, verdict: str
) -> None:
    file = run(plan([100_00, 100_00, top, top, top], CostModel(half_spread=BP_20), (1_000, 1_000, 0)))
    assert units(file.base.net) > 0
    found = row(file, "slippage_x5")
    assert (found.verdict, found.line) == (verdict, "spread")


@pytest.mark.parametrize(
    ("name", "field"),
    [("spread_x5", "half_spread"), ("volatility_x5", "volatility_share"), ("impact_x5", "impact")],
)
def test_each_term_of_the_slippage_is_made_worse_alone_and_does_not_apply_where_it_is_not_there(
    name: str, field: str
) -> None:
    paid = CostModel(half_spread=BP_20, volatility_share=3, impact=5, fee_taker=7)
    changed = stress.stressed(plan([100_00] * 5, paid), SCENARIOS[name]).costs
    assert changed == msgspec.structs.replace(paid, **{field: 5 * getattr(paid, field)})
    file = run(plan([100_00] * 5, msgspec.structs.replace(paid, **{field: 0})))
    assert row(file, name).verdict == "not_applicable"
    assert not row(file, name).required


def test_a_term_has_the_multiple_at_which_nothing_is_left_of_the_result() -> None:
    """From 100.00 to 110.00 at 20 bp a side: 0.20 + 0.22 of 10.00, so 10 / 0.42 times that spread is all of it."""
    file = run(plan([100_00, 100_00, 110_00, 110_00], CostModel(half_spread=BP_20), (1_000, 1_000, 0)))
    assert (units(file.base.net), units(row(file, "spread_x5").net)) == (usd("9.58"), usd("7.90"))
    for name in ("spread_x5", "slippage_x5"):
        assert row(file, name).break_even.value == pytest.approx(10 / 0.42)
    assert row(file, "fills_late_3").break_even.reason == "no cost is multiplied"


def test_delay_is_no_part_of_the_slippage_that_is_multiplied() -> None:
    """Half a minute in which the price rises by 0.50 is in the base run's loss and in that of every multiple alike."""
    costs = CostModel(half_spread=BP_20, latency_submit_ns=30 * NS_PER_SECOND)
    file = run(plan([100_00, 101_00, 102_00, 120_00, 120_00], costs, (1_000, 1_000, 1_000, 0)))
    spread = units(file.base.slippage) - units(row(file, "slippage_x5").slippage)
    even = row(file, "slippage_x5").break_even.value
    assert even is not None
    assert even == pytest.approx(1 + 4 * units(file.base.net) / spread, rel=1e-3)


@pytest.mark.ticket("T-242")
def test_ten_times_the_latency_is_not_capped_at_a_bar() -> None:
    """30 s become 300 s: the fill moves from half a minute to five minutes after the decision is known."""
    file = run(plan([100_00] * 20, CostModel(latency_submit_ns=30 * NS_PER_SECOND), (1_000,)))
    assert file.base.delay_ns == 30 * NS_PER_SECOND
    found = row(file, "latency_x10")
    assert found.delay_ns == 300 * NS_PER_SECOND
    assert units(found.net) == units(file.base.net) == 0


@pytest.mark.ticket("T-242")
def test_latency_moves_the_price_and_the_row_has_both_results() -> None:
    """The price rises by 1.00 a bar from bar 11 on: five bars late are five units less."""
    closes = [100_00] * 11 + [100_00 + 100 * n for n in range(1, 12)]
    file = run(plan(closes, CostModel(latency_submit_ns=60 * NS_PER_SECOND), (0,) * 10 + (1_000,)))
    found = row(file, "latency_x10")
    assert units(file.base.net) - units(found.net) == -units(found.change) == usd(9)


def allowing_gaps(closes: list[int]) -> Dataset:
    (data,) = dataset_of({BTC: bars_of(closes)}).instruments
    return Dataset((replace(data, source=replace(data.source, gaps="allow")),), "d" * 64)


@pytest.mark.ticket("T-243")
def test_one_bar_of_a_hundred_is_missing_the_same_ones_each_time() -> None:
    dataset = allowing_gaps((100_00 + np.arange(1_440) % 50).tolist())
    made = plan_of(dataset, puppet("a", (1_000, 0) * 700), CostModel(), seed=7)
    first, again = (stress.stressed(made, SCENARIOS["drop_1pct"]).dataset for _ in range(2))
    (data,) = first.instruments
    assert len(data.bars.ts) == 1_440 - 14
    assert sum(gap.bars for gap in data.gaps) == 14
    assert data.bars.ts.tolist() == again.instruments[0].bars.ts.tolist()
    kept = set(data.bars.ts.tolist())
    for stamp, close in zip(*(column.tolist() for column in (data.bars.ts, data.bars.close)), strict=True):
        assert close == 100_00 + (stamp - START) // MINUTE % 50
    filled = run_small_backtest(first, [puppet("a", (1_000, 0) * 700)]).all(OrderFilled)
    assert len(filled) > 1_000
    assert {fill.ts for fill in filled[:-1]} <= kept


@pytest.mark.ticket("T-243")
def test_a_run_that_rejects_gaps_is_refused_and_the_other_scenarios_still_run() -> None:
    file = run(plan([100_00] * 200, CostModel(half_spread=BP_20)))
    found = row(file, "drop_1pct")
    assert (found.verdict, found.net) == ("refused", None)
    assert found.reason is not None
    assert "rejects gaps" in found.reason
    assert row(file, "slippage_x5").verdict == "edge_lost"


def test_too_many_missing_bars_are_refused_by_the_runs_own_limit() -> None:
    dataset = allowing_gaps([100_00] * 1_440)
    (data,) = dataset.instruments
    limits = data.source.gap_limits._replace(bars_total_max=13)
    tight = Dataset((replace(data, source=replace(data.source, gap_limits=limits)),), "d" * 64)
    file = run(plan_of(tight, puppet("a", (1_000,)), CostModel()))
    assert row(file, "drop_1pct").reason == "14 missing bars of BTCUSDT are more than the run allows (13)"


LATE = CostModel(fills_late_bars=3)


def late(*targets: int) -> SmallRun:
    """Closes 100, 101, 102, ... ; a bar opens at the close before."""
    return run_small_backtest(
        {BTC: bars_of([100_00 + 100 * n for n in range(12)])}, [puppet("a", targets)], costs=LATE
    )


@pytest.mark.ticket("T-244")
def test_a_fill_comes_three_bars_late_at_that_bars_price_and_the_acknowledgement_does_not() -> None:
    """Decided on bar 0: due at the open of bar 1 (100.00), filled at the open of bar 4 (103.00)."""
    done = late(1_000)
    fill = done.all(OrderFilled)[0]
    assert (fill.ts, fill.price) == (START + 4 * MINUTE, 103_00)
    assert done.all(OrderAccepted)[0].ts == START + MINUTE


@pytest.mark.ticket("T-244")
def test_a_cancel_that_arrives_before_the_late_fill_wins() -> None:
    desk = Desk(steady([100_00] * 8), LATE)
    desk.sends("o", "buy", 1_000, minute(1))
    desk.cancels("o", minute(2))
    desk.hears()
    assert [type(report) for report in desk.reports] == [OrderAcked, CancelConfirmed]


@pytest.mark.ticket("T-244")
def test_the_last_bar_still_closes_what_is_open() -> None:
    done = late(1_000)
    last = done.all(OrderFilled)[-1]
    assert (last.side, last.price, last.ts) == ("sell", 111_00, START + 12 * MINUTE)
    assert done.state.accounts["a"].positions[BTC].qty == 0


@pytest.mark.ticket("T-245")
def test_ten_times_the_fees_turn_a_profit_into_a_loss_and_the_row_says_so() -> None:
    """Bought at 55.00, sold at 65.00 at 1 % a side: gross 10.00, fees 0.55 + 0.65."""
    file = run(plan([55_00, 55_00, 65_00, 65_00], CostModel(fee_taker=10_000_000), (1_000, 1_000, 0)))
    assert (units(file.base.gross), units(file.base.fees), units(file.base.net)) == (
        usd(10),
        -usd("1.20"),
        usd("8.80"),
    )
    found = row(file, "fees_x10")
    assert (units(found.net), found.fills, found.verdict, found.line) == (-usd(2), 2, "edge_lost", "fees")
    assert found.break_even.value == pytest.approx(10 / 1.2)


@pytest.mark.ticket("T-245")
def test_a_rebate_is_not_multiplied() -> None:
    made = plan([55_00] * 4, CostModel(fee_taker=1_000, fee_maker=-500))
    changed = stress.stressed(made, SCENARIOS["fees_x10"]).costs
    assert (changed.fee_taker, changed.fee_maker) == (10_000, -500)


@pytest.mark.ticket("T-245")
def test_the_tiers_of_a_schedule_are_multiplied_too_and_hold_from_the_same_volume() -> None:
    """Two fills of 55.00 at 10 bp are 0.11; ten times that is 1.10. A rebate in a tier stays what it is."""
    tiers = (FeeTier("spot", 0, -500, 1_000_000), FeeTier("spot", usd(10**6), 700, 900_000))
    made = plan([55_00] * 4, CostModel(fee_tiers=tiers))
    assert stress.stressed(made, SCENARIOS["fees_x10"]).costs.fee_tiers == (
        FeeTier("spot", 0, -500, 10_000_000),
        FeeTier("spot", usd(10**6), 7_000, 9_000_000),
    )
    file = run(made)
    assert (units(file.base.fees), units(row(file, "fees_x10").fees)) == (-usd("0.11"), -usd("1.10"))


def test_a_scenario_that_changes_nothing_does_not_apply_and_is_not_asked_for() -> None:
    file = run(plan([100_00] * 5, CostModel()))
    assert row(file, "fees_x10").verdict == "not_applicable"
    assert row(file, "aux_stale").reason == "no strategy of the run looks at a series beside the bars"
    assert (file.required, file.survived) == (
        2,
        0,
    )  # dropped bars are refused, fills come late and earn nothing


def test_stale_series_are_heard_later_and_paid_on_time() -> None:
    """Rates are rich from the second settlement on: heard a day late, nothing is opened in ten hours of bars."""
    hour = 60 * MINUTE
    bars = bars_of([100_00] * 600)
    rates = funding_of([(START + hour * n, 1_000_000, 100_00) for n in range(10)])
    dataset = dataset_of({PERP: bars, BTC: bars}, funding={PERP: rates})
    carry = player("a", PERP, BTC, strategy=CARRY, params=Params(1, 1, 0, 1_000))
    file = run(plan_of(dataset, carry, CostModel()))
    assert units(file.base.funding) > 0
    found = row(file, "aux_stale")
    assert (found.fills, found.verdict) == (0, "edge_lost")


def test_values_beside_the_bars_are_heard_later_and_so_are_older() -> None:
    """What is critical is known on every bar; a day later nothing is known in time, two hours later all of it is too old."""
    bars = bars_of([100_00] * 600)
    told = [(START + MINUTE * n, n, START + MINUTE * n) for n in range(600)]
    dataset = dataset_of({BTC: bars}, aux={BTC: [aux_of("interest", told)]})
    limits = RiskLimits(critical_aux=("interest",), aux_ttl_ns={"interest": MINUTE})
    one = player("a", BTC, params=(1_000, 0), limits=limits)
    scenario = next(one for one in STRESS if one.name == "aux_stale")
    assert run_small(plan_of(dataset, one, CostModel())) == (2, 600)
    late = stress.stressed(plan_of(dataset, one, CostModel()), scenario)
    assert run_small(late) == (0, 0), "all of it is known after the last bar"
    sooner = stress.stressed(plan_of(dataset, one, CostModel()), scenario._replace(size=2))
    assert run_small(sooner) == (0, 481), "of ten hours of minutes the last two are told too late"


def run_small(one: Plan) -> tuple[int, int]:
    """How many fills there are, and how many values of the series are told."""
    journal = MemoryJournal()
    simulate(one, journal)
    fills = [event for event in journal if isinstance(event, OrderFilled)]
    return len(fills), sum(len(series.series.ts) for series in one.dataset.instruments[0].aux)


def test_the_line_that_fell_most_is_named_and_none_where_one_is_unknown() -> None:
    lines = run(plan([100_00] * 5, CostModel())).base
    assert lines.line is None
    base = stress.Lines(10, 0, 0, 0, 0, -1, 0, 0, 0, 9)
    assert stress.taken_by(base, base._replace(fees=-5, funding=-2)) == "fees"
    assert stress.taken_by(base, base._replace(gross=None)) is None
    assert stress.taken_by(base, base) is None
