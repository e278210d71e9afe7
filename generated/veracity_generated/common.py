# Generated from schemas/common.schema.json by datamodel-code-generator 0.89.0.
# Do not edit: change the source, then run `make gen`.
"""Types that every record shares."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta
from veracity_generated.base import Record

Cost: TypeAlias = Annotated[
    int,
    Meta(
        description="Amount in units of 10^-8 of the quote currency; positive is paid by us.",
        ge=-9223372036854775807,
        le=9223372036854775807,
    ),
]


Currency: TypeAlias = Annotated[
    str, Meta(description="Currency code.", extra={"pattern": "^[A-Z0-9]{2,12}\\Z"})
]


Detail: TypeAlias = Annotated[
    str,
    Meta(
        description="What a person needs to know; one line.",
        max_length=500,
        extra={"pattern": "^[^\\x00-\\x1f\\x7f]*\\Z"},
    ),
]


DriftSeverity: TypeAlias = Annotated[
    Literal["minor", "major", "severe", "unknown"],
    Meta(
        description="How bad a drift is (specs/machines/engine_mode.yaml says what follows); unknown where it could not be judged."
    ),
]


DriftSubject: TypeAlias = Annotated[
    Literal["position", "balance", "order"], Meta(description="What own book and venue disagree on.")
]


Hash: TypeAlias = Annotated[
    str, Meta(description="SHA-256 in lower-case hex.", extra={"pattern": "^[0-9a-f]{64}\\Z"})
]


InstrumentKind: TypeAlias = Annotated[
    Literal["spot", "perp"], Meta(description="Spot asset or linear perpetual contract.")
]


IntentId: TypeAlias = Annotated[
    str,
    Meta(
        description="Intent id: run, strategy and seq of its intent_created; it is the correlation id of what follows.",
        extra={"pattern": "^[a-z0-9_-]{1,36}\\Z"},
    ),
]


Liquidity: TypeAlias = Annotated[
    Literal["taker", "maker"], Meta(description="Whether the fill took or made liquidity.")
]


Money: TypeAlias = Annotated[
    int,
    Meta(
        description="Amount in units of 10^-8 of its currency; positive is ours.",
        ge=-9223372036854775807,
        le=9223372036854775807,
    ),
]


OrderId: TypeAlias = Annotated[
    str,
    Meta(
        description="Client order id: run, strategy and seq of the event that created it; the venue sees it.",
        extra={"pattern": "^[a-z0-9_-]{1,36}\\Z"},
    ),
]


OrderKind: TypeAlias = Annotated[
    Literal["market", "limit", "post_only"], Meta(description="How the order meets the market.")
]


Price: TypeAlias = Annotated[
    int,
    Meta(
        description="Price in units of 10^-price_scale of the quote currency.", ge=1, le=9223372036854775807
    ),
]


Purpose: TypeAlias = Annotated[
    Literal["open", "increase", "reduce", "close"],
    Meta(description="What the order does to the position that it was decided on."),
]


Qty: TypeAlias = Annotated[
    int,
    Meta(
        description="Quantity in units of 10^-qty_scale of the base currency; never zero.",
        ge=1,
        le=9223372036854775807,
    ),
]


Rate: TypeAlias = Annotated[
    int, Meta(description="Rate in units of 10^-9.", ge=-9223372036854775807, le=9223372036854775807)
]


Reason: TypeAlias = Annotated[
    str,
    Meta(
        description="Reason code: lower-case words joined by underscores.",
        extra={"pattern": "^[a-z][a-z0-9_]{0,63}\\Z"},
    ),
]


RegimeLabel: TypeAlias = Annotated[
    Literal["UNKNOWN", "low_vol", "mid_vol", "high_vol"],
    Meta(description="Volatility regime of a bar (specs/backtest/evaluation.md, S-076)."),
]


Rule: TypeAlias = Annotated[
    str,
    Meta(description="Name of a guard: the stem of its file.", extra={"pattern": "^[a-z][a-z0-9_]{0,31}\\Z"}),
]


RunId: TypeAlias = Annotated[
    str,
    Meta(
        description="Hash of config, dataset, code and seed: first 16 hex digits.",
        extra={"pattern": "^[0-9a-f]{16}\\Z"},
    ),
]


Scale: TypeAlias = Annotated[int, Meta(description="Number of decimals.", ge=0, le=8)]


Seq: TypeAlias = Annotated[
    int,
    Meta(description="Number of an input or event in its run; the first is 1.", ge=1, le=9223372036854775807),
]


Side: TypeAlias = Annotated[Literal["buy", "sell"], Meta(description="Direction of an order or fill.")]


SignedQty: TypeAlias = Annotated[
    int,
    Meta(
        description="Signed quantity in units of 10^-qty_scale of the base currency; long is positive.",
        ge=-9223372036854775807,
        le=9223372036854775807,
    ),
]


StrategyId: TypeAlias = Annotated[
    str,
    Meta(
        description="Name of one configured strategy, unique in its run.",
        extra={"pattern": "^[a-z][a-z0-9_]{0,11}\\Z"},
    ),
]


Symbol: TypeAlias = Annotated[
    str,
    Meta(description="Instrument, unique in its run.", extra={"pattern": "^[A-Z0-9][A-Z0-9._:/-]{0,31}\\Z"}),
]


class Leg(Record, frozen=True):
    """One instrument of a strategy and its weight."""

    symbol: Symbol
    weight: Annotated[
        int,
        Meta(
            description="The leg's target is the decided target times this: 1 follows, -1 hedges.",
            ge=-1,
            le=1,
        ),
    ]


TicketId: TypeAlias = Annotated[
    str, Meta(description="Ticket of the roadmap.", extra={"pattern": "^[TSI]-[0-9]{3}\\Z"})
]


TradeId: TypeAlias = Annotated[
    str, Meta(description="The venue's id of one trade, unique per symbol.", max_length=64)
]


Ts: TypeAlias = Annotated[
    int, Meta(description="Nanoseconds since 1970-01-01T00:00:00Z.", ge=0, le=9223372036854775807)
]


VenueOrderId: TypeAlias = Annotated[str, Meta(description="The venue's own id of an order.", max_length=64)]


Volume: TypeAlias = Annotated[
    int,
    Meta(
        description="Traded quantity in units of 10^-qty_scale of the base currency; zero is a fact, not a gap.",
        ge=0,
        le=9223372036854775807,
    ),
]
