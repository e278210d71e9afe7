"""From the venue's reports to events. Nothing a venue says is lost: it is booked, dropped as a duplicate,
quarantined, or refused, and each of these is an event that carries all it said."""

from typing import Final

from veracity.domain import orders
from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    CancelConfirmed,
    CancelRefused,
    CancelRejected,
    FeeCharged,
    FillDropped,
    FillQuarantined,
    FillReported,
    OrderAccepted,
    OrderAcked,
    OrderCancelled,
    OrderExpired,
    OrderExpiryReported,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRefused,
    OrderRejected,
    OutcomeUnknownReported,
    ReportRefused,
    VenueReport,
)
from veracity.domain.ids import trade_key
from veracity.domain.orders import On
from veracity.engine.draft import Draft
from veracity.state.model import EngineState, Order

_MEANING: Final = {
    FillReported: On.FILL,
    OrderAcked: On.ACCEPT,
    OrderRefused: On.REJECT,
    CancelConfirmed: On.CONFIRM_CANCEL,
    CancelRefused: On.REFUSE_CANCEL,
    OrderExpiryReported: On.EXPIRE,
    OutcomeUnknownReported: On.LOSE,
}


def heard(draft: Draft, report: VenueReport) -> None:
    """Add what `report` means for the order that it names."""
    if isinstance(report, FillReported) and report.qty > 0:  # the table refuses a fill of nothing, below
        _fill(draft, report)
        return
    state = draft.state
    order = state.orders.get(report.order_id) or state.closed.get(report.order_id)
    if order is None:
        _refuse(draft, report, "not_known", "no such order")
        return
    try:
        orders.step(order.state, _MEANING[type(report)], filled=order.filled, leaves=order.leaves, fill_qty=0)
    except orders.NoSuchTransition as error:
        _refuse(draft, report, order.state.value, str(error))
        return
    _transition(draft, order, report)


def _refuse(draft: Draft, report: VenueReport, order_state: str, detail: str) -> None:
    draft.add(
        ReportRefused(
            seq=draft.seq,
            ts=draft.ts,
            order_id=report.order_id,
            report=str(report.__struct_config__.tag),
            order_state=order_state,
            detail=detail,
        )
    )


def _transition(draft: Draft, order: Order, report: VenueReport) -> None:
    seq, ts, order_id, intent_id = draft.seq, draft.ts, order.order_id, order.intent_id
    match report:
        case OrderAcked(venue_order_id=venue_order_id):
            draft.add(OrderAccepted(seq, ts, order_id, intent_id, venue_order_id))
        case OrderRefused(detail=detail):
            draft.add(OrderRejected(seq, ts, order_id, intent_id, detail))
        case CancelConfirmed(detail=detail):
            draft.add(OrderCancelled(seq, ts, order_id, intent_id, detail))
        case CancelRefused(detail=detail):
            draft.add(CancelRejected(seq, ts, order_id, intent_id, detail))
        case OrderExpiryReported(detail=detail):
            draft.add(OrderExpired(seq, ts, order_id, intent_id, detail))
        case OutcomeUnknownReported(detail=detail):
            draft.add(OrderOutcomeUnknown(seq, ts, order_id, intent_id, detail))
        case FillReported():
            raise EngineFault("a fill is not a mere transition")


def _fill(draft: Draft, report: FillReported) -> None:
    state, key = draft.state, trade_key(report.symbol, report.trade_id)
    if key in state.booked:
        _drop(draft, report)
        return
    order = state.orders.get(report.order_id)
    mismatch = _mismatch(state, order, report)
    if order is not None and mismatch is None:
        _book(draft, order, report)
    elif any(trade_key(fill.symbol, fill.trade_id) == key for fill in state.quarantined):
        _drop(draft, report)  # it waits already
    else:
        _quarantine(draft, report, mismatch or "unknown_order")


def _drop(draft: Draft, report: FillReported) -> None:
    draft.add(
        FillDropped(
            seq=draft.seq,
            ts=draft.ts,
            order_id=report.order_id,
            symbol=report.symbol,
            trade_id=report.trade_id,
            side=report.side,
            price=report.price,
            qty=report.qty,
        )
    )


def _quarantine(draft: Draft, report: FillReported, reason: str) -> None:
    draft.add(
        FillQuarantined(
            seq=draft.seq,
            ts=draft.ts,
            order_id=report.order_id,
            symbol=report.symbol,
            trade_id=report.trade_id,
            side=report.side,
            price=report.price,
            qty=report.qty,
            liquidity=report.liquidity,
            fee=report.fee,
            fee_rate=report.fee_rate,
            latency_cost=report.latency_cost,
            spread_cost=report.spread_cost,
            impact_cost=report.impact_cost,
            rounding_cost=report.rounding_cost,
            reason=reason,
        )
    )


def _mismatch(state: EngineState, order: Order | None, report: FillReported) -> str | None:
    """Why the fill cannot belong to `order`, as a reason code; None where it can."""
    if order is None:
        return "order_done" if report.order_id in state.closed else "unknown_order"
    if report.symbol != order.symbol:
        return "wrong_symbol"
    if report.side != order.side:
        return "wrong_side"
    if report.qty > order.leaves:
        return "overfill"
    return None


def _book(draft: Draft, order: Order, report: FillReported) -> None:
    draft.add(
        OrderFilled(  # by place: every fill passes here, and by name costs twice as much
            draft.seq,
            draft.ts,
            order.order_id,
            order.intent_id,
            order.strategy_id,
            order.symbol,
            report.trade_id,
            report.side,
            report.price,
            report.qty,
            report.liquidity,
            report.latency_cost,
            report.spread_cost,
            report.impact_cost,
            report.rounding_cost,
        )
    )
    if report.fee:
        draft.add(
            FeeCharged(
                draft.seq,
                draft.ts,
                order.order_id,
                order.intent_id,
                order.strategy_id,
                report.trade_id,
                report.fee,
                report.fee_rate,
            )
        )
