"""A fill too far from the price that it was decided at stops the engine (specs/risk/halts.md, S-103): the model of costs, the data
or the venue is not what the strategy was made for, and the next order would find out more."""

from collections.abc import Mapping
from typing import Final

from veracity.domain.amounts import slip_ceil
from veracity.domain.events import OrderFilled
from veracity.domain.machines import Mode, ModeOn
from veracity.engine import modes
from veracity.engine.draft import Draft
from veracity.guards.view import RiskLimits

REASON: Final = "slippage_halt"


def halt_on_slip(draft: Draft, limits: Mapping[str, RiskLimits]) -> None:
    """Add one halt where a fill of this step slipped by more than its strategy's limit; an engine that is halted stays so."""
    mode = draft.state.mode
    if mode is Mode.HALTED or mode is Mode.STOPPED:
        return
    for event in draft.events:
        if not isinstance(event, OrderFilled):
            continue
        limit = limits[event.strategy_id].slippage
        if limit is None:
            continue
        order = draft.state.orders[event.order_id]
        if not order.decided:
            continue
        slip = slip_ceil(order.sign, event.price, order.decided)
        if slip > limit:
            named = f"fill {event.trade_id} of order {event.order_id}"
            detail = f"{named} slipped by {slip} * 10^-9, the limit is {limit}"
            modes.change(draft, ModeOn.HALT, REASON, detail)
            return
