"""The five baselines, each on a market that can be followed by hand."""

from decimal import Decimal

import pytest
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, bars_of, dataset_of, funding_of, listed, usd
from tests.kit.players import NO_LIMITS
from tests.kit.script import IDENTITY
from tests.research.runs import fill_prices, run_baselines, walk

from veracity.data.dataset import Dataset
from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import IntentCreated, OrderFilled
from veracity.domain.market import Bars
from veracity.guards.view import RiskLimits
from veracity.research.baselines import (
    IDS,
    BaselineSetup,
    Name,
    Planned,
    baseline_strategies,
    entry_reserve,
    parameters_for,
    plan,
    started,
    table,
)
from veracity.research.baselines import run_baselines as product_run
from veracity.simulator.costs import CostModel
from veracity.strategies.interface import Settings

TEN_BP = 1_000_000
NAMES = ["buy_and_hold", "no_trade", "momentum", "mean_reversion", "carry"]


def only(name: str, planned: tuple[Planned, ...]) -> list[Planned]:
    return [one for one in planned if one.name == name]


def opens_at_100(last_close: int, count: int = 5) -> Dataset:
    flat = bars_of([100_00] * count)
    close = flat.close.copy()
    close[-1] = last_close
    return dataset_of({BTC: flat._replace(close=close, high=close.clip(min=100_00))})


def spot_and_perpetual(spot: Bars, perp: Bars, *settlements: tuple[int, int, int]) -> Dataset:
    return dataset_of({BTC: spot, PERP: perp}, {PERP: funding_of(settlements)})


@pytest.mark.ticket("T-201")
@pytest.mark.parametrize(("fee", "qty", "end"), [(0, 10_000, "1300"), (TEN_BP, 9_990, "1297.4023")])
def test_buy_and_hold_buys_what_the_cash_pays_with_its_fee(fee: int, qty: int, end: str) -> None:
    market = opens_at_100(130_00)
    planned = only("buy_and_hold", plan(market, BTC, usd(1_000), fee, NO_LIMITS))
    run, results = run_baselines(market, planned, usd(1_000), CostModel(fee_taker=fee))
    book = results.books["buy_and_hold"]
    assert fill_prices(run) == [("buy", 100_00, qty), ("sell", 130_00, qty)]
    assert book.fills[0].row == 1
    assert book.equity_end == usd(end)
    cash_after_entry = usd(1_000) - 100_00 * qty * 1_000 - book.fills[0].fee
    assert 0 <= cash_after_entry < 100_00 * 1_000


@pytest.mark.ticket("T-202")
def test_no_trade_does_nothing_for_23_040_bars() -> None:
    market = dataset_of({BTC: walk(5, 23_040)})
    planned = only("no_trade", plan(market, BTC, usd(1_000), 0, NO_LIMITS))
    run, results = run_baselines(market, planned, usd(1_000), CostModel(fee_taker=TEN_BP))
    book = results.books["no_trade"]
    assert run.all(IntentCreated) == []
    assert len(book.equity) == 23_040
    assert set(book.equity.tolist()) == {usd(1_000)}
    (row,) = table(results, planned)
    assert row.sharpe_annual is not None
    assert (row.sharpe_annual.value, row.sharpe_annual.reason) == (None, "no variance")
    assert (row.fills, row.trades, row.bars_under_water) == (0, 0, 0)
    assert row.fees is not None
    assert row.fees.units == 0


@pytest.mark.ticket("T-203")
def test_momentum_buys_and_sells_once_and_does_nothing_on_a_tie() -> None:
    """Averages of 2 and 3 are equal on bar 2; 11.5 > 11 on bar 3; 11.5 < 12 on bar 5."""
    closes = [10_00, 10_00, 10_00, 13_00, 13_00, 10_00, 7_00]
    opens = [10_00, 10_00, 10_00, 12_00, 13_50, 11_00, 9_00]
    bars = bars_of(closes)._replace(open=bars_of(opens).close)
    market = dataset_of({BTC: bars})
    parameters = {"momentum": {"fast": 2, "slow": 3}}
    planned = only("momentum", plan(market, BTC, usd(1_000), 0, NO_LIMITS, parameters))
    run, _ = run_baselines(market, planned, usd(1_000))
    assert fill_prices(run) == [("buy", 13_50, 100_000), ("sell", 9_00, 100_000)]
    assert [intent.ts for intent in run.all(IntentCreated)] == [START + 4 * MINUTE, START + 6 * MINUTE]


def run_mean_reversion(closes: list[int]) -> list[tuple[str, int, int]]:
    market = dataset_of({BTC: bars_of(closes)})
    parameters = {"mean_reversion": {"length": 5, "entry_z": 2, "exit_z": 0}}
    planned = only("mean_reversion", plan(market, BTC, usd(1_040), 0, NO_LIMITS, parameters))
    return fill_prices(run_baselines(market, planned, usd(1_040))[0])


