import pytest
from msgspec.structs import replace
from tests.kit.doubles import RecordingVenue
from tests.kit.market import BTC, ETH, MINUTE, PERP, START, usd
from tests.kit.players import player
from tests.kit.says import acked, close_all, filled
from tests.kit.script import Script
from tests.kit.trades import trade

from veracity.domain.events import (
    CancelRequested,
    DayRolled,
    ExitBegun,
    FeeCharged,
    FeedChanged,
    FundingPaid,
    FundingRatePublished,
    IntentCreated,
    IntentDenied,
    ModeChanged,
    OrderAccepted,
    OrderFilled,
    OrderSubmitted,
)
from veracity.domain.time import NS_PER_DAY, NS_PER_HOUR
from veracity.engine.draft import QUIET
from veracity.state.model import equity
from veracity.state.snapshot import restore, take

MIDNIGHT = 19_390 * NS_PER_DAY  # 2023-02-02T00:00:00Z, the day after START

# ---------------------------------------------------------------- days


def a_day_with_three_entries() -> Script:
    """Three entries and a loss: equity 9,950.00 of 10,000.00, one minute before midnight."""
    script = Script(player("a", cash=usd(10_000)), start=MIDNIGHT - 3 * MINUTE).ticks(100_00)
    trade(script, "buy", 1_000, 100_00)
    trade(script, "buy", 1_000, 100_00, purpose="increase")
    trade(script, "buy", 500, 100_00, purpose="increase")
    script.ticks(80_00)
    trade(script, "sell", 500, 80_00, purpose="reduce")
    return script


@pytest.mark.ticket("T-018")
def test_the_first_bar_of_a_day_starts_its_counters_before_any_turn() -> None:
    script = a_day_with_three_entries()
    account = script.account()
    assert (account.day.entries, equity(script.state, account)) == (3, usd(9_950))
    before = (account.cash, script.position().qty, account.loss_ts)
    script.ticks(80_00).says(DayRolled)
    assert script.now == MIDNIGHT
    assert script.last(DayRolled).day == script.state.day == 19_390
    assert (account.day.entries, account.day.equity_start) == (0, usd(9_950))
    assert (account.cash, script.position().qty, account.loss_ts) == before


@pytest.mark.ticket("T-018")
def test_one_nanosecond_before_midnight_is_the_old_day_and_a_day_rolls_once() -> None:
    script = a_day_with_three_entries()
    script.ticks(80_00, after=MINUTE - 1).says()
    script.ticks(80_00, after=1).says(DayRolled)
    script.ticks(80_00).says()
    assert len(script.all(DayRolled)) == 1


@pytest.mark.ticket("T-018")
def test_three_silent_days_roll_once() -> None:
    script = a_day_with_three_entries()
    script.ticks(80_00, after=3 * NS_PER_DAY).says(FeedChanged, DayRolled)
    assert script.state.day == 19_392


@pytest.mark.ticket("T-018")
@pytest.mark.parametrize("began", [0, 5 * NS_PER_HOUR, 23 * NS_PER_HOUR])
def test_a_day_ends_at_midnight_utc_whenever_the_run_began(began: int) -> None:
    script = Script(start=START + began).ticks(100_00, after=NS_PER_DAY - began - 1).says()
    script.ticks(100_00, after=1).says(DayRolled)


# ---------------------------------------------------------------- draining


