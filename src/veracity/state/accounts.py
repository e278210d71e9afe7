"""How an account is opened, and what fills, fees and funding do to its money."""

from veracity.domain.errors import EngineFault
from veracity.domain.events import FeeCharged, FundingPaid, OrderFilled, StrategyStarted
from veracity.domain.ids import trade_key
from veracity.domain.orders import On
from veracity.state.model import Account, DayBook, EngineState, LastFill, Position
from veracity.state.order_book import move_order
from veracity.state.positions import book_fee, book_fill, closed_part, release_fees


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
    )


def fill_order(state: EngineState, event: OrderFilled) -> None:
    """Book a fill: to its order, to the cash and to the position of the strategy that sent it."""
    key = trade_key(event.symbol, event.trade_id)
    if key in state.booked:
        raise EngineFault(f"trade {key} was booked twice")
    order = move_order(state, event.order_id, On.FILL, event.qty)
    state.booked[key] = order.order_id
    order.trade_keys.append(key)
    if state.quarantined:  # it waited for its order, and that is known by now
        state.quarantined = [
            fill for fill in state.quarantined if trade_key(fill.symbol, fill.trade_id) != key
        ]
    account = state.accounts[order.strategy_id]
    factor = state.instruments[order.symbol].factor
    delta = order.sign * event.qty
    account.cash -= delta * event.price * factor
    account.fills += 1
    order.notional += event.qty * event.price * factor
    position = account.positions[order.symbol]
    closed = closed_part(position.qty, delta)
    net = -release_fees(position, closed)
    net += book_fill(position, delta, event.price, factor)
    account.last_fill = LastFill(event.symbol, event.qty, closed, net)
    if net < 0:
        account.loss_ts = event.ts


def charge_fee(account: Account, event: FeeCharged) -> None:
    """Take a fee, and decide with it whether the fill's closed part lost money."""
    account.cash -= event.amount
    account.fees += event.amount
    fill = account.last_fill
    if fill is not None:
        account.last_fill = None
        if book_fee(account.positions[fill.symbol], fill, event.amount) < 0 and fill.closed:
            account.loss_ts = event.ts


def pay_funding(account: Account, event: FundingPaid) -> None:
    """Take or give funding."""
    account.cash += event.amount
    account.funding += event.amount
