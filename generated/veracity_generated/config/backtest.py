# Generated from schemas/config/backtest.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""The model of schemas/config/backtest.schema.json."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from typing_extensions import TypeAliasType

AuxTtlSAdditionalProperty = TypeAliasType(
    "AuxTtlSAdditionalProperty", Annotated[StrictInt, Field(ge=1, le=31536000)]
)


DryRunItem = TypeAliasType("DryRunItem", Annotated[StrictStr, Field(min_length=1)])


DuplicatePolicy = TypeAliasType(
    "DuplicatePolicy",
    Annotated[
        Literal["reject", "drop_identical"], Field(description="What to do with a row that repeats a stamp.")
    ],
)


class ExceptionConfig(BaseModel):
    """One bar that may move further than the limits."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ts: Annotated[
        StrictStr,
        Field(
            description="Open of the bar: a date (midnight UTC) or an RFC 3339 time.",
            examples=["2023-03-11T10:40:00Z"],
            min_length=10,
        ),
    ]
    reason: Annotated[
        StrictStr,
        Field(
            description="Why the move is real.",
            examples=["seen on two other venues"],
            max_length=200,
            min_length=1,
        ),
    ]


class ExitsConfig(BaseModel):
    """Exits beside those of the strategy; the bar that reaches one is the last before it is left."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stop_loss: Annotated[
        Decimal | None,
        Field(
            description="Move against the position at which it is left, fraction of the price at which it began.",
            examples=[0.02],
            gt=0,
            le=0.99,
        ),
    ] = None
    take_profit: Annotated[
        Decimal | None,
        Field(
            description="Move for the position beyond which it is left, fraction of the price at which it began.",
            examples=[0.04],
            gt=0,
            le=100,
        ),
    ] = None
    bars_max: Annotated[
        StrictInt | None,
        Field(
            description="Closed bars for which a position is held at most; missing bars do not count.",
            examples=[48],
            ge=1,
            le=1000000,
        ),
    ] = None


FundingGapPolicy = TypeAliasType(
    "FundingGapPolicy",
    Annotated[
        Literal["reject", "mark_unknown"], Field(description="What to do where a settlement is missing.")
    ],
)


GapPolicy = TypeAliasType(
    "GapPolicy",
    Annotated[
        Literal["reject", "allow"],
        Field(
            description="What to do where bars are missing: refuse the data, or run over the gap without filling prices in."
        ),
    ],
)


