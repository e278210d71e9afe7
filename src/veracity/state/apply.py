"""The one mutation site: `apply(state, event)` is the only code that changes an `EngineState`.

It decides nothing: what an event means was decided before it was journaled. So a journal (with its dataset) folds
to the same state without strategies, guards or a simulator.
"""

from typing import assert_never

from veracity.domain import orders
from veracity.domain.errors import EngineFault, IllegalTransition, JournalGap
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
from veracity.domain.ids import trade_key
from veracity.domain.instruments import Instrument
from veracity.domain.orders import On
from veracity.domain.time import day_of
from veracity.state.model import (
    CLOSED_ORDERS_MAX,
    Account,
    DayBook,
    EngineState,
    LastFill,
    Market,
    Order,
    Position,
    QuarantinedFill,
    equity,
)
from veracity.state.positions import book_fee, book_fill, closed_part, release_fees


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
            _fill(state, event)
        case FeeCharged():
            _charge(state.accounts[event.strategy_id], event)
        case OrderSubmitted():
            _submit(state, event)
        case OrderAccepted():
            _move(state, event.order_id, On.ACCEPT).venue_order_id = event.venue_order_id
        case FundingRatePublished():
            pass  # what it costs each position is its own event
        case FundingPaid():
            account = state.accounts[event.strategy_id]
            account.cash += event.amount
            account.funding += event.amount
        case IntentDenied() | ReportRefused() | FillDropped() | CheckpointMarked() | RunFinished():
            pass  # journaled so that everything can be explained; nothing to change
        case OrderRejected():
            _move(state, event.order_id, On.REJECT)
        case CancelRequested():
            _move(state, event.order_id, On.REQUEST_CANCEL)
        case OrderCancelled():
            _move(state, event.order_id, On.CONFIRM_CANCEL)
        case CancelRejected():
            _move(state, event.order_id, On.REFUSE_CANCEL)
        case OrderExpired():
            _move(state, event.order_id, On.EXPIRE)
        case OrderOutcomeUnknown():
            _move(state, event.order_id, On.LOSE)
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
            _open_account(state, event)
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


def _open_account(state: EngineState, event: StrategyStarted) -> None:
    if event.strategy_id in state.accounts:
        raise EngineFault(f"strategy {event.strategy_id} was started twice")
    state.accounts[event.strategy_id] = Account(
        strategy_id=event.strategy_id,
        strategy=event.strategy,
        version=event.version,
        config_hash=event.config_hash,
        legs=event.legs,
        currency=event.currency,
        cash_start=event.cash,
        cash=event.cash,
        positions={leg.symbol: Position() for leg in event.legs},
        day=DayBook(equity_start=event.cash),
    )


def _submit(state: EngineState, event: OrderSubmitted) -> None:
    if event.order_id in state.orders or event.order_id in state.closed:
        raise EngineFault(f"order {event.order_id} was submitted twice")
    account = state.accounts[event.strategy_id]
    state.orders[event.order_id] = Order(
        order_id=event.order_id,
        intent_id=event.intent_id,
        strategy_id=event.strategy_id,
        symbol=event.symbol,
        side=event.side,
        qty=event.qty,
        order_kind=event.order_kind,
        limit_price=event.limit_price,
        purpose=event.purpose,
        submitted_ts=event.ts,
        state=orders.step(orders.INITIAL, On.SUBMIT, filled=0, leaves=event.qty, fill_qty=0),
    )
    state.intents[event.intent_id] = event.order_id
    account.open_orders.append(event.order_id)
    if event.purpose in orders.OPENING:
        account.day.entries += 1


def _fill(state: EngineState, event: OrderFilled) -> None:
    key = trade_key(event.symbol, event.trade_id)
    if key in state.booked:
        raise EngineFault(f"trade {key} was booked twice")
    order = _move(state, event.order_id, On.FILL, event.qty)
    state.booked[key] = order.order_id
    order.trade_keys.append(key)
    if state.quarantined:  # it waited for its order, and that is known by now
        state.quarantined = [
            fill for fill in state.quarantined if trade_key(fill.symbol, fill.trade_id) != key
        ]
    account = state.accounts[order.strategy_id]
    factor = state.instruments[order.symbol].factor
    delta = order.sign * event.qty
    account.cash -= delta * event.price * factor
    account.fills += 1
    order.notional += event.qty * event.price * factor
    position = account.positions[order.symbol]
    closed = closed_part(position.qty, delta)
    net = -release_fees(position, closed)
    net += book_fill(position, delta, event.price, factor)
    account.last_fill = LastFill(event.symbol, event.qty, closed, net)
    if net < 0:
        account.loss_ts = event.ts


def _charge(account: Account, event: FeeCharged) -> None:
    account.cash -= event.amount
    account.fees += event.amount
    fill = account.last_fill
    if fill is not None:
        account.last_fill = None
        if book_fee(account.positions[fill.symbol], fill, event.amount) < 0 and fill.closed:
            account.loss_ts = event.ts


def _move(state: EngineState, order_id: str, on: On, fill_qty: int = 0) -> Order:
    """Move an order by the generated table; when it is done it goes to the bounded memory of closed orders.

    A closed order is looked up too: the table knows what may still be said of it, such as a refused cancel.
    """
    order = state.orders.get(order_id) or state.closed.get(order_id)
    if order is None:
        raise IllegalTransition(f"order {order_id} is not known; {on.value} cannot happen to it")
    try:
        order.state = orders.step(
            order.state, on, filled=order.filled, leaves=order.leaves, fill_qty=fill_qty
        )
    except orders.NoSuchTransition as error:
        raise IllegalTransition(f"order {order_id}: {error}") from error
    order.filled += fill_qty
    if order.state in orders.TERMINAL and order_id in state.orders:
        _close(state, order)
    return order


def _close(state: EngineState, order: Order) -> None:
    del state.orders[order.order_id]
    state.accounts[order.strategy_id].open_orders.remove(order.order_id)
    state.closed[order.order_id] = order
    state.closed_ids.append(order.order_id)
    if len(state.closed_ids) > CLOSED_ORDERS_MAX:
        forgotten = state.closed.pop(state.closed_ids.pop(0))
        for key in forgotten.trade_keys:
            del state.booked[key]
        del state.intents[forgotten.intent_id]
