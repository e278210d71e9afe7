# Generated from schemas/summary.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/summary.schema.json."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr
from typing_extensions import TypeAliasType

from .document_types import Currency, Hash, Rule, RunId, StrategyId, Symbol, TicketId, Ts


class Amount(BaseModel):
    """An amount of money, twice: for machines and for people."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    units: Annotated[
        StrictInt,
        Field(
            description="Whole units of 10^-8 of the currency.",
            ge=-9223372036854775807,
            le=9223372036854775807,
        ),
    ]
    text: Annotated[
        StrictStr,
        Field(
            description="The same amount as a decimal number with its eight decimals.",
            pattern="^-?[0-9]+\\.[0-9]{8}$",
        ),
    ]


class AttributionLine(BaseModel):
    """Contributions of one instrument to the equity change; what was paid is negative. They add up to net."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    symbol: Annotated[Symbol, Field(description="Instrument.")]
    gross: Annotated[Amount | None, Field(description="At reference prices; null where a cost is not known.")]
    latency: Annotated[Amount | None, Field(description="Null where not known.")]
    spread: Annotated[Amount | None, Field(description="Null where not known.")]
    impact: Annotated[Amount | None, Field(description="Null where not known.")]
    rounding: Annotated[Amount | None, Field(description="Null where not known.")]
    fees: Annotated[Amount, Field(description="Commission.")]
    funding: Annotated[Amount, Field(description="Funding.")]
    borrow: Annotated[Amount, Field(description="Interest on borrowed assets.")]
    net: Annotated[Amount, Field(description="The change.")]


BaselineName = TypeAliasType(
    "BaselineName",
    Annotated[
        Literal["buy_and_hold", "no_trade", "momentum", "mean_reversion", "carry"],
        Field(description="Which baseline."),
    ],
)


BaselineStatus = TypeAliasType(
    "BaselineStatus",
    Annotated[Literal["run", "not_applicable"], Field(description="Whether the data allow it.")],
)


Count = TypeAliasType(
    "Count", Annotated[StrictInt, Field(description="A number of things.", ge=0, le=9223372036854775807)]
)


class Denial(BaseModel):
    """Intents that one rule refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rule: Annotated[Rule, Field(description="The guard, or engine_mode.")]
    ticket: Annotated[TicketId, Field(description="Ticket that demands the rule.")]
    count: Annotated[Count, Field(description="Number of intents.")]


Explanation = TypeAliasType(
    "Explanation", Annotated[StrictStr, Field(description="A sentence for people.", min_length=1)]
)


HashOrUnknown = TypeAliasType(
    "HashOrUnknown",
    Annotated[
        StrictStr,
        Field(description="SHA-256 in lower-case hex, or `unknown`.", pattern="^([0-9a-f]{64}|unknown)$"),
    ],
)


class Incident(BaseModel):
    """Events that a reader must hear of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Annotated[Rule, Field(description="Kind of the events.")]
    count: Annotated[Count, Field(description="Number of events.")]


class PackageVersion(BaseModel):
    """One piece of software that the run used."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Name of the package.", min_length=1)]
    version: Annotated[StrictStr, Field(description="Its version, or `unknown`.", min_length=1)]


class Period(BaseModel):
    """The time that the run covers."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    first_ts: Annotated[
        Ts | None, Field(description="Open of the first bar, nanoseconds UTC; null without a bar.")
    ]
    last_ts: Annotated[
        Ts | None, Field(description="Open of the last bar, nanoseconds UTC; null without a bar.")
    ]
    first: Annotated[StrictStr | None, Field(description="`first_ts` as text, UTC.")]
    last: Annotated[StrictStr | None, Field(description="`last_ts` as text, UTC.")]
    interval_ns: Annotated[
        StrictInt, Field(description="Shortest bar of the data, nanoseconds.", ge=1, le=9223372036854775807)
    ]
    bars: Annotated[
        Count,
        Field(description="Number of moments at which a bar closed; one row each in results/equity.parquet."),
    ]