class AuxConfig(BaseModel):
    """One series beside an instrument's bars. Each value is joined to the bars from the moment on at which it was known, never earlier."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Annotated[
        StrictStr,
        Field(
            description="Name by which strategies know it, unique in the instrument.",
            examples=["open_interest"],
            pattern="^[a-z][a-z0-9_]{0,31}$",
        ),
    ]
    file: Annotated[
        StrictStr,
        Field(
            description="Parquet or CSV file: ts (UTC) and the value, rising in time. Relative to this file.",
            examples=["../data/sample/hyperliquid_open_interest_1h_2025-12_2026-03.parquet"],
            min_length=1,
        ),
    ]
    column: Annotated[
        StrictStr, Field(description="Column of the value.", examples=["open_interest_usd"], min_length=1)
    ]
    symbol: Annotated[
        StrictStr | None,
        Field(
            description="Which series of a file that has a column symbol; absent: that of the instrument.",
            examples=["BTC"],
            min_length=1,
        ),
    ] = None
    scale: Annotated[
        StrictInt,
        Field(
            description="Decimals that are kept: strategies see whole numbers of 10^-scale. A value with more is refused, not rounded.",
            examples=[2],
            ge=0,
            le=9,
        ),
    ] = 9
    period: Annotated[
        StrictStr | None,
        Field(
            description="Where ts is the begin of the period that a value sums up: its length. Absent: ts is the moment that it is about.",
            examples=["1d"],
            pattern="^[1-9][0-9]{0,4}[smhd]$",
        ),
    ] = None
    lag: Annotated[
        StrictStr | None,
        Field(
            description="From that moment (or the period's end) until the value is known; 0s says that it is known at once. It or `available` is needed.",
            examples=["5m"],
            pattern="^(0s|[1-9][0-9]{0,4}[smhd])$",
        ),
    ] = None
    available: Annotated[
        StrictStr | None,
        Field(
            description="Column that says when each value was published; lag comes on top. A stamp may be there once for each revision.",
            examples=["published_at"],
            min_length=1,
        ),
    ] = None
    interval: Annotated[
        StrictStr | None,
        Field(
            description="How far apart the rows are; absent: neither cadence nor gaps are judged.",
            examples=["1h"],
            pattern="^[1-9][0-9]{0,4}[smhd]$",
        ),
    ] = None
    gaps: Annotated[
        GapPolicy,
        Field(
            description="What to do where rows are missing; the value before is never older than max_age says.",
            examples=["allow"],
        ),
    ] = "reject"
    gap_total_max: Annotated[
        StrictInt | None,
        Field(
            description="Number of rows that may be missing in all where gaps are allowed; absent: any.",
            examples=[48],
            ge=0,
            le=1000000000,
        ),
    ] = None
    gap_run_max: Annotated[
        StrictInt | None,
        Field(
            description="Number of rows that may be missing in a row where gaps are allowed; absent: any.",
            examples=[24],
            ge=0,
            le=1000000000,
        ),
    ] = None
    duplicates: Annotated[
        DuplicatePolicy,
        Field(
            description="What to do with a row that repeats a stamp: refuse the data, or drop it where its value is equal.",
            examples=["reject"],
        ),
    ] = "reject"
    max_age: Annotated[
        StrictStr | None,
        Field(
            description="How old a value may be that is acted on, counted from the moment that it is about; absent: however old. risk.aux_ttl_s goes before it.",
            examples=["2h"],
            pattern="^[1-9][0-9]{0,4}[smhd]$",
        ),
    ] = None
    critical: Annotated[
        StrictBool,
        Field(
            description="Whether nothing is opened on this instrument while the value is unknown or too old, also by strategies that do not look at it.",
            examples=[True],
        ),
    ] = False


InstrumentKind = TypeAliasType(
    "InstrumentKind",
    Annotated[Literal["spot", "perp"], Field(description="Spot asset or linear perpetual contract.")],
)


class InstrumentConfig(BaseModel):
    """One instrument: the venue's rules for it and where its data is."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    symbol: Annotated[
        StrictStr,
        Field(
            description="Name of the instrument, unique in the file.",
            examples=["BTCUSDT"],
            pattern="^[A-Z0-9][A-Z0-9._:/-]{0,31}$",
        ),
    ]
    kind: Annotated[
        InstrumentKind, Field(description="Spot asset or linear perpetual contract.", examples=["spot"])
    ]
    base: Annotated[
        StrictStr,
        Field(description="Currency that is bought and sold.", examples=["BTC"], pattern="^[A-Z0-9]{2,12}$"),
    ]
    quote: Annotated[
        StrictStr,
        Field(description="Currency that prices are in.", examples=["USDT"], pattern="^[A-Z0-9]{2,12}$"),
    ]
    price_scale: Annotated[
        StrictInt,
        Field(
            description="Decimals of a price; price_scale + qty_scale is at most 8.", examples=[2], ge=0, le=8
        ),
    ]
    qty_scale: Annotated[StrictInt, Field(description="Decimals of a quantity.", examples=[5], ge=0, le=8)]
    tick: Annotated[
        Decimal,
        Field(
            description="Smallest price step, in the quote currency.", examples=[0.01], gt=0, le=1000000000
        ),
    ]
    lot: Annotated[
        Decimal,
        Field(
            description="Smallest quantity step, in the base currency.", examples=[1e-05], gt=0, le=1000000000
        ),
    ]
    notional_min: Annotated[
        Decimal,
        Field(
            description="Smallest value of an order that opens or increases, in the quote currency; 0 is no minimum.",
            examples=[10],
            ge=0,
            le=1000000000,
        ),
    ] = Decimal("0")
    interval: Annotated[
        StrictStr, Field(description="Length of a bar.", examples=["1m"], pattern="^[1-9][0-9]{0,4}[smhd]$")
    ]
    bars: Annotated[
        StrictStr,
        Field(
            description="Parquet file of the bars: ts (UTC, bar open), open, high, low, close, volume. Relative to this file.",
            examples=["../data/sample/binance_spot_BTCUSDT_1m_2023-02.parquet"],
            min_length=1,
        ),
    ]
    funding: Annotated[
        StrictStr | None,
        Field(
            description="Parquet file of the funding settlements of a perpetual: ts (UTC), rate, mark. Relative to this file.",
            examples=["../data/sample/binance_usdm_BTCUSDT_funding.parquet"],
            min_length=1,
        ),
    ] = None
    start: Annotated[
        StrictStr | None,
        Field(
            description="First bar that is read: a date (midnight UTC) or an RFC 3339 time. Absent: the file's first.",
            examples=["2023-02-14", "2023-02-14T08:00:00Z"],
            min_length=10,
        ),
    ] = None
    end: Annotated[
        StrictStr | None,
        Field(
            description="Bars from here on are not read: a date (midnight UTC) or an RFC 3339 time. Absent: up to the file's last.",
            examples=["2023-02-20"],
            min_length=10,
        ),
    ] = None
    gaps: Annotated[
        GapPolicy,
        Field(
            description="What to do where bars are missing: refuse the data, or run over the gap without filling prices in.",
            examples=["reject"],
        ),
    ] = "reject"
    gap_total_max: Annotated[
        StrictInt | None,
        Field(
            description="Number of bars that may be missing in all where gaps are allowed; absent: any.",
            examples=[60],
            ge=0,
            le=1000000000,
        ),
    ] = None
    gap_run_max: Annotated[
        StrictInt | None,
        Field(
            description="Number of bars that may be missing in a row where gaps are allowed; absent: any.",
            examples=[15],
            ge=0,
            le=1000000000,
        ),
    ] = None
    funding_gaps: Annotated[
        FundingGapPolicy,
        Field(
            description="What to do where a settlement of a perpetual is missing: refuse the data, or call what it paid unknown.",
            examples=["reject"],
        ),
    ] = "reject"
    duplicates: Annotated[
        DuplicatePolicy,
        Field(
            description="What to do with a row that repeats a stamp: refuse the data, or drop it where all its values are equal.",
            examples=["reject"],
        ),
    ] = "reject"
    return_abs_max: Annotated[
        Decimal,
        Field(
            description="Largest move from close to close that is believed, fraction of the close before.",
            examples=[0.25],
            gt=0,
            le=100,
        ),
    ] = Decimal("0.25")
    wick_abs_max: Annotated[
        Decimal,
        Field(
            description="Largest distance of high or low from the bar's body that is believed, fraction of the body's end.",
            examples=[0.25],
            gt=0,
            le=100,
        ),
    ] = Decimal("0.25")
    exceptions: Annotated[
        tuple[ExceptionConfig, ...],
        Field(
            description="Bars whose move was checked by a person and is real.",
            max_length=1000,
            validate_default=True,
        ),
    ] = ()
    aux: Annotated[
        tuple[AuxConfig, ...],
        Field(
            description="Series beside the bars, one table each: what strategies decide on besides prices.",
            max_length=32,
            validate_default=True,
        ),
    ] = ()


