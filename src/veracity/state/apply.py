"""The one mutation site: `apply(state, event)` is the only code that changes an `EngineState`.

It decides nothing: what an event means was decided before it was journaled. So a journal (with its dataset) folds
to the same state without strategies, guards or a simulator. It dispatches; what an event does to orders, accounts and
positions stands in the books behind it, which nobody else calls on a state.
"""

from typing import assert_never

from veracity.domain.errors import EngineFault, JournalGap
from veracity.domain.events import (
    BarClosed,
    CancelRejected,
    CancelRequested,
    CheckpointMarked,
    DayRolled,
    Event,
    FeeCharged,
    FillDropped,
    FillQuarantined,
    FundingPaid,
    FundingRatePublished,
    InstrumentListed,
    IntentCreated,
    IntentDenied,
    MemoUpdated,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    ReportRefused,
    RunFinished,
    RunStarted,
    StrategyStarted,
    StrategyStopped,
)
from veracity.domain.instruments import Instrument
from veracity.domain.orders import On
from veracity.domain.time import day_of
from veracity.state.accounts import charge_fee, fill_order, open_account, pay_funding
from veracity.state.model import (
    DayBook,
    EngineState,
    Market,
    QuarantinedFill,
    equity,
)
from veracity.state.order_book import move_order, submit_order


def apply(state: EngineState, event: Event) -> None:  # noqa: C901, PLR0915 - one branch a kind keeps assert_never
    """Fold `event` into `state`.

    Raises JournalGap where it does not follow `state.seq`, IllegalTransition where an order's table has no row for it.
    """
    seq = event.seq
    if seq != state.seq + 1:
        raise JournalGap(f"state is at seq {state.seq}, the next event has seq {seq}")
    match event:
        case BarClosed():
            refuse_old(state, event)
            market = state.markets[event.symbol]
            market.last = event.close
            market.ts = event.ts
            market.open_ts = event.open_ts
        case IntentCreated():
            pass  # what was wanted; what became of it is the next event
        case OrderFilled():
            fill_order(state, event)
        case FeeCharged():
            charge_fee(state.accounts[event.strategy_id], event)
        case OrderSubmitted():
            submit_order(state, event)
        case OrderAccepted():
            move_order(state, event.order_id, On.ACCEPT).venue_order_id = event.venue_order_id
        case FundingRatePublished():
            pass  # what it costs each position is its own event
        case FundingPaid():
            pay_funding(state.accounts[event.strategy_id], event)
        case IntentDenied() | ReportRefused() | FillDropped() | CheckpointMarked() | RunFinished():
            pass  # journaled so that everything can be explained; nothing to change
        case OrderRejected():
            move_order(state, event.order_id, On.REJECT)
        case CancelRequested():
            move_order(state, event.order_id, On.REQUEST_CANCEL)
        case OrderCancelled():
            move_order(state, event.order_id, On.CONFIRM_CANCEL)
        case CancelRejected():
            move_order(state, event.order_id, On.REFUSE_CANCEL)
        case OrderExpired():
            move_order(state, event.order_id, On.EXPIRE)
        case OrderOutcomeUnknown():
            move_order(state, event.order_id, On.LOSE)
        case FillQuarantined():
            state.quarantined.append(
                QuarantinedFill(
                    event.order_id,
                    event.symbol,
                    event.trade_id,
                    event.side,
                    event.price,
                    event.qty,
                    event.reason,
                )
            )
        case StrategyStopped():
            state.accounts[event.strategy_id].stopped = True
        case MemoUpdated():
            state.accounts[event.strategy_id].memo = event.memo
        case DayRolled():
            state.day = event.day
            for account in state.accounts.values():
                account.day = DayBook(equity_start=equity(state, account))
        case ModeChanged():
            state.mode = event.mode_to
            state.mode_reason = f"{event.reason}: {event.detail}" if event.detail else event.reason
        case RunStarted():
            state.run_id = event.run_id
            state.day = day_of(event.ts)
        case InstrumentListed():
            state.instruments[event.symbol] = Instrument.listed(event)
            state.markets[event.symbol] = Market()
        case StrategyStarted():
            open_account(state, event)
        case _:
            assert_never(event)  # a new event is a type error until it has its case
    state.seq = seq
    state.ts = event.ts


def refuse_old(state: EngineState, bar: BarClosed) -> None:
    """Raises EngineFault for a bar that was taken before, or that is older than one that was."""
    newest = state.markets[bar.symbol].open_ts
    if bar.open_ts <= newest:
        raise EngineFault(
            f"the bar of {bar.symbol} that opened at {bar.open_ts} came after the one of {newest}"
        )


def skip_bars(state: EngineState, count: int) -> None:
    """Fold `count` bars of one instrument of which another follows at once: each would change only the last price and
    the time, which the next one overwrites, so all that stays of them is their number."""
    assert count >= 0, count
    state.seq += count
