"""What a guard may look at: plain values taken from the state at the moment of judgement. None means unknown."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, TypeAlias

import msgspec

from veracity.domain.events import Purpose, Side
from veracity.domain.instruments import Instrument
from veracity.domain.machines import Mode

Remedy: TypeAlias = Literal["hold", "close"]
"""What a denial leaves behind: what is held stays, or is closed, once."""


class VolatilityLimits(NamedTuple):
    """When a strategy pauses on a moving market. Thresholds are rates (10^-9) of one bar's log return."""

    window: int  # bars of which the mean square is taken
    pause: int  # a root mean square above this begins a pause
    resume: int  # one at or below this is calm
    dwell: int  # calm bars in a row that end a pause


class RiskLimits(msgspec.Struct, frozen=True, gc=False):
    """One strategy's limits; None means that the limit is not set."""

    max_exposure: int | None = None  # money
    leverage_max: int | None = None  # rate (10^-9): largest exposure as a multiple of the equity
    max_position: Mapping[str, int] = {}  # quantity units by symbol; a symbol that is not named has no limit
    daily_loss: int | None = None  # rate (10^-9) of the equity at the day's start
    daily_loss_remedy: Remedy = "hold"
    drawdown: int | None = None  # rate (10^-9) of the highest equity so far
    trades_per_day: int | None = None
    order_rate: int | None = None  # opening orders in any `order_rate_ns`; at most ORDER_TIMES_MAX
    order_rate_ns: int = 0
    cooldown_ns: int | None = None
    stale_ns: int | None = None  # oldest price that may be acted on
    critical_aux: tuple[str, ...] = ()  # series beside the bars without which nothing is opened
    aux_ttl_ns: Mapping[str, int] = {}  # oldest value of such a series that may be acted on
    price_jump: int | None = None  # rate (10^-9) of the close before: largest believed move of a bar's close
    price_band: int | None = None  # rate (10^-9) of the last price: how far away a limit price may be
    slippage: int | None = None  # rate (10^-9) of the price at decision: worst fill that may have happened
    volatility: VolatilityLimits | None = None

    @property
    def volatility_window(self) -> int | None:
        """Bars whose mean square a volatility pause judges; None without such a pause."""
        return None if self.volatility is None else self.volatility.window


class ObservedAt(Protocol):
    """The observation time of the newest value of each series beside the bars."""

    def get(self, series: str, /) -> int | None:
        """None where no value was ever received."""


class GuardView(msgspec.Struct, frozen=True, gc=False):
    """One account and one instrument as the gate sees them, orders approved earlier in the same step included."""

    ts: int
    instrument: Instrument
    last: int | None  # last known close
    last_ts: int  # when it was known
    position: int  # signed quantity held; 0 where the intent goes against it and so first takes from it
    opening: int  # quantity that opening orders of this symbol may still add, unsigned
    equity: int | None
    equity_day_start: int | None
    exposure: int | None  # money: what is held and what opening orders may still add, over all legs, unsigned
    entries_today: int
    loss_ts: int | None
    mode: Mode = Mode.RUNNING
    mode_reason: str = ""
    free: int = 0  # signed quantity held and not leaving already
    breaker: str = "closed"  # of the venue's error rate: closed, open, half_open
    probing: bool = False  # whether a half-open breaker waits for the answer to its probe
    aux: ObservedAt = {}
    previous: int | None = None  # close of the bar before the last
    drift: str = "none"  # worst unresolved difference between the own book and the venue's in this symbol
    slip_worst: int | None = None  # 10^-9: worst slip of a fill on record
    order_times: Sequence[int] = ()  # of the newest opening orders, oldest first
    peak: int | None = None  # money: highest equity so far
    squares: Sequence[int] = ()  # squared log returns (10^-18) of the newest bars in a row, oldest first
    paused: bool = False  # whether a volatility pause holds
    bid: int | None = None  # best quotes, where the feed has them: bars have none
    ask: int | None = None


class Intended(NamedTuple):
    """The part of an intent that a guard judges. All but the absolute rules see only what opens or increases."""

    symbol: str
    qty: int  # quantity units, above zero
    limit_price: int | None
    side: Side = "buy"
    purpose: Purpose = "open"


class Denied(msgspec.Struct, frozen=True, gc=False):
    """A refusal: why, in words that an operator understands, and whether what is held must be closed."""

    detail: str
    remedy: Remedy = "hold"


class Clamped(msgspec.Struct, frozen=True, gc=False):
    """A smaller order is fine: `qty` is below the intended quantity, on the lot grid and at least one lot."""

    qty: int


Check: TypeAlias = Callable[[Intended, GuardView, RiskLimits], Denied | Clamped | None]
"""What a guard is: no objection, a smaller quantity, or a denial."""
