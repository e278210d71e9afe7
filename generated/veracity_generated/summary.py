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
    funding: Annotated[Amount | None, Field(description="Null where not known.")]
    borrow: Annotated[Amount, Field(description="Interest on borrowed assets.")]
    liquidation: Annotated[Amount, Field(description="The venue's fees for liquidations.")]
    net: Annotated[Amount | None, Field(description="The change; null where not known.")]


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


Best = TypeAliasType(
    "Best",
    Annotated[
        StrictStr,
        Field(
            description="UTC hour with the smallest p-value; null where none could be judged.",
            max_length=64,
            min_length=1,
        ),
    ],
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


class GridAxis(BaseModel):
    """One parameter and the values that were tried."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    key: Annotated[StrictStr, Field(description="Key in the config.", min_length=1)]
    values: Annotated[tuple[StrictStr, ...], Field(description="Values as text.")]


HashOrUnknown = TypeAliasType(
    "HashOrUnknown",
    Annotated[
        StrictStr,
        Field(description="SHA-256 in lower-case hex, or `unknown`.", pattern="^([0-9a-f]{64}|unknown)$"),
    ],
)


HoursVerdict = TypeAliasType(
    "HoursVerdict",
    Annotated[
        Literal["evidence", "no evidence"],
        Field(description="Whether an hour stands out after the correction for 24 of them."),
    ],
)


class Incident(BaseModel):
    """Events that a reader must hear of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Annotated[Rule, Field(description="Kind of the events.")]
    count: Annotated[Count, Field(description="Number of events.")]


Left = TypeAliasType(
    "Left",
    Annotated[
        StrictInt,
        Field(
            description="What is left at the end, in the same unit; null where it is not known.",
            ge=0,
            le=9223372036854775807,
        ),
    ],
)


Line = TypeAliasType(
    "Line",
    Annotated[
        StrictStr, Field(description="Line of the attribution that took most.", max_length=64, min_length=1)
    ],
)


class ModeTime(BaseModel):
    """How long the engine was in one mode."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    mode: Annotated[StrictStr, Field(description="The mode.", min_length=1)]
    ns: Annotated[StrictInt, Field(description="Nanoseconds.", ge=0, le=9223372036854775807)]


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
    """What was won or lost: gross - costs - fees - borrow - liquidation + funding = net, which is the change of the equity."""

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
    funding: Annotated[
        Amount | None,
        Field(
            description="Funding, positive is received; null where a settlement is missing while a position was held."
        ),
    ]
    borrow: Annotated[Amount, Field(description="Interest on borrowed assets, positive is paid.")]
    liquidation: Annotated[Amount, Field(description="The venue's fees for liquidations, positive is paid.")]
    net: Annotated[
        Amount | None, Field(description="Final minus initial equity; null where the funding is not known.")
    ]


class Ratio(BaseModel):
    """A ratio, or why there is none; rounded to 12 significant digits."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    value: Annotated[StrictFloat | None, Field(description="The ratio; null where it cannot be computed.")]
    reason: Annotated[
        Explanation | None, Field(description="Why it cannot be computed; null where it could.")
    ]


class CorrectedTrial(BaseModel):
    """One trial and its p-value, alone and among all."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    trial: Annotated[Count, Field(description="Number of the trial.")]
    sharpe: Annotated[Ratio, Field(description="Per period.")]
    p: Annotated[Ratio, Field(description="One-sided p-value of a true Sharpe ratio not above zero.")]
    bonferroni: Annotated[Ratio, Field(description="Corrected for all trials of the ledger.")]
    holm: Annotated[Ratio, Field(description="Likewise.")]
    bh: Annotated[Ratio, Field(description="False discovery rate of independent trials.")]
    bhy: Annotated[Ratio, Field(description="False discovery rate under any dependence.")]


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
    liquidation: Annotated[Amount, Field(description="The venue's fees for liquidations.")]
    traded: Annotated[Amount, Field(description="Value of all fills.")]
    turnover: Annotated[Ratio, Field(description="Value of all fills over the mean equity.")]


class CrossValidation(BaseModel):
    """Combinatorial purged cross-validation of the choice."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    groups: Annotated[Count, Field(description="Number of groups N.")]
    tested: Annotated[Count, Field(description="Number of groups tested at a time k.")]
    splits: Annotated[Count, Field(description="Number of ways to choose them.")]
    paths: Annotated[Count, Field(description="Number of whole paths they make.")]
    sharpe_annual: Annotated[tuple[Ratio, ...], Field(description="Of every path, for a year.")]
    loss: Annotated[Ratio, Field(description="Share of the paths that lost.")]


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


class HoursTest(BaseModel):
    """The best hour against all others."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    best: Annotated[
        Best | None, Field(description="UTC hour with the smallest p-value; null where none could be judged.")
    ]
    p_adjusted: Annotated[Ratio, Field(description="Its one-sided p-value after Holm over 24.")]
    verdict: HoursVerdict


class Joined(BaseModel):
    """All test windows, one after the other; each began flat with the starting cash."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    bars: Annotated[Count, Field(description="Number of bars.")]
    net: Annotated[Amount, Field(description="Sum of the folds.")]
    folds_positive: Annotated[Count, Field(description="Number of folds that won.")]
    sharpe_annual: Annotated[Ratio, Field(description="Of all test bars, for a year.")]
    psr: Annotated[Ratio, Field(description="Probability that the true ratio is above zero.")]
    train_sharpe_annual: Annotated[Ratio, Field(description="Mean of the folds' train ratios, for a year.")]
    kept: Annotated[Ratio, Field(description="Test ratio over train ratio.")]


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


class RegimeCell(BaseModel):
    """What a strategy did in one volatility regime of one test window, or of all of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fold: Annotated[Count | None, Field(description="Number of the fold; null: all folds together.")]
    regime: Annotated[
        StrictStr, Field(description="Label in force when a bar opened.", max_length=64, min_length=1)
    ]
    bars: Annotated[Count, Field(description="Number of test bars.")]
    trades: Annotated[Count, Field(description="Number of round trips entered in them.")]
    pnl: Annotated[Amount, Field(description="Change of the equity in them.")]
    hit_rate: Annotated[
        Ratio, Field(description="Round trips that won / round trips; null below 30 of them.")
    ]


class RuleCount(BaseModel):
    """How often one rule said no."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rule: Annotated[Rule, Field(description="The rule.")]
    denied: Annotated[Count, Field(description="Number of intents that it denied.")]
    rehearsed: Annotated[
        Count, Field(description="Number of intents that it would have denied or cut in dry run.")
    ]


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


class FoldRow(BaseModel):
    """One fold: chosen on the train window, run from flat on the test window."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    number: Annotated[Count, Field(description="Number of the fold, from 0.")]
    train_begin: Annotated[Count, Field(description="Number of the first bar of the train window.")]
    train_end: Annotated[Count, Field(description="Number of the bar behind it.")]
    test_begin: Annotated[Count, Field(description="Number of the first bar of the test window.")]
    test_end: Annotated[Count, Field(description="Number of the bar behind it.")]
    train_first: Annotated[
        StrictStr, Field(description="Open of the first bar, UTC.", max_length=64, min_length=1)
    ]
    test_first: Annotated[
        StrictStr,
        Field(description="Open of the first bar of the test window, UTC.", max_length=64, min_length=1),
    ]
    test_last: Annotated[
        StrictStr,
        Field(description="Open of the last bar of the test window, UTC.", max_length=64, min_length=1),
    ]
    settings: Annotated[tuple[Setting, ...], Field(description="The chosen parameters.")]
    train_sharpe_annual: Annotated[
        Ratio, Field(description="Of the chosen parameters on the train window, for a year.")
    ]
    net: Annotated[Amount, Field(description="Change of the equity in the test window.")]
    total_return: Annotated[Ratio, Field(description="The change over the starting equity.")]
    sharpe_annual: Annotated[Ratio, Field(description="Of the test window's bars, for a year.")]
    max_drawdown: Annotated[Ratio, Field(description="Deepest fall.")]
    trades: Annotated[Count, Field(description="Number of round trips.")]
    fees: Annotated[Amount, Field(description="Commission, positive is paid.")]


class StrategyReportFile(BaseModel):
    """strategy_report.json: how a strategy did on the test windows of its walk-forward (S-139)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.strategy_report/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.strategy_report/1"
    config_hash: Annotated[Hash, Field(description="Config that was evaluated.")]
    dataset_hash: Annotated[Hash, Field(description="Data that it was evaluated on.")]
    code_hash: Annotated[Hash, Field(description="Code that evaluated it.")]
    seed: Annotated[
        StrictInt, Field(description="Seed of every random choice.", ge=0, le=9223372036854775807)
    ]
    net: Annotated[Amount, Field(description="Of all test windows together.")]
    by_regime: Annotated[
        tuple[RegimeCell, ...],
        Field(description="Every fold by every regime, then every regime of all folds."),
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


class Stratum(BaseModel):
    """Bars of one label; the strata of a kind are a partition, so their money adds up to the run's."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Label.", max_length=64, min_length=1)]
    bars: Annotated[Count, Field(description="Number of bars.")]
    trades: Annotated[Count, Field(description="Number of round trips entered in them.")]
    pnl: Annotated[Amount, Field(description="Change of the equity in them.")]
    fees: Annotated[Amount, Field(description="Commission of the fills in them, positive is paid.")]
    hit_rate: Annotated[
        Ratio, Field(description="Closed round trips entered in them that won / closed ones.")
    ]
    drawdown: Annotated[Amount, Field(description="Deepest fall of the curve that only has these changes.")]
    sharpe_bar: Annotated[Ratio, Field(description="Mean over standard deviation of the bars' returns.")]
    thin: Annotated[
        StrictBool, Field(description="Whether there are fewer than 30 bars: then there is no ratio.")
    ]


class StrategyHours(BaseModel):
    """The hours and weekdays of one strategy."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    hours: Annotated[
        tuple[Stratum, ...],
        Field(description="UTC hours of the bars' opens, 00 to 23.", max_length=24, min_length=24),
    ]
    weekdays: Annotated[
        tuple[Stratum, ...],
        Field(description="UTC weekdays of the bars' opens, Monday first.", max_length=7, min_length=7),
    ]
    test: Annotated[HoursTest, Field(description="What the hours prove.")]


class HoursFile(BaseModel):
    """results/hours.json: every strategy by the UTC hour and weekday of the bars' opens."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.hours/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.hours/1"
    run_id: Annotated[RunId, Field(description="The run.")]
    strategies: Annotated[tuple[StrategyHours, ...], Field(description="Every strategy.")]


class StrategyStrata(BaseModel):
    """The strata of one strategy."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    rows: Annotated[tuple[Stratum, ...], Field(description="One row a label.")]


class RegimesFile(BaseModel):
    """results/regimes.json: every strategy by the volatility regime of its lead instrument."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.regimes/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.regimes/1"
    run_id: Annotated[RunId, Field(description="The run.")]
    strategies: Annotated[
        tuple[StrategyStrata, ...],
        Field(description="low_vol, mid_vol, high_vol and UNKNOWN of every strategy."),
    ]


StressVerdict = TypeAliasType(
    "StressVerdict",
    Annotated[
        Literal["survives", "edge_lost", "refused", "not_applicable"],
        Field(description="What is left of the result under one change."),
    ],
)


class ScenarioRow(BaseModel):
    """One scenario against the base run. Numbers are null where it was refused or does not apply."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Name in the policy.", max_length=64, min_length=1)]
    required: Annotated[StrictBool, Field(description="Whether the result must survive it.")]
    verdict: StressVerdict
    reason: Annotated[
        Explanation | None, Field(description="Why it was refused or does not apply, or what happened.")
    ]
    net: Annotated[Amount | None, Field(description="Change of the equity.")]
    change: Annotated[Amount | None, Field(description="Net against the base run.")]
    line: Annotated[Line | None, Field(description="Line of the attribution that took most.")]
    gross: Annotated[Amount | None, Field(description="At reference prices.")]
    slippage: Annotated[
        Amount | None, Field(description="Latency, spread, impact and rounding; paid is negative.")
    ]
    fees: Annotated[Amount | None, Field(description="Paid is negative.")]
    funding: Annotated[Amount | None, Field(description="Received is positive.")]
    max_drawdown: Annotated[Ratio | None, Field(description="Deepest fall.")]
    fills: Annotated[Count | None, Field(description="Number of fills.")]
    trades: Annotated[Count | None, Field(description="Number of round trips.")]
    delay_ns: Annotated[Count | None, Field(description="Mean nanoseconds from decision to fill.")]
    break_even: Annotated[Ratio, Field(description="Multiple of the changed cost at which net is zero.")]


