"""The practice venue's memory: the same requests lead to the same reports, for whoever asks again."""

from collections.abc import Iterator

import pytest
from tests.kit.market import BTC, instrument
from tests.kit.near_venue import Kept, NearVenue
from tests.simulator.desk import minute, steady

from veracity.domain.errors import VenueFault
from veracity.domain.events import CancelConfirmed, FillReported, OrderAcked, OrderSubmitted, VenueReport
from veracity.domain.time import NS_PER_MS, TS_NEVER
from veracity.engine.effects import CancelOrder, SubmitOrder
from veracity.simulator.costs import CostModel
from veracity.simulator.exchange import SimulatedExchange
from veracity.simulator.tape import Tape
from veracity.venues.practice.counterparty import Counterparty

COSTS = CostModel(latency_submit_ns=300 * NS_PER_MS, participation_max=10**9 // 100)
"""A bar of 100.000 lets 1.000 through, so that 2.000 trade in two bars."""


def market() -> SimulatedExchange:
    return SimulatedExchange({BTC: Tape(instrument(BTC), steady([100_00] * 6, volume=100_000))}, COSTS, 1)


def connected(memory: Kept, *, heard: int = 0, sent: int = 0) -> NearVenue:
    """An engine that comes to a venue with this memory."""
    venue = NearVenue(Counterparty(market(), memory))
    venue.hear_from(heard, sent)
    return venue


def order(order_id: str, at: int = minute(1), qty: int = 2_000) -> SubmitOrder:
    submitted = OrderSubmitted(
        1, at, order_id, f"i-{order_id}", "a", BTC, "buy", qty, "market", None, "open", None
    )
    return SubmitOrder(submitted)


def all_of(venue: NearVenue, until: int = TS_NEVER - 1) -> Iterator[VenueReport]:
    while (report := venue.next_report(until)) is not None:
        yield report


def test_an_engine_that_died_with_reports_unwritten_is_told_them_again() -> None:
    memory = Kept()
    first = connected(memory)
    first.perform(order("o-1"), minute(1))
    reports = list(all_of(first))
    assert [type(one) for one in reports] == [OrderAcked, FillReported, FillReported]
    for heard in range(4):
        assert list(all_of(connected(memory, heard=heard, sent=1))) == reports[heard:]


def test_what_a_later_message_led_to_waits_for_whoever_has_not_come_to_that_yet() -> None:
    memory = Kept()
    first = connected(memory)
    first.perform(order("o-1", qty=1_000), minute(1))
    before = list(all_of(first))
    first.perform(order("o-2", qty=1_000), minute(2))
    behind = list(all_of(first))
    second = connected(memory, heard=0, sent=1)
    assert list(all_of(second)) == before
    assert second.due == TS_NEVER
    second.has_message()
    assert list(all_of(second)) == behind


def test_an_order_is_taken_once_and_its_id_never_again() -> None:
    memory = Kept()
    venue = connected(memory)
    venue.perform(order("o-1"), minute(1))
    with pytest.raises(VenueFault, match="the venue refuses Place: there is an order o-1 already"):
        venue.perform(order("o-1"), minute(1))
    again = connected(memory, sent=1)
    assert again.order_ids() == ("o-1",)
    with pytest.raises(VenueFault, match="there is an order o-1 already"):
        again.perform(order("o-1"), minute(1))
    assert sum(isinstance(one, FillReported) for one in all_of(again)) == 2


def test_who_does_not_know_of_all_that_was_sent_may_not_send() -> None:
    venue = connected(Kept())
    venue.perform(order("o-1"), minute(1))
    venue.hear_from(0, 0)
    with pytest.raises(VenueFault, match="the sender knows of 0 messages, and 1 came"):
        venue.perform(order("o-2"), minute(1))
    assert venue.order_ids() == ("o-1",)


def test_it_says_of_an_order_whether_it_came_and_how_often_its_cancel_did() -> None:
    venue = connected(Kept())
    assert venue.standing("o-1") == (False, 0)
    venue.perform(order("o-1"), minute(1))
    venue.perform(CancelOrder("o-1"), minute(1))
    assert venue.standing("o-1") == (True, 1)
    assert [type(one) for one in all_of(venue)][-1] is CancelConfirmed


@pytest.mark.parametrize("heard", range(4))
def test_a_venue_that_was_killed_has_every_order_and_says_the_same_to_an_engine_that_had_heard_more(
    heard: int,
) -> None:
    memory = Kept()
    first = connected(memory)
    first.perform(order("o-1"), minute(1))
    reports = list(all_of(first))
    killed = Kept(memory.all[: memory.durable])
    assert len(killed.all) < len(memory.all)
    again = connected(killed, heard=heard, sent=1)
    assert again.order_ids() == ("o-1",)
    assert list(all_of(again)) == reports[heard:]


def test_more_than_was_ever_told_is_not_believed() -> None:
    with pytest.raises(VenueFault, match="7 reports were heard, and no more than 0 told"):
        connected(Kept(), heard=7)


def test_a_message_from_an_engine_that_forgot_a_report_comes_behind_it() -> None:
    """It lives again in bar 1; the venue, which told of a fill in bar 2, takes the cancel then."""
    memory = Kept()
    first = connected(memory)
    first.perform(order("o-1", qty=6_000), minute(1))
    told = list(all_of(first, until=minute(2)))
    assert [one.ts for one in told] == [minute(1, 300 * NS_PER_MS)] * 2 + [minute(2)]
    second = connected(memory, sent=1)
    second.perform(CancelOrder("o-1"), minute(1))
    *old, cancelled = all_of(second)
    assert old == told
    assert (type(cancelled), cancelled.ts) == (CancelConfirmed, minute(2))
