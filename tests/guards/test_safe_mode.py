"""The way out stays open in safe mode (specs/risk/modes.md, S-105)."""

import pytest
from tests.kit.players import player
from tests.kit.says import cancelled, close_all, filled, safe_mode
from tests.kit.script import Script

from veracity.domain.events import (
    CancelRequested,
    ExitBegun,
    ExitEnded,
    IntentCreated,
    ModeChanged,
    OrderCancelled,
    OrderFilled,
    OrderSubmitted,
)
from veracity.domain.machines import Mode
from veracity.engine.effects import CancelOrder


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