class StressFile(BaseModel):
    """stress.json: the same run with one thing made worse at a time (S-088)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.stress/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.stress/1"
    config_hash: Annotated[Hash, Field(description="Config that was evaluated.")]
    dataset_hash: Annotated[Hash, Field(description="Data that it was evaluated on.")]
    code_hash: Annotated[Hash, Field(description="Code that evaluated it.")]
    seed: Annotated[
        StrictInt, Field(description="Seed of every random choice.", ge=0, le=9223372036854775807)
    ]
    base: Annotated[ScenarioRow, Field(description="The run as configured.")]
    scenarios: Annotated[tuple[ScenarioRow, ...], Field(description="In the order of the policy.")]
    survived: Annotated[Count, Field(description="Number of required scenarios that it survives.")]
    required: Annotated[Count, Field(description="Number of required scenarios that apply.")]


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


Trust = TypeAliasType(
    "Trust",
    Annotated[
        Literal["trustworthy", "untrustworthy", "unknown"],
        Field(description="What the number of trials leaves of a result."),
    ],
)


class Statistics(BaseModel):
    """How far the best of several trials may be believed (S-079)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    trials: Annotated[
        Count, Field(description="Number of trials on this dataset that the ledger counts, these included.")
    ]
    trials_here: Annotated[Count, Field(description="Number of trials that the returns below come from.")]
    effective_trials: Annotated[
        Ratio, Field(description="Independent trials that they amount to; shown, not used.")
    ]
    best: Annotated[Count, Field(description="Number of the trial with the largest Sharpe ratio.")]
    trades: Annotated[
        Count | None, Field(description="Closed round trips of that trial; null where they were not counted.")
    ] = None
    periods: Annotated[Count, Field(description="Number of returns of each trial.")]
    periods_per_year: Annotated[StrictFloat, Field(description="Returns a year.")]
    years: Annotated[Ratio, Field(description="Length of the sample.")]
    sharpe: Annotated[Ratio, Field(description="Of the best trial, per period.")]
    sharpe_annual: Annotated[Ratio, Field(description="The same for a year.")]
    interval_low: Annotated[
        Ratio, Field(description="95 % confidence interval of the annual ratio, from its standard error.")
    ]
    interval_high: Annotated[Ratio, Field(description="Likewise.")]
    bootstrap_low: Annotated[
        Ratio, Field(description="95 % interval of the annual ratio from the stationary bootstrap.")
    ]
    bootstrap_high: Annotated[Ratio, Field(description="Likewise.")]
    psr: Annotated[
        Ratio,
        Field(description="Probability that the true ratio is above zero, as if there had been one trial."),
    ]
    threshold: Annotated[
        Ratio,
        Field(description="Ratio per period that the best of so many worthless trials is expected to show."),
    ]
    dsr: Annotated[Ratio, Field(description="Probability that the true ratio is above that threshold.")]
    periods_needed: Annotated[
        Ratio, Field(description="Returns like these needed to be 95 % sure of a ratio above zero.")
    ]
    min_backtest_years: Annotated[
        Ratio,
        Field(
            description="Years below which the best of so many worthless trials is expected to show the target."
        ),
    ]
    target_sharpe: Annotated[StrictFloat, Field(description="The annual ratio of that limit.")]
    pbo: Annotated[Ratio, Field(description="Probability of backtest overfitting.")]
    degradation: Annotated[
        Ratio, Field(description="Slope of the out-of-sample over the in-sample ratio of the chosen trials.")
    ]
    loss: Annotated[Ratio, Field(description="Share of the halves in which the chosen trial lost.")]
    halves: Annotated[Count, Field(description="Number of halves.")]
    reality_check: Annotated[Ratio, Field(description="White's p-value against doing nothing.")]
    spa_lower: Annotated[Ratio, Field(description="Hansen's p-value, lower bound.")]
    spa_consistent: Annotated[Ratio, Field(description="Hansen's p-value.")]
    spa_upper: Annotated[Ratio, Field(description="Hansen's p-value, upper bound.")]
    superior: Annotated[
        Count,
        Field(
            description="Number of trials that beat doing nothing at 5 % after the stepdown of Romano and Wolf."
        ),
    ]
    haircut_sharpe: Annotated[Ratio, Field(description="Annual ratio after the correction for all trials.")]
    haircut: Annotated[Ratio, Field(description="Share of the ratio that the correction takes.")]
    corrected: Annotated[tuple[CorrectedTrial, ...], Field(description="Every trial, by number.")]
    verdict: Trust
    reasons: Annotated[tuple[Explanation, ...], Field(description="Why.")]