LatencySamplesM = TypeAliasType("LatencySamplesM", Annotated[StrictInt, Field(ge=0, le=86400000)])


class CostsConfig(BaseModel):
    """The cost model. Fractions are of the traded value: 0.0005 is 5 basis points."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    fees: Annotated[
        StrictStr | None,
        Field(
            description="Venue whose fee schedule counts (specs/policies/fees.yaml), with its tiers; absent: the two rates below.",
            examples=["binance"],
            pattern="^[a-z][a-z0-9_]*$",
        ),
    ] = None
    fee_currency: Annotated[
        StrictStr | None,
        Field(
            description="Currency that the venue's fees are paid in, for its discount; bought when it is needed, so a fee is worth what is charged.",
            examples=["BNB"],
            pattern="^[A-Z0-9]{2,12}$",
        ),
    ] = None
    fee_balance: Annotated[
        StrictInt,
        Field(
            description="What the account holds of the venue's own coin, whole units; a tier of its schedule asks for a balance beside the traded value.",
            examples=[100],
            ge=0,
            le=1000000000,
        ),
    ] = 0
    fee_taker: Annotated[
        Decimal,
        Field(
            description="Fee of a fill that takes liquidity, fraction of its value.",
            examples=[0.0005],
            ge=0,
            le=0.1,
        ),
    ] = Decimal("0.001")
    fee_maker: Annotated[
        Decimal,
        Field(
            description="Fee of a fill that makes liquidity, fraction of its value; below zero it is a rebate.",
            examples=[0.0002],
            ge=-0.1,
            le=0.1,
        ),
    ] = Decimal("0.001")
    half_spread: Annotated[
        Decimal,
        Field(
            description="Half of the bid-ask spread, fraction of the price; every market order pays it.",
            examples=[0.0001],
            ge=0,
            le=0.1,
        ),
    ] = Decimal("0.0001")
    volatility_share: Annotated[
        Decimal,
        Field(
            description="Share of the fill bar's range (high - low) that every market order pays on top.",
            examples=[0.05],
            ge=0,
            le=1,
        ),
    ] = Decimal("0")
    impact: Annotated[
        Decimal,
        Field(
            description="Price impact of an order as large as the bar's whole volume, fraction of the bar's range; it grows with the square root of the share.",
            examples=[1],
            ge=0,
            le=100,
        ),
    ] = Decimal("0")
    participation_max: Annotated[
        Decimal,
        Field(
            description="Largest share of a bar's volume that one order may fill in that bar.",
            examples=[0.1],
            gt=0,
            le=1,
        ),
    ] = Decimal("0.1")
    latency_submit_ms: Annotated[
        StrictInt,
        Field(
            description="Time from a decision to the venue, milliseconds.", examples=[50], ge=0, le=86400000
        ),
    ] = 50
    latency_cancel_ms: Annotated[
        StrictInt,
        Field(description="Time from a cancel to the venue, milliseconds.", examples=[50], ge=0, le=86400000),
    ] = 50
    latency_jitter_ms: Annotated[
        StrictInt,
        Field(
            description="Largest random addition to either latency, milliseconds; uniform, from the run's seed.",
            examples=[20],
            ge=0,
            le=86400000,
        ),
    ] = 0
    latency_ack_ms: Annotated[
        StrictInt,
        Field(
            description="Time from the venue back to us, milliseconds: every report is known that much later; it moves no price.",
            examples=[30],
            ge=0,
            le=86400000,
        ),
    ] = 0
    latency_samples_ms: Annotated[
        tuple[LatencySamplesM, ...],
        Field(
            description="Measured additions to a latency, milliseconds, in any order; a message draws between them. Excludes a jitter.",
            examples=[[3, 5, 8, 40]],
            max_length=10000,
        ),
    ] = ()
    queue_ahead: Annotated[
        Decimal,
        Field(
            description="What waits before a resting limit order at its price, fraction of the volume of the bar in which it arrives.",
            examples=[1],
            ge=0,
            le=1000,
        ),
    ] = Decimal("1")
    touch_share: Annotated[
        Decimal,
        Field(
            description="Share of a bar's volume that trades at its high or low; 0: a limit order fills only where the price goes through it.",
            examples=[0.1],
            ge=0,
            le=1,
        ),
    ] = Decimal("0")
    limit_ttl_s: Annotated[
        StrictInt,
        Field(
            description="How long a limit order stays at the venue, seconds; 0: until it is cancelled.",
            examples=[600],
            ge=0,
            le=31536000,
        ),
    ] = 0


Leg = TypeAliasType("Leg", Annotated[StrictStr, Field(min_length=1)])


class MarginConfig(BaseModel):
    """A margin account: all its positions stand for each other (cross margin)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    maintenance: Annotated[
        Decimal,
        Field(
            description="Equity that the venue demands, fraction of the value of all positions; at or below it they are liquidated.",
            examples=[0.005],
            ge=0,
            le=0.5,
        ),
    ]
    liquidation_fee: Annotated[
        Decimal,
        Field(
            description="Fee of a liquidation, fraction of the value that is closed.",
            examples=[0.0125],
            ge=0,
            le=0.1,
        ),
    ] = Decimal("0.0125")
    borrow_cash: Annotated[
        Decimal,
        Field(description="Interest on borrowed cash, fraction an hour.", examples=[1e-05], ge=0, le=0.01),
    ] = Decimal("0")
    borrow_coins: Annotated[
        Decimal,
        Field(
            description="Interest on the value of coins that were sold short, fraction an hour.",
            examples=[2e-05],
            ge=0,
            le=0.01,
        ),
    ] = Decimal("0")


