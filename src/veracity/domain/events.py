"""The only door to the generated event, input, command and journal structs.

An event's bytes are canonical: fields in the order of its schema, no spaces, UTF-8. `decode_event` checks every
bound of the schema; making an event does not (msgspec validates on decode only), so writers in checked mode decode
what they encoded.
"""

from typing import Final, TypeAlias

import msgspec

from veracity_generated.commands import (
    CancelAllRequested,
    CloseAllRequested,
    CloseOnlyRequested,
    Command,
    HaltRequested,
    ResumeRequested,
    SafeModeRequested,
    StopRequested,
)
from veracity_generated.common import (
    InstrumentKind,
    Leg,
    Liquidity,
    OrderKind,
    Purpose,
    Side,
)
from veracity_generated.events import (
    BarClosed,
    BorrowCharged,
    CancelRejected,
    CancelRequested,
    CheckpointMarked,
    DayRolled,
    DenialRehearsed,
    Event,
    FeeCharged,
    FillDropped,
    FillQuarantined,
    FundingPaid,
    FundingRatePublished,
    InstrumentListed,
    IntentCreated,
    IntentDenied,
    MemoUpdated,
    ModeChanged,
    OrderAccepted,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmitted,
    PositionLiquidated,
    ReportRefused,
    RunFinished,
    RunStarted,
    StrategyStarted,
    StrategyStopped,
    VolatilityChanged,
    VolatilityWatched,
)
from veracity_generated.inputs import (
    CancelConfirmed,
    CancelRefused,
    DataEnded,
    FillReported,
    OrderAcked,
    OrderExpiryReported,
    OrderRefused,
    OutcomeUnknownReported,
)
from veracity_generated.journal import SegmentOpened
from veracity_generated.trace_ids import TraceId

__all__ = [
    "BarClosed",
    "BorrowCharged",
    "CancelAllRequested",
    "CancelConfirmed",
    "CancelRefused",
    "CancelRejected",
    "CancelRequested",
    "CheckpointMarked",
    "CloseAllRequested",
    "CloseOnlyRequested",
    "Command",
    "DataEnded",
    "DayRolled",
    "DenialRehearsed",
    "Event",
    "FeeCharged",
    "FillDropped",
    "FillQuarantined",
    "FillReported",
    "FundingPaid",
    "FundingRatePublished",
    "HaltRequested",
    "InstrumentKind",
    "InstrumentListed",
    "IntentCreated",
    "IntentDenied",
    "Leg",
    "Liquidity",
    "MarketFact",
    "MemoUpdated",
    "ModeChanged",
    "OrderAccepted",
    "OrderAcked",
    "OrderCancelled",
    "OrderExpired",
    "OrderExpiryReported",
    "OrderFilled",
    "OrderKind",
    "OrderOutcomeUnknown",
    "OrderRefused",
    "OrderRejected",
    "OrderSubmitted",
    "OutcomeUnknownReported",
    "PositionLiquidated",
    "Purpose",
    "ReportRefused",
    "ResumeRequested",
    "RunFinished",
    "RunStarted",
    "SafeModeRequested",
    "SegmentOpened",
    "Side",
    "StopRequested",
    "StrategyStarted",
    "StrategyStopped",
    "TraceId",
    "VenueReport",
    "VolatilityChanged",
    "VolatilityWatched",
    "decode_event",
    "encode_event",
]

MarketFact: TypeAlias = BarClosed | FundingRatePublished
VenueReport: TypeAlias = (
    OrderAcked
    | OrderRefused
    | FillReported
    | CancelConfirmed
    | CancelRefused
    | OrderExpiryReported
    | OutcomeUnknownReported
)

_encoder: Final = msgspec.json.Encoder()
_decoder: Final = msgspec.json.Decoder(Event)

encode_event = _encoder.encode


def decode_event(payload: bytes) -> Event:
    """The event that `payload` holds. Raises msgspec.ValidationError or msgspec.DecodeError where it is none."""
    event: Event = _decoder.decode(payload)
    return event
