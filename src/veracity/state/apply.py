"""The one mutation site: `apply(state, event)` is the only code that changes an `EngineState`.

It decides nothing: what an event means was decided before it was journaled. So a journal (with its dataset) folds
to the same state without strategies, guards or a simulator. It dispatches; what an event does to orders, accounts and
positions stands in the books behind it, which nobody else calls on a state.
"""

from collections.abc import Sequence
from typing import assert_never

from veracity.domain.errors import EngineFault, JournalGap
from veracity.domain.events import (
    AuxUpdated,
    BarClosed,
    BorrowCharged,
    BreakerChanged,
    CancelRejected,
    CancelRequested,
    CheckpointMarked,
    ClockChecked,
    CommandReceived,
    CommandRefused,
    DayRolled,
    DenialRehearsed,
    DriftCleared,
    DriftFound,
    Event,
    ExitBegun,
    ExitEnded,
    FeeCharged,
    FeedChanged,
    FillAdopted,
    FillDiscarded,
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
    PositionLiquidated,
    ReportRefused,
    RunFinished,
    RunStarted,
    StrategyStarted,
    StrategyStopped,
    VenueCalled,
    VolatilityChanged,
    VolatilityWatched,
)
from veracity.domain.instruments import Instrument
from veracity.domain.machines import Mode
from veracity.domain.orders import On
from veracity.domain.returns import UNKNOWN, squared_return
from veracity.domain.time import day_of
from veracity.state.accounts import (
    adopt_fill,
    charge_fee,
    close_by_venue,
    fill_order,
    forgive_slips,
    keep_squares,
    mark_accounts,
    open_account,
    pay_funding,
    pay_interest,
    watch_volatility,
)
from veracity.state.model import (
    ALL_SYMBOLS,
    DayBook,
    EngineState,
    Market,
    equity,
)
from veracity.state.order_book import move_order, submit_order
from veracity.state.safety import (
    change_mode,
    count_call,
    count_refusal,
    move_breaker,
    note_aux,
    note_drift,
    note_funding,
    quarantine_fill,
    release_fill,
    speak_again,
)


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
            if market.squares_max:
                keep_squares(market, [_square(market, event, state.instruments[event.symbol].interval_ns)])
            market.ts = event.ts
            market.open_ts = event.open_ts
            if event.close > 0:
                market.previous = market.last
                market.last = event.close
                mark_accounts(state, event.symbol, event.close, event.close)
            else:  # no price: what is held stays worth its last good one
                market.broken_ts = event.ts
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
            note_funding(state, event)  # what it costs each position is its own event
        case FundingPaid():
            pay_funding(state.accounts[event.strategy_id], event)
        case BorrowCharged():
            pay_interest(state.accounts[event.strategy_id], event)
        case PositionLiquidated():
            close_by_venue(state, event)
        case IntentDenied():
            count_refusal(state.accounts[event.strategy_id], event.symbol, event.rule)
        case DenialRehearsed() | ReportRefused() | FillDropped() | CommandReceived() | CommandRefused():
            pass  # journaled so that everything can be explained; nothing to change
        case FeedChanged():
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
            quarantine_fill(state, event)
        case FillAdopted():
            adopt_fill(state, event)
        case FillDiscarded():
            release_fill(state, event.symbol, event.trade_id)
        case StrategyStopped():
            state.accounts[event.strategy_id].stopped = True
        case MemoUpdated():
            state.accounts[event.strategy_id].memo = event.memo
        case DayRolled():
            state.day = event.day
            for account in state.accounts.values():
                account.day = DayBook(equity_start=equity(state, account))
                speak_again(account)
        case ModeChanged():
            if event.mode_to is Mode.RUNNING and event.mode_from is not Mode.RECOVERING:
                forgive_slips(state)
            change_mode(state, event)
        case ExitBegun():
            state.exits[event.symbol or ALL_SYMBOLS] = event.reason
        case ExitEnded():
            del state.exits[event.symbol or ALL_SYMBOLS]
        case DriftFound():
            note_drift(state, event)
        case DriftCleared():
            state.drift.pop(event.symbol, None)
        case ClockChecked():
            state.clock_offset_ns = None if event.trusted else event.offset_ns
        case VenueCalled():
            count_call(state, event)
        case BreakerChanged():
            move_breaker(state, event)
        case AuxUpdated():
            note_aux(state, event)
        case CheckpointMarked():
            state.checkpoint_seq = seq
        case RunFinished():
            state.is_finished = True
        case RunStarted():
            state.run_id = event.run_id
            state.day = day_of(event.ts)
        case InstrumentListed():
            state.instruments[event.symbol] = Instrument.listed(event)
            state.markets[event.symbol] = Market()
        case StrategyStarted():
            open_account(state, event)
        case VolatilityChanged():
            state.accounts[event.strategy_id].risk.volatility[event.symbol].paused = event.paused
        case VolatilityWatched():
            watch_volatility(state, event)
        case _:
            assert_never(event)  # a new event is a type error until it has its case
    state.seq = seq
    state.ts = event.ts


def _square(market: Market, bar: BarClosed, interval_ns: int) -> int:
    """The bar's squared log return (10^-18); UNKNOWN where the bar before is missing or a price is none."""
    broken = market.broken_ts == market.ts
    if market.last is None or broken or bar.open_ts - market.open_ts != interval_ns:
        return UNKNOWN
    return squared_return(market.last, bar.close)


def refuse_old(state: EngineState, bar: BarClosed) -> None:
    """Raises EngineFault for a bar that was taken before, or that is older than one that was."""
    newest = state.markets[bar.symbol].open_ts
    if bar.open_ts <= newest:
        raise EngineFault(
            f"the bar of {bar.symbol} that opened at {bar.open_ts} came after the one of {newest}"
        )


def skip_bars(
    state: EngineState, symbol: str, open_ts: int, closes: Sequence[int], squares: Sequence[int]
) -> None:
    """Fold bars of `symbol` that close at `closes`, the last of which opens at `open_ts`, and that lead to nothing: as
    `apply` does with each. `squares` are their squared returns where somebody watches these."""
    lowest = min(closes)
    assert lowest > 0, "a bar without a price is folded alone"
    market = state.markets[symbol]
    if market.squares_max:
        assert len(squares) == len(closes), (len(squares), len(closes))
        keep_squares(market, squares)
    market.previous = closes[-2] if len(closes) > 1 else market.last
    market.last = closes[-1]
    market.open_ts = open_ts
    state.ts = market.ts = open_ts + state.instruments[symbol].interval_ns
    mark_accounts(state, symbol, lowest, max(closes))
    state.seq += len(closes)