MaxPositionAdditionalProperty = TypeAliasType(
    "MaxPositionAdditionalProperty", Annotated[Decimal, Field(ge=0, le=1000000000)]
)


OrderItem = TypeAliasType("OrderItem", Annotated[StrictStr, Field(min_length=1)])


OrderStyle = TypeAliasType(
    "OrderStyle",
    Annotated[
        Literal["market", "limit", "post_only"],
        Field(description="Take the market, wait at a limit, or wait and never take."),
    ],
)


class ExecutionConfig(BaseModel):
    """How a strategy's wishes become orders."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    entry: Annotated[
        OrderStyle, Field(description="Order that opens or increases a position.", examples=["post_only"])
    ] = "market"
    exit: Annotated[
        OrderStyle,
        Field(
            description="Order that reduces or closes a position; a forced close always takes the market.",
            examples=["limit"],
        ),
    ] = "market"
    offset_ticks: Annotated[
        StrictInt,
        Field(
            description="Number of ticks between the last price and a limit, on the side that waits; below 0 it crosses.",
            examples=[1],
            ge=-1000000,
            le=1000000,
        ),
    ] = 0


RemedyConfig = TypeAliasType(
    "RemedyConfig",
    Annotated[
        Literal["hold", "close"], Field(description="hold: what is held stays; close: it is closed, once.")
    ],
)


class ReportConfig(BaseModel):
    """What is computed after the run."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    baselines: Annotated[
        StrictBool,
        Field(
            description="Whether the strategies are compared with baselines on the same data and costs.",
            examples=[True],
        ),
    ] = True


