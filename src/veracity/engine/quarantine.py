"""How a quarantined fill finds its end: the venue's own list of trades, or the operator, says whose it is."""

from typing import Final

from veracity.domain.events import (
    AdoptFillRequested,
    DiscardFillRequested,
    FillAdopted,
    FillDiscarded,
    TradeConfirmed,
)
from veracity.domain.ids import trade_key
from veracity.engine.draft import Draft
from veracity.engine.modes import refuse
from veracity.state.model import EngineState, QuarantinedFill

VENUE_EVIDENCE: Final = "venue_evidence"
NO_SUCH_FILL: Final = "no_such_fill"
NO_SUCH_LEG: Final = "no_such_leg"


def trade_confirmed(draft: Draft, confirmed: TradeConfirmed) -> None:
    """Book a waiting fill to the strategy that sent its order, where the venue's list names both.

    A fill that names no order of ours keeps waiting: only an operator can say whose it is.
    """
    state = draft.state
    fill = _waiting(state, confirmed.symbol, confirmed.trade_id)
    order = state.orders.get(confirmed.order_id) or state.closed.get(confirmed.order_id)
    if fill is None or order is None or fill.order_id != confirmed.order_id or fill.symbol != order.symbol:
        return
    _adopt(draft, fill, order.strategy_id, VENUE_EVIDENCE, confirmed.detail)


def adopt_fill(draft: Draft, command: AdoptFillRequested) -> None:
    """Book a waiting fill to the strategy that the operator names, or refuse the command."""
    fill = _waiting(draft.state, command.symbol, command.trade_id)
    account = draft.state.accounts.get(command.strategy_id)
    if fill is None:
        refuse(draft, command, NO_SUCH_FILL, _nothing_waits(command.symbol, command.trade_id))
    elif account is None or fill.symbol not in account.positions:
        refuse(draft, command, NO_SUCH_LEG, f"no strategy {command.strategy_id} trades {fill.symbol}")
    else:
        _adopt(draft, fill, command.strategy_id, command.reason, command.detail)


def discard_fill(draft: Draft, command: DiscardFillRequested) -> None:
    """Let go of a waiting fill that the operator knows not to be ours, or refuse the command."""
    fill = _waiting(draft.state, command.symbol, command.trade_id)
    if fill is None:
        refuse(draft, command, NO_SUCH_FILL, _nothing_waits(command.symbol, command.trade_id))
        return
    draft.add(
        FillDiscarded(
            seq=draft.seq,
            ts=draft.ts,
            order_id=fill.order_id,
            symbol=fill.symbol,
            trade_id=fill.trade_id,
            reason=command.reason,
            detail=command.detail,
        )
    )


def _adopt(draft: Draft, fill: QuarantinedFill, strategy_id: str, reason: str, detail: str) -> None:
    draft.add(
        FillAdopted(
            seq=draft.seq,
            ts=draft.ts,
            order_id=fill.order_id,
            strategy_id=strategy_id,
            symbol=fill.symbol,
            trade_id=fill.trade_id,
            side=fill.side,
            price=fill.price,
            qty=fill.qty,
            fee=fill.fee,
            reason=reason,
            detail=detail,
        )
    )


def _waiting(state: EngineState, symbol: str, trade_id: str) -> QuarantinedFill | None:
    key = trade_key(symbol, trade_id)
    return next((fill for fill in state.quarantined if trade_key(fill.symbol, fill.trade_id) == key), None)


def _nothing_waits(symbol: str, trade_id: str) -> str:
    return f"no fill of {symbol} with trade id {trade_id} is in quarantine"
