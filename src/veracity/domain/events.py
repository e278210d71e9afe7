"""The only door to the generated event, input, command and journal structs.

An event's bytes are canonical: fields in the order of its schema, no spaces, UTF-8. `decode_event` checks every
bound of the schema; making an event does not (msgspec validates on decode only), so writers in checked mode decode
what they encoded.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

import msgspec

from veracity.domain.decoding import Decoder
from veracity_generated.commands import (
    AdoptFillRequested,
    CancelAllRequested,
    CloseAllRequested,
    CloseOnlyRequested,
    Command,
    DiscardFillRequested,
    HaltRequested,
    ResumeRequested,
    SafeModeRequested,
    StopRequested,
)
from veracity_generated.common import (
    DriftSeverity,
    DriftSubject,
    InstrumentKind,
    Leg,
    Liquidity,
    OrderKind,
    Purpose,
    RegimeLabel,
    Side,
)
from veracity_generated.events import (
    AuxUpdated,
    BarClosed,
    BorrowCharged,
    BreakerChanged,
    CancelRejected,
    CancelRequested,
    CheckpointMarked,
    ClockChecked,
    CommandReceived,
    CommandRefused,
    DayRolled,
    DenialRehearsed,
    DriftCleared,
    DriftFound,
    Event,
    ExitBegun,
    ExitEnded,
    FeeCharged,
    FeedChanged,
    FillAdopted,
    FillDiscarded,
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
    RegimeChanged,
    RegimeWatched,
    ReportRefused,
    RunFinished,
    RunStarted,
    StrategyStarted,
    StrategyStopped,
    VenueCalled,
    VolatilityChanged,
    VolatilityWatched,
)
from veracity_generated.inputs import (
    CancelConfirmed,
    CancelRefused,
    ClockSampled,
    ClockTicked,
    DataEnded,
    DriftReported,
    DriftResolved,
    FeedRefused,
    FillReported,
    KillFileSeen,
    OrderAcked,
    OrderExpiryReported,
    OrderRefused,
    OutcomeUnknownReported,
    TradeConfirmed,
    VenueCallEnded,
)
from veracity_generated.journal import SegmentOpened
from veracity_generated.trace_ids import TraceId

__all__ = [
    "AdoptFillRequested",
    "AuxUpdated",
    "BarClosed",
    "BorrowCharged",
    "BreakerChanged",
    "CancelAllRequested",
    "CancelConfirmed",
    "CancelRefused",
    "CancelRejected",
    "CancelRequested",
    "CheckpointMarked",
    "ClockChecked",
    "ClockSampled",
    "ClockTicked",
    "CloseAllRequested",
    "CloseOnlyRequested",
    "Command",
    "CommandReceived",
    "CommandRefused",
    "DataEnded",
    "DayRolled",
    "DenialRehearsed",
    "DiscardFillRequested",
    "DriftCleared",
    "DriftFound",
    "DriftReported",
    "DriftResolved",
    "DriftSeverity",
    "DriftSubject",
    "Event",
    "ExitBegun",
    "ExitEnded",
    "FeeCharged",
    "FeedChanged",
    "FeedRefused",
    "FillAdopted",
    "FillDiscarded",
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
    "KillFileSeen",
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
    "RegimeChanged",
    "RegimeLabel",
    "RegimeWatched",
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
    "TradeConfirmed",
    "VenueCallEnded",
    "VenueCalled",
    "VenueReport",
    "VolatilityChanged",
    "VolatilityWatched",
    "decode_event",
    "decode_events",
    "encode_event",
]

MarketFact: TypeAlias = BarClosed | FundingRatePublished | AuxUpdated
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

encode_event = _encoder.encode

_decoder: Final = Decoder[Event](Event)

decode_event: Final[Callable[[bytes], Event]] = _decoder.decode
"""The event that a payload holds. Raises msgspec.ValidationError or msgspec.DecodeError where it is none."""

decode_events: Final[Callable[[Sequence[bytes]], list[Event]]] = _decoder.decode_all
"""The events that payloads hold, in order; raises as `decode_event` where one holds none, without saying which."""