class RulebookConfig(BaseModel):
    """How the rulebook is used in this run."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    order: Annotated[
        tuple[OrderItem, ...] | None,
        Field(
            description="Order in which the rules are asked: each of them once, kill_file and safe_mode first; absent: that of specs/policies/rulebook.yaml.",
            examples=[["kill_file", "safe_mode", "error_breaker"]],
            max_length=64,
        ),
    ] = None
    dry_run: Annotated[
        tuple[DryRunItem, ...],
        Field(
            description="Rules that only say what they would have denied; kill_file and safe_mode cannot be among them.",
            examples=[["volatility_pause"]],
            max_length=64,
        ),
    ] = ()


class RunConfig(BaseModel):
    """The run as a whole."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    label: Annotated[
        StrictStr,
        Field(
            description="Name of the run, part of its directory's name: up to 32 lower-case letters, digits and hyphens.",
            examples=["btc-momentum"],
            pattern="^[a-z0-9][a-z0-9-]{0,31}$",
        ),
    ] = "backtest"
    seed: Annotated[
        StrictInt,
        Field(
            description="Seed of every random choice of the run.", examples=[1], ge=0, le=9223372036854775807
        ),
    ] = 1
    close_at_end: Annotated[
        StrictBool,
        Field(
            description="Whether open positions are closed at the last bar; otherwise they are marked at its close.",
            examples=[True],
        ),
    ] = True


