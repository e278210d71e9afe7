"""The one mutation site: `apply(state, event)` is the only code that changes an `EngineState`.

It decides nothing: what an event means was decided before it was journaled. So a journal (with its dataset) folds
to the same state without strategies, guards or a simulator. It dispatches by one table; what an event does to orders, accounts and
positions stands in the books behind it, which nobody else calls on a state.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, get_args

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
    RegimeChanged,
    RegimeWatched,
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
    ClockFault,
    DayBook,
    EngineState,
    Market,
    equity,
)
from veracity.state.order_book import accept_order, moved, submit_order
from veracity.state.regimes import change_regime, keep_move, watch_regime
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


def apply(state: EngineState, event: Event) -> None:
    """Fold `event` into `state`.

    Raises JournalGap where it does not follow `state.seq`, IllegalTransition where an order's table has no row for it.
    """
    seq = event.seq
    if seq != state.seq + 1:
        raise JournalGap(f"state is at seq {state.seq}, the next event has seq {seq}")
    FOLDS[type(event)](state, event)
    state.seq = seq
    state.ts = event.ts


def _close_bar(state: EngineState, event: BarClosed) -> None:
    market = state.markets[event.symbol]
    refuse_old(market, event)
    if market.squares_max or market.regime is not None:
        square = _square(market, event, state.instruments[event.symbol].interval_ns)
        if market.squares_max:
            keep_squares(market, [square])
        if market.regime is not None:
            keep_move(market.regime, square)
    market.ts = event.ts
    market.open_ts = event.open_ts
    close = event.close
    if close > 0:
        market.previous = market.last
        market.last = close
        mark_accounts(state, event.symbol, close, close)
    else:  # no price: what is held stays worth its last good one
        market.broken_ts = event.ts


def _roll_day(state: EngineState, event: DayRolled) -> None:
    state.day = event.day
    for account in state.accounts.values():
        account.day = DayBook(equity_start=equity(state, account))
        speak_again(account)


def _change_mode(state: EngineState, event: ModeChanged) -> None:
    if event.mode_to is Mode.RUNNING and event.mode_from is not Mode.RECOVERING:
        forgive_slips(state)
    change_mode(state, event)


def _stop_strategy(state: EngineState, event: StrategyStopped) -> None:
    state.accounts[event.strategy_id].stopped = True


def _update_memo(state: EngineState, event: MemoUpdated) -> None:
    state.accounts[event.strategy_id].memo = event.memo


def _change_volatility(state: EngineState, event: VolatilityChanged) -> None:
    state.accounts[event.strategy_id].risk.volatility[event.symbol].paused = event.paused


def _begin_exit(state: EngineState, event: ExitBegun) -> None:
    state.exits[event.symbol or ALL_SYMBOLS] = event.reason


def _end_exit(state: EngineState, event: ExitEnded) -> None:
    del state.exits[event.symbol or ALL_SYMBOLS]


def _clear_drift(state: EngineState, event: DriftCleared) -> None:
    state.drift.pop(event.symbol, None)


def _check_clock(state: EngineState, event: ClockChecked) -> None:
    state.clock = None if event.trusted else ClockFault(event.offset_ns, event.ts)


def _discard_fill(state: EngineState, event: FillDiscarded) -> None:
    release_fill(state, event.symbol, event.trade_id)


def _mark_checkpoint(state: EngineState, event: CheckpointMarked) -> None:
    state.checkpoint_seq = event.seq


def _start_run(state: EngineState, event: RunStarted) -> None:
    state.run_id = event.run_id
    state.day = day_of(event.ts)


def _finish_run(state: EngineState, event: RunFinished) -> None:
    state.is_finished = True


def _list_instrument(state: EngineState, event: InstrumentListed) -> None:
    state.instruments[event.symbol] = Instrument.listed(event)
    state.markets[event.symbol] = Market()


def _explain(state: EngineState, event: Event) -> None:
    """Journaled so that everything can be explained; nothing to change."""


Fold: TypeAlias = Callable[[EngineState, Any], None]
"""What one kind of event does to the state."""

FOLDS: Final[Mapping[type[Event], Fold]] = {
    AuxUpdated: note_aux,
    BarClosed: _close_bar,
    BorrowCharged: pay_interest,
    BreakerChanged: move_breaker,
    CancelRejected: moved(On.REFUSE_CANCEL),
    CancelRequested: moved(On.REQUEST_CANCEL),
    CheckpointMarked: _mark_checkpoint,
    ClockChecked: _check_clock,
    CommandReceived: _explain,
    CommandRefused: _explain,
    DayRolled: _roll_day,
    DenialRehearsed: _explain,
    DriftCleared: _clear_drift,
    DriftFound: note_drift,
    ExitBegun: _begin_exit,
    ExitEnded: _end_exit,
    FeeCharged: charge_fee,
    FeedChanged: _explain,
    FillAdopted: adopt_fill,
    FillDiscarded: _discard_fill,
    FillDropped: _explain,
    FillQuarantined: quarantine_fill,
    FundingPaid: pay_funding,
    FundingRatePublished: note_funding,  # what it costs each position is its own event
    InstrumentListed: _list_instrument,
    IntentCreated: _explain,  # what was wanted; what became of it is the next event
    IntentDenied: count_refusal,
    MemoUpdated: _update_memo,
    ModeChanged: _change_mode,
    OrderAccepted: accept_order,
    OrderCancelled: moved(On.CONFIRM_CANCEL),
    OrderExpired: moved(On.EXPIRE),
    OrderFilled: fill_order,
    OrderOutcomeUnknown: moved(On.LOSE),
    OrderRejected: moved(On.REJECT),
    OrderSubmitted: submit_order,
    PositionLiquidated: close_by_venue,
    RegimeChanged: change_regime,
    RegimeWatched: watch_regime,
    ReportRefused: _explain,
    RunFinished: _finish_run,
    RunStarted: _start_run,
    StrategyStarted: open_account,
    StrategyStopped: _stop_strategy,
    VenueCalled: count_call,
    VolatilityChanged: _change_volatility,
    VolatilityWatched: watch_volatility,
}
"""One row a kind of event."""

assert FOLDS.keys() == set(get_args(Event)), "a new kind of event needs its row in FOLDS"


def _square(market: Market, bar: BarClosed, interval_ns: int) -> int:
    """The bar's squared log return (10^-18); UNKNOWN where the bar before is missing or a price is none."""
    broken = market.broken_ts == market.ts
    if market.last is None or broken or bar.open_ts - market.open_ts != interval_ns:
        return UNKNOWN
    return squared_return(market.last, bar.close)


def refuse_old(market: Market, bar: BarClosed) -> None:
    """Raises EngineFault for a bar that was taken before, or that is older than one that was."""
    if bar.open_ts <= market.open_ts:
        raise EngineFault(
            f"the bar of {bar.symbol} that opened at {bar.open_ts} came after the one of {market.open_ts}"
        )


def skip_bars(
    state: EngineState, symbol: str, open_ts: int, closes: Sequence[int], squares: Sequence[int]
) -> None:
    """Fold bars of `symbol` that close at `closes`, the last of which opens at `open_ts`, and that lead to nothing: as
    `apply` does with each. `squares` are their squared returns where somebody watches these."""
    lowest = min(closes)
    assert lowest > 0, "a bar without a price is folded alone"
    market = state.markets[symbol]
    assert market.regime is None, "a bar that is labelled is folded alone"
    if market.squares_max:
        assert len(squares) == len(closes), (len(squares), len(closes))
        keep_squares(market, squares)
    market.previous = closes[-2] if len(closes) > 1 else market.last
    market.last = closes[-1]
    market.open_ts = open_ts
    state.ts = market.ts = open_ts + state.instruments[symbol].interval_ns
    mark_accounts(state, symbol, lowest, max(closes))
    state.seq += len(closes)
