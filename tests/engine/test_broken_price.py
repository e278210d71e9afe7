"""A bar without a price: nothing opens on it, and what is held stays worth its last good price (T-238)."""

import pytest
from tests.kit.market import BTC, usd
from tests.kit.players import player
from tests.kit.says import filled
from tests.kit.script import Script

from veracity.domain.events import IntentDenied
from veracity.state.model import equity


def holds_one() -> Script:
    script = Script(player("a", cash=usd(10_000))).ticks(100_00)
    script.wants("a", 1_000)
    return script.hears(filled(script.order, 1_000, 100_00)).ticks(110_00)


def worth(script: Script) -> int | None:
    return equity(script.state, script.account())


@pytest.mark.ticket("T-238")
def test_a_mark_of_zero_leaves_the_equity_at_the_last_good_mark() -> None:
    script = holds_one()
    before = worth(script)
    assert before == usd(10_010)
    script.ticks(0)
    assert (worth(script), script.state.markets[BTC].last) == (before, 110_00)
    assert script.account().risk.peak == before
    script.ticks(120_00)
    assert worth(script) == usd(10_020)


@pytest.mark.ticket("T-238")
def test_nothing_opens_on_a_mark_of_zero_and_on_the_next_price_it_may_again() -> None:
    script = holds_one().ticks(0)
    denied = script.engine.turn(script.state, "a", (2_000,)).events[
        -1
    ]  # such a bar is no record, so none is read back
    assert isinstance(denied, IntentDenied)
    assert (denied.rule, denied.detail) == ("price_sanity", "a price of 0 is no price: cannot judge, so deny")
    count = len(script.state.orders)
    script.ticks(110_00).wants("a", 2_000)
    assert len(script.state.orders) == count + 1
