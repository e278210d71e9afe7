"""What an engine could know, built by hand, and the gate's answer to one intent on it.

Prices have 2 decimals and quantities 3, as in tests.kit.market.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.kit.market import BTC, START, instrument, usd

from veracity.domain.events import IntentCreated, Leg, Purpose, Side
from veracity.domain.machines import Mode
from veracity.domain.orders import State
from veracity.engine.gate import Approved, Gate, Refused
from veracity.guards.rulebook import GUARDS, Guard
from veracity.guards.view import GuardView, Intended, RiskLimits
from veracity.state.model import Account, DayBook, EngineState, Market, Order, Position, RiskBook

NO_LIMITS = RiskLimits()


def view(**changes: Any) -> GuardView:
    """A calm view: BTC at 100.00, just seen, nothing held, an equity of 10,000 all day."""
    calm: dict[str, Any] = {
        "ts": START,
        "instrument": instrument(),
        "last": 100_00,
        "last_ts": START,
        "position": 0,
        "opening": 0,
        "equity": usd(10_000),
        "equity_day_start": usd(10_000),
        "exposure": 0,
        "entries_today": 0,
        "loss_ts": None,
    }
    return GuardView(**calm | changes)


def buys(qty: int, symbol: str = BTC, limit_price: int | None = None) -> Intended:
    """An intent to buy as a guard sees it."""
    return Intended(symbol, qty, limit_price)


def book(
    prices: Mapping[str, int],
    held: Mapping[str, int] | None = None,
    *,
    cash: int = usd(10_000),
    orders: Sequence[Order] = (),
    now: int = START,
    rules: Mapping[str, Any] | None = None,
    entries: int = 0,
    equity_start: int | None = usd(10_000),
    loss_ts: int | None = None,
    risk: RiskBook | None = None,
    mode: Mode = Mode.RUNNING,
    mode_reason: str = "",
) -> EngineState:
    """A running engine with one account `a` that trades every symbol of `prices`."""
    account = Account(
        strategy_id="a",
        strategy="puppet",
        version=1,
        config_hash="c" * 64,
        legs=tuple(Leg(symbol, 1) for symbol in prices),
        currency="USDT",
        cash_start=usd(10_000),
        cash=cash,
        positions={symbol: Position(qty=(held or {}).get(symbol, 0)) for symbol in prices},
        day=DayBook(entries=entries, equity_start=equity_start),
        open_orders=[order.order_id for order in orders],
        loss_ts=loss_ts,
        risk=RiskBook(peak=usd(10_000)) if risk is None else risk,
    )
    return EngineState(
        seq=1,
        ts=now,
        run_id="0123456789abcdef",
        mode=mode,
        mode_reason=mode_reason,
        instruments={symbol: instrument(symbol, **(rules or {})) for symbol in prices},
        markets={symbol: Market(last=price, ts=now) for symbol, price in prices.items()},
        accounts={"a": account},
        orders={order.order_id: order for order in orders},
    )


def working(
    order_id: str,
    side: Side,
    qty: int,
    symbol: str = BTC,
    *,
    filled: int = 0,
    purpose: Purpose = "open",
    state: State = State.ACCEPTED,
) -> Order:
    """An open order of account `a`."""
    return Order(
        order_id=order_id,
        intent_id=f"intent-{order_id}",
        strategy_id="a",
        symbol=symbol,
        side=side,
        qty=qty,
        order_kind="market",
        limit_price=None,
        purpose=purpose,
        submitted_ts=START,
        state=state,
        filled=filled,
    )


def intent(
    side: Side, qty: int, symbol: str = BTC, purpose: Purpose = "open", number: int = 1
) -> IntentCreated:
    """An intent of account `a`."""
    return IntentCreated(
        seq=number,
        ts=START,
        intent_id=f"01234567-a-{number}",
        strategy_id="a",
        symbol=symbol,
        side=side,
        qty=qty,
        order_kind="market",
        limit_price=None,
        purpose=purpose,
        target=0,
        reason="test",
        features=(),
    )


def judged(
    state: EngineState,
    wanted: IntentCreated,
    limits: RiskLimits = NO_LIMITS,
    *,
    guards: Sequence[Guard] = GUARDS,
    reserved: Sequence[Approved] = (),
) -> Approved | Refused:
    """What the gate says to `wanted`."""
    return Gate(guards, {"a": limits}).judge(wanted, state, reserved)


def approved_qty(verdict: Approved | Refused) -> int | None:
    """The quantity that leaves the gate, None where nothing does."""
    return verdict.qty if isinstance(verdict, Approved) else None