@pytest.mark.ticket("T-204")
def test_mean_reversion_enters_at_exactly_two_deviations_and_leaves_above_the_mean() -> None:
    """104, 104, 104, 104, 88: mean 100.8, deviation 6.4, z = -2 exactly. 102 is above its mean of 100.4."""
    closes = [104_00, 104_00, 104_00, 104_00, 88_00, 102_00, 103_00]
    assert run_mean_reversion(closes) == [("buy", 88_00, 10_000), ("sell", 102_00, 10_000)]


@pytest.mark.ticket("T-204")
def test_mean_reversion_does_not_enter_just_inside_two_deviations_nor_on_equal_closes() -> None:
    assert run_mean_reversion([104_00, 104_00, 104_00, 104_01, 88_00, 102_00, 103_00]) == []
    assert run_mean_reversion([104_00] * 8) == []


@pytest.mark.ticket("T-205")
def test_carry_earns_the_funding_and_nothing_from_the_price() -> None:
    """The first settlement is the signal; the next three are paid to the short of 1."""
    closes = [50_000_00] * 4 + [50_500_00] * 3 + [51_000_00] * 3
    stamps = [START + bar * MINUTE for bar in (2, 5, 7, 10)]
    marks = [50_000_00, 50_000_00, 50_500_00, 51_000_00]
    settlements = [(stamp, 100_000, mark) for stamp, mark in zip(stamps, marks, strict=True)]
    market = spot_and_perpetual(bars_of(closes), bars_of(closes), *settlements)
    parameters = {"carry": {"settlements": 1, "entry": Decimal("0.0001"), "exit": Decimal(0)}}
    planned = only("carry", plan(market, BTC, usd(150_000), 0, NO_LIMITS, parameters))
    run, results = run_baselines(market, planned, usd(150_000))
    assert planned[0].symbols == (PERP, BTC)
    entries = {(fill.symbol, fill.side, fill.qty) for fill in run.all(OrderFilled)[:2]}
    assert entries == {(PERP, "sell", 1_000), (BTC, "buy", 1_000)}
    (row,) = table(results, planned)
    assert row.net is not None
    assert row.funding is not None
    assert (row.net.units, row.funding.units) == (usd("15.15"), usd("15.15"))


def test_carry_is_planned_from_either_leg_with_a_third_of_the_cash() -> None:
    flat = bars_of([100_00] * 3)
    market = spot_and_perpetual(flat, flat, (START + MINUTE, 1, 100_00))
    for lead in (BTC, PERP):
        (carry,) = only("carry", plan(market, lead, usd(1_000), 0, NO_LIMITS))
        assert carry.symbols == (PERP, BTC)
        assert dict(carry.settings)["qty"] == "3.333"


def test_carry_takes_a_quantity_that_is_on_both_lots() -> None:
    flat = bars_of([100_00] * 3)
    rules = {BTC: listed(BTC, lot=4), PERP: listed(PERP, lot=6)}
    funding = {PERP: funding_of([(START + MINUTE, 1, 100_00)])}
    (carry,) = only(
        "carry", plan(dataset_of({BTC: flat, PERP: flat}, funding, rules), BTC, usd(1_000), 0, NO_LIMITS)
    )
    assert dict(carry.settings)["qty"] == "3.324"


def test_carry_needs_both_markets_of_one_base_in_one_unit() -> None:
    flat = bars_of([100_00] * 3)
    settlement = {PERP: funding_of([(START + MINUTE, 1, 100_00)])}
    reasons = [
        only("carry", plan(market, lead, usd(1_000), 0, NO_LIMITS))[0].reason
        for market, lead in (
            (dataset_of({BTC: flat}), BTC),
            (dataset_of({ETH: flat, PERP: flat}, settlement), PERP),
            (dataset_of({BTC: flat, PERP: flat}, settlement, {PERP: listed(PERP, qty_scale=4)}), BTC),
            (dataset_of({BTC: flat, PERP: flat}, settlement, {BTC: listed(BTC, lot=6_000)}), BTC),
        )
    ]
    assert reasons == [
        "the data hold no perpetual with funding of BTC/USDT",
        "the data hold no spot market of BTC/USDT",
        "BTCUSDT-PERP and BTCUSDT count quantities in different units",
        "a third of the cash does not buy one lot of BTCUSDT at its first close",
    ]


def test_all_five_are_planned_in_their_order_with_the_limits_of_the_strategy() -> None:
    limits = RiskLimits(trades_per_day=3)
    planned = plan(dataset_of({BTC: walk(1, 60)}), BTC, usd(1_000), TEN_BP, limits)
    assert [one.name for one in planned] == NAMES == list(IDS)
    assert [bound.limits for bound in baseline_strategies(planned)] == [limits] * 4
    assert [(event.strategy_id, event.cash) for event in started(planned, 7, "USDT")] == [
        ("buy_and_hold", 7),
        ("no_trade", 7),
        ("momentum", 7),
        ("mean_rev", 7),
    ]


