"""How an account is opened, what fills, fees and funding do to its money, and what prices make of its worth."""

from collections.abc import Sequence
from typing import Final

from veracity.domain.amounts import slip_ceil
from veracity.domain.errors import EngineFault
from veracity.domain.events import (
    BorrowCharged,
    FeeCharged,
    FillAdopted,
    FundingPaid,
    OrderFilled,
    PositionLiquidated,
    StrategyStarted,
    VolatilityWatched,
)
from veracity.domain.ids import trade_key
from veracity.domain.orders import On
from veracity.domain.returns import UNKNOWN
from veracity.state.model import (
    Account,
    DayBook,
    EngineState,
    LastFill,
    Market,
    Position,
    RiskBook,
    VolatilityWatch,
    equity_beside,
)
from veracity.state.order_book import move_order
from veracity.state.positions import book_fee, book_fill, closed_part, release_fees
from veracity.state.safety import release_fill, remember_adopted

_FILL: Final = On.FILL  # looked up on its class, a member costs as much as a call


def open_account(state: EngineState, event: StrategyStarted) -> None:
    """Give a strategy its own money, positions and day."""
    if event.strategy_id in state.accounts:
        raise EngineFault(f"strategy {event.strategy_id} was started twice")
    state.accounts[event.strategy_id] = Account(
        strategy_id=event.strategy_id,
        strategy=event.strategy,
        version=event.version,
        config_hash=event.config_hash,
        legs=event.legs,
        currency=event.currency,
        cash_start=event.cash,
        cash=event.cash,
        positions={leg.symbol: Position() for leg in event.legs},
        day=DayBook(equity_start=event.cash),
        risk=RiskBook(peak=event.cash),
    )
    state.__dict__.pop("holders", None)


def fill_order(state: EngineState, event: OrderFilled) -> None:
    """Book a fill: to its order, to the cash and to the position of the strategy that sent it."""
    key = trade_key(event.symbol, event.trade_id)
    if key in state.booked:
        raise EngineFault(f"trade {key} was booked twice")
    qty, price = event.qty, event.price
    order = move_order(state, event.order_id, _FILL, qty)
    state.booked[key] = order.order_id
    order.trade_keys.append(key)
    if state.quarantined:  # it waited for its order, and that is known by now
        release_fill(state, event.symbol, event.trade_id)
    factor = state.instruments[order.symbol].factor
    order.notional += qty * price * factor
    account, sign, decided = state.accounts[order.strategy_id], order.sign, order.decided
    _trade(account, event, sign * qty, factor)
    if decided:
        slip, risk = slip_ceil(sign, price, decided), account.risk
        if risk.slip_worst is None or slip > risk.slip_worst:
            risk.slip_worst = slip


def adopt_fill(state: EngineState, event: FillAdopted) -> None:
    """Book a fill that waited in quarantine, with its fee; its order, if it is known, stays as it is."""
    key = trade_key(event.symbol, event.trade_id)
    if key in state.booked:
        raise EngineFault(f"trade {key} was booked twice")
    account = state.accounts[event.strategy_id]
    if event.symbol not in account.positions:
        raise EngineFault(f"strategy {event.strategy_id} does not trade {event.symbol}")
    remember_adopted(state, event)
    release_fill(state, event.symbol, event.trade_id)
    delta = event.qty if event.side == "buy" else -event.qty
    _trade(account, event, delta, state.instruments[event.symbol].factor)
    _take_fee(account, event.ts, event.fee)


def _trade(account: Account, event: OrderFilled | FillAdopted, delta: int, factor: int) -> None:
    symbol, price = event.symbol, event.price
    account.cash -= delta * price * factor
    account.fills += 1
    position = account.positions[symbol]
    closed = closed_part(position.qty, delta)
    net = -release_fees(position, closed)
    net += book_fill(position, delta, price, factor)
    account.last_fill = LastFill(symbol, event.qty, closed, net)
    if net < 0:
        account.loss_ts = event.ts


def watch_volatility(state: EngineState, event: VolatilityWatched) -> None:
    """Begin to keep what a volatility pause of this account and symbol needs."""
    watch = VolatilityWatch(event.window, event.pause, event.resume, event.dwell)
    state.accounts[event.strategy_id].risk.volatility[event.symbol] = watch
    market = state.markets[event.symbol]
    market.squares_max = max(market.squares_max, event.window + event.dwell - 1)


def mark_accounts(state: EngineState, symbol: str, lowest: int, highest: int) -> None:
    """Keep what an account was worth at its best, and what a day cost at its worst, over bars of `symbol` whose closes
    lie between `lowest` and `highest`, both of them reached: between the bars nothing else changed. Where the worth is
    unknown, nothing is kept."""
    for account in state.holders.get(symbol, ()):
        position = account.positions[symbol]
        rest = account.cash if len(account.positions) == 1 else equity_beside(state, account, symbol)
        if rest is None:
            continue
        low = high = rest
        if position.qty:
            held = position.qty * state.instruments[symbol].factor
            low, high = rest + held * lowest, rest + held * highest
            if held < 0:
                low, high = high, low
        risk, start = account.risk, account.day.equity_start
        if high > risk.peak:
            risk.peak = high
        if start is not None and start - low > risk.day_loss_worst:
            risk.day_loss_worst = start - low


def keep_squares(market: Market, squares: Sequence[int]) -> None:
    """Keep the newest squared returns, as many as are wanted; one that is unknown begins a new row of them."""
    kept, most = market.squares, market.squares_max
    if len(squares) > most:
        squares = squares[-most:]
    if UNKNOWN in squares:
        kept.clear()
        squares = squares[len(squares) - list(reversed(squares)).index(UNKNOWN) :]
    elif len(squares) == most:
        kept.clear()
    kept += squares
    if len(kept) > most:
        del kept[:-most]


def forgive_slips(state: EngineState) -> None:
    """An operator has looked at the fills so far: the worst of them counts no more."""
    for account in state.accounts.values():
        account.risk.slip_worst = None


def charge_fee(state: EngineState, event: FeeCharged) -> None:
    """Take a fee, and decide with it whether the fill's closed part lost money."""
    _take_fee(state.accounts[event.strategy_id], event.ts, event.amount)


def _take_fee(account: Account, ts: int, amount: int) -> None:
    account.cash -= amount
    account.fees += amount
    fill = account.last_fill
    if fill is not None:
        account.last_fill = None
        if book_fee(account.positions[fill.symbol], fill, amount) < 0 and fill.closed:
            account.loss_ts = ts


def pay_funding(state: EngineState, event: FundingPaid) -> None:
    """Take or give funding."""
    account = state.accounts[event.strategy_id]
    account.cash += event.amount
    account.funding += event.amount


def pay_interest(state: EngineState, event: BorrowCharged) -> None:
    """Take the interest of one hour."""
    account = state.accounts[event.strategy_id]
    account.cash -= event.amount
    account.interest += event.amount
    account.borrow_ts = event.due_ts


def close_by_venue(state: EngineState, event: PositionLiquidated) -> None:
    """Close a position at the venue's price and take its fee; no order of ours has part in it."""
    account = state.accounts[event.strategy_id]
    position = account.positions[event.symbol]
    if position.qty != event.position:
        raise EngineFault(f"{event.position} of {event.symbol} were liquidated, held are {position.qty}")
    factor = state.instruments[event.symbol].factor
    account.cash += event.position * event.price * factor - event.fee
    account.fees += event.fee
    release_fees(position, abs(position.qty))
    book_fill(position, -event.position, event.price, factor)
    account.loss_ts = event.ts