class Pnl(BaseModel):
    """What was won or lost: gross - costs - fees - borrow + funding = net, which is the change of the equity."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    gross: Annotated[
        Amount | None,
        Field(
            description="At reference prices, before every cost; null where a venue did not state its costs."
        ),
    ]
    costs: Annotated[
        Amount | None,
        Field(
            description="Latency, spread, impact and rounding together, positive is paid; null where one is not known."
        ),
    ]
    fees: Annotated[Amount, Field(description="Commission, positive is paid.")]
    funding: Annotated[Amount, Field(description="Funding, positive is received.")]
    borrow: Annotated[Amount, Field(description="Interest on borrowed assets, positive is paid.")]
    net: Annotated[Amount, Field(description="Final minus initial equity.")]


class Ratio(BaseModel):
    """A ratio, or why there is none; rounded to 12 significant digits."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Annotated[StrictFloat | None, Field(description="The ratio; null where it cannot be computed.")]
    reason: Annotated[
        Explanation | None, Field(description="Why it cannot be computed; null where it could.")
    ]


class Costs(BaseModel):
    """What trading cost; positive is paid by us."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    latency: Annotated[
        Amount | None,
        Field(description="Move of the price between decision and arrival; null where not known."),
    ]
    spread: Annotated[Amount | None, Field(description="Half spreads; null where not known.")]
    impact: Annotated[Amount | None, Field(description="Volatility and market impact; null where not known.")]
    rounding: Annotated[
        Amount | None, Field(description="Rounding of prices to the tick; null where not known.")
    ]
    fees: Annotated[Amount, Field(description="Commission.")]
    borrow: Annotated[Amount, Field(description="Interest on borrowed assets.")]
    traded: Annotated[Amount, Field(description="Value of all fills.")]
    turnover: Annotated[Ratio, Field(description="Value of all fills over the mean equity.")]


class Fall(BaseModel):
    """One time under water."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    depth: Annotated[Ratio, Field(description="Fall over the equity at the peak.")]
    amount: Annotated[Amount, Field(description="Money from peak to trough.")]
    peak_ts: Annotated[
        Ts | None,
        Field(
            description="Open of the peak's bar, nanoseconds UTC; null for the equity before the first bar."
        ),
    ]
    trough_ts: Annotated[
        Ts | None, Field(description="Open of the first bar with the lowest equity, nanoseconds UTC.")
    ]
    recovery_ts: Annotated[
        Ts | None,
        Field(
            description="Open of the first bar at the old peak or above, nanoseconds UTC; null while under water."
        ),
    ]
    bars_under_water: Annotated[
        Count, Field(description="Number of bars below the peak, without the peak's and the recovery's.")
    ]


class Drawdown(BaseModel):
    """The deepest fall of the equity below its highest point so far."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_drawdown: Annotated[
        Ratio,
        Field(description="Deepest fall over the equity at its peak; above 1 where equity went below zero."),
    ]
    amount: Annotated[Amount, Field(description="Money from peak to trough of that fall.")]
    peak_ts: Annotated[
        Ts | None,
        Field(
            description="Open of its peak's bar, nanoseconds UTC; null where it fell from the starting equity or not at all."
        ),
    ]
    trough_ts: Annotated[
        Ts | None, Field(description="Open of its lowest bar, nanoseconds UTC; null without a fall.")
    ]
    recovery_ts: Annotated[
        Ts | None,
        Field(
            description="Open of the bar that ended it, nanoseconds UTC; null without a fall or while under water."
        ),
    ]
    bars_under_water: Annotated[
        Count,
        Field(description="Number of bars that it was under water, without the peak's and the recovery's."),
    ]
    longest_bars_under_water: Annotated[
        Count, Field(description="Number of bars of the longest time under water, of whatever depth.")
    ]
    top: Annotated[tuple[Fall, ...], Field(description="The deepest falls, the deepest first.", max_length=5)]


class Month(BaseModel):
    """One calendar month, UTC."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    month: Annotated[
        StrictStr, Field(description="Year and month, as 2023-03.", pattern="^[0-9]{4}-[0-9]{2}$")
    ]
    change: Annotated[Amount, Field(description="Change of the equity.")]
    total_return: Annotated[
        Ratio, Field(description="The change over the equity at the end of the month before.")
    ]


class Ratios(BaseModel):
    """Ratios of the equity curve; each is defined in specs/backtest/reports.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    total_return: Annotated[Ratio, Field(description="Final over initial equity - 1.")]
    sharpe_bar: Annotated[
        Ratio, Field(description="Mean over standard deviation of the bars' returns, not annualised.")
    ]
    sharpe_annual: Annotated[
        Ratio, Field(description="Mean over standard deviation of the daily returns, times the root of 365.")
    ]
    volatility_annual: Annotated[
        Ratio, Field(description="Standard deviation of the daily returns, times the root of 365.")
    ]
    exposure: Annotated[Ratio, Field(description="Share of the bars at whose close a position was held.")]


class Regime(BaseModel):
    """Bars of one market regime; the regimes of a strategy cut its bars into parts that add up."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    regime: Annotated[Rule, Field(description="Name of the regime; unknown is one.")]
    bars: Annotated[Count, Field(description="Number of bars.")]
    change: Annotated[Amount, Field(description="Change of the equity in them.")]