class VolatilityConfig(BaseModel):
    """A pause while the market moves too much. Thresholds are compared with the root mean square of the last bars' log returns."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    window: Annotated[
        StrictInt,
        Field(description="Number of closed bars that are looked at.", examples=[60], ge=1, le=10000),
    ]
    pause: Annotated[
        Decimal, Field(description="Above this a pause begins, fraction a bar.", examples=[0.004], gt=0, le=1)
    ]
    resume: Annotated[
        Decimal,
        Field(
            description="At or below this a bar is calm, fraction a bar; at most `pause`.",
            examples=[0.002],
            ge=0,
            le=1,
        ),
    ]
    dwell: Annotated[
        StrictInt,
        Field(description="Number of calm bars in a row that end a pause.", examples=[30], ge=1, le=10000),
    ]


class RiskConfig(BaseModel):
    """Limits of one strategy; an absent one is not set."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    max_exposure: Annotated[
        Decimal | None,
        Field(
            description="Largest value of all positions and opening orders together, in the quote currency.",
            examples=[50000],
            ge=0,
            le=1000000000,
        ),
    ] = None
    leverage_max: Annotated[
        Decimal,
        Field(
            description="Largest value of all positions and opening orders together, as a multiple of the equity; 1 means that nothing is bought with borrowed money.",
            examples=[1],
            gt=0,
            le=100,
        ),
    ] = Decimal("1")
    max_position: Annotated[
        dict[str, MaxPositionAdditionalProperty],
        Field(
            description="Largest position of each named leg, opening orders included, either direction, in its base currency.",
            examples=[{"BTCUSDT": 1.5}],
        ),
    ] = {}
    daily_loss: Annotated[
        Decimal | None,
        Field(
            description="Loss of a UTC day at which no new risk is taken until the next, fraction of the equity at the day's start.",
            examples=[0.02],
            gt=0,
            le=1,
        ),
    ] = None
    daily_loss_remedy: Annotated[
        RemedyConfig,
        Field(
            description="What becomes of a position when the day has lost its limit and more is wanted.",
            examples=["close"],
        ),
    ] = "hold"
    drawdown: Annotated[
        Decimal | None,
        Field(
            description="Fall from the highest equity so far at which no new risk is taken, fraction of that peak; midnight does not end it.",
            examples=[0.1],
            gt=0,
            le=1,
        ),
    ] = None
    trades_per_day: Annotated[
        StrictInt | None,
        Field(
            description="Number of orders of a UTC day that may open or increase a position.",
            examples=[20],
            ge=0,
            le=1000000,
        ),
    ] = None
    order_rate: Annotated[
        StrictInt | None,
        Field(
            description="Number of orders that may open or increase a position in any window of order_rate_s.",
            examples=[5],
            ge=1,
            le=100,
        ),
    ] = None
    order_rate_s: Annotated[
        StrictInt | None,
        Field(description="Length of that window, seconds; needs order_rate.", examples=[60], ge=1, le=86400),
    ] = None
    cooldown_s: Annotated[
        StrictInt | None,
        Field(
            description="Time after a realised loss in which no new risk is taken, seconds.",
            examples=[3600],
            ge=0,
            le=31536000,
        ),
    ] = None
    stale_s: Annotated[
        StrictInt | None,
        Field(
            description="Oldest last price on which new risk is taken, seconds; absent: any known price will do.",
            examples=[180],
            ge=1,
            le=31536000,
        ),
    ] = None
    aux_ttl_s: Annotated[
        dict[str, AuxTtlSAdditionalProperty],
        Field(
            description="Oldest value of each named series beside the bars on which new risk is taken, seconds; a series that a strategy decides on must be known in any case.",
            examples=[{"funding_rate": 29700}],
        ),
    ] = {}
    price_jump: Annotated[
        Decimal | None,
        Field(
            description="Largest move of a bar's close from the close before on which new risk is taken, fraction of that close.",
            examples=[0.1],
            gt=0,
            le=100,
        ),
    ] = None
    price_band: Annotated[
        Decimal | None,
        Field(
            description="Largest distance of a limit price from the last price, fraction of the last price.",
            examples=[0.05],
            gt=0,
            le=100,
        ),
    ] = None
    slippage: Annotated[
        Decimal | None,
        Field(
            description="Worst fill after which no new risk is taken until an operator resumes, fraction of the price at the decision.",
            examples=[0.005],
            ge=0,
            le=1,
        ),
    ] = None
    volatility: Annotated[
        VolatilityConfig | None, Field(description="When a moving market is left alone; absent: never.")
    ] = None


