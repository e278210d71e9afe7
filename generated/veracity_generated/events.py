# Generated from schemas/events/ by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The records of schemas/events/ and their union."""

from typing import Annotated, TypeAlias

from msgspec import Meta
from veracity_generated.base import Record
from veracity_generated.machines.circuit_breaker import CircuitBreakerState
from veracity_generated.machines.engine_mode import EngineModeState

from .common import (
    Cost,
    Currency,
    Detail,
    DriftSeverity,
    DriftSubject,
    Hash,
    InstrumentKind,
    IntentId,
    Leg,
    Liquidity,
    Money,
    OrderId,
    OrderKind,
    Price,
    Purpose,
    Qty,
    Rate,
    Reason,
    RegimeLabel,
    Rule,
    RunId,
    Scale,
    Seq,
    Side,
    SignedQty,
    StrategyId,
    Symbol,
    TicketId,
    TradeId,
    Ts,
    VenueOrderId,
    Volume,
)


class AuxUpdated(Record, frozen=True, tag_field="kind", tag="aux_updated"):
    """A value of a series beside the bars became known."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    series: Annotated[Reason, Meta(description="Name of the series.")]
    symbol: Symbol
    value_ts: Annotated[Ts, Meta(description="When the value was observed; its age counts from here.")]
    value: Annotated[Rate, Meta(description="Value in units of 10^-9.")]


class BarClosed(Record, frozen=True, tag_field="kind", tag="bar_closed"):
    """One bar of market data, known at its close."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Symbol
    open_ts: Annotated[Ts, Meta(description="Open of the bar.")]
    open: Annotated[Price, Meta(description="First price.")]
    high: Annotated[Price, Meta(description="Highest price.")]
    low: Annotated[Price, Meta(description="Lowest price.")]
    close: Annotated[Price, Meta(description="Last price.")]
    volume: Volume


class BorrowCharged(Record, frozen=True, tag_field="kind", tag="borrow_charged"):
    """Interest of one hour on what an account has borrowed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    asset: Annotated[
        Currency, Meta(description="What is owed: the account's currency, or the coin that was sold short.")
    ]
    due_ts: Annotated[Ts, Meta(description="When the hour begins that is paid for, nanoseconds UTC.")]
    owed: Annotated[Cost, Meta(description="Value of what is owed then, 10^-8 of the account's currency.")]
    rate: Annotated[Rate, Meta(description="Rate for one hour.")]
    amount: Annotated[Cost, Meta(description="Interest in the account's currency, rounded up.")]


class BreakerChanged(Record, frozen=True, tag_field="kind", tag="breaker_changed"):
    """The circuit breaker of the venue changed its state."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    state_from: Annotated[CircuitBreakerState, Meta(description="State before.")]
    state_to: Annotated[CircuitBreakerState, Meta(description="State after.")]
    until: Annotated[Ts, Meta(description="While open: when a call may be tried; null otherwise.")] | None
    reason: Reason
    detail: Detail


class CancelRejected(Record, frozen=True, tag_field="kind", tag="cancel_rejected"):
    """The venue did not cancel: the order was already done or is not known to it."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    detail: Detail


class CancelRequested(Record, frozen=True, tag_field="kind", tag="cancel_requested"):
    """The engine asks the venue to cancel an order."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    reason: Reason


class CheckpointMarked(Record, frozen=True, tag_field="kind", tag="checkpoint_marked"):
    """The hash of the state just before this record."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    state_hash: Hash


class ClockChecked(Record, frozen=True, tag_field="kind", tag="clock_checked"):
    """The clock's offset against the venue left its bound, or came back into it."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    offset_ns: Annotated[
        Money, Meta(description="Median of the samples, nanoseconds; positive: our clock is ahead.")
    ]
    trusted: Annotated[bool, Meta(description="Whether it is within the bound.")]


