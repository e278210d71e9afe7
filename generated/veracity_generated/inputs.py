# Generated from schemas/inputs/ by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The records of schemas/inputs/ and their union."""

from typing import Annotated, TypeAlias

from msgspec import Meta
from veracity_generated.base import Record

from .common import (
    Cost,
    Detail,
    Liquidity,
    OrderId,
    Price,
    Qty,
    Rate,
    Reason,
    Side,
    Symbol,
    TradeId,
    Ts,
    VenueOrderId,
)


class CancelConfirmed(Record, frozen=True, tag_field="kind", tag="cancel_confirmed"):
    """The venue says that the order is cancelled."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    detail: Detail


class CancelRefused(Record, frozen=True, tag_field="kind", tag="cancel_refused"):
    """The venue says that it cannot cancel."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    detail: Detail


class DataEnded(Record, frozen=True, tag_field="kind", tag="data_ended"):
    """No more market data will come."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason


class FillReported(Record, frozen=True, tag_field="kind", tag="fill_reported"):
    """The venue says that an order traded."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    symbol: Symbol
    trade_id: TradeId
    side: Side
    price: Price
    qty: Qty
    liquidity: Liquidity
    fee: Annotated[Cost, Meta(description="Fee in the account's currency.")]
    fee_rate: Annotated[Rate, Meta(description="Rate that was applied.")]
    latency_cost: (
        Annotated[
            Cost,
            Meta(
                description="Paid for the price's move between decision and arrival; null where the venue does not say."
            ),
        ]
        | None
    )
    spread_cost: Annotated[Cost, Meta(description="Paid for half the spread; null where unknown.")] | None
    impact_cost: (
        Annotated[Cost, Meta(description="Paid for volatility and market impact; null where unknown.")] | None
    )
    rounding_cost: (
        Annotated[Cost, Meta(description="Paid for rounding the price to the tick; null where unknown.")]
        | None
    )


class OrderAcked(Record, frozen=True, tag_field="kind", tag="order_acked"):
    """The venue's answer: the order is live."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    venue_order_id: VenueOrderId


class OrderExpiryReported(Record, frozen=True, tag_field="kind", tag="order_expiry_reported"):
    """The venue says that it ended the order."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    detail: Detail


class OrderRefused(Record, frozen=True, tag_field="kind", tag="order_refused"):
    """The venue's answer: a definite no."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    detail: Detail


class OutcomeUnknownReported(Record, frozen=True, tag_field="kind", tag="outcome_unknown_reported"):
    """A submit got no answer that can be believed."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    detail: Detail


Input: TypeAlias = (
    CancelConfirmed
    | CancelRefused
    | DataEnded
    | FillReported
    | OrderAcked
    | OrderExpiryReported
    | OrderRefused
    | OutcomeUnknownReported
)