class Setting(BaseModel):
    """One parameter."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Name.", min_length=1)]
    value: Annotated[StrictStr, Field(description="Value as text.")]


class Baseline(BaseModel):
    """One baseline beside the strategies: same data, costs, guards and engine. All numbers are null where it could not run."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[BaselineName, Field(description="Which baseline.")]
    status: Annotated[BaselineStatus, Field(description="Whether it ran.")]
    reason: Annotated[Explanation | None, Field(description="Why it could not run; null where it did.")]
    symbols: Annotated[
        tuple[Symbol, ...],
        Field(description="Instruments, the deciding one first; empty where it did not run."),
    ]
    settings: Annotated[tuple[Setting, ...], Field(description="Its parameters; empty where it did not run.")]
    equity_start: Annotated[Amount | None, Field(description="Before the first bar.")]
    equity_end: Annotated[Amount | None, Field(description="After the last event.")]
    net: Annotated[Amount | None, Field(description="Change of the equity.")]
    fees: Annotated[Amount | None, Field(description="Commission, positive is paid.")]
    funding: Annotated[Amount | None, Field(description="Funding, positive is received.")]
    total_return: Annotated[Ratio | None, Field(description="Final over initial equity - 1.")]
    max_drawdown: Annotated[Ratio | None, Field(description="Deepest fall over the equity at its peak.")]
    bars_under_water: Annotated[
        Count | None, Field(description="Number of bars that the deepest fall was under water.")
    ]
    sharpe_annual: Annotated[Ratio | None, Field(description="As for the strategies.")]
    trades: Annotated[Count | None, Field(description="Number of round trips, an open one included.")]
    fills: Annotated[Count | None, Field(description="Number of fills.")]
    denials: Annotated[Count | None, Field(description="Number of intents that a guard refused.")]


Baselines = TypeAliasType(
    "Baselines",
    Annotated[
        tuple[Baseline, ...],
        Field(
            description="The five baselines in their order; null where none were asked for.",
            max_length=5,
            min_length=5,
        ),
    ],
)


class BaselinesFile(BaseModel):
    """results/baselines.json: the five baselines of a run, in their order."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.baselines/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.baselines/1"
    run_id: Annotated[RunId, Field(description="The run that they stand beside.")]
    baselines: Annotated[
        tuple[Baseline, ...],
        Field(
            description="buy_and_hold, no_trade, momentum, mean_reversion, carry.", max_length=5, min_length=5
        ),
    ]


class StrategyVersion(BaseModel):
    """Which code of a strategy ran with which parameters."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    strategy: Annotated[Rule, Field(description="Name in the strategy registry.")]
    version: Annotated[StrictInt, Field(description="Version of the strategy's code.", ge=1, le=1000000)]
    config_hash: Annotated[Hash, Field(description="Hash of the strategy's resolved parameters.")]


class ManifestDigest(BaseModel):
    """What the run is made of, copied from its manifest.json."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    run_id: Annotated[RunId, Field(description="Hash of config, dataset, code and seed.")]
    config_hash: Annotated[Hash, Field(description="Hash of the resolved config.")]
    dataset_hash: Annotated[Hash, Field(description="Hash of the market data.")]
    code_hash: Annotated[Hash, Field(description="Hash of the product's own source.")]
    feature_hash: Annotated[HashOrUnknown, Field(description="Hash of the features' definition.")]
    env_hash: Annotated[
        HashOrUnknown, Field(description="Hash of the installed packages and the interpreter.")
    ]
    git_sha: Annotated[
        StrictStr,
        Field(
            description="Commit of the checkout, or `unknown`.",
            pattern="^([0-9a-f]{40}|[0-9a-f]{64}|unknown)$",
        ),
    ]
    seed: Annotated[
        StrictInt, Field(description="Seed of every random choice of the run.", ge=0, le=9223372036854775807)
    ]
    strategy_versions: Annotated[
        tuple[StrategyVersion, ...],
        Field(description="Every strategy of the run, in the order of the config."),
    ]
    versions: Annotated[tuple[PackageVersion, ...], Field(description="Interpreter and packages, by name.")]


class Total(BaseModel):
    """All strategies together; their equities are added bar by bar."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    currency: Annotated[Currency, Field(description="Currency of all accounts.")]
    equity_start: Annotated[Amount, Field(description="Before the first bar.")]
    equity_end: Annotated[Amount, Field(description="After the last event.")]
    pnl: Annotated[Pnl, Field(description="What was won or lost.")]
    drawdown: Annotated[Drawdown, Field(description="The deepest fall.")]
    ratios: Annotated[Ratios, Field(description="Ratios of the added curve.")]