class CommandReceived(Record, frozen=True, tag_field="kind", tag="command_received"):
    """An operator's command as it came in, before what it leads to; a restart hears it again from here."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it reached the engine, nanoseconds UTC.")]
    command_id: Annotated[
        str,
        Meta(
            description="Name of the request; no request is obeyed twice.",
            extra={"pattern": "^[a-z0-9][a-z0-9-]{0,63}\\Z"},
        ),
    ]
    command: Annotated[Reason, Meta(description="Kind of the command.")]
    symbol: Annotated[Symbol, Meta(description="Of the fill that it is about; null for the others.")] | None
    trade_id: (
        Annotated[TradeId, Meta(description="Of the fill that it is about; null for the others.")] | None
    )
    strategy_id: Annotated[StrategyId, Meta(description="Who gets the fill; null for the others.")] | None
    reason: Reason
    detail: Annotated[Detail, Meta(description="Who asked, and why.")]
    blocked: Annotated[
        Detail, Meta(description="What stands against it outside of the engine; empty where nothing does.")
    ]


class CommandRefused(Record, frozen=True, tag_field="kind", tag="command_refused"):
    """A command that the engine's mode or an open cause does not allow; nothing else changed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    command: Annotated[Reason, Meta(description="Kind of the command.")]
    mode: Annotated[EngineModeState, Meta(description="Mode in which it came.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Why it is refused, and who asked.")]


class DayRolled(Record, frozen=True, tag_field="kind", tag="day_rolled"):
    """A UTC day ended: daily counters start again."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    day: Annotated[int, Meta(description="The new day: days since 1970-01-01.", ge=0, le=200000)]


class DenialRehearsed(Record, frozen=True, tag_field="kind", tag="denial_rehearsed"):
    """A rule in dry run would have refused an intent, or made it smaller; the intent went on unchanged."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    intent_id: IntentId
    strategy_id: StrategyId
    symbol: Symbol
    rule: Rule
    ticket: Annotated[TicketId, Meta(description="Ticket that demands the rule.")]
    detail: Detail


class DriftCleared(Record, frozen=True, tag_field="kind", tag="drift_cleared"):
    """A venue report agrees with our own book again."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Annotated[Symbol, Meta(description="Instrument, or asset of a balance, on which the two differ.")]
    detail: Detail


class DriftFound(Record, frozen=True, tag_field="kind", tag="drift_found"):
    """Own book and the venue's report differ."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Annotated[Symbol, Meta(description="Instrument, or asset of a balance, on which the two differ.")]
    subject: DriftSubject
    severity: DriftSeverity
    local: Annotated[Money, Meta(description="What our own book says, in the subject's units.")]
    venue: Annotated[Money, Meta(description="What the venue says, in the same units.")]
    detail: Detail


class ExitBegun(Record, frozen=True, tag_field="kind", tag="exit_begun"):
    """Positions are to be closed until nothing is held: working orders are cancelled first."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Annotated[Symbol, Meta(description="The instrument; null for all of them.")] | None
    reason: Reason


class ExitEnded(Record, frozen=True, tag_field="kind", tag="exit_ended"):
    """Nothing is held and nothing works any more where an exit was begun."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Annotated[Symbol, Meta(description="As it was begun.")] | None
    reason: Reason


class FeeCharged(Record, frozen=True, tag_field="kind", tag="fee_charged"):
    """The venue's commission on one fill."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    strategy_id: StrategyId
    trade_id: TradeId
    amount: Annotated[Cost, Meta(description="Fee in the account's currency, rounded up.")]
    rate: Annotated[Rate, Meta(description="Rate that was applied.")]


class FeedChanged(Record, frozen=True, tag_field="kind", tag="feed_changed"):
    """What is known of a feed changed: bars are missing, or came out of order; an aux series went stale or came back."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    feed: Annotated[Reason, Meta(description="Kind of feed: bars, or the name of an aux series.")]
    symbol: Symbol
    missing: Annotated[
        int,
        Meta(
            description="Number of bars that never came; 0 where none is known to be missing.",
            ge=0,
            le=9223372036854775807,
        ),
    ]
    reason: Reason
    detail: Detail


class FillAdopted(Record, frozen=True, tag_field="kind", tag="fill_adopted"):
    """A quarantined fill was found to be ours and is booked to a strategy; its order stays as it is."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: Annotated[OrderId, Meta(description="Order id as the venue reported it.")]
    strategy_id: StrategyId
    symbol: Symbol
    trade_id: TradeId
    side: Side
    price: Price
    qty: Qty
    fee: Annotated[Cost, Meta(description="Fee in the account's currency.")]
    reason: Reason
    detail: Annotated[Detail, Meta(description="Whose evidence.")]


class FillDiscarded(Record, frozen=True, tag_field="kind", tag="fill_discarded"):
    """A quarantined fill was found not to be ours; nothing is booked."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: Annotated[OrderId, Meta(description="Order id as the venue reported it.")]
    symbol: Symbol
    trade_id: TradeId
    reason: Reason
    detail: Annotated[Detail, Meta(description="Whose evidence.")]


