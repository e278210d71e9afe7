"""What the engine knows. Plain data: only `veracity.state.apply` changes it.

Unknown is a value: a market without a bar has `last` None, and whatever needs it cannot be judged.
"""

from functools import cached_property
from typing import Final

import msgspec

from veracity.domain.events import DriftSeverity, Leg, OrderKind, Purpose, RegimeLabel, Side
from veracity.domain.instruments import Instrument
from veracity.domain.machines import BREAKER_INITIAL, MODE_INITIAL, BreakerState, Mode
from veracity.domain.orders import State
from veracity.domain.regimes import UNKNOWN
from veracity.state.storing import stored_plainly

CLOSED_ORDERS_MAX: Final = 1_000
"""Done orders that are remembered, so that late and duplicate fills are told from foreign ones; older fills are
quarantined. Bounded, so that state, hash and snapshot do not grow with the length of a run."""

DENIALS_MAX: Final = 100
"""Denials of one rule for one strategy and symbol that are journaled in a row; then one more a day, until something
changes (docs/decisions/0009-what-is-said-of-a-lasting-refusal.md)."""

MINOR: Final[DriftSeverity] = "minor"
"""A difference that is noted and stops nothing."""

ALL_SYMBOLS: Final = ""
"""Key of an exit that closes everything."""


FUNDING: Final = "funding_rate"
"""Series of the settlements."""

ORDER_TIMES_MAX: Final = 100
"""Opening orders whose times an account remembers; the largest number that `order_rate` can allow in its window."""


@stored_plainly
class RegimeWatch(msgspec.Struct):
    """What the volatility regime of an instrument follows from, kept where a strategy decides by it. `label` moves by
    `regime_changed` alone; all else is what the bars since the last unknown return were like."""

    window: int  # returns in one volatility
    history: int  # earlier volatilities that the newest is ranked among
    dwell: int  # bars for which a label stays at least
    squares: list[int] = []  # squared returns (10^-14), oldest first, at most `window`
    sums: list[
        int
    ] = []  # volatilities: sums of `window` squares, oldest first, at most `history` and the newest
    label: RegimeLabel = UNKNOWN
    held: int = 0  # bars since the label came


@stored_plainly
class Market(msgspec.Struct):
    """The last known bar of an instrument."""

    last: int | None = None  # close, price units
    ts: int = 0  # when it was known
    open_ts: int = -1  # its stamp: a bar is taken once, and only forwards
    broken_ts: int = -1  # when the newest bar without a price was known; that of `ts`: there is no price now
    previous: int | None = None  # close of the bar before
    squares: list[int] = []  # squared log returns (10^-18) of the newest bars in a row, oldest first
    squares_max: int = 0  # how many of them are kept
    regime: RegimeWatch | None = None  # None: nobody asks for it


@stored_plainly
class Position(msgspec.Struct):
    """Holding of one account in one instrument. The entry price is derived, never stored: `basis` is exact."""

    qty: int = 0  # signed quantity units
    basis: int = 0  # signed money that the held quantity cost; same sign as qty
    realized: int = 0  # money won or lost by what was closed, before fees and funding
    fees: int = 0  # money paid as fees for what is held

    def entry_price(self, factor: int) -> int | None:
        """Average entry in price units, rounded down; None when flat."""
        return self.basis // (self.qty * factor) if self.qty else None


class LastFill(msgspec.Struct, frozen=True):
    """The fill whose fee is to come: whether its trade lost money is known when the fee is."""

    symbol: str
    qty: int
    closed: int  # part of `qty` that closed a position
    net: int  # money that the closed part realised, less the fees of its entry


@stored_plainly
class DayBook(msgspec.Struct):
    """Counters of one account that start again with each UTC day."""

    entries: int = 0  # orders submitted that open or increase a position
    equity_start: int | None = None  # money; None where it could not be known


@stored_plainly
class VolatilityWatch(msgspec.Struct):
    """How one account pauses on the volatility of one symbol. Thresholds are rates (10^-9) of a bar."""

    window: int  # bars
    pause: int
    resume: int
    dwell: int  # calm bars in a row that end a pause
    paused: bool = False


@stored_plainly
class RiskBook(msgspec.Struct):
    """What the guards remember of one account."""

    peak: int  # money: the highest equity at any bar's close, the starting cash at least
    day_loss_worst: int = 0  # money: the largest loss of a UTC day so far, at a bar's close
    order_times: list[int] = []  # of the newest opening orders, oldest first, at most ORDER_TIMES_MAX
    volatility: dict[str, VolatilityWatch] = {}  # by symbol
    slip_worst: int | None = (
        None  # 10^-9: the worst slip of a fill since an operator last resumed; None before any
    )


@stored_plainly
class Account(msgspec.Struct):
    """One strategy's own money, positions, memory and risk state."""

    strategy_id: str
    strategy: str
    version: int
    config_hash: str
    legs: tuple[Leg, ...]
    currency: str
    cash_start: int
    cash: int
    positions: dict[str, Position]
    day: DayBook
    risk: RiskBook
    memo: tuple[int, ...] = ()
    open_orders: list[str] = []  # oldest first
    fees: int = 0
    funding: int = 0
    interest: int = 0  # paid on what was borrowed
    borrow_ts: int = 0  # hour up to which interest was charged
    fills: int = 0
    loss_ts: int | None = None  # last time that a fill realised a loss after fees
    last_fill: LastFill | None = None  # until its fee is charged
    stopped: bool = False  # is not asked any more
    refusals: dict[
        str, int
    ] = {}  # journaled denials by symbol and rule, until an order is sent or the mode changes