class Trades(BaseModel):
    """Round trips, and what led to them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    closed: Annotated[Count, Field(description="Number of round trips.")]
    open: Annotated[Count, Field(description="Number of trades still open at the end.")]
    wins: Annotated[Count, Field(description="Number of round trips that won after fees and funding.")]
    losses: Annotated[Count, Field(description="Number of round trips that lost after fees and funding.")]
    win_rate: Annotated[Ratio, Field(description="Wins over round trips.")]
    profit_factor: Annotated[Ratio, Field(description="Net of the winners over the net lost by the losers.")]
    bars_mean: Annotated[Ratio, Field(description="Bars that a round trip was held, mean.")]
    best: Annotated[Amount | None, Field(description="Largest net of a round trip; null without one.")]
    worst: Annotated[Amount | None, Field(description="Smallest net of a round trip; null without one.")]
    fills: Annotated[Count, Field(description="Number of fills.")]
    orders: Annotated[Count, Field(description="Number of orders submitted.")]
    intents: Annotated[Count, Field(description="Number of intents, denied ones included.")]


class StrategySummary(BaseModel):
    """One strategy's account."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    strategy: Annotated[Rule, Field(description="Name in the strategy registry.")]
    version: Annotated[StrictInt, Field(description="Version of the strategy's code.", ge=1, le=1000000)]
    currency: Annotated[Currency, Field(description="Currency of the account and of its amounts.")]
    symbols: Annotated[tuple[Symbol, ...], Field(description="Instruments, the deciding one first.")]
    equity_start: Annotated[Amount, Field(description="Before the first bar.")]
    equity_end: Annotated[Amount, Field(description="After the last event.")]
    pnl: Annotated[Pnl, Field(description="What was won or lost.")]
    costs: Annotated[Costs, Field(description="What trading cost.")]
    attribution: Annotated[
        tuple[AttributionLine, ...], Field(description="By instrument, in the order of the legs.")
    ]
    drawdown: Annotated[Drawdown, Field(description="The deepest fall.")]
    trades: Annotated[Trades, Field(description="Round trips.")]
    ratios: Annotated[Ratios, Field(description="Ratios of the equity curve.")]
    months: Annotated[
        tuple[Month, ...], Field(description="Every month that has a bar; the changes add up to the net.")
    ]
    denials: Annotated[tuple[Denial, ...], Field(description="Refusals by rule, by name.")]


class Summary(BaseModel):
    """summary.json: what a run came to. Everything follows from the journal and the dataset; summary.md is made from this file alone."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.summary/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.summary/1"
    manifest: Annotated[ManifestDigest, Field(description="What the run is made of.")]
    state_hash: Annotated[
        Hash | None, Field(description="Hash of the final state; null where the run did not end in order.")
    ]
    finished: Annotated[StrictBool, Field(description="Whether the run ended in order.")]
    period: Annotated[Period, Field(description="The time that the run covers.")]
    total: Annotated[
        Total | None,
        Field(description="All strategies together; null where their currencies differ or there is none."),
    ]
    strategies: Annotated[
        tuple[StrategySummary, ...], Field(description="Every strategy, in the order of the config.")
    ]
    baselines: Annotated[
        Baselines | None,
        Field(description="The five baselines in their order; null where none were asked for."),
    ]
    regimes: Annotated[
        tuple[Regime, ...] | None,
        Field(description="Equity changes by market regime; null where none were computed."),
    ]
    incidents: Annotated[
        tuple[Incident, ...],
        Field(
            description="Orders refused or of unknown fate, and reports that were dropped, quarantined or refused, by kind."
        ),
    ]
    warnings: Annotated[
        tuple[Explanation, ...], Field(description="What a reader must know before believing the numbers.")
    ]