class StrategyStatistics(BaseModel):
    """The statistics of one strategy of a run."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="Name in the run.")]
    statistics: Annotated[Statistics, Field(description="How far its result may be believed.")]


class StatisticsFile(BaseModel):
    """results/statistics.json: how far every strategy's result may be believed."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.statistics/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.statistics/1"
    run_id: Annotated[RunId, Field(description="The run.")]
    strategies: Annotated[tuple[StrategyStatistics, ...], Field(description="Every strategy.")]


Value = TypeAliasType(
    "Value",
    Annotated[
        StrictInt, Field(description="Share in 10^-9; null is unknown and counts as 0.", ge=0, le=1000000000)
    ],
)


class ScoreComponent(BaseModel):
    """One component of the reality score."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[StrictStr, Field(description="Name in the policy.", max_length=64, min_length=1)]
    weight: Annotated[Count, Field(description="Number of points at most.")]
    value: Annotated[Value | None, Field(description="Share in 10^-9; null is unknown and counts as 0.")]
    contribution: Annotated[StrictInt, Field(description="Points in 10^-9.", ge=0, le=100000000000)]
    source: Annotated[
        StrictStr, Field(description="File that it was read from.", max_length=64, min_length=1)
    ]
    explanation: Annotated[Explanation, Field(description="What it says.")]


class RealityFile(BaseModel):
    """reality.json: how much of what a backtest needs to be believed is there (S-083)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.reality/1"], Field(alias="schema", description="Name and version of this format.")
    ] = "veracity.reality/1"
    run_id: Annotated[RunId, Field(description="The run.")]
    score: Annotated[StrictInt, Field(description="Number from 0 to 100.", ge=0, le=100)]
    components: Annotated[
        tuple[ScoreComponent, ...],
        Field(description="In the order of the policy.", max_length=8, min_length=8),
    ]
    veto: Annotated[Explanation | None, Field(description="Why the whole score is 0; null where it is not.")]


