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
        detail = detail_of(filled.trade_id, filled.order_id, slip, limit)
        modes.change(draft, ModeOn.HALT, REASON, detail)


def detail_of(trade_id: str, order_id: str, slip: int, limit: int) -> str:
    """The words of the halt; slip and limit in 10^-9 of the price that was decided at."""
    return f"fill {trade_id} of order {order_id} slipped by {slip} * 10^-9, the limit is {limit}"
