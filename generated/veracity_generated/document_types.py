# Generated from schemas/common.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""Types that documents share with records."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr
from typing_extensions import TypeAliasType

BreakerState = TypeAliasType(
    "BreakerState",
    Annotated[
        Literal["closed", "open", "half_open"],
        Field(description="State of the circuit breaker (specs/machines/circuit_breaker.yaml)."),
    ],
)


Cost = TypeAliasType(
    "Cost",
    Annotated[
        StrictInt,
        Field(
            description="Amount in units of 10^-8 of the quote currency; positive is paid by us.",
            ge=-9223372036854775807,
            le=9223372036854775807,
        ),
    ],
)


Currency = TypeAliasType(
    "Currency", Annotated[StrictStr, Field(description="Currency code.", pattern="^[A-Z0-9]{2,12}$")]
)


Detail = TypeAliasType(
    "Detail",
    Annotated[
        StrictStr,
        Field(
            description="What a person needs to know; one line.",
            max_length=500,
            pattern="^[^\\x00-\\x1f\\x7f]*$",
        ),
    ],
)


DriftSeverity = TypeAliasType(
    "DriftSeverity",
    Annotated[
        Literal["minor", "major", "severe", "unknown"],
        Field(
            description="How bad a drift is (specs/machines/engine_mode.yaml says what follows); unknown where it could not be judged."
        ),
    ],
)


DriftSubject = TypeAliasType(
    "DriftSubject",
    Annotated[
        Literal["position", "balance", "order"], Field(description="What own book and venue disagree on.")
    ],
)


Hash = TypeAliasType(
    "Hash", Annotated[StrictStr, Field(description="SHA-256 in lower-case hex.", pattern="^[0-9a-f]{64}$")]
)


InstrumentKind = TypeAliasType(
    "InstrumentKind",
    Annotated[Literal["spot", "perp"], Field(description="Spot asset or linear perpetual contract.")],
)


IntentId = TypeAliasType(
    "IntentId",
    Annotated[
        StrictStr,
        Field(
            description="Intent id: run, strategy and seq of its intent_created; it is the correlation id of what follows.",
            pattern="^[a-z0-9_-]{1,36}$",
        ),
    ],
)


Liquidity = TypeAliasType(
    "Liquidity",
    Annotated[Literal["taker", "maker"], Field(description="Whether the fill took or made liquidity.")],
)


Mode = TypeAliasType(
    "Mode",
    Annotated[
        Literal["recovering", "running", "close_only", "safe", "halted", "stopped"],
        Field(description="Engine mode (specs/machines/engine_mode.yaml)."),
    ],
)


Money = TypeAliasType(
    "Money",
    Annotated[
        StrictInt,
        Field(
            description="Amount in units of 10^-8 of its currency; positive is ours.",
            ge=-9223372036854775807,
            le=9223372036854775807,
        ),
    ],
)


OrderId = TypeAliasType(
    "OrderId",
    Annotated[
        StrictStr,
        Field(
            description="Client order id: run, strategy and seq of the event that created it; the venue sees it.",
            pattern="^[a-z0-9_-]{1,36}$",
        ),
    ],
)


OrderKind = TypeAliasType(
    "OrderKind",
    Annotated[Literal["market", "limit", "post_only"], Field(description="How the order meets the market.")],
)


Price = TypeAliasType(
    "Price",
    Annotated[
        StrictInt,
        Field(
            description="Price in units of 10^-price_scale of the quote currency.",
            ge=1,
            le=9223372036854775807,
        ),
    ],
)


Purpose = TypeAliasType(
    "Purpose",
    Annotated[
        Literal["open", "increase", "reduce", "close"],
        Field(description="What the order does to the position that it was decided on."),
    ],
)


Qty = TypeAliasType(
    "Qty",
    Annotated[
        StrictInt,
        Field(
            description="Quantity in units of 10^-qty_scale of the base currency; never zero.",
            ge=1,
            le=9223372036854775807,
        ),
    ],
)


