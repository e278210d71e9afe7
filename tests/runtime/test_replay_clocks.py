"""What a journal says of time is folded as it was recorded; the clock of the machine that folds it does not matter."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from tests.kit.doubles import Kept
from tests.kit.market import MINUTE, PERP
from tests.kit.players import player
from tests.kit.says import acked, filled, refused
from tests.kit.script import Script

from veracity.domain.events import (
    DayRolled,
    Event,
    IntentCreated,
    IntentDenied,
    OrderRejected,
    OrderSubmitted,
    encode_event,
)
from veracity.domain.machines import BreakerState
from veracity.domain.orders import State
from veracity.domain.time import NS_PER_DAY
from veracity.guards.view import RiskLimits
from veracity.runtime.replay import fold
from veracity.state.hash import state_hash
from veracity.state.model import EngineState

HOUR = 60 * MINUTE
LEAP_SECOND_2016 = 1_483_228_799 * 10**9  # 2016-12-31T23:59:59Z, which lasted two seconds
YEAR_1970, YEAR_2100 = 0.0, 4_102_444_800.0


@contextmanager
def machine_set_to(monkeypatch: pytest.MonkeyPatch, now: float) -> Iterator[None]:
    """Every clock that tells the date says `now`."""
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: now)
        patch.setattr(time, "time_ns", lambda: int(now * 10**9))
        yield


def refolded(script: Script) -> tuple[EngineState, list[Event]]:
    events: list[Event] = []
    return fold(script.journal.records, (), events.append), events


@pytest.mark.ticket("T-124")
def test_a_journal_of_a_jumping_clock_folds_in_the_order_of_its_seqs(monkeypatch: pytest.MonkeyPatch) -> None:
    """F17: back an hour, over a leap second, forward a year."""
    script = Script(start=LEAP_SECOND_2016 - HOUR).ticks(100_00)
    script.wants("a", 2_000)
    back = script.now - HOUR
    script.hears(replace(acked(script.order), ts=back))
    script.hears(replace(filled(script.order, 2_000, trade="1"), ts=back + 1))
    script.ticks(100_00, after=LEAP_SECOND_2016 + 10**9 - script.now)
    script.ticks(100_00, after=365 * NS_PER_DAY)
    script.wants("a", 0)
    script.hears(replace(filled(script.order, 2_000, trade="2", side="sell"), ts=script.now - HOUR))
    script.ticks(100_00)

    days = [17_167, 17_532]  # 2017-01-01 and 2018-01-01
    assert [event.day for event in script.all(DayRolled)] == days
    for now in (YEAR_1970, YEAR_2100):
        with machine_set_to(monkeypatch, now):
            state, events = refolded(script)
        assert state_hash(state) == script.hash
        assert [event.seq for event in events] == [record.seq for record in script.journal.records]
        assert [event.day for event in events if isinstance(event, DayRolled)] == days
        assert (state.day, state.accounts["a"].positions["BTCUSDT"].qty) == (days[-1], 0)


@pytest.mark.ticket("T-124")
def test_a_day_is_not_worked_out_again() -> None:
    """A record that says another day than its time does is believed: the day was worked out once, when it was recorded."""
    script = Script().ticks(100_00).ticks(100_00, after=3 * NS_PER_DAY).ticks(100_00)
    (rolled,) = script.all(DayRolled)
    said = replace(rolled, day=rolled.day + 5)
    state = fold(
        [
            Kept(one.seq, encode_event(said) if one.seq == said.seq else one.payload)
            for one in script.journal.records
        ],
        (),
    )
    assert (rolled.day, state.day, state.ts // NS_PER_DAY) == (19_392, 19_397, 19_392)


@pytest.mark.ticket("T-125")
def test_what_was_stale_then_is_stale_in_a_replay_a_year_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hourly funding with a life of 4,500 s: fresh at the first intent, stale at the second."""
    limits = RiskLimits(critical_aux=("funding_rate",), aux_ttl_ns={"funding_rate": 4_500 * 10**9})
    script = Script(player("a", PERP, limits=limits)).ticks(100_00, PERP)
    script.settles(10_000, 100_00, PERP)
    script.wants("a", 2_000).says(IntentCreated, OrderSubmitted)
    script.hears(filled(script.order, 2_000, trade="1", symbol=PERP))
    script.ticks(100_00, PERP, after=4_501 * 10**9)
    script.wants("a", 4_000).says(IntentCreated, IntentDenied)
    with machine_set_to(monkeypatch, script.now / 10**9 + 365 * 86_400):
        state, events = refolded(script)
    assert state_hash(state) == script.hash
    (sent,) = (event for event in events if isinstance(event, OrderSubmitted))
    (denied,) = (event for event in events if isinstance(event, IntentDenied))
    assert (denied.rule, sent.seq < denied.seq) == ("critical_aux", True)
    assert state.accounts["a"].positions[PERP].qty == 2_000
    assert state.aux == script.state.aux


@pytest.mark.ticket("T-108")
def test_rejected_orders_fold_to_rejected_with_what_the_venue_said() -> None:
    script = Script().ticks(100_00)
    cash = script.account().cash
    orders = []
    for detail in ("-2010 insufficient balance", "-1013 LOT_SIZE"):
        script.wants("a", 2_000)
        orders.append(script.order)
        script.hears(refused(script.order, detail))
    state, events = refolded(script)
    assert state_hash(state) == script.hash
    rejected = [event for event in events if isinstance(event, OrderRejected)]
    assert [(one.order_id, one.detail) for one in rejected] == list(
        zip(orders, ("-2010 insufficient balance", "-1013 LOT_SIZE"), strict=True)
    )
    assert [state.closed[order].state for order in orders] == [State.REJECTED] * 2
    account = state.accounts["a"]
    assert (account.cash, account.open_orders, state.orders) == (cash, [], {})
    assert state.breaker.state is BreakerState.CLOSED
    assert False not in state.breaker.calls  # a definite refusal is no error
    assert sum(isinstance(event, OrderSubmitted) for event in events) == 2
