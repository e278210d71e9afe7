# Generated from schemas/inputs/ by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The records of schemas/inputs/ and their union."""

from typing import Annotated, TypeAlias

from msgspec import Meta
from veracity_generated.base import Record

from .common import (
    Cost,
    Detail,
    DriftSeverity,
    DriftSubject,
    Liquidity,
    Money,
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


class ClockSampled(Record, frozen=True, tag_field="kind", tag="clock_sampled"):
    """The clock's offset against the venue was measured several times."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    offsets_ns: Annotated[
        tuple[Money, ...],
        Meta(
            description="Offsets, each corrected by half its round trip, nanoseconds; positive: our clock is ahead.",
            min_length=1,
        ),
    ]


class ClockTicked(Record, frozen=True, tag_field="kind", tag="clock_ticked"):
    """Time passed and nothing else happened."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]


class DataEnded(Record, frozen=True, tag_field="kind", tag="data_ended"):
    """No more market data will come."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason


class DriftReported(Record, frozen=True, tag_field="kind", tag="drift_reported"):
    """Reconciliation compared our book with the venue's report and they differ."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    symbol: Annotated[Symbol, Meta(description="Instrument, or asset of a balance, on which the two differ.")]
    subject: DriftSubject
    severity: DriftSeverity
    local: Annotated[Money, Meta(description="What our own book says, in the subject's units.")]
    venue: Annotated[Money, Meta(description="What the venue says, in the same units.")]
    detail: Detail


class DriftResolved(Record, frozen=True, tag_field="kind", tag="drift_resolved"):
    """A reconciliation found our book and the venue's report equal again."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    symbol: Annotated[Symbol, Meta(description="Instrument, or asset of a balance, on which the two differ.")]
    detail: Detail


class FeedRefused(Record, frozen=True, tag_field="kind", tag="feed_refused"):
    """A bar came that is older than one that was taken, so it was not taken."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    symbol: Symbol
    open_ts: Annotated[Ts, Meta(description="Stamp of the refused bar.")]
    detail: Detail


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


class KillFileSeen(Record, frozen=True, tag_field="kind", tag="kill_file_seen"):
    """The kill file is there, or nobody can say that it is not."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    detail: Annotated[Detail, Meta(description="The path, and what was found.")]


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


class TradeConfirmed(Record, frozen=True, tag_field="kind", tag="trade_confirmed"):
    """The venue's own list of trades shows a fill that waits in quarantine."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    order_id: OrderId
    symbol: Symbol
    trade_id: TradeId
    detail: Detail


class VenueCallEnded(Record, frozen=True, tag_field="kind", tag="venue_call_ended"):
    """A call to the venue came to its end, its retries included."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    call: Annotated[Reason, Meta(description="What was called.")]
    ok: Annotated[
        bool,
        Meta(description="Whether the venue gave an answer that can be believed; a definite refusal is one."),
    ]
    banned_until: (
        Annotated[Ts, Meta(description="Time to which the venue banned us; null where it did not.")] | None
    )
    detail: Detail


Input: TypeAlias = (
    CancelConfirmed
    | CancelRefused
    | ClockSampled
    | ClockTicked
    | DataEnded
    | DriftReported
    | DriftResolved
    | FeedRefused
    | FillReported
    | KillFileSeen
    | OrderAcked
    | OrderExpiryReported
    | OrderRefused
    | OutcomeUnknownReported
    | TradeConfirmed
    | VenueCallEnded
)