WindowKind = TypeAliasType(
    "WindowKind",
    Annotated[
        Literal["anchored", "rolling"],
        Field(
            description="Where a train window begins: always at the first bar, or one length before its end."
        ),
    ],
)


class WindowPlan(BaseModel):
    """How the bars are cut, in numbers of bars."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    windows: WindowKind
    train: Annotated[Count, Field(description="Number of bars to choose on.")]
    test: Annotated[Count, Field(description="Number of bars to test on.")]
    step: Annotated[Count, Field(description="Number of bars from fold to fold.")]
    holding: Annotated[Count, Field(description="Longest holding, in number of bars.")]
    embargo: Annotated[Count, Field(description="Number of bars left out on top.")]


class WalkForwardFile(BaseModel):
    """walkforward.json: parameters chosen on past bars only, judged on later ones (S-077)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    schema_: Annotated[
        Literal["veracity.walkforward/1"],
        Field(alias="schema", description="Name and version of this format."),
    ] = "veracity.walkforward/1"
    config_hash: Annotated[Hash, Field(description="Config that was evaluated.")]
    dataset_hash: Annotated[Hash, Field(description="Data that it was evaluated on.")]
    code_hash: Annotated[Hash, Field(description="Code that evaluated it.")]
    seed: Annotated[
        StrictInt, Field(description="Seed of every random choice.", ge=0, le=9223372036854775807)
    ]
    plan: Annotated[WindowPlan, Field(description="How the bars are cut.")]
    bars: Annotated[Count, Field(description="Number of bars of the dataset.")]
    grid: Annotated[tuple[GridAxis, ...], Field(description="What was tried on every train window.")]
    folds: Annotated[tuple[FoldRow, ...], Field(description="Every fold.")]
    joined: Annotated[Joined, Field(description="All folds together.")]
    cross_validation: Annotated[
        CrossValidation | None, Field(description="Null where it was not asked for or not possible.")
    ]
    statistics: Annotated[Statistics, Field(description="Of the whole grid on the whole dataset.")]