@stored_plainly
class Order(msgspec.Struct):
    """One order's life. `state` moves by the generated table only."""

    order_id: str
    intent_id: str
    strategy_id: str
    symbol: str
    side: Side
    qty: int
    order_kind: OrderKind
    limit_price: int | None
    purpose: Purpose
    submitted_ts: int
    state: State
    decided: int | None = None  # last price when it was decided, price units
    filled: int = 0
    notional: int = 0  # money traded so far, unsigned
    venue_order_id: str | None = None
    trade_keys: list[str] = []

    @property
    def leaves(self) -> int:
        """Quantity that may still trade."""
        return self.qty - self.filled

    @property
    def sign(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.side == "buy" else -1


class QuarantinedFill(msgspec.Struct, frozen=True):
    """A reported fill that matches nothing we did; waits for reconciliation."""

    order_id: str
    symbol: str
    trade_id: str
    side: Side
    price: int
    qty: int
    fee: int
    reason: str


class Difference(msgspec.Struct, frozen=True):
    """The worst difference from the venue's report on one symbol or asset that no report has cleared."""

    severity: DriftSeverity
    since: int  # when it was first found; of one above minor: when it first was


class ClockFault(msgspec.Struct, frozen=True):
    """A clock that is not to be trusted."""

    offset_ns: int  # against the venue
    since: int


@stored_plainly
class Breaker(msgspec.Struct):
    """The circuit breaker of the venue. `state` moves by the generated table only."""

    state: BreakerState = BREAKER_INITIAL
    until: int | None = None  # while open: when it cools
    calls: list[bool] = []  # whether each of the last calls was good, newest last
    good_probes: int = 0  # in a row
    is_probing: bool = False  # an order is out whose answer decides


class AuxValue(msgspec.Struct, frozen=True):
    """The newest value of a series beside the bars."""

    ts: int  # when it was observed
    value: int  # 10^-9


@stored_plainly
class EngineState(msgspec.Struct, dict=True):
    """The fold of all events so far. `dict` is for `holders`, which is no part of it."""

    seq: int = 0
    ts: int = 0
    run_id: str = ""
    mode: Mode = MODE_INITIAL
    checkpoint_seq: int = 0  # of the newest `checkpoint_marked`
    is_finished: bool = False  # `run_finished` was journaled
    mode_reason: str = ""  # why, and who asked; a denial repeats it
    day: int = 0  # UTC day of the counters, days since 1970-01-01
    instruments: dict[str, Instrument] = {}
    markets: dict[str, Market] = {}
    accounts: dict[str, Account] = {}
    orders: dict[str, Order] = {}  # open ones
    closed: dict[str, Order] = {}  # done ones, the last CLOSED_ORDERS_MAX
    closed_ids: list[str] = []  # keys of `closed`, oldest first
    booked: dict[str, str] = {}  # trade key -> order id, for every remembered order
    intents: dict[str, str] = {}  # intent id -> order id, for every remembered order
    quarantined: list[QuarantinedFill] = []
    exits: dict[str, str] = {}  # symbol, or ALL_SYMBOLS -> reason: what is being closed until nothing is held
    drift: dict[str, Difference] = {}  # by symbol or asset
    clock: ClockFault | None = None  # None: it is to be trusted
    breaker: Breaker = msgspec.field(default_factory=Breaker)
    aux: dict[str, AuxValue] = {}  # by series and symbol

    @cached_property
    def holders(self) -> dict[str, list[Account]]:
        """The accounts by the symbols of their legs, so that a bar concerns nobody else. It follows from `accounts` and
        is made anew when one is opened: no field, so neither hashed nor kept."""
        found: dict[str, list[Account]] = {}
        for account in self.accounts.values():
            for symbol in account.positions:
                found.setdefault(symbol, []).append(account)
        return found


def refusal_key(symbol: str, rule: str) -> str:
    """Key of a rule's refusals on one symbol in `Account.refusals`."""
    return f"{symbol} {rule}"


def aux_key(series: str, symbol: str) -> str:
    """Key of a series of one instrument in `EngineState.aux`."""
    return f"{series} {symbol}"


def accounts_in_order(state: EngineState) -> list[Account]:
    """The accounts by strategy id: an order that does not depend on how the state came about (a restored snapshot
    has its keys sorted), because the order of events follows from it."""
    return [account for _, account in sorted(state.accounts.items())]


def working_qty(state: EngineState, account: Account, symbol: str) -> int:
    """Signed quantity that open orders of `account` may still trade on `symbol`.

    An order whose outcome is unknown counts in full: it may be alive at the venue.
    """
    total = 0
    for order_id in account.open_orders:
        order = state.orders[order_id]
        if order.symbol == symbol:
            total += order.sign * order.leaves
    return total


def equity_beside(state: EngineState, account: Account, symbol: str) -> int | None:
    """Money that the account is worth without what it holds of `symbol`; None where another held one has no price."""
    total = account.cash
    for name, position in account.positions.items():
        if position.qty and name != symbol:
            last = state.markets[name].last
            if last is None:
                return None
            total += position.qty * last * state.instruments[name].factor
    return total


def equity(state: EngineState, account: Account) -> int | None:
    """Money that the account is worth at the last known prices; None where a held instrument has no price."""
    total = account.cash
    for symbol, position in account.positions.items():
        if position.qty:
            last = state.markets[symbol].last
            if last is None:
                return None
            total += position.qty * last * state.instruments[symbol].factor
    return total
