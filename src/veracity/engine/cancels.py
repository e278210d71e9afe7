"""How an order is asked to be cancelled: where the mode allows it, once, and never one that may not exist."""

from typing import Final

from veracity.domain.events import CancelRequested
from veracity.domain.ids import event_seq
from veracity.domain.machines import mode_allows
from veracity.domain.orders import OPENING
from veracity.engine.draft import Draft
from veracity.engine.effects import CancelOrder
from veracity.state.model import Account, Order

NOT_CANCELLABLE: Final = ("cancel_pending", "unknown")
"""States of an open order in which another cancel would say nothing new or nothing true."""


def cancel(draft: Draft, order: Order, reason: str) -> None:
    """Ask to cancel an open order; one that is already being cancelled, or may not exist, is left alone."""
    if order.state.value in NOT_CANCELLABLE or not mode_allows(draft.mode_now, "cancel"):
        return
    draft.add(
        CancelRequested(
            seq=draft.seq, ts=draft.ts, order_id=order.order_id, intent_id=order.intent_id, reason=reason
        )
    )
    draft.effects.append(CancelOrder(order.order_id))


def withdraw(draft: Draft, order: Order, reason: str) -> None:
    """Say that the venue itself takes an order back: no cancel of ours, and nothing of it trades from now on."""
    if order.state.value not in NOT_CANCELLABLE:
        cancel_event = CancelRequested(
            seq=draft.seq, ts=draft.ts, order_id=order.order_id, intent_id=order.intent_id, reason=reason
        )
        draft.add(cancel_event)
    draft.effects.append(CancelOrder(order.order_id, by_venue=True))


def cancel_all(draft: Draft, reason: str) -> None:
    """Ask to cancel every open order of every account, oldest first."""
    for order in _oldest_first(draft):
        cancel(draft, order, reason)


def cancel_opening(draft: Draft, reason: str) -> None:
    """Ask to cancel every open order that could add exposure, oldest first."""
    for order in _oldest_first(draft):
        if order.purpose in OPENING:
            cancel(draft, order, reason)


def cancel_working(draft: Draft, account: Account, reason: str, symbol: str) -> None:
    """Ask to cancel the account's open orders on `symbol`, oldest first."""
    for order_id in account.open_orders:
        order = draft.state.orders[order_id]
        if order.symbol == symbol:
            cancel(draft, order, reason)


def _oldest_first(draft: Draft) -> list[Order]:
    return sorted(draft.state.orders.values(), key=lambda order: event_seq(order.order_id))
