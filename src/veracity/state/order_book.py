"""How an order's life moves: by the generated table, and from the open ones to the bounded memory of the done."""

from collections.abc import Callable
from typing import Any, Final

from veracity.domain import orders
from veracity.domain.errors import EngineFault, IllegalTransition
from veracity.domain.events import OrderAccepted, OrderSubmitted
from veracity.domain.machines import BreakerState
from veracity.domain.orders import On
from veracity.state.model import CLOSED_ORDERS_MAX, ORDER_TIMES_MAX, EngineState, Order
from veracity.state.safety import forget_refusals

_SUBMIT, _ACCEPT = On.SUBMIT, On.ACCEPT  # looked up on its class, a member costs as much as a call
_HALF_OPEN: Final = BreakerState.HALF_OPEN


def submit_order(state: EngineState, event: OrderSubmitted) -> None:
    """Take a new order into the book; one that opens counts as an entry of the day."""
    order_id, intent_id, qty, ts = event.order_id, event.intent_id, event.qty, event.ts
    if order_id in state.orders or order_id in state.closed:
        raise EngineFault(f"order {order_id} was submitted twice")
    account, symbol = state.accounts[event.strategy_id], state.instruments[event.symbol].symbol
    state.orders[order_id] = Order(  # by place: by name costs twice as much
        order_id,
        intent_id,
        account.strategy_id,  # as of the symbol, the one text that is there, and none for each order
        symbol,
        event.side,
        qty,
        event.order_kind,
        event.limit_price,
        event.purpose,
        ts,
        orders.step(orders.INITIAL, _SUBMIT, filled=0, leaves=qty, fill_qty=0),
        state.markets[symbol].last,
    )
    state.intents[intent_id] = order_id
    account.open_orders.append(order_id)
    if account.refusals:
        forget_refusals(account, symbol)
    if event.purpose in orders.OPENING:
        account.day.entries += 1
        times = account.risk.order_times
        times.append(ts)
        if len(times) > ORDER_TIMES_MAX:
            del times[0]
        if state.breaker.state is _HALF_OPEN:
            state.breaker.is_probing = True


def accept_order(state: EngineState, event: OrderAccepted) -> None:
    """The order is live at the venue, under a name of the venue's."""
    move_order(state, event.order_id, _ACCEPT).venue_order_id = event.venue_order_id


def moved(on: On) -> Callable[[EngineState, Any], None]:
    """What an event does that only moves the order that it names."""

    def move(state: EngineState, event: Any) -> None:
        move_order(state, event.order_id, on)

    return move


def move_order(state: EngineState, order_id: str, on: On, fill_qty: int = 0) -> Order:
    """Move an order by the generated table; when it is done it goes to the bounded memory of closed orders.

    A closed order is looked up too: the table knows what may still be said of it, such as a refused cancel.
    """
    order = state.orders.get(order_id) or state.closed.get(order_id)
    if order is None:
        raise IllegalTransition(f"order {order_id} is not known; {on.value} cannot happen to it")
    filled = order.filled
    try:
        now = orders.step(order.state, on, filled=filled, leaves=order.qty - filled, fill_qty=fill_qty)
    except orders.NoSuchTransition as error:
        raise IllegalTransition(f"order {order_id}: {error}") from error
    order.state = now
    if fill_qty:
        order.filled = filled + fill_qty
    if now in orders.TERMINAL and order_id in state.orders:
        _remember(state, order)
    return order


def _remember(state: EngineState, order: Order) -> None:
    order_id, closed_ids = order.order_id, state.closed_ids
    del state.orders[order_id]
    state.accounts[order.strategy_id].open_orders.remove(order_id)
    state.closed[order_id] = order
    closed_ids.append(order_id)
    if len(closed_ids) > CLOSED_ORDERS_MAX:
        forgotten = state.closed.pop(closed_ids.pop(0))
        for key in forgotten.trade_keys:
            del state.booked[key]
        del state.intents[forgotten.intent_id]
