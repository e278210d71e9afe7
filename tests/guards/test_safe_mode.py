"""The way out stays open in safe mode (specs/risk/modes.md, S-105)."""

import pytest
from tests.guards.books import approved_qty, book, intent, judged, working
from tests.kit.market import BTC
from tests.kit.players import player
from tests.kit.says import called, cancelled, close_all, filled, halt, kill_file, safe_mode
from tests.kit.script import Script

from veracity.domain.events import (
    CancelRequested,
    ExitBegun,
    ExitEnded,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
    Purpose,
    Side,
)
from veracity.domain.machines import Mode
from veracity.engine.core import Engine
from veracity.engine.effects import CancelOrder, SubmitOrder
from veracity.engine.gate import Approved, Refused
from veracity.guards.view import RiskLimits, VolatilityLimits

PURPOSES: tuple[Purpose, ...] = ("open", "increase", "reduce", "close")


@pytest.mark.ticket("T-276")
def test_a_short_is_bought_back_in_two_parts_and_the_mode_stays() -> None:
    script = Script(player("a"), player("b")).ticks(100_00)
    script.wants("a", -2_000).hears(filled(script.order, 2_000, side="sell"))
    script.wants("b", 1_000)
    resting = script.order
    script.hears(safe_mode()).says(ModeChanged, CancelRequested)
    assert script.venue.effects[-1] == CancelOrder(resting)
    script.hears(close_all()).says(ExitBegun, IntentCreated, OrderSubmitted)
    closing = script.last(OrderSubmitted)
    assert (closing.side, closing.qty, closing.purpose) == ("buy", 2_000, "close")
    script.hears(cancelled(resting)).says(OrderCancelled)
    for part, left, ended in ((1_500, -500, []), (500, 0, [ExitEnded])):
        script.hears(filled(closing.order_id, part, trade=f"part-{part}")).says(OrderFilled, *ended)
        assert script.position().qty == left
        assert script.state.mode is Mode.SAFE
    script.wants("a", 1_000).says()
    assert script.state.mode is Mode.SAFE


@pytest.mark.ticket("T-275")
@pytest.mark.parametrize(
    ("held", "side", "qty", "passes"),
    [
        (0, "buy", 1, False),
        (0, "sell", 1, False),
        (2_000, "buy", 1, False),
        (2_000, "sell", 500, False),
        (2_000, "sell", 1_999, False),
        (2_000, "sell", 2_000, True),
        (2_000, "sell", 2_001, False),
        (2_000, "sell", 2_100, False),
        (-2_000, "buy", 2_000, True),
        (-2_000, "sell", 2_000, False),
    ],
)
def test_only_the_close_of_just_what_is_held_passes(held: int, side: Side, qty: int, passes: bool) -> None:
    for purpose in PURPOSES:
        state = book({BTC: 100_00}, {BTC: held}, mode=Mode.SAFE, mode_reason="drift_halt")
        verdict = judged(state, intent(side, qty, purpose=purpose))
        assert isinstance(verdict, Approved) is (passes and purpose == "close")
        if isinstance(verdict, Refused) and not passes:
            assert (verdict.rule, verdict.ticket) == ("safe_mode", "T-275")


@pytest.mark.ticket("T-276")
def test_what_is_leaving_already_is_not_closed_again() -> None:
    leaving = working("o-1", "sell", 500, purpose="reduce")
    state = book({BTC: 100_00}, {BTC: 2_000}, orders=[leaving], mode=Mode.SAFE)
    verdicts = [judged(state, intent("sell", qty, purpose="close")) for qty in (1_500, 2_000)]
    assert [approved_qty(verdict) for verdict in verdicts] == [1_500, None]


EVERYTHING = RiskLimits(
    max_exposure=0,
    max_position={BTC: 0},
    daily_loss=1,
    drawdown=1,
    trades_per_day=0,
    order_rate=1,
    order_rate_ns=10**18,
    cooldown_ns=10**18,
    stale_ns=1,
    critical_aux=("funding_rate",),
    price_jump=1,
    slippage=0,
    volatility=VolatilityLimits(window=9_999, pause=1, resume=0, dwell=1),
)


@pytest.mark.ticket("T-263")
@pytest.mark.parametrize("reason", ["kill_file", "slippage_halt", "operator"])
def test_no_rule_stops_the_operators_close_whatever_halted(reason: str) -> None:
    """A long of 2.5 with every rule broken at once: nothing may be opened, all may be closed."""
    script = Script(player("a")).ticks(100_00)
    script.wants("a", 3_000).hears(filled(script.order, 3_000))
    script.engine = script.loop.engine = Engine([player("a", limits=EVERYTHING).bound])
    for _ in range(10):
        script.hears(called(ok=False))
    script.ticks(50_00).wants("a", 2_500)
    sold_at = 40_00 if reason == "slippage_halt" else 50_00
    script.hears(filled(script.order, 500, sold_at, side="sell", trade="2"))
    if reason != "slippage_halt":
        script.hears(kill_file() if reason == "kill_file" else halt())
    assert (script.state.mode, script.state.mode_reason.partition(":")[0]) == (Mode.HALTED, reason)
    script.wants("a", 2_501).says(IntentCreated, IntentDenied)
    script.state.ts += 10**12
    script.hears(close_all())
    closing = script.last(OrderSubmitted)
    assert (closing.side, closing.qty, closing.purpose) == ("sell", 2_500, "close")
    assert script.venue.effects[-1] == SubmitOrder(closing)
