"""What a guard may look at: plain values taken from the state at the moment of judgement. None means unknown."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from veracity.domain.instruments import Instrument


class RiskLimits(msgspec.Struct, frozen=True, gc=False):
    """One strategy's limits; None means that the limit is not set."""

    max_exposure: int | None = None  # money
    leverage_max: int | None = None  # rate (10^-9): largest exposure as a multiple of the equity
    max_position: Mapping[str, int] = {}  # quantity units by symbol; a symbol that is not named has no limit
    daily_loss: int | None = None  # rate (10^-9) of the equity at the day's start
    trades_per_day: int | None = None
    cooldown_ns: int | None = None
    stale_ns: int | None = None  # oldest price that may be acted on


class GuardView(NamedTuple):
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


class Intended(NamedTuple):
    """The part of an intent that a guard judges: it always opens or increases a position."""

    symbol: str
    qty: int  # quantity units, above zero
    limit_price: int | None


class Denied(NamedTuple):
    """A refusal: why, in words that an operator understands."""

    detail: str


class Clamped(NamedTuple):
    """A smaller order is fine: `qty` is below the intended quantity, on the lot grid and at least one lot."""

    qty: int
