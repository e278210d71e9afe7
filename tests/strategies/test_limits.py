"""Strategies of the library under the limits of their accounts, over whole runs."""

from itertools import pairwise

import pytest
from tests.kit.backtest import SmallRun, run_small_backtest
from tests.kit.market import BTC, ETH, MINUTE, START, bars_of, dataset_of, listed
from tests.simulator.desk import candles, minute
from tests.strategies.desk import library

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import IntentCreated, IntentDenied, OrderFilled, OrderSubmitted
from veracity.guards.view import RiskLimits
from veracity.simulator.costs import CostModel

HOUR = 60 * MINUTE
SECOND = 10**9


def outcomes(run: SmallRun, strategy_id: str) -> list[tuple[int, str]]:
    """When the strategy wanted to open, and the rule that refused it or "sent"."""
    refused = {denial.intent_id: denial.rule for denial in run.all(IntentDenied)}
    return [
        (intent.ts, refused.get(intent.intent_id, "sent"))
        for intent in run.all(IntentCreated)
        if intent.strategy_id == strategy_id and intent.purpose == "open"
    ]


def reverting(bounce: int) -> SmallRun:
    """Falls by 1.00 a bar from 200.00, jumps to `bounce` on bar 20, and falls ever faster; ETH rises on bar 21."""
    closes = [200_00 - 1_00 * number for number in range(20)] + [bounce]
    closes += [170_00 - number * number * 1_00 for number in range(1, 9)]
    rising = [50_00] * 21 + [51_00 + number * 1_00 for number in range(8)]
    pause = RiskLimits(cooldown_ns=5 * MINUTE)
    settings = {"length": 5, "entry_z": 1, "exit_z": 0}
    players = [
        library("mean_reversion", BTC, settings=settings, limits=pause),
        library("momentum", ETH, limits=pause),
    ]
    market = {BTC: bars_of(closes), ETH: bars_of(rising)}
    return run_small_backtest(market, players, costs=CostModel(latency_submit_ns=SECOND), close_at_end=False)


@pytest.mark.ticket("T-372")
def test_after_a_loss_a_strategy_waits_its_five_bars_and_another_does_not() -> None:
    """The exit decided on bar 20 fills a second into bar 21; bar 25 is known 299 s later, bar 26 359 s."""
    run = reverting(bounce=184_00)
    assert [fill.ts for fill in run.all(OrderFilled) if fill.side == "sell"] == [minute(21, SECOND)]
    after = [outcome for outcome in outcomes(run, "mean_reversi") if outcome[0] > minute(21)]
    assert after == [(minute(bar + 1), "cooldown") for bar in range(21, 26)] + [(minute(27), "sent")]
    assert outcomes(run, "momentum") == [(minute(22), "sent")]


@pytest.mark.ticket("T-372")
def test_after_a_gain_a_strategy_does_not_wait() -> None:
    run = reverting(bounce=210_00)
    bought, sold, *_ = (fill for fill in run.all(OrderFilled) if fill.symbol == BTC)
    assert sold.price > bought.price
    assert outcomes(run, "mean_reversi")[1:] == [(minute(22), "sent")]


@pytest.mark.ticket("T-373")
def test_the_fourth_entry_of_a_day_is_refused_and_the_first_of_the_next_is_not() -> None:
    """It rises and falls three times before 15:00, when it rises again, and once more on the next day."""
    closes = [100_00] * 30
    for rises in (2, 5, 8, 14, 26):
        closes[rises] = 101_00
    rows = [
        (opened, max(opened, close), min(opened, close), close, 10**6)
        for opened, close in pairwise([100_00, *closes])
    ]
    rows[9] = (*rows[9][:4], 4_000)  # the third entry meets a thin hour: 0.4 of 1.0 fill, the rest later
    rules = {BTC: listed(BTC, interval_ns=HOUR)}
    players = [
        library("momentum", settings={"fast": 1, "slow": 2}, limits=RiskLimits(trades_per_day=3)),
        library("buy_and_hold", limits=RiskLimits(trades_per_day=1)),
    ]
    run = run_small_backtest(
        dataset_of({BTC: candles(rows, interval=HOUR)}, rules=rules),
        players,
        costs=CostModel(participation_max=RATE_ONE // 10),
        close_at_end=False,
    )
    times = [(ts - START) // HOUR for ts, _ in outcomes(run, "momentum")]
    assert times == [3, 6, 9, 15, 27]
    assert [said for _, said in outcomes(run, "momentum")] == ["sent"] * 3 + ["trades_per_day", "sent"]
    assert [(ts - START) // HOUR for ts, _ in outcomes(run, "buy_and_hold")] == [1]
    mine = [order for order in run.all(OrderSubmitted) if order.strategy_id == "momentum"]
    third = next(order for order in mine if order.ts == START + 9 * HOUR)
    fills = [fill.qty for fill in run.all(OrderFilled) if fill.order_id == third.order_id]
    assert fills == [400, 600]
    assert [order.purpose for order in mine if START + 9 * HOUR < order.ts < START + 15 * HOUR] == ["close"]