class FillDropped(Record, frozen=True, tag_field="kind", tag="fill_dropped"):
    """A fill that was booked, or waits in quarantine, came again; nothing but this record changed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    symbol: Symbol
    trade_id: TradeId
    side: Side
    price: Price
    qty: Qty


class FillQuarantined(Record, frozen=True, tag_field="kind", tag="fill_quarantined"):
    """A fill that matches no known order, or more than its order can take: the whole report, kept for reconciliation, not booked."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: Annotated[OrderId, Meta(description="Order id as the venue reported it.")]
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
    reason: Reason


class FundingPaid(Record, frozen=True, tag_field="kind", tag="funding_paid"):
    """Funding of one position at one settlement."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    symbol: Symbol
    position: Annotated[SignedQty, Meta(description="Position held at the stamp.")]
    rate: Rate
    mark: Annotated[Price, Meta(description="Mark price at the stamp.")]
    amount: Annotated[
        Money, Meta(description="Cash received (positive) or paid (negative), rounded against us.")
    ]


class FundingRatePublished(Record, frozen=True, tag_field="kind", tag="funding_rate_published"):
    """A perpetual contract's settlement: the rate that was paid and the mark price it was paid on."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Symbol
    rate: Annotated[Rate, Meta(description="Paid rate of this settlement; positive: longs pay shorts.")]
    mark: Annotated[Price, Meta(description="Mark price at the stamp.")]


class InstrumentListed(Record, frozen=True, tag_field="kind", tag="instrument_listed"):
    """An instrument and the venue's rules for it."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Symbol
    instrument_kind: InstrumentKind
    base: Annotated[Currency, Meta(description="Base currency.")]
    quote: Annotated[Currency, Meta(description="Quote currency; money amounts are in it.")]
    price_scale: Annotated[
        Scale, Meta(description="Decimals of a price; price_scale + qty_scale is at most 8.")
    ]
    qty_scale: Annotated[Scale, Meta(description="Decimals of a quantity.")]
    tick: Annotated[Price, Meta(description="Smallest price step.")]
    lot: Annotated[Qty, Meta(description="Smallest quantity step.")]
    notional_min: Annotated[Cost, Meta(description="Smallest order value.")]
    interval_ns: Annotated[
        int, Meta(description="Length of a bar in nanoseconds.", ge=1, le=9223372036854775807)
    ]


class IntentCreated(Record, frozen=True, tag_field="kind", tag="intent_created"):
    """A strategy wants to change its position."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    intent_id: IntentId
    strategy_id: StrategyId
    symbol: Symbol
    side: Side
    qty: Qty
    order_kind: OrderKind
    limit_price: Annotated[Price, Meta(description="Limit price; null for a market order.")] | None
    purpose: Purpose
    target: Annotated[SignedQty, Meta(description="Position that the strategy wants on this leg.")]
    reason: Annotated[Reason, Meta(description="Reason code of the strategy or of the engine.")]
    features: Annotated[
        tuple[int, ...],
        Meta(
            description="Feature row that the decision was made on; empty where the engine itself decided.",
            max_length=64,
        ),
    ]


class IntentDenied(Record, frozen=True, tag_field="kind", tag="intent_denied"):
    """A guard or the engine mode refused an intent."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    intent_id: IntentId
    strategy_id: StrategyId
    symbol: Symbol
    rule: Rule
    ticket: Annotated[TicketId, Meta(description="Ticket that demands the rule.")]
    detail: Detail


class MemoUpdated(Record, frozen=True, tag_field="kind", tag="memo_updated"):
    """A strategy's memory changed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    memo: Annotated[
        tuple[int, ...],
        Meta(description="The strategy's whole memory; integers of its own meaning.", max_length=16),
    ]


class ModeChanged(Record, frozen=True, tag_field="kind", tag="mode_changed"):
    """The engine's mode changed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    mode_from: Annotated[EngineModeState, Meta(description="Mode before.")]
    mode_to: Annotated[EngineModeState, Meta(description="Mode after.")]
    reason: Reason
    detail: Detail


class OrderAccepted(Record, frozen=True, tag_field="kind", tag="order_accepted"):
    """The venue took the order."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    venue_order_id: VenueOrderId