Rate = TypeAliasType(
    "Rate",
    Annotated[
        StrictInt,
        Field(description="Rate in units of 10^-9.", ge=-9223372036854775807, le=9223372036854775807),
    ],
)


Reason = TypeAliasType(
    "Reason",
    Annotated[
        StrictStr,
        Field(
            description="Reason code: lower-case words joined by underscores.",
            pattern="^[a-z][a-z0-9_]{0,63}$",
        ),
    ],
)


RegimeLabel = TypeAliasType(
    "RegimeLabel",
    Annotated[
        Literal["UNKNOWN", "low_vol", "mid_vol", "high_vol"],
        Field(description="Volatility regime of a bar (specs/backtest/evaluation.md, S-076)."),
    ],
)


Rule = TypeAliasType(
    "Rule",
    Annotated[
        StrictStr,
        Field(description="Name of a guard: the stem of its file.", pattern="^[a-z][a-z0-9_]{0,31}$"),
    ],
)


RunId = TypeAliasType(
    "RunId",
    Annotated[
        StrictStr,
        Field(
            description="Hash of config, dataset, code and seed: first 16 hex digits.",
            pattern="^[0-9a-f]{16}$",
        ),
    ],
)


Scale = TypeAliasType("Scale", Annotated[StrictInt, Field(description="Number of decimals.", ge=0, le=8)])


Seq = TypeAliasType(
    "Seq",
    Annotated[
        StrictInt,
        Field(
            description="Number of an input or event in its run; the first is 1.",
            ge=1,
            le=9223372036854775807,
        ),
    ],
)


Side = TypeAliasType(
    "Side", Annotated[Literal["buy", "sell"], Field(description="Direction of an order or fill.")]
)


SignedQty = TypeAliasType(
    "SignedQty",
    Annotated[
        StrictInt,
        Field(
            description="Signed quantity in units of 10^-qty_scale of the base currency; long is positive.",
            ge=-9223372036854775807,
            le=9223372036854775807,
        ),
    ],
)


StrategyId = TypeAliasType(
    "StrategyId",
    Annotated[
        StrictStr,
        Field(
            description="Name of one configured strategy, unique in its run.",
            pattern="^[a-z][a-z0-9_]{0,11}$",
        ),
    ],
)


Symbol = TypeAliasType(
    "Symbol",
    Annotated[
        StrictStr,
        Field(description="Instrument, unique in its run.", pattern="^[A-Z0-9][A-Z0-9._:/-]{0,31}$"),
    ],
)


class Leg(BaseModel):
    """One instrument of a strategy and its weight."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    symbol: Symbol
    weight: Annotated[
        StrictInt,
        Field(
            description="The leg's target is the decided target times this: 1 follows, -1 hedges.",
            ge=-1,
            le=1,
        ),
    ]


TicketId = TypeAliasType(
    "TicketId", Annotated[StrictStr, Field(description="Ticket of the roadmap.", pattern="^[TSI]-[0-9]{3}$")]
)


TradeId = TypeAliasType(
    "TradeId",
    Annotated[StrictStr, Field(description="The venue's id of one trade, unique per symbol.", max_length=64)],
)


Ts = TypeAliasType(
    "Ts",
    Annotated[
        StrictInt, Field(description="Nanoseconds since 1970-01-01T00:00:00Z.", ge=0, le=9223372036854775807)
    ],
)


VenueOrderId = TypeAliasType(
    "VenueOrderId", Annotated[StrictStr, Field(description="The venue's own id of an order.", max_length=64)]
)


Volume = TypeAliasType(
    "Volume",
    Annotated[
        StrictInt,
        Field(
            description="Traded quantity in units of 10^-qty_scale of the base currency; zero is a fact, not a gap.",
            ge=0,
            le=9223372036854775807,
        ),
    ],
)
