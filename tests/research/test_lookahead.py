"""The search for lookahead finds each planted cheat and accuses nobody else (specs/backtest/lookahead.md, S-070)."""

import numpy as np
import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, MINUTE, PERP, START, aux_of, bars_of, dataset_of, funding_of, usd
from tests.kit.players import Player, player
from tests.kit.script import IDENTITY
from tests.research import cheats

from veracity.data.dataset import Dataset
from veracity.domain.errors import ExitCode, OperatorFault
from veracity.domain.events import OrderFilled, OrderSubmitted
from veracity.domain.market import AuxSeries, Bars
from veracity.research.lookahead import Leak, search_leaks
from veracity.runtime.simulation import Plan
from veracity.simulator.costs import CostModel
from veracity.strategies import (
    buy_and_hold,
    funding_carry,
    mean_reversion,
    momentum,
    no_trade,
    vol_regime_switch,
)
from veracity.strategies.interface import Strategy

COSTS = CostModel(fee_taker=500_000, half_spread=50_000, impact=10**9, latency_submit_ns=90 * 10**9)


def walk(bars: int) -> list[int]:
    """Closes of a market that goes nowhere in particular."""
    steps = np.random.default_rng(7).integers(-40, 41, bars)
    return (20_000_00 + np.cumsum(steps * 100)).tolist()


