"""The number of entries of a UTC day (specs/risk/limits.md, S-098)."""

import pytest
from tests.guards.books import buys, view
from tests.kit.market import START
from tests.kit.players import player
from tests.kit.says import filled, refused
from tests.kit.script import Script

from veracity.domain.events import Event, IntentCreated, IntentDenied, OrderRejected, OrderSubmitted
from veracity.domain.time import NS_PER_DAY
from veracity.engine.core import Engine
from veracity.guards import trades_per_day
from veracity.guards.view import Denied, RiskLimits
from veracity.runtime.replay import fold

THREE = RiskLimits(trades_per_day=3)


def entries(script: Script) -> int:
    return script.account().day.entries


@pytest.mark.ticket("T-255")
def test_an_entry_counts_once_however_it_fills_and_nothing_else_counts() -> None:
    limits = RiskLimits(trades_per_day=3, max_position={"BTCUSDT": 1_000})
    script = Script(player("a", limits=limits)).ticks(100_00)
    script.wants("a", 1_000)
    for part in range(5):
        script.hears(filled(script.order, 200, trade=f"part-{part}"))
    assert entries(script) == 1
    script.wants("a", 1_500).says(IntentCreated, IntentDenied)  # by max_position
    assert entries(script) == 1
    script.wants("a", 0).hears(filled(script.order, 1_000, side="sell", trade="out"))
    assert entries(script) == 1
    for entry in (2, 3):
        script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
        assert entries(script) == entry
        script.hears(filled(script.order, 1_000, trade=f"in-{entry}"))
        script.wants("a", 0).says(IntentCreated, OrderSubmitted)
        script.hears(filled(script.order, 1_000, side="sell", trade=f"out-{entry}"))
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    assert (script.last(IntentDenied).rule, script.last(IntentDenied).ticket) == ("trades_per_day", "T-255")
    assert entries(script) == 3


def test_a_rejected_entry_counts_and_an_increase_is_an_entry() -> None:
    script = Script(player("a", limits=THREE)).ticks(100_00)
    script.wants("a", 1_000).hears(refused(script.order)).says(OrderRejected)
    assert entries(script) == 1
    script.wants("a", 1_000).hears(filled(script.order, 1_000))
    script.wants("a", 1_200).says(IntentCreated, OrderSubmitted)
    assert entries(script) == 3


@pytest.mark.ticket("T-284")
def test_the_budget_is_each_strategys_own_outlives_a_restart_and_is_renewed_at_midnight() -> None:
    script = Script(player("a", limits=THREE), player("b", limits=THREE)).ticks(100_00)
    for trade in ("1", "2", "3"):
        script.wants("a", 1_000).hears(filled(script.order, 1_000, trade=trade))
        script.wants("a", 0).hears(filled(script.order, 1_000, side="sell", trade=f"out-{trade}"))
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    script.wants("b", 1_000).says(IntentCreated, OrderSubmitted)

    restarted = fold(script.journal.records, ())
    engine = Engine([player(name, limits=THREE).bound for name in "ab"])
    kinds = [type(event) for event in engine.turn(restarted, "a", (1_000,)).events]
    assert kinds == [IntentCreated, IntentDenied]

    script.now = START + NS_PER_DAY - 60 * 10**9 - 1
    script.ticks(100_00)  # the last nanosecond of the day
    script.wants("a", 1_000).says(IntentCreated, IntentDenied)
    script.ticks(100_00, after=1)
    script.wants("a", 1_000).says(IntentCreated, OrderSubmitted)
    assert script.last(OrderSubmitted).ts == START + NS_PER_DAY


@pytest.mark.parametrize(
    ("used", "limit", "denied"), [(2, 3, False), (3, 3, True), (4, 3, True), (0, 0, True)]
)
def test_the_limit_is_the_number_that_may_be_made(used: int, limit: int, denied: bool) -> None:
    verdict = trades_per_day.check(buys(1), view(entries_today=used), RiskLimits(trades_per_day=limit))
    assert verdict == (Denied(f"{used} entries today, the limit is {limit}") if denied else None)


@pytest.mark.parametrize(("budget", "said"), [(1, IntentDenied), (2, OrderSubmitted)])
def test_each_leg_of_a_hedge_is_an_entry(budget: int, said: type[Event]) -> None:
    script = Script(player("a", "BTCUSDT", "ETHUSDT", limits=RiskLimits(trades_per_day=budget)))
    script.ticks(100_00).ticks(50_00, "ETHUSDT", after=0)
    script.wants("a", 1_000).says(IntentCreated, IntentCreated, said, said)
