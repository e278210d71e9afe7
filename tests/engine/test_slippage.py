"""A fill that slips too far halts the engine, once (specs/risk/halts.md, S-103)."""

import pytest
from tests.kit.backtest import run_small_backtest
from tests.kit.market import BTC, usd
from tests.kit.players import player, puppet
from tests.kit.says import filled
from tests.kit.script import Script
from tests.simulator.desk import Candle, candles

from veracity.domain.amounts import RATE_ONE
from veracity.domain.events import IntentDenied, ModeChanged, OrderFilled
from veracity.domain.machines import Mode
from veracity.guards.view import RiskLimits
from veracity.simulator.costs import CostModel

BP = RATE_ONE // 10_000
LIMITS = RiskLimits(slippage=50 * BP)


@pytest.mark.ticket("T-212")
@pytest.mark.parametrize(("price", "halts"), [(100_50, 0), (100_51, 1), (99_49, 0)])
def test_a_buy_may_slip_by_its_limit_and_no_unit_more(price: int, halts: int) -> None:
    script = Script(player("a", cash=usd(10_000), limits=LIMITS)).ticks(100_00)
    script.wants("a", 1_000)
    script.hears(filled(script.order, 1_000, price))
    changed = [event for event in script.journal.events if isinstance(event, ModeChanged)][1:]
    assert len(changed) == halts
    assert (script.state.mode is Mode.HALTED) is bool(halts)


@pytest.mark.ticket("T-212")
def test_after_the_halt_nothing_opens_and_the_run_is_read_to_its_end() -> None:
    """Half a spread of 0.51 % a fill: the first buy halts, the position may be closed, and every later buy is denied."""
    rows: list[Candle] = [(100_00, 100_00, 100_00, 100_00, 1_000_000)] * 12
    run = run_small_backtest(
        {BTC: candles(rows)},
        [puppet("a", (1_000, 1_000, 0, 0, 1_000, 1_000, 1_000), limits=LIMITS)],
        costs=CostModel(half_spread=51 * BP),
    )
    halted = [change for change in run.all(ModeChanged) if change.mode_to is Mode.HALTED]
    assert [change.reason for change in halted] == ["slippage_halt"]
    assert [fill.side for fill in run.all(OrderFilled)] == ["buy", "sell"]
    denials = [denied.rule for denied in run.all(IntentDenied)]
    assert len(denials) == 8
    assert set(denials) == {"engine_mode"}
    assert run.state.mode is Mode.STOPPED


def test_a_run_whose_fills_do_not_slip_halts_never() -> None:
    rows: list[Candle] = [(100_00, 100_00, 100_00, 100_00, 1_000_000)] * 5
    run = run_small_backtest(
        {BTC: candles(rows)}, [puppet("a", (1_000,), limits=LIMITS)], costs=CostModel(half_spread=50 * BP)
    )
    assert not [change for change in run.all(ModeChanged) if change.mode_to is Mode.HALTED]
