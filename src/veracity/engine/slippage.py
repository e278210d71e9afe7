"""A fill too far from the price that it was decided at stops the engine (specs/risk/halts.md, S-103): the model of costs, the data
or the venue is not what the strategy was made for, and the next order would find out more."""

from typing import Final

from veracity.domain.amounts import slip_ceil
from veracity.domain.events import OrderFilled
from veracity.domain.machines import Mode, ModeOn
from veracity.engine import modes
from veracity.engine.draft import Draft
from veracity.guards.view import RiskLimits

REASON: Final = "slippage_halt"


def halt_on_slip(draft: Draft, filled: OrderFilled, limits: RiskLimits) -> None:
    """Add a halt where the fill of this step slipped by more than its strategy's limit; an engine that is halted stays so."""
    limit = limits.slippage
    if limit is None:
        return
    order = draft.state.orders[filled.order_id]
    if not order.decided:
        return
    slip = slip_ceil(order.sign, filled.price, order.decided)
    if slip > limit and draft.state.mode not in (Mode.HALTED, Mode.STOPPED):
        named = f"fill {filled.trade_id} of order {filled.order_id}"
        detail = f"{named} slipped by {slip} * 10^-9, the limit is {limit}"
        modes.change(draft, ModeOn.HALT, REASON, detail)