@pytest.mark.ticket("T-029")
def test_all_events_of_an_input_are_applied_before_the_next_input_gets_its_seq() -> None:
    venue = RecordingVenue()
    script = Script(player("a"), player("b"), venue=venue).ticks(100_00)
    trade(script, "buy", 2_000, 100_00, strategy_id="a")
    script.wants("b", 1_000).hears(acked(script.order))
    working = script.order
    script.wants("a", 3_000)
    script.hears(filled(script.order, 1_000))  # A is free of orders again, and holds 3.000
    head = script.state.seq
    script.wants("b", 1_000)
    queue = (filled(working, 400, trade="2"), close_all(), filled(working, 100, trade="3"))
    venue.reports = [replace(one, ts=script.now) for one in queue]  # type: ignore[misc]
    script.loop.drain(script.now)
    assert venue.reports == []
    events = script.journal.events[head:]
    assert [type(event) for event in events] == [
        OrderFilled,  # input 1
        ModeChanged,  # input 2: five events, the last three caused by those before
        ExitBegun,
        CancelRequested,
        IntentCreated,
        OrderSubmitted,
        OrderFilled,  # input 3
    ]
    assert [event.seq for event in events] == list(range(head + 1, head + 8))
    assert script.state.seq == head + 7
    assert script.order_of(working).filled == 500


def test_a_step_reads_the_state_and_changes_nothing() -> None:
    script = Script().ticks(100_00).wants("a", 2_000)
    before = script.hash
    report = filled(script.order, 2_000, fee=1)
    step = script.engine.step(script.state, report)
    assert [type(event) for event in step.events] == [OrderFilled, FeeCharged]
    assert script.hash == before
    assert script.engine.step(script.state, report) == step


def test_a_turn_that_wants_nothing_new_is_quiet() -> None:
    script = Script().ticks(100_00)
    assert script.engine.turn(script.state, "a", (0,)) is QUIET


# ---------------------------------------------------------------- funding


@pytest.mark.parametrize(
    ("side", "rate", "cash"),
    [
        ("buy", 100_000, -usd(5)),
        ("sell", 100_000, usd(5)),
        ("buy", -200_000, usd(10)),
        ("sell", -200_000, -usd(10)),
    ],
)
def test_funding_is_paid_on_the_mark_price_with_the_signs_of_the_venue(
    side: str, rate: int, cash: int
) -> None:
    script = Script(player("a", PERP)).ticks(49_000_00, PERP)  # N-29: 1 at a mark of 50,000
    trade(script, side, 1_000, 49_000_00, symbol=PERP)  # type: ignore[arg-type]
    before = script.account().cash
    script.settles(rate, 50_000_00, PERP).says(FundingPaid)
    paid = script.last(FundingPaid)
    assert (paid.amount, paid.mark, paid.rate) == (cash, 50_000_00, rate)
    assert script.account().cash - before == script.account().funding == cash


def test_only_accounts_that_hold_the_contract_pay_and_they_do_so_by_strategy_id() -> None:
    script = Script(player("c", PERP), player("a", PERP), player("b", PERP), player("d", BTC)).ticks(
        100_00, PERP
    )
    for strategy_id in ("c", "a"):
        trade(script, "buy", 1_000, 100_00, strategy_id=strategy_id, symbol=PERP)
    script.settles(100_000, 100_00, PERP).says(FundingPaid, FundingPaid)
    assert [event.strategy_id for event in script.all(FundingPaid)] == ["a", "c"]


def test_the_order_of_payments_is_the_same_after_a_restart() -> None:
    script = Script(player("b", PERP), player("a", PERP)).ticks(100_00, PERP)
    for strategy_id in ("b", "a"):
        trade(script, "buy", 1_000, 100_00, strategy_id=strategy_id, symbol=PERP)
    published = FundingRatePublished(script.state.seq + 1, script.now, PERP, 100_000, 100_00)
    again = restore(take(script.state))
    assert script.engine.step(again, published) == script.engine.step(script.state, published)


# ---------------------------------------------------------------- no price


def test_an_order_for_an_instrument_without_a_price_is_denied_until_there_is_one() -> None:
    script = Script(player("a", ETH), instruments=()).wants("a", 1_000)
    script.says(IntentCreated, IntentDenied)
    assert "no price" in script.last(IntentDenied).detail
    script.ticks(50_00, ETH).wants("a", 1_000).says(IntentCreated, OrderSubmitted)
    script.hears(acked(script.order)).says(OrderAccepted)