class OrderCancelled(Record, frozen=True, tag_field="kind", tag="order_cancelled"):
    """The venue confirmed the cancel; what was filled before stays filled."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    detail: Detail


class OrderExpired(Record, frozen=True, tag_field="kind", tag="order_expired"):
    """The venue ended the order by its own rule."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    detail: Detail


class OrderFilled(Record, frozen=True, tag_field="kind", tag="order_filled"):
    """Part or all of an order was executed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    strategy_id: StrategyId
    symbol: Symbol
    trade_id: TradeId
    side: Side
    price: Price
    qty: Qty
    liquidity: Liquidity
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


class OrderOutcomeUnknown(Record, frozen=True, tag_field="kind", tag="order_outcome_unknown"):
    """A submit whose outcome nobody knows: it counts as if it could fill, and is never sent again."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    detail: Detail


class OrderRejected(Record, frozen=True, tag_field="kind", tag="order_rejected"):
    """The venue refused the order with a definite answer."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    detail: Annotated[Detail, Meta(description="The venue's words, cleaned.")]


class OrderSubmitted(Record, frozen=True, tag_field="kind", tag="order_submitted"):
    """An approved order, durable before it leaves the process."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    intent_id: IntentId
    strategy_id: StrategyId
    symbol: Symbol
    side: Side
    qty: Qty
    order_kind: OrderKind
    limit_price: Annotated[Price, Meta(description="Limit price; null for a market order.")] | None
    purpose: Purpose
    clamped_by: (
        Annotated[Rule, Meta(description="Guard that made the order smaller than its intent; null if none.")]
        | None
    )


class PositionLiquidated(Record, frozen=True, tag_field="kind", tag="position_liquidated"):
    """The venue closed a position because the account's equity fell to the maintenance margin."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    symbol: Symbol
    position: Annotated[SignedQty, Meta(description="Position that was closed, all of it.")]
    price: Annotated[Price, Meta(description="Price at which it was closed.")]
    fee: Annotated[Cost, Meta(description="The venue's fee for it, rounded up.")]
    rate: Annotated[Rate, Meta(description="Rate of the fee.")]
    equity: Annotated[Money, Meta(description="Equity of the account at that price, before the fee.")]
    maintenance: Annotated[Money, Meta(description="Equity that the venue demanded at that price.")]


Rank: TypeAlias = Annotated[
    int,
    Meta(
        description="Percent of the earlier volatilities that are lower, equals counting half, times two; null where the regime is unknown.",
        ge=0,
        le=200,
    ),
]


class RegimeChanged(Record, frozen=True, tag_field="kind", tag="regime_changed"):
    """The newest bar of this instrument has another regime than the one before it."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Symbol
    regime_from: RegimeLabel
    regime_to: RegimeLabel
    rank: (
        Annotated[
            Rank,
            Meta(
                description="Percent of the earlier volatilities that are lower, equals counting half, times two; null where the regime is unknown."
            ),
        ]
        | None
    )


class RegimeWatched(Record, frozen=True, tag_field="kind", tag="regime_watched"):
    """A strategy decides by the regime of this instrument: it is labelled from now on."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    symbol: Symbol
    window: Annotated[int, Meta(description="Number of returns in one volatility.", ge=1, le=10000)]
    history: Annotated[
        int, Meta(description="Number of earlier volatilities that one is ranked among.", ge=1, le=10000)
    ]
    dwell: Annotated[
        int, Meta(description="Number of bars for which a label stays at least.", ge=0, le=10000)
    ]


class ReportRefused(Record, frozen=True, tag_field="kind", tag="report_refused"):
    """A venue report that the order's state machine does not allow; nothing but this record changed."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    order_id: OrderId
    report: Annotated[Rule, Meta(description="Kind of the report.")]
    order_state: Annotated[Rule, Meta(description="State of the order when it came.")]
    detail: Detail