def market(bars: int) -> Dataset:
    """A spot and a perpetual of one price, settled every hour at a rate that changes."""
    closes = walk(bars)
    settlements = [
        (START + hour * 60 * MINUTE, 100_000 * (hour % 5 - 1), 20_000_00) for hour in range(1, bars // 60 + 1)
    ]
    return dataset_of(
        {PERP: bars_of(closes), BTC: bars_of([close - 100 for close in closes])},
        {PERP: funding_of(settlements)},
    )


def plan(dataset: Dataset, *players: Player, costs: CostModel = COSTS) -> Plan:
    return Plan(
        IDENTITY, dataset, [one.bound for one in players], [one.started for one in players], costs, True
    )


def cheat(strategy: Strategy) -> Player:
    return player("cheat", PERP, strategy=strategy, params=1_000, cash=usd(100_000))


SHIPPED = {
    "buy_and_hold": player("a", BTC, strategy=buy_and_hold.STRATEGY, params=buy_and_hold.Params(1_000)),
    "no_trade": player("a", BTC, strategy=no_trade.STRATEGY, params=no_trade.Params()),
    "momentum": player("a", BTC, strategy=momentum.STRATEGY, params=momentum.Params(5, 20, 1_000)),
    "mean_reversion": player(
        "a", BTC, strategy=mean_reversion.STRATEGY, params=mean_reversion.Params(20, 2_000, 500, 1_000)
    ),
    "funding_carry": player(
        "a", PERP, BTC, strategy=funding_carry.STRATEGY, params=funding_carry.Params(3, 300_000, 0, 1_000)
    ),
    "vol_regime_switch": player(
        "a",
        BTC,
        strategy=vol_regime_switch.STRATEGY,
        params=vol_regime_switch.Params(5, 20, 20, 2_000, 500, 1_000),
    ),
}


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_strategy_decides_the_same_whatever_comes_after(name: str) -> None:
    dataset = market(2_000) if name == "funding_carry" else dataset_of({BTC: bars_of(walk(2_000))})
    verdict = search_leaks(plan(dataset, SHIPPED[name]), cuts=200, starts=10)
    assert (verdict.cuts, verdict.leaks) == (200, ())


@pytest.mark.ticket("T-186")
@pytest.mark.parametrize("name", ["momentum", "mean_reversion"])
def test_an_honest_strategy_is_not_accused(name: str) -> None:
    verdict = search_leaks(plan(dataset_of({BTC: bars_of(walk(200))}), SHIPPED[name]), cuts=10, starts=5)
    assert (verdict.cuts, verdict.leaks) == (10, ())


@pytest.mark.ticket("T-186")
@pytest.mark.parametrize(
    ("features", "bar"),
    [
        (cheats.shifted_close, None),
        (cheats.whole_sample, cheats.WINDOW - 1),
        (cheats.future_maximum, None),
        (cheats.centred_window, None),
        (cheats.resample_leak, None),
        (cheats.aux_at_period_start, None),
    ],
)
def test_a_planted_cheat_is_found_at_its_first_bar_with_both_values(
    features: cheats.Features, bar: int | None
) -> None:
    dataset = market(200)
    verdict = search_leaks(
        plan(dataset, cheat(cheats.strategy(features, ("funding_rate",)))), cuts=20, starts=0
    )
    leak = next(leak for leak in verdict.leaks if leak.kind == "feature")
    whole = _column(features, dataset, None)
    cut = _column(features, dataset, leak.cut_ts)
    unlike = [at for at in range(cheats.WINDOW - 1, len(cut)) if cut[at] != whole[at]]
    assert leak.bar == unlike[0], "the first bar that the cut changes"
    assert bar is None or leak.bar == bar
    assert (leak.then, leak.now) == (str(cut[leak.bar]), str(whole[leak.bar]))
    assert leak.ts == START + leak.bar * MINUTE


def _column(features: cheats.Features, dataset: Dataset, end: int | None) -> list[int]:
    """The first feature, on the tape up to `end`, computed without the code that is tested."""
    from veracity.strategies.interface import Window

    bars, funding = dataset.instruments[0].bars, dataset.instruments[0].funding
    assert funding is not None
    known = bars.ts + MINUTE
    size = len(known) if end is None else int((known <= end).sum())
    settled = len(funding.ts) if end is None else int((funding.ts <= end).sum())
    window = Window(
        (Bars(*(column[:size] for column in bars)),),
        known[:size],
        {"funding_rate": AuxSeries(funding.ts[:settled], funding.rate[:settled], funding.ts[:settled])},
    )
    column: list[int] = features(window, 0)[0].tolist()
    return column


def _found(strategy: Strategy, *, starts: int = 0, bars: int = 400) -> dict[str, Leak]:
    verdict = search_leaks(plan(market(bars), cheat(strategy)), cuts=40, starts=starts)
    return {leak.kind: leak for leak in verdict.leaks}


@pytest.mark.ticket("T-186")
def test_a_value_that_is_used_before_it_was_published_is_found_at_its_bar_and_not_one_that_waits() -> None:
    """The interest of each half hour is published ten minutes behind it."""
    half = 30 * MINUTE
    told = [(START + half * n + 10 * MINUTE, 500 * (n % 3 - 1), START + half * n) for n in range(6)]
    dataset = dataset_of({BTC: bars_of(walk(200))}, aux={BTC: [aux_of("interest", told)]})

    def leaks(features: cheats.Features) -> dict[str, Leak]:
        one = player(
            "c", BTC, strategy=cheats.strategy(features, ("interest",)), params=1_000, cash=usd(100_000)
        )
        return {leak.kind: leak for leak in search_leaks(plan(dataset, one), cuts=100, starts=0).leaks}

    assert leaks(cheats.aux_once_published) == {}
    found = leaks(cheats.aux_before_publication)["feature"]
    assert (found.ts - START + MINUTE) % half < 10 * MINUTE, "between a half hour and its publication"
    assert int(found.now) - int(found.then) in (500, 1_000, -1_000, -500)


@pytest.mark.ticket("T-186")
def test_the_orders_of_a_cheat_are_found_beside_its_features() -> None:
    found = _found(cheats.strategy(cheats.future_maximum))
    assert set(found) == {"feature", "event"}
    assert found["event"].then != found["event"].now


def test_a_decision_that_knows_the_tape_is_no_finding_of_ours_but_one_that_counts_bars_is_none_either() -> (
    None
):
    # The tape is the same array in both runs: what a decision reads behind the engine's back cannot be cut off.
    tape = np.asarray(walk(400), dtype=np.int64)
    assert _found(cheats.peeking_decision(cheats.trailing_mean, tape)) == {}


def test_a_regular_grid_of_cuts_would_miss_a_leak_of_its_own_period() -> None:
    assert _found(cheats.strategy(cheats.resample_leak), bars=60 * 40)["feature"].kind == "feature"


def test_an_average_that_is_never_warm_is_told_and_a_mean_of_its_window_is_not() -> None:
    found = _found(cheats.strategy(cheats.endless_average), starts=10)
    assert set(found) == {"warm_up"}
    assert found["warm_up"].bar >= cheats.WINDOW - 1
    assert _found(cheats.strategy(cheats.trailing_mean), starts=10) == {}


def test_one_bar_cannot_be_cut() -> None:
    with pytest.raises(OperatorFault, match="nothing to cut off") as refused:
        search_leaks(plan(dataset_of({BTC: bars_of([100_00])}), SHIPPED["no_trade"]))
    assert refused.value.exit_code == ExitCode.DATA


@pytest.mark.parametrize("latency", [0, 1, 90 * 10**9])
def test_a_fill_uses_a_bar_after_the_one_that_it_was_decided_on(latency: int) -> None:
    run = run_small_backtest(
        {BTC: bars_of(walk(300))},
        [
            player(
                "a", BTC, strategy=momentum.STRATEGY, params=momentum.Params(5, 20, 1_000), cash=usd(100_000)
            )
        ],
        costs=CostModel(latency_submit_ns=latency),
    )
    decided = {order.order_id: _bar_known_at(order.ts) for order in run.all(OrderSubmitted)}
    fills = run.all(OrderFilled)[:-1]  # the last one is the forced close
    assert len(fills) > 5
    assert all((fill.ts - START) // MINUTE >= decided[fill.order_id] + 1 for fill in fills)


def _bar_known_at(ts: int) -> int:
    return (ts - START) // MINUTE - 1
