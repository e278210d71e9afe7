"""One pass over a run's events: who traded, paid and was refused, and after how many market facts each thing came.

Every kind of event has its row in `_BOOKED`, also those that say nothing about money: a new kind that nobody thought
of stops the import.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, get_args

from veracity.domain.errors import EngineFault
from veracity.domain.events import (
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
from veracity.domain.instruments import Instrument
from veracity.domain.machines import Mode

HALT: Final = "halt"
"""The incident of an engine that stopped opening positions by itself or on a command."""
RESTRICTED: Final = {Mode.HALTED: HALT, Mode.CLOSE_ONLY: "close_only", Mode.SAFE: "safe_mode"}
"""Modes that open nothing, and the incident that entering one is."""


@dataclass(slots=True)
class Denials:
    """Refusals by one rule."""

    ticket: str
    count: int = 0


@dataclass(slots=True)
class Entries:
    """What happened to one account, in the order in which it did."""

    started: StrategyStarted
    fills: list[OrderFilled] = field(default_factory=list)
    fill_facts: list[int] = field(default_factory=list)  # market facts before each fill
    payments: list[FundingPaid] = field(default_factory=list)
    payment_facts: list[int] = field(default_factory=list)
    interest: list[BorrowCharged] = field(default_factory=list)
    interest_facts: list[int] = field(default_factory=list)
    liquidations: list[PositionLiquidated] = field(default_factory=list)
    liquidation_facts: list[int] = field(default_factory=list)
    intents: int = 0
    orders: int = 0
    denials: dict[str, Denials] = field(default_factory=dict)


@dataclass(slots=True)
class Ledger:
    """All that the events say, before anything is computed from it."""

    run: RunStarted | None = None
    finished: RunFinished | None = None
    state_hash: str | None = None  # of the last checkpoint
    instruments: dict[str, Instrument] = field(default_factory=dict)
    accounts: dict[str, Entries] = field(default_factory=dict)
    fees: dict[tuple[str, str], int] = field(default_factory=dict)  # by order id and trade id
    reasons: dict[str, str] = field(default_factory=dict)  # of each intent that was not refused
    incidents: dict[str, int] = field(default_factory=dict)  # events that a reader must hear of, by kind
    seq: int = 0
    journaled: int = 0  # events that are not market facts
    facts: int = 0  # market facts up to here, journaled or left out

    def take(self, events: Iterable[Event]) -> None:
        """Book every event. Raises EngineFault where their numbers do not rise, or one is of a foreign kind."""
        booked = _BOOKED
        for event in events:
            if event.seq <= self.seq:
                raise EngineFault(f"event {event.seq} comes after event {self.seq}")
            self.seq = event.seq
            self.facts = self.seq - 1 - self.journaled
            kind = type(event)
            if kind is BarClosed or kind is FundingRatePublished or kind is AuxUpdated:
                self.facts += 1
                continue
            self.journaled += 1
            if kind not in booked:
                raise EngineFault(f"event {event.seq} is a {kind.__name__}, which has no row here")
            book = booked[kind]
            if book is not None:
                book(self, event)


def _started(ledger: Ledger, event: RunStarted) -> None:
    ledger.run = event


def _listed(ledger: Ledger, event: InstrumentListed) -> None:
    ledger.instruments[event.symbol] = Instrument.listed(event)


def _account(ledger: Ledger, event: StrategyStarted) -> None:
    ledger.accounts[event.strategy_id] = Entries(event)


def _intent(ledger: Ledger, event: IntentCreated) -> None:
    ledger.accounts[event.strategy_id].intents += 1
    ledger.reasons[event.intent_id] = event.reason


def _denied(ledger: Ledger, event: IntentDenied) -> None:
    denials = ledger.accounts[event.strategy_id].denials
    denials.setdefault(event.rule, Denials(event.ticket)).count += 1
    del ledger.reasons[event.intent_id]  # a level signal may be refused on every bar of a long run


def _submitted(ledger: Ledger, event: OrderSubmitted) -> None:
    ledger.accounts[event.strategy_id].orders += 1


def _filled(ledger: Ledger, event: OrderFilled) -> None:
    entries = ledger.accounts[event.strategy_id]
    entries.fills.append(event)
    entries.fill_facts.append(ledger.facts)


def _fee(ledger: Ledger, event: FeeCharged) -> None:
    key = (event.order_id, event.trade_id)
    if key in ledger.fees:
        raise EngineFault(f"event {event.seq} charges trade {event.trade_id} of order {event.order_id} again")
    ledger.fees[key] = event.amount


def _paid(ledger: Ledger, event: FundingPaid) -> None:
    entries = ledger.accounts[event.strategy_id]
    entries.payments.append(event)
    entries.payment_facts.append(ledger.facts)


def _interest(ledger: Ledger, event: BorrowCharged) -> None:
    entries = ledger.accounts[event.strategy_id]
    entries.interest.append(event)
    entries.interest_facts.append(ledger.facts)


def _liquidated(ledger: Ledger, event: PositionLiquidated) -> None:
    entries = ledger.accounts[event.strategy_id]
    entries.liquidations.append(event)
    entries.liquidation_facts.append(ledger.facts)
    _incident(ledger, event)


def _mode(ledger: Ledger, event: ModeChanged) -> None:
    if (kind := RESTRICTED.get(event.mode_to)) is not None:
        ledger.incidents[kind] = ledger.incidents.get(kind, 0) + 1


def _checkpoint(ledger: Ledger, event: CheckpointMarked) -> None:
    ledger.state_hash = event.state_hash


def _finished(ledger: Ledger, event: RunFinished) -> None:
    ledger.finished = event


def _incident(ledger: Ledger, event: Event) -> None:
    kind: str = event.__struct_config__.tag  # type: ignore[assignment]  # every record has its kind as a text tag
    ledger.incidents[kind] = ledger.incidents.get(kind, 0) + 1


_BOOKED: Final[dict[type, Callable[[Ledger, Any], None] | None]] = {
    BarClosed: None,
    FundingRatePublished: None,
    AuxUpdated: None,
    RunStarted: _started,
    InstrumentListed: _listed,
    StrategyStarted: _account,
    IntentCreated: _intent,
    IntentDenied: _denied,
    DenialRehearsed: None,
    OrderSubmitted: _submitted,
    OrderAccepted: None,
    OrderFilled: _filled,
    FeeCharged: _fee,
    FundingPaid: _paid,
    BorrowCharged: _interest,
    PositionLiquidated: _liquidated,
    StrategyStopped: _incident,
    OrderRejected: _incident,
    OrderOutcomeUnknown: _incident,
    CancelRequested: None,
    OrderCancelled: None,
    CancelRejected: None,
    OrderExpired: None,
    FillDropped: _incident,
    FillQuarantined: _incident,
    ReportRefused: _incident,
    MemoUpdated: None,
    DayRolled: None,
    VolatilityWatched: None,
    RegimeChanged: None,
    RegimeWatched: None,
    VolatilityChanged: None,
    ModeChanged: _mode,
    VenueCalled: None,
    FeedChanged: None,
    FillAdopted: _incident,
    FillDiscarded: _incident,
    CommandReceived: None,
    CommandRefused: None,
    DriftFound: _incident,
    DriftCleared: None,
    ClockChecked: None,
    ExitBegun: None,
    ExitEnded: None,
    BreakerChanged: _incident,
    CheckpointMarked: _checkpoint,
    RunFinished: _finished,
}

assert set(_BOOKED) == set(get_args(Event)), "every kind of event needs its row"