class RunFinished(Record, frozen=True, tag_field="kind", tag="run_finished"):
    """The run ended in order."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    reason: Reason


class RunStarted(Record, frozen=True, tag_field="kind", tag="run_started"):
    """First event of a journal: what this run is made of."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    run_id: RunId
    config_hash: Annotated[Hash, Meta(description="Hash of the resolved config.")]
    dataset_hash: Annotated[Hash, Meta(description="Hash of the market inputs.")]
    code_hash: Annotated[Hash, Meta(description="Hash of the product's own source.")]
    seed: Annotated[
        int, Meta(description="Seed of every random choice of the run.", ge=0, le=9223372036854775807)
    ]


class StrategyStarted(Record, frozen=True, tag_field="kind", tag="strategy_started"):
    """A configured strategy takes its account."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    strategy: Annotated[Rule, Meta(description="Name in the strategy registry.")]
    version: Annotated[int, Meta(description="Version of the strategy's code.", ge=1, le=1000000)]
    config_hash: Annotated[Hash, Meta(description="Hash of the strategy's resolved parameters.")]
    legs: Annotated[tuple[Leg, ...], Meta(description="Instruments, the deciding one first.", max_length=8)]
    currency: Annotated[Currency, Meta(description="Currency of the account.")]
    cash: Annotated[Money, Meta(description="Starting cash.")]


class StrategyStopped(Record, frozen=True, tag_field="kind", tag="strategy_stopped"):
    """A strategy is not asked any more in this run; its account stays."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    reason: Reason
    detail: Detail


class VenueCalled(Record, frozen=True, tag_field="kind", tag="venue_called"):
    """A call to the venue ended; the circuit breaker counts it."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    call: Annotated[Reason, Meta(description="What was called.")]
    ok: Annotated[
        bool,
        Meta(description="Whether the venue gave an answer that can be believed; a definite refusal is one."),
    ]
    detail: Detail


class VolatilityChanged(Record, frozen=True, tag_field="kind", tag="volatility_changed"):
    """A volatility pause began or ended."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    symbol: Symbol
    paused: Annotated[bool, Meta(description="Whether the strategy pauses on this instrument from now on.")]
    mean_square: Annotated[
        int,
        Meta(
            description="Mean of the window's squared log returns, 10^-18, rounded down.",
            ge=0,
            le=9223372036854775807,
        ),
    ]


class VolatilityWatched(Record, frozen=True, tag_field="kind", tag="volatility_watched"):
    """A strategy pauses when this instrument moves too much: what is watched, and from which thresholds on."""

    seq: Seq
    ts: Annotated[Ts, Meta(description="When it was known, nanoseconds UTC.")]
    strategy_id: StrategyId
    symbol: Symbol
    window: Annotated[
        int, Meta(description="Number of bars of which the mean square is taken.", ge=1, le=10000)
    ]
    pause: Annotated[
        int,
        Meta(
            description="A root mean square above this begins a pause, 10^-9 of a bar's log return.",
            ge=1,
            le=1000000000,
        ),
    ]
    resume: Annotated[
        int,
        Meta(
            description="A root mean square at or below this is calm, 10^-9 of a bar's log return.",
            ge=0,
            le=1000000000,
        ),
    ]
    dwell: Annotated[int, Meta(description="Number of calm bars in a row that end a pause.", ge=1, le=10000)]


Event: TypeAlias = (
    AuxUpdated
    | BarClosed
    | BorrowCharged
    | BreakerChanged
    | CancelRejected
    | CancelRequested
    | CheckpointMarked
    | ClockChecked
    | CommandReceived
    | CommandRefused
    | DayRolled
    | DenialRehearsed
    | DriftCleared
    | DriftFound
    | ExitBegun
    | ExitEnded
    | FeeCharged
    | FeedChanged
    | FillAdopted
    | FillDiscarded
    | FillDropped
    | FillQuarantined
    | FundingPaid
    | FundingRatePublished
    | InstrumentListed
    | IntentCreated
    | IntentDenied
    | MemoUpdated
    | ModeChanged
    | OrderAccepted
    | OrderCancelled
    | OrderExpired
    | OrderFilled
    | OrderOutcomeUnknown
    | OrderRejected
    | OrderSubmitted
    | PositionLiquidated
    | RegimeChanged
    | RegimeWatched
    | ReportRefused
    | RunFinished
    | RunStarted
    | StrategyStarted
    | StrategyStopped
    | VenueCalled
    | VolatilityChanged
    | VolatilityWatched
)