def test_a_baseline_waits_for_no_series_that_only_the_strategy_decides_on() -> None:
    """Beside a strategy that needs a regime, buy-and-hold would be refused for ever: nobody labels the bars in its run."""
    limits = RiskLimits(critical_aux=("regime",), aux_ttl_ns={"regime": MINUTE})
    dataset = opens_at_100(110_00)
    planned = plan(dataset, BTC, usd(1_000), 0, limits)
    assert {bound.limits.critical_aux for bound in baseline_strategies(planned)} == {()}
    run, _ = run_baselines(dataset, only("buy_and_hold", planned), usd(1_000))
    assert fill_prices(run) == [("buy", 100_00, 10_000), ("sell", 110_00, 10_000)]


@pytest.mark.parametrize(
    ("interval", "fast", "slow", "length"),
    [
        (MINUTE, 1_440, 7_200, 1_440),
        (60 * MINUTE, 24, 120, 24),
        (480 * MINUTE, 3, 15, 5),
        (1_440 * MINUTE, 2, 5, 5),
        (7 * 1_440 * MINUTE, 2, 5, 5),
    ],
)
def test_averages_are_of_a_day_and_of_five_but_of_2_and_5_bars_at_least(
    interval: int, fast: int, slow: int, length: int
) -> None:
    chosen = parameters_for(interval)
    assert chosen["momentum"] == {"fast": fast, "slow": slow}
    assert chosen["mean_reversion"]["length"] == length


def test_cash_below_one_lot_leaves_only_no_trade() -> None:
    market = dataset_of({BTC: bars_of([100_00] * 3)}, rules={BTC: listed(BTC, lot=1_000)})
    enough = plan(market, BTC, usd(100), 0, NO_LIMITS)
    short = plan(market, BTC, usd(100) - 1, 0, NO_LIMITS)
    assert [one.bound is not None for one in enough] == [True, True, True, True, False]
    assert [one.bound is not None for one in short] == [False, True, False, False, False]
    assert short[0].reason == "the cash does not buy one lot of BTCUSDT at its first close"


def test_the_reserve_keeps_back_its_share_of_the_notional() -> None:
    market = dataset_of({BTC: bars_of([100_00] * 3)})
    planned = plan(market, BTC, usd(1_050), RATE_ONE // 20, NO_LIMITS)
    assert dict(planned[0].settings)["qty"] == "10.000"


def test_baselines_pay_what_a_strategy_pays() -> None:
    market = dataset_of({BTC: walk(2, 300)})
    quick: dict[Name, Settings] = {"momentum": {"fast": 10, "slow": 50}}
    planned = plan(market, BTC, usd(1_000), TEN_BP, NO_LIMITS, quick)
    costs = CostModel(fee_taker=TEN_BP, half_spread=100_000)
    _, results = run_baselines(market, planned, usd(1_000), costs)
    fills = [fill for book in results.books.values() for fill in book.fills]
    assert {fill.strategy_id for fill in fills} == {"buy_and_hold", "momentum"}
    assert all(fill.fee > 0 and (fill.spread_cost or 0) > 0 for fill in fills)


@pytest.mark.ticket("T-233")
def test_a_baseline_that_could_not_run_has_a_reason_and_no_numbers() -> None:
    market = dataset_of({BTC: walk(2, 80)})
    planned = plan(market, BTC, usd(1_000), TEN_BP, NO_LIMITS)
    rows = table(run_baselines(market, planned, usd(1_000))[1], planned)
    assert [row.name for row in rows] == NAMES
    assert [row.status for row in rows] == ["run"] * 4 + ["not_applicable"]
    absent = rows[-1].model_dump()
    assert absent.pop("reason") == "the data hold no perpetual with funding of BTC/USDT"
    assert {name: value for name, value in absent.items() if value not in (None, ())} == {
        "name": "carry",
        "status": "not_applicable",
    }
    for row in rows[:-1]:
        assert None not in (row.equity_end, row.total_return, row.max_drawdown, row.trades, row.fees)


@pytest.mark.ticket("T-233")
def test_all_baselines_run_through_the_same_engine_and_give_a_row_and_a_curve() -> None:
    """Ten basis points of fee and spread: an entry is known to cost 0.2 % and the product of the two beforehand."""
    market = opens_at_100(130_00)
    costs = CostModel(fee_taker=TEN_BP, half_spread=TEN_BP)
    order = BaselineSetup((), IDENTITY, costs, BTC, usd(1_000), "USDT", NO_LIMITS)
    found = product_run(order, market)
    assert [row.name for row in found.rows] == NAMES
    assert [curve.name for curve in found.curves] == NAMES[:4]
    hold = found.rows[0]
    # 9.980 fit: 1,000 / (100 * 1.002001) = 9.98003; bought at 100.10, sold at 129.87, both with 0.1 % of fee.
    paid, won = 9_980 * 100_10 * 1_000, 9_980 * 129_87 * 1_000
    assert hold.equity_end is not None
    assert hold.equity_end.units == usd(1_000) - paid - -(-paid // 1_000) + won - -(-won // 1_000)
    assert entry_reserve(costs) == 2_001_000