class StrategyConfig(BaseModel):
    """One strategy with its own account."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    id: Annotated[
        StrictStr,
        Field(
            description="Name of this strategy in the run, unique in the file: up to 12 lower-case letters, digits and underscores.",
            examples=["sma"],
            pattern="^[a-z][a-z0-9_]{0,11}$",
        ),
    ]
    strategy: Annotated[StrictStr, Field(description="Name in the strategy registry.", examples=["momentum"])]
    legs: Annotated[
        tuple[Leg, ...],
        Field(
            description="Symbols that it trades, the deciding one first; a leading minus hedges: the leg takes the other side.",
            examples=[["BTCUSDT"], ["BTCUSDT-PERP", "-BTCUSDT"]],
            max_length=8,
            min_length=1,
        ),
    ]
    cash: Annotated[
        Decimal,
        Field(
            description="Starting cash, in the quote currency of its legs.",
            examples=[100000],
            gt=0,
            le=1000000000,
        ),
    ]
    params: Annotated[
        dict[str, Any],
        Field(description="Parameters of the strategy (schemas/config/strategies/<strategy>.schema.json)."),
    ] = {}
    risk: Annotated[
        RiskConfig | None,
        Field(
            default_factory=RiskConfig,
            description="Limits that the gate enforces, whatever the strategy wants.",
        ),
    ]
    execution: Annotated[
        ExecutionConfig | None,
        Field(
            default_factory=ExecutionConfig,
            description="With which orders its decisions reach the market; market orders where it is absent.",
        ),
    ]
    exits: Annotated[
        ExitsConfig | None,
        Field(
            default_factory=ExitsConfig,
            description="When its position is left, whatever the strategy wants; judged on closed bars.",
        ),
    ]
    margin: Annotated[
        MarginConfig | None,
        Field(
            description="Terms of a margin account; without them nothing costs interest and nothing is liquidated."
        ),
    ] = None


class BacktestConfig(BaseModel):
    """Config of one backtest, a TOML file. Decimal numbers are read exactly, never as binary floats."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    run: Annotated[
        RunConfig | None,
        Field(default_factory=RunConfig, description="What this run is called and how it ends."),
    ]
    instruments: Annotated[
        tuple[InstrumentConfig, ...],
        Field(
            description="What is traded, one table each, with its market data.", max_length=64, min_length=1
        ),
    ]
    costs: Annotated[
        CostsConfig | None,
        Field(default_factory=CostsConfig, description="What trading costs and how the market answers."),
    ]
    strategies: Annotated[
        tuple[StrategyConfig, ...],
        Field(
            description="Who trades, one table each; every strategy has its own account. None: the run only reads its data.",
            max_length=64,
            validate_default=True,
        ),
    ] = ()
    risk: Annotated[
        RulebookConfig | None,
        Field(default_factory=RulebookConfig, description="How the rulebook is used in this run."),
    ]
    report: Annotated[
        ReportConfig | None,
        Field(default_factory=ReportConfig, description="What is computed after the run."),
    ]