Worst = TypeAliasType(
    "Worst",
    Annotated[
        StrictInt,
        Field(
            description="Worst value of the run, at the end for drawdown, in the same unit; null where it is not known.",
            ge=-9223372036854775807,
            le=9223372036854775807,
        ),
    ],
)


class RiskBudget(BaseModel):
    """One limit: money (10^-8) for daily_loss and drawdown, a number of orders for trades_per_day, 10^-9 of a price for slippage_halt."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    rule: Annotated[Rule, Field(description="The rule.")]
    limit: Annotated[
        StrictInt,
        Field(
            description="The limit in the rule's unit; of the last day for daily_loss.",
            ge=0,
            le=9223372036854775807,
        ),
    ]
    worst: Annotated[
        Worst | None,
        Field(
            description="Worst value of the run, at the end for drawdown, in the same unit; null where it is not known."
        ),
    ]
    left: Annotated[
        Left | None,
        Field(description="What is left at the end, in the same unit; null where it is not known."),
    ]


class StrategyRisk(BaseModel):
    """What the rules did to one strategy."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    strategy_id: Annotated[StrategyId, Field(description="The strategy.")]
    rules: Annotated[
        tuple[RuleCount, ...],
        Field(description="Every rule of the rulebook in its order, then whatever else refused an intent."),
    ]
    budgets: Annotated[
        tuple[RiskBudget, ...], Field(description="The limits that are set and can be used up.")
    ]


class RiskBlock(BaseModel):
    """Denials, what is left of each limit, and the time in each mode (specs/risk/reporting.md S-106)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    modes: Annotated[
        tuple[ModeTime, ...], Field(description="Every mode of the engine, in the order of its table.")
    ]
    strategies: Annotated[
        tuple[StrategyRisk, ...], Field(description="Every strategy, in the order of the config.")
    ]


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
    risk: Annotated[RiskBlock | None, Field(description="What the rules did; null where it was not folded.")]
    incidents: Annotated[
        tuple[Incident, ...],
        Field(
            description="Orders refused or of unknown fate, and reports that were dropped, quarantined or refused, by kind."
        ),
    ]
    warnings: Annotated[
        tuple[Explanation, ...], Field(description="What a reader must know before believing the numbers.")
    ]
