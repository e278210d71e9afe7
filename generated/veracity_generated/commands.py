# Generated from schemas/commands/ by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The records of schemas/commands/ and their union."""

from typing import Annotated, TypeAlias

from msgspec import Meta
from veracity_generated.base import Record

from .common import Detail, Reason, StrategyId, Symbol, TradeId, Ts


class AdoptFillRequested(Record, frozen=True, tag_field="kind", tag="adopt_fill_requested"):
    """Book a quarantined fill to a strategy."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    symbol: Symbol
    trade_id: TradeId
    strategy_id: StrategyId
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class CancelAllRequested(Record, frozen=True, tag_field="kind", tag="cancel_all_requested"):
    """Cancel every open order."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class CloseAllRequested(Record, frozen=True, tag_field="kind", tag="close_all_requested"):
    """Close every position."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class CloseOnlyRequested(Record, frozen=True, tag_field="kind", tag="close_only_requested"):
    """Only reduce or close positions from now on."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class DiscardFillRequested(Record, frozen=True, tag_field="kind", tag="discard_fill_requested"):
    """Drop a quarantined fill that is not ours."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    symbol: Symbol
    trade_id: TradeId
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class HaltRequested(Record, frozen=True, tag_field="kind", tag="halt_requested"):
    """Stop opening positions now."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class ResumeRequested(Record, frozen=True, tag_field="kind", tag="resume_requested"):
    """Go back to running."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class SafeModeRequested(Record, frozen=True, tag_field="kind", tag="safe_mode_requested"):
    """Only close positions from now on."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


class StopRequested(Record, frozen=True, tag_field="kind", tag="stop_requested"):
    """End the run in order."""

    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]


Command: TypeAlias = (
    AdoptFillRequested
    | CancelAllRequested
    | CloseAllRequested
    | CloseOnlyRequested
    | DiscardFillRequested
    | HaltRequested
    | ResumeRequested
    | SafeModeRequested
    | StopRequested
)
